"""From a session's frames to its metrics: what is sent, booked, counted and advised of each."""

from typing import Protocol

from rtc_server.base.clock import Clock
from rtc_server.base.errors import FrameRefused
from rtc_server.base.stats import Stats
from rtc_server.media.source import Frame
from rtc_server.metrics import wire
from rtc_server.metrics.message import metrics_text
from rtc_server.metrics.model import Observation
from rtc_server.session.advice import Adviser, Sight
from rtc_server.session.recorder import Account
from rtc_server.session.status import Beat
from rtc_server.session.transport import Link


class Analyst(Protocol):
    """Turns a frame into an observation, away from the event loop; keeps the face's track."""

    async def observe(self, frame: Frame, elapsed: float) -> Observation:
        """Analyse one frame."""


class Measuring:
    """Measures one session, whatever link its frames come by."""

    def __init__(
        self, analyst: Analyst, account: Account, adviser: Adviser, stats: Stats, clock: Clock
    ) -> None:
        """Books in ``account``, counts in ``stats``."""
        self.beat = Beat()
        self._analyst = analyst
        self._account = account
        self._adviser = adviser
        self._stats = stats
        self._clock = clock

    async def take(self, link: Link, frame: Frame, elapsed: float) -> bool:
        """Measure a frame of ``link``, ``elapsed`` s after the first; false: it was refused."""
        try:
            observation = await self._analyst.observe(frame, elapsed)
        except FrameRefused as error:
            self._stats.dropped["refused"] += 1
            self.refuse(link, error)
            return False
        reading = self._account.observe(observation, elapsed)
        self.beat.note(elapsed, reading)
        link.send_metrics(metrics_text(self._account.frames, reading))
        self._stats.measured += 1
        self._stats.end_to_end.add(self._clock.monotonic() - frame.received_at)
        self._advise(link, frame, observation)
        return True

    def refuse(self, link: Link, error: FrameRefused) -> None:
        """Say of a frame that it was not measured, and why."""
        self._stats.refused[error.code] += 1
        link.refuse(error)

    def _advise(self, link: Link, frame: Frame, observation: Observation) -> None:
        sight = Sight(
            elapsed=observation.elapsed,
            inter_ocular_px=observation.quality.inter_ocular_px,
            width=frame.width,
            source_fps=link.frames.source_fps,
        )
        advice = self._adviser.see(sight)
        if advice is not None:
            link.send_control(wire.encode(advice))
