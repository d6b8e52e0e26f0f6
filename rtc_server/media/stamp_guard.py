"""The one guard against timestamps that jump: every stream's stamps pass it. On the worker's loop.

What leaves it is booked as it is: :class:`~rtc_server.metrics.frame_clock.FrameClock` only takes
out the network's jitter.
"""

LEAD_SECONDS = 1.0
"""So far may the media clock run ahead of this machine's: bursts and late first frames."""

LAG_SECONDS = 3.0
"""So far may it fall behind: a picture older than that is placed by its arrival."""

DRIFT = 1e-3
"""Cameras' clocks are off by up to 100 ppm; ten times that is allowed for."""


class StampGuard:
    """Says of each frame when it was taken, on the clock of its arrival.

    The first frame was taken when it arrived. From then on the stream's own timestamps give the
    distances between frames. Where they jump (a publisher that restarts, a wrapped counter) or run
    at an impossible pace, the time of arrival does. It never goes back.
    """

    def __init__(self) -> None:
        """Start with the first frame placed."""
        self._origin: float | None = None
        self._stamp: float | None = None
        self._arrival = 0.0
        self._time = 0.0
        """When the frame before was taken."""

    def place(self, stamp: float | None, arrival: float) -> float:
        """When a frame with this timestamp was taken that came at ``arrival`` (monotonic s).

        ``stamp``: seconds in the stream's own time, ``None`` where it has none.
        """
        if self._origin is None:
            self._origin = self._arrival = self._time = arrival
        step = None if stamp is None or self._stamp is None else stamp - self._stamp
        slack = DRIFT * (arrival - self._origin)
        if step is None or step <= 0 or not _plausible(self._time + step, arrival, slack):
            self._time = max(self._time + (arrival - self._arrival), arrival - LAG_SECONDS)
        else:
            self._time += step
        self._stamp, self._arrival = stamp, arrival
        return self._time


def _plausible(taken: float, arrival: float, slack: float) -> bool:
    return arrival - LAG_SECONDS - slack <= taken <= arrival + LEAD_SECONDS + slack
