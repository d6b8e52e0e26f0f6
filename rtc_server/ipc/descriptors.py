"""Sockets on their way from the front process to a worker, over a socket pair of their own.

The pair that carries calls is read by an asyncio transport, which drops descriptors. Runs on the
event loop of both.
"""

import asyncio
import socket
from collections.abc import Callable

MAX_MESSAGE = 4096
"""Bytes: a name and what was read of the socket."""
_SEPARATOR = b"\n"

Take = Callable[[str, socket.socket, bytes], object]


def descriptor_pair() -> tuple[socket.socket, socket.socket]:
    """Two ends that keep messages apart, and never wait."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for end in ends:
        end.setblocking(False)  # noqa: FBT003 - its signature
    return ends


def send_socket(end: socket.socket, name: str, sock: socket.socket, read: bytes) -> bool:
    """Send ``sock`` with a name and what was read of it; whether the other side has room."""
    try:
        # its flags are ignored (CPython 3.10 to 3.13): that the end is non-blocking is what counts
        socket.send_fds(end, [name.encode() + _SEPARATOR + read], [sock.fileno()])
    except OSError:
        return False
    return True


class DescriptorReader:
    """Takes the sockets that come at one end."""

    def __init__(self, end: socket.socket, take: Take) -> None:
        """``take`` gets the name, the socket, which is its own from then on, and what was read."""
        self._end = end
        self._take = take
        self._end.setblocking(False)  # noqa: FBT003 - its signature
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._end.fileno(), self._readable)

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._end.fileno())
        self._end.close()

    def _readable(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(
                self._end, MAX_MESSAGE, 1, socket.MSG_CMSG_CLOEXEC
            )
        except OSError:  # nothing there after all
            return
        name, _, read = message.partition(_SEPARATOR)
        for descriptor in descriptors:
            self._take(name.decode(), socket.socket(fileno=descriptor), read)
