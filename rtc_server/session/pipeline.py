"""From a session's frames to its metrics: placed, measured, booked, told. On the worker's loop."""

from typing import Protocol

from rtc_server.base.clock import Clock
from rtc_server.base.errors import FrameRefused
from rtc_server.base.stats import Stats
from rtc_server.media.source import Frame
from rtc_server.metrics import wire
from rtc_server.metrics.message import metrics_text
from rtc_server.metrics.model import Cause, Observation
from rtc_server.session.advice import Adviser, FrameFacts
from rtc_server.session.control import Calibrate, Mark
from rtc_server.session.recorder import SessionRecorder
from rtc_server.session.status import StatusTracker
from rtc_server.session.transport import Transport


class Vision(Protocol):
    """One session's eyes: works away from the event loop, and remembers where the face was."""

    async def observe(self, frame: Frame, elapsed: float) -> Observation:
        """Analyse one frame that came ``elapsed`` s after the session's first."""


class FramePipeline:
    """Measures one session, whatever transport its frames come by.

    Seconds of a session are the server's, since its first frame; never behind what is booked.
    """

    def __init__(
        self,
        vision: Vision,
        recorder: SessionRecorder,
        adviser: Adviser,
        stats: Stats,
        clock: Clock,
        already_elapsed: float | None = None,
    ) -> None:
        """Books in ``recorder``, counts in ``stats``.

        ``already_elapsed``: seconds since the first frame, for a session that goes on.
        """
        self.tracker = StatusTracker()
        self.quiet: set[Cause] = set()
        """Why the client said, on the connection that is served, that no frames may come."""
        self._vision = vision
        self._recorder = recorder
        self._adviser = adviser
        self._stats = stats
        self._clock = clock
        self._origin: float | None = None
        if already_elapsed is not None:
            self._origin = clock.monotonic() - already_elapsed
        self._followed = True

    # ------------------------------------------------------------ time

    def now(self) -> float:
        """Seconds since the first frame; 0 before there is one."""
        return self._elapsed(self._clock.monotonic())

    def _elapsed(self, moment: float) -> float:
        """Seconds from the first frame to ``moment`` (monotonic s of this process)."""
        return (
            0.0 if self._origin is None else max(self._recorder.last_frame, moment - self._origin)
        )

    # ------------------------------------------------------------ connections

    def serve(self) -> None:
        """The frames of another connection follow, and what its client says of itself."""
        self.quiet = set()
        self._followed = False
        if not self._recorder.frames:
            self.follow(0.0)  # no time has been booked that a mark could hold on to

    def follow(self, elapsed: float) -> None:
        """The connection that is served has shown itself: from ``elapsed`` s on it is booked.

        Whatever lies before since the last frame was nobody's: unknown, unless the connection
        before went on until then. What that one's client had marked ends.
        """
        if not self._followed:
            self._followed = True
            self._recorder.follow(elapsed)

    # ------------------------------------------------------------ what the client says

    def mark(self, mark: Mark) -> None:
        """Book what follows as the client says; what it did not mark itself it cannot end."""
        if mark.on:
            self.follow(self.now())
            self.quiet.add(mark.cause)
            self._recorder.meter.mark(mark.cause, self.now())
        elif mark.cause in self.quiet:
            self.quiet.discard(mark.cause)
            self._recorder.meter.unmark(mark.cause, self.now())

    def calibrate(self, asked: Calibrate) -> None:
        """Learn from the frames that follow."""
        self.follow(self.now())
        self._recorder.meter.calibrate(self.now(), asked.point, keep=asked.keep)

    # ------------------------------------------------------------ frames

    async def take(self, transport: Transport, frame: Frame) -> bool:
        """Measure a frame of the connection that is served; false: it was refused."""
        if self._origin is None:
            self._origin = frame.received_at
        elapsed = self._elapsed(frame.received_at)
        self.follow(elapsed)
        placed = Frame(frame.media_time - self._origin, frame.received_at, frame.image)
        try:
            observation = await self._vision.observe(placed, elapsed)
        except FrameRefused as error:
            self._stats.dropped["refused"] += 1
            self.refuse(transport, error)
            return False
        reading = self._recorder.observe(observation, elapsed)
        self.tracker.note(elapsed, reading)
        transport.send_metrics(metrics_text(self._recorder.frames, reading))
        self._stats.measured += 1
        self._stats.end_to_end.add(self._clock.monotonic() - frame.received_at)
        self._advise(transport, frame, observation)
        return True

    def refuse(self, transport: Transport, error: FrameRefused) -> None:
        """Say of a frame that it was not measured, and why."""
        self._stats.refused[error.code] += 1
        transport.refuse(error)

    def _advise(self, transport: Transport, frame: Frame, observation: Observation) -> None:
        facts = FrameFacts(
            elapsed=observation.elapsed,
            inter_ocular_px=observation.quality.inter_ocular_px,
            width=frame.width,
            source_fps=transport.frames.source_fps,
        )
        advice = self._adviser.see(facts)
        if advice is not None:
            transport.send_control(wire.encode(advice))
