"""The SCTP association of one connection, quicker than aiortc's to send again what was lost."""

from aiortc import RTCSctpTransport

SETUP_PAUSE = 0.2
"""Seconds after which INIT or COOKIE ECHO is sent again for the first time; aiortc's are 3."""
SETUP_BACKOFF = 1.5
"""The ninth and last is sent 10 s after the first."""
RTO_MIN = 0.3
"""Seconds; browsers hold an acknowledgement back for up to 0.2. aiortc has the 1 s of RFC 9260."""
RTO_MAX = 10.0
CWND_MIN = 3 * 1200
"""Bytes; aiortc begins with them, and has 1200 after each timeout: two messages."""


class Association(RTCSctpTransport):
    """aiortc's transport with timers for people who wait, as browsers have them.

    Of the four packets that set an association up one in 5 may be lost: with RFC 9260's timers,
    made for telephone exchanges, every second connection then takes three seconds longer.
    """

    @classmethod
    def adopt(cls, made: RTCSctpTransport) -> None:
        """Make what aiortc made one of these; before it starts."""
        made.__class__ = cls
        made._rto = SETUP_PAUSE

    def _t1_expired(self) -> None:
        self._rto = min(RTO_MAX, self._rto * SETUP_BACKOFF)
        super()._t1_expired()

    def _t3_expired(self) -> None:
        """Keep the window that an association begins with.

        What is sent here are 8 KB a second. In a window of two messages the third waits for the
        acknowledgement of the first, and on a network that loses packets newer ones overtake it.
        """
        super()._t3_expired()
        self._cwnd = max(self._cwnd, CWND_MIN)

    def _update_rto(self, R: float) -> None:  # noqa: N803 - aiortc's name
        super()._update_rto(R)
        measured = (self._srtt or R) + 4 * (self._rttvar or 0.0)
        self._rto = min(RTO_MAX, max(RTO_MIN, measured))
