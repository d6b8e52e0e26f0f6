"""What the client's control messages do to a session."""

from pydantic import ValidationError

from rtc_server.base.end_reason import EndReason
from rtc_server.metrics import wire
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause


class Control:
    """Takes one message after the other; at most one answer each."""

    def __init__(self, meter: Meter) -> None:
        """Marks and calibrates ``meter``."""
        self._quiet: set[Cause] = set()
        self.consented = ""
        """The version of the text that the student agreed to last."""
        self._meter = meter

    @property
    def quiet(self) -> frozenset[Cause]:
        """Why no frames may be expected."""
        return frozenset(self._quiet)

    @property
    def may_be_silent(self) -> bool:
        """Paused, or in a tab that is hidden and so throttled: frames may stay away."""
        return bool(self._quiet)

    def take(self, text: str, elapsed: float) -> wire.Pong | wire.Notice | EndReason | None:
        """Act on one message that came at ``elapsed`` s; an end reason ends the session."""
        try:
            message = wire.decode_client(text)
        except ValidationError:
            return wire.Notice(code="bad_message", message="This message was not understood.")
        match message:
            case wire.Ping(t=t):
                return wire.Pong(t=t)
            case wire.Bye():
                return EndReason.CLIENT_BYE
            case wire.Visibility(state=state):
                self._mark(Cause.HIDDEN, elapsed, on=state == "hidden")
            case wire.Pause():
                self._mark(Cause.MUTED, elapsed, on=True)
            case wire.Resume():
                self._mark(Cause.MUTED, elapsed, on=False)
            case wire.Calibrate(point=point, keep=keep):
                self._calibrate(point, elapsed, keep=keep)
            case wire.Consent(version=version):
                self.consented = version
            case wire.Attach():
                pass
        return None

    def _mark(self, cause: Cause, elapsed: float, *, on: bool) -> None:
        if on:
            self._quiet.add(cause)
            self._meter.mark(cause, elapsed)
        else:
            self._quiet.discard(cause)
            self._meter.unmark(cause, elapsed)

    def _calibrate(self, point: wire.Point | None, elapsed: float, *, keep: bool) -> None:
        if point is None:
            self._meter.calibrate(elapsed)
        else:
            self._meter.calibrate(elapsed, (point.x, point.y), keep=keep)
