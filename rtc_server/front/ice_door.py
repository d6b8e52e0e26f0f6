"""The TCP port of this machine, for all its workers; runs on the front process's event loop.

A browser that no datagram leaves connects here. Once its first frame has told whose it is, the
socket goes to that session's worker: no media passes this process.
"""

import logging
import socket
from collections import Counter
from collections.abc import Callable

from rtc_server.base.config import PeerConfig
from rtc_server.peer.ice.acceptor import Acceptor

Give = Callable[[str, socket.socket, bytes], bool]
"""Gives a socket of a ufrag, and what was read of it, to a worker; whether that took it."""

log = logging.getLogger(__name__)


class IceDoor:
    """Knows which sessions may be reached by TCP, and by which worker.

    Attributes:
        outcomes: connections so far, by what became of them.

    """

    def __init__(self, config: PeerConfig) -> None:
        """Nothing listens before :meth:`open`."""
        self.outcomes: Counter[str] = Counter()
        self._config = config
        self._sessions: dict[str, tuple[str, Give]] = {}
        self._acceptor: Acceptor | None = None

    def __len__(self) -> int:
        """How many sessions can be reached."""
        return len(self._sessions)

    @property
    def port(self) -> int | None:
        """Where it listens; ``None`` where no session is reached by TCP."""
        return None if self._acceptor is None else self._acceptor.port

    def open(self) -> None:
        """Listen, where that is wanted; raises :class:`RtcServerError` where the port is taken."""
        config = self._config
        if config.ice_tcp_port is None or config.ice_transport_policy == "relay":
            return
        self._acceptor = Acceptor(
            config.ice_addresses,
            config.ice_tcp_port,
            self._password_of,
            self._hand_over,
            self.outcomes,
            proxied=config.ice_tcp_public is not None,
        )
        log.info("TCP port %d takes WebRTC connections", self._acceptor.port)

    def opened(self, ufrag: str, password: str, give: Give) -> None:
        """A session is reached by this name, at the worker that ``give`` leads to."""
        self._sessions[ufrag] = (password, give)

    def closed(self, ufrag: str) -> None:
        """It is reached no more."""
        self._sessions.pop(ufrag, None)

    def close(self) -> None:
        """Listen no more."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None

    def _password_of(self, ufrag: str) -> str | None:
        found = self._sessions.get(ufrag)
        return None if found is None else found[0]

    def _hand_over(self, ufrag: str, sock: socket.socket, read: bytes) -> bool:
        """The worker gets a descriptor of its own: this process's is closed in any case."""
        with sock:
            found = self._sessions.get(ufrag)
            return found is not None and found[1](ufrag, sock, read)
