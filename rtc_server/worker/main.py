"""The child process: ``python -m rtc_server.worker.main FD``.

Takes its settings and its calls from the socket ``FD`` that the front process left open.
When the front process is gone, the sessions are left to whoever comes next and the process
ends by itself.
"""

import asyncio
import os
import signal
import socket
import sys

import uvloop

from rtc_server.base.end_reason import EndReason
from rtc_server.base.log import configure_logging
from rtc_server.ipc.rpc import Rpc
from rtc_server.worker.worker import Worker


class Child:
    """A worker whose one front process is at the other end of a socket."""

    def __init__(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Nothing runs before :meth:`run`."""
        self._worker = Worker(name, self._let_go, self._tell)
        self._rpc = Rpc(reader, writer, self._worker.handlers)

    async def run(self) -> None:
        """Serve until the front process closes the socket; then leave in order."""
        try:
            await self._rpc.run()
        finally:
            await self._worker.leave()

    def _let_go(self, session_id: str, reason: EndReason) -> None:
        self._rpc.notify("let_go", {"session_id": session_id, "reason": reason})

    def _tell(self, session_id: str, text: str) -> None:
        self._rpc.notify("message", {"session_id": session_id, "text": text})


async def serve(fd: int, name: str) -> None:
    """Run a worker on the inherited socket ``fd``."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=fd))
    await Child(name, reader, writer).run()


def main() -> None:
    """Entry point of the child process."""
    fd, name = int(sys.argv[1]), sys.argv[2]
    # A terminal's ^C reaches the whole group: the front process decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    configure_logging(os.environ.get("LOG_LEVEL", "INFO"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(fd, name))


if __name__ == "__main__":
    main()
