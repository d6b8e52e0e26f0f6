"""From the timestamps of a stream to a media clock that can be trusted."""

LEAD_SECONDS = 1.0
"""So far may the media clock run ahead of this machine's: bursts and late first frames."""

LAG_SECONDS = 3.0
"""So far may it fall behind: a picture older than that is placed by its arrival."""

DRIFT = 1e-3
"""Cameras' clocks are off by up to 100 ppm; ten times that is allowed for."""


class StampGuard:
    """Places frames on a clock that starts at 0, never goes back and keeps near to real time.

    The stream's own timestamps give the distances between frames. Where they jump (a publisher
    that restarts, a wrapped counter) or run at an impossible pace, the time of arrival does.
    """

    def __init__(self) -> None:
        """Start with the first frame placed."""
        self._origin: float | None = None
        self._stamp: float | None = None
        self._arrival = 0.0
        self._time = 0.0

    def place(self, stamp: float | None, arrival: float) -> float:
        """Media time in seconds of a frame with this timestamp that came at ``arrival``.

        ``stamp``: seconds in the stream's own time, ``None`` where it has none. ``arrival``:
        monotonic seconds.
        """
        if self._origin is None:
            self._origin = self._arrival = arrival
        elapsed = arrival - self._origin
        step = None if stamp is None or self._stamp is None else stamp - self._stamp
        if step is None or step <= 0 or not self._plausible(self._time + step, elapsed):
            self._time = max(self._time + (arrival - self._arrival), elapsed - LAG_SECONDS)
        else:
            self._time += step
        self._stamp, self._arrival = stamp, arrival
        return self._time

    @staticmethod
    def _plausible(time: float, elapsed: float) -> bool:
        slack = DRIFT * elapsed
        return elapsed - LAG_SECONDS - slack <= time <= elapsed + LEAD_SECONDS + slack
