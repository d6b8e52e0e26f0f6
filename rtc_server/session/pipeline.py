"""From a session's frames to its metrics: what is sent, booked, counted and advised of each."""

from typing import Protocol

from rtc_server.base.clock import Clock
from rtc_server.base.errors import FrameRefused
from rtc_server.base.stats import Stats
from rtc_server.media.source import Frame
from rtc_server.metrics import wire
from rtc_server.metrics.message import metrics_text
from rtc_server.metrics.model import Observation
from rtc_server.session.advice import Adviser, FrameFacts
from rtc_server.session.recorder import SessionRecorder
from rtc_server.session.status import StatusTracker
from rtc_server.session.transport import Transport


class Analyst(Protocol):
    """Turns a frame into an observation, away from the event loop; keeps the face's track."""

    async def observe(self, frame: Frame, elapsed: float) -> Observation:
        """Analyse one frame."""


class FramePipeline:
    """Measures one session, whatever transport its frames come by."""

    def __init__(
        self,
        analyst: Analyst,
        recorder: SessionRecorder,
        adviser: Adviser,
        stats: Stats,
        clock: Clock,
    ) -> None:
        """Books in ``recorder``, counts in ``stats``."""
        self.tracker = StatusTracker()
        self._analyst = analyst
        self._recorder = recorder
        self._adviser = adviser
        self._stats = stats
        self._clock = clock

    async def take(self, transport: Transport, frame: Frame, elapsed: float) -> bool:
        """Measure a frame, ``elapsed`` s after the first; false: it was refused."""
        try:
            observation = await self._analyst.observe(frame, elapsed)
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
