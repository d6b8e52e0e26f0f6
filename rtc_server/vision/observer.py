"""Vision away from the event loop: a few threads, each with its own models."""

import asyncio
from functools import partial

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import VisionConfig
from rtc_server.base.stats import Stats
from rtc_server.media.source import Frame
from rtc_server.metrics.model import Observation
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.thread_pool import ThreadPool


class Observer:
    """Analyses frames of any number of sessions on ``config.threads`` threads."""

    def __init__(self, config: VisionConfig, stats: Stats | None = None) -> None:
        """Costs nothing yet; see :meth:`start`. ``stats`` count its times."""
        self._config = config
        self.stats = stats or Stats()
        self._clock = SystemClock()
        self._models: list[FaceModels] = []
        self._pool = ThreadPool(config.threads, "vision", self._equip)

    async def start(self) -> None:
        """Load the models in every thread, so that no session's first frame waits for them."""
        await self._pool.start()

    def analyst(self) -> "Analyst":
        """The vision of one session."""
        return Analyst(self, FaceTrack(self._config))

    async def observe(self, frame: Frame, track: FaceTrack, elapsed: float) -> Observation:
        """Convert, find, measure and rate, in one hop to a thread.

        ``elapsed``: seconds of the server's clock since the session's first frame; it is passed
        through. Raises :class:`~rtc_server.base.errors.FrameRefused` for a JPEG that cannot be
        decoded.
        """
        asked = self._clock.monotonic()
        observation, began, ended = await self._pool.run(
            partial(self._observe, frame, track, elapsed)
        )
        self.stats.waiting.add(began - asked)
        self.stats.inference.add(ended - began)
        return observation

    async def close(self) -> None:
        """Let the threads finish what they do and give the models back. Idempotent."""
        await self._pool.close()
        while self._models:
            await asyncio.to_thread(self._models.pop().close)  # waits for threads of MediaPipe

    def _equip(self) -> FaceModels:
        models = FaceModels()
        self._models.append(models)
        return models

    def _observe(
        self, frame: Frame, track: FaceTrack, elapsed: float, models: FaceModels
    ) -> tuple[Observation, float, float]:
        """The observation, and when it was begun and done (monotonic s)."""
        began = self._clock.monotonic()
        observation = track.observe(models, frame, elapsed)
        return observation, began, self._clock.monotonic()


class Analyst:
    """One session's frames to observations, with the face followed from one to the next."""

    def __init__(self, observer: Observer, track: FaceTrack) -> None:
        """``track``: this session's alone."""
        self._observer = observer
        self._track = track

    async def observe(self, frame: Frame, elapsed: float) -> Observation:
        """Analyse the next frame of this session."""
        return await self._observer.observe(frame, self._track, elapsed)
