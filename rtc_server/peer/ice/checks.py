"""aioice's protocol of one socket, as our agents use it; runs in the worker's event loop."""

import struct
from contextlib import suppress
from typing import Any

from aioice import Candidate, Connection, stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol

from rtc_server.peer.ice.peek import NOT_STUN

MAX_STUN = 2048
"""Bytes of a STUN message; aioice sums each over as often as it asks for."""
ODD = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, struct.error)
"""What aioice raises on messages that it did not expect."""


class Checks(StunProtocol):
    """aioice's protocol of one socket, less its try to read each packet of media as STUN.

    It can repeat the questions that are not answered yet.
    """

    def __init__(self, receiver: Connection) -> None:
        """``receiver`` takes what is no answer."""
        super().__init__(receiver)
        self._open: dict[bytes, tuple[stun.Message, tuple[str, int]]] = {}

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Tell STUN from all else by its first byte (RFC 7983 section 7)."""
        if isinstance(data, bytes) and data and data[0] >= NOT_STUN:
            self.receiver.data_received(data, self.local_candidate.component)
        elif isinstance(data, bytes) and 0 < len(data) <= MAX_STUN:
            with suppress(*ODD):  # anybody's: not a line of log
                # aioice takes STUN that it cannot read for media, which is a sign of life
                stun.parse_message(data)
                super().datagram_received(data, addr)

    async def request(
        self,
        request: stun.Message,
        addr: tuple[str, int],
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[stun.Message, tuple[str, int]]:
        """Ask, and wait for the answer."""
        self._open[request.transaction_id] = (request, addr)
        try:
            return await super().request(request, addr, integrity_key, retransmissions)
        finally:
            del self._open[request.transaction_id]

    def ask_again(self, addr: tuple[str, int]) -> None:
        """Repeat what ``addr`` has not answered."""
        for request, to in list(self._open.values()):
            if to == addr:
                self.send_stun(request, addr)


def host_candidate(component: int, host: str, port: int) -> Candidate:
    """Describe a UDP socket of our own (RFC 8445, section 5.1.1.1)."""
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=host,
        port=port,
        type="host",
    )
