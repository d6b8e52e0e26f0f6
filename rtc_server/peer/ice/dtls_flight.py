"""The last flight of a DTLS handshake, sent again until the other side has answered it.

OpenSSL waits a second before it does that, then two; its timer cannot be set from pyOpenSSL, and it
does not answer a flight that the other side repeats (RFC 6347, section 4.2.4, asks for both). On a
network that loses every fifth datagram this alone costs a second in two connections of five.
What is sent again are the very datagrams: for the receiver they are late or doubled ones.
"""

import asyncio
from collections.abc import Callable

PAUSES = (0.08, 0.12, 0.2, 0.3, 0.4, 0.4)
"""Seconds between the repetitions of one flight; then OpenSSL's own go on alone."""
_HANDSHAKE = frozenset({20, 22})
"""First bytes: change of cipher, handshake (RFC 6347, section 4.1)."""
_APPLICATION_DATA = 23
_RTP = 128
"""First bytes of SRTP and SRTCP begin here (RFC 7983)."""


class Flight:
    """Remembers what was sent last of a handshake, and repeats it."""

    def __init__(self, resend: Callable[[bytes], None]) -> None:
        """``resend`` sends a datagram to the peer if there is a way."""
        self._resend = resend
        self._datagrams: list[bytes] = []
        self._answered = True
        self._step = 0
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def sent(self, datagram: bytes) -> None:
        """Note a datagram that goes out."""
        if self._over or not datagram or datagram[0] not in _HANDSHAKE:
            return
        if self._answered:
            self._datagrams.clear()
            self._answered = False
        self._datagrams.append(datagram)
        self._step = 0
        self._wait()

    def heard(self, datagram: bytes) -> None:
        """Note a datagram that came in: media or data end the handshake for good."""
        if self._over:
            return
        first = datagram[0] if datagram else 0
        if first == _APPLICATION_DATA or first >= _RTP:
            self.close()
        elif first in _HANDSHAKE:
            self._answered = True  # what is sent next answers it, and replaces what was sent

    def close(self) -> None:
        """Repeat nothing more."""
        self._over = True
        self._datagrams.clear()
        self._stop()

    def _wait(self) -> None:
        self._stop()
        if self._step < len(PAUSES):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(PAUSES[self._step], self._again)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        self._step += 1
        for datagram in self._datagrams:
            self._resend(datagram)
        self._wait()
