"""The example of the web client on a web server of its own, as a learning site has it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

EXAMPLE = Path(__file__).parents[2] / "web" / "examples" / "plain.html"

IDS = ' user-id="7" module-id="3" section-id="2"'
GLOBALS = """<script>
window.currentUserId = 7; window.currentModuleId = "3"; window.currentSectionId = 2;
</script>"""


class ExampleSite:
    """Serves ``plain.html`` for one service, on another origin than the service's."""

    def __init__(self) -> None:
        self.service = ""
        """Where the service answers; set it before the page is asked for."""
        self.language = "en"
        """Of the page."""
        self.by_globals = False
        """Whether the page says who is there as old pages do, by ``window.currentUserId``."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                text = EXAMPLE.read_text().replace("SERVICE", site.service)
                if site.by_globals:
                    text = text.replace(IDS, "").replace("<script src", f"{GLOBALS}<script src")
                page = text.replace('lang="en"', f'lang="{site.language}"').encode()
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
