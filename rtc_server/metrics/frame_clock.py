"""Where frames are booked on the session's own time: the one placement of the ledger. Pure."""

from typing import Any

RELAX_PER_SECOND = 0.002
"""How fast the offset follows a media clock that runs slow against the server's."""


class FrameClock:
    """Places media timestamps inside the server's elapsed time.

    Media timestamps are evenly spaced where arrival times jitter, so they say best when a frame
    was taken; but a client may forge them. A frame is placed at its media time plus the
    smallest delay seen, never after its arrival, never before an earlier frame, and never more
    than ``slack`` before its arrival: a clock that jumps is anchored anew.
    """

    def __init__(self, slack: float) -> None:
        """``slack``: seconds that a frame may lie before its arrival."""
        self._slack = slack
        self._offset: float | None = None
        self._last = 0.0

    def place(self, media_time: float, elapsed: float) -> float:
        """Seconds of elapsed time at which this frame was taken; never decreases."""
        offset = elapsed - media_time
        if self._offset is None or abs(offset - self._offset) > self._slack:
            self._offset = offset
        else:
            drift = RELAX_PER_SECOND * max(0.0, elapsed - self._last)
            self._offset = min(self._offset + drift, offset)
        self._last = max(self._last, min(media_time + self._offset, elapsed))
        return self._last

    def follow(self) -> None:
        """Another stream of frames begins: the delays of the one before say nothing of it."""
        self._offset = None

    def snapshot(self) -> dict[str, Any]:
        """What :meth:`restore` needs; the offset is a matter of the lost connection."""
        return {"last": self._last}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self._last = float(state["last"])
