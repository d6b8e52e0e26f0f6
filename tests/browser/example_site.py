"""The example of the web client on a web server of its own, as a learning site has it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

EXAMPLE = Path(__file__).parents[2] / "web" / "examples" / "plain.html"


class ExampleSite:
    """Serves ``plain.html`` for one service, on another origin than the service's."""

    def __init__(self) -> None:
        self.service = ""
        """Where the service answers; set it before the page is asked for."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = EXAMPLE.read_text().replace("SERVICE", site.service).encode()
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.origin = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
