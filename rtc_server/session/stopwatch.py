"""Seconds of a session: server time since its first frame."""

from rtc_server.base.clock import Clock
from rtc_server.session.recorder import SessionRecorder


class Stopwatch:
    """Starts with the first frame; never behind what is booked."""

    def __init__(
        self, clock: Clock, recorder: SessionRecorder, already_elapsed: float | None
    ) -> None:
        """``already_elapsed``: seconds since the first frame, for a session that goes on."""
        self._clock = clock
        self._recorder = recorder
        self._origin: float | None = None
        if already_elapsed is not None:
            self._origin = clock.monotonic() - already_elapsed

    def at(self, moment: float) -> float:
        """Seconds from the first frame to ``moment`` (server monotonic); the first call is it."""
        if self._origin is None:
            self._origin = moment
        return max(self._recorder.last_frame, moment - self._origin)

    def now(self) -> float:
        """Seconds since the first frame; 0 before there is one."""
        return 0.0 if self._origin is None else self.at(self._clock.monotonic())
