"""The child process: ``python -m rtc_server.worker.main CALLS SOCKETS NAME``.

Takes its settings and its calls from the socket ``CALLS`` that the front process left open, and by
``SOCKETS`` the TCP connections of its sessions.
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
from rtc_server.ipc.descriptors import DescriptorReader
from rtc_server.ipc.rpc import Rpc
from rtc_server.worker.worker import Worker


class Child:
    """A worker whose one front process is at the other end of a socket."""

    def __init__(
        self,
        name: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sockets: socket.socket,
    ) -> None:
        """Nothing runs before :meth:`run`."""
        self._worker = Worker(name, self._let_go, self._tell, self)
        self._rpc = Rpc(reader, writer, self._worker.handlers)
        self._descriptors = DescriptorReader(sockets, self._worker.take_socket)

    async def run(self) -> None:
        """Serve until the front process closes the socket; then leave in order."""
        try:
            await self._rpc.run()
        finally:
            self._descriptors.close()
            await self._worker.leave()

    def opened(self, ufrag: str, password: str) -> None:
        """Tell the front process, whose port takes the TCP connections, of a session here."""
        self._rpc.notify("ice_opened", {"ufrag": ufrag, "password": password})

    def closed(self, ufrag: str) -> None:
        """Tell the front process that this session is reached no more."""
        self._rpc.notify("ice_closed", {"ufrag": ufrag})

    def _let_go(self, session_id: str, reason: EndReason) -> None:
        self._rpc.notify("let_go", {"session_id": session_id, "reason": reason})

    def _tell(self, session_id: str, text: str) -> None:
        self._rpc.notify("message", {"session_id": session_id, "text": text})


async def serve(calls: int, sockets: int, name: str) -> None:
    """Run a worker on two inherited sockets."""
    reader, writer = await asyncio.open_unix_connection(sock=socket.socket(fileno=calls))
    await Child(name, reader, writer, socket.socket(fileno=sockets)).run()


def main() -> None:
    """Entry point of the child process."""
    calls, sockets, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    # A terminal's ^C or end reaches the whole group: the front process decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    configure_logging(os.environ.get("LOG_LEVEL", "INFO"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(calls, sockets, name))


if __name__ == "__main__":
    main()
