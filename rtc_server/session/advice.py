"""What would spare the publisher and us work without losing anything. Pure.

FaceMesh looks at 192 by 192 pixels around the face, however many the camera sends. That region is
about three times as wide as the outer corners of the eyes are apart, so 64 pixels between them are
all it can use; a margin stays for a student who leans back.
"""

from dataclasses import dataclass

from rtc_server.metrics.wire import Advice

ENOUGH_PX = 72.0
"""Pixels between the outer eye corners that are kept when scaling down."""
TOO_FEW_PX = 66.0
"""Below this the picture gets larger again at once."""
STEPS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
FPS_MARGIN = 1.25
"""A source this many times as fast as the sampling is told to slow down."""
SETTLE_SECONDS = 5.0
"""A face must stay large for so long before the picture gets smaller."""
REPEAT_SECONDS = 30.0
"""An advice about the rate that is not obeyed is repeated as seldom as this."""


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What one frame tells the adviser."""

    elapsed: float
    """Seconds since the session's first frame."""
    inter_ocular_px: float | None
    width: int | None
    """Pixels of the frame as it came."""
    source_fps: float | None
    """Frames a second that the source sends; ``None`` where that is not known."""


class Adviser:
    """Advises one publisher, seldom: small pictures while the face is large, no idle frames."""

    def __init__(self, max_fps: float) -> None:
        """``max_fps``: frames a second that are sampled when nothing is short."""
        self.max_fps = max_fps
        self._usual_fps = max_fps
        self._scale = self._least = 1.0
        self._reason = ""
        self._full_width = 0
        self._large_since: float | None = None
        self._told_rate_at: float | None = None

    def see(self, facts: FrameFacts) -> Advice | None:
        """Take one frame; an advice when there is something new to say."""
        scale = self._wanted_scale(facts)
        if scale is not None and scale != self._scale:
            reason = "face_large" if scale > self._scale else "face_small"
            self._scale = scale
            self._large_since = None
            return self._advice(reason)
        if self._is_too_fast(facts):
            self._told_rate_at = facts.elapsed
            return self._advice("rate")
        return None

    def greet(self, *, scales: bool) -> Advice | None:
        """What a new connection is told, whose publisher begins as if nothing had been said.

        ``scales``: its pictures tell their size. Single JPEGs do not, so that a scale which another
        connection's camera could bear might leave too little of them.
        """
        self._told_rate_at = None
        if not scales:
            self._scale = self._least = 1.0
            self._full_width, self._large_since = 0, None
        if self._scale == 1.0 and self.max_fps == self._usual_fps:
            return None
        return self._advice(self._reason)

    def limit(self, max_fps: float, reason: str) -> Advice:
        """Another rate from now on, and the advice that says so."""
        self.max_fps = max_fps
        return self._advice(reason)

    def restrain(self, scale: float) -> Advice:
        """The picture is larger than is taken: no less than ``scale`` from now on."""
        self._least = self._scale = max(scale, self._scale)
        return self._advice("too_large")

    def _advice(self, reason: str) -> Advice:
        self._reason = reason
        return Advice(max_fps=self.max_fps, scale_down_by=self._scale, reason=reason)

    def _wanted_scale(self, facts: FrameFacts) -> float | None:
        if facts.inter_ocular_px is None or not facts.width:
            self._large_since = None
            return None
        self._full_width = max(self._full_width, facts.width)
        at_full = facts.inter_ocular_px * self._full_width / facts.width
        if at_full / self._scale < TOO_FEW_PX and self._scale > 1.0:
            return max(self._least, _step(at_full / ENOUGH_PX))
        return self._smaller(at_full, facts.elapsed)

    def _smaller(self, at_full: float, elapsed: float) -> float | None:
        wanted = _step(at_full / ENOUGH_PX)
        if wanted <= self._scale:
            self._large_since = None
            return None
        if self._large_since is None:
            self._large_since = elapsed
        return wanted if elapsed - self._large_since >= SETTLE_SECONDS else None

    def _is_too_fast(self, facts: FrameFacts) -> bool:
        if facts.source_fps is None or facts.source_fps < FPS_MARGIN * self.max_fps:
            return False
        told = self._told_rate_at
        return told is None or facts.elapsed - told >= REPEAT_SECONDS


def _step(scale: float) -> float:
    """The largest step that leaves enough pixels."""
    return max(step for step in STEPS if step <= max(1.0, scale))
