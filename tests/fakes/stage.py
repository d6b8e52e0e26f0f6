"""A session's life on a stage: transport, vision and store are what a test says."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from rtc_server.base.config import MetricsConfig, SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import FrameRefused, StaleEpoch, StoreUnavailable
from rtc_server.base.identity import Identity
from rtc_server.media.source import Frame
from rtc_server.metrics import wire
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import FaceMeasure, Observation, SessionSummary
from rtc_server.session.recorder import SessionRecorder
from rtc_server.session.session import Session
from rtc_server.store.model import Sample, SessionState
from rtc_server.vision.geometry import measure
from tests.fakes.clock import HandClock
from tests.fakes.drawn_face import SIZE, DrawnFace
from tests.fakes.scripted_transport import ScriptedTransport

GRACE = 0.05


class EmptyRoom:
    """Vision that never sees a face, and refuses as many frames as told."""

    refuses = 0
    face: FaceMeasure | None = None

    def sit_down(self) -> None:
        """A student comes, and looks at the screen."""
        self.face = measure(DrawnFace().landmarks(), SIZE)

    async def observe(self, frame: Frame, elapsed: float) -> Observation:
        if self.refuses:
            self.refuses -= 1
            raise FrameRefused(code="frame_corrupt")
        return Observation(
            media_time=frame.media_time,
            elapsed=elapsed,
            face_count=int(self.face is not None),
            face=self.face,
        )


class KeptRow:
    """A row that keeps what is written; ``away`` makes that fail so often, ``stale`` for good.

    ``lasts``: seconds that each write takes.
    """

    def __init__(self) -> None:
        self.checkpoints: list[tuple[SessionState, dict[str, Any], float]] = []
        self.ended: list[tuple[EndReason, SessionSummary]] = []
        self.written = asyncio.Event()
        self.frames_kept = 0
        self.samples: list[Sample] = []
        self.consents: list[str] = []
        self._consents_before: list[str] = []
        self.away = 0
        self.stale = False
        self.lasts = 0.0
        self.broken = False
        self.entered = asyncio.Event()
        """A write has begun."""

    async def checkpoint(
        self,
        state: SessionState,
        snapshot: dict[str, Any],
        expires_in: float,
        samples: Sequence[Sample] = (),
    ) -> None:
        await self._write()
        self.checkpoints.append((state, snapshot, expires_in))
        self._consents_before = list(self.consents)
        self.samples += samples
        self.frames_kept = snapshot["account"]["frames_processed"]
        self.written.set()

    async def consent(self, version: str) -> None:
        await self._write()
        self.consents.append(version)

    async def end(
        self, reason: EndReason, summary: SessionSummary, samples: Sequence[Sample] = ()
    ) -> None:
        await self._write()
        self.ended.append((reason, summary))
        self.samples += samples

    async def is_written_as(self, state: SessionState) -> tuple[dict[str, Any], float]:
        """Wait for a checkpoint in this state, from now on; what it says and for how long."""
        count = len(self.checkpoints)
        while not any(each[0] is state for each in self.checkpoints[count:]):
            self.written.clear()
            await self.written.wait()
        return self.checkpoints[-1][1:]

    async def has_consent(self, version: str) -> None:
        """Wait for the checkpoint that wrote it before itself; no frame is taken before."""
        while version not in self._consents_before:
            self.written.clear()
            await self.written.wait()

    async def _write(self) -> None:
        """As the store does: what has begun is finished, and whoever is cancelled waits for it."""
        unit = asyncio.ensure_future(self._write_once())
        try:
            await asyncio.shield(unit)
        except asyncio.CancelledError:
            await asyncio.wait([unit])
            raise

    async def _write_once(self) -> None:
        self.entered.set()
        await asyncio.sleep(self.lasts)
        if self.broken:
            raise ZeroDivisionError
        if self.stale:
            raise StaleEpoch
        if self.away:
            self.away -= 1
            raise StoreUnavailable


class Stage:
    """A session with its seams in reach."""

    def __init__(
        self,
        config: SessionConfig,
        already_elapsed: float | None = None,
        last_frame: float = 0.0,
        snapshot: Mapping[str, Any] | None = None,
    ) -> None:
        """``snapshot``: what another worker's session left."""
        self.clock = HandClock()
        self.row = KeptRow()
        self.meter = Meter(MetricsConfig())
        if snapshot is not None:
            self.meter = Meter.restore(MetricsConfig(), snapshot["meter"])
        self.vision = EmptyRoom()
        self.session = Session(
            Identity("s-1", "7", "3"),
            config,
            self.clock,
            SessionRecorder("s-1", config, self.meter, self.row, last_frame),
            self.vision,
            already_elapsed=already_elapsed,
        )
        self.running: asyncio.Task[EndReason] | None = None

    def attach(self, *, reachable: bool = True, patience: float = 60.0) -> ScriptedTransport:
        return self.offer(ScriptedTransport(reachable=reachable, patience=patience))

    def offer(self, transport: ScriptedTransport) -> ScriptedTransport:
        self.session.attach(transport)
        if self.running is None:
            self.running = asyncio.create_task(self._run())
        return transport

    async def _run(self) -> EndReason:
        """As its host does."""
        try:
            return await self.session.run()
        finally:
            await self.session.close()

    async def stream(
        self, transport: ScriptedTransport, seconds: float, fps: float = 10.0
    ) -> wire.Metrics:
        """Stream frames, the first one now; returns the last one's message."""
        start = self.clock.seconds
        for number in range(int(seconds * fps) + 1):
            self.clock.seconds = start + number / fps
            transport.frames.put(self.clock.seconds)
            text = await transport.metrics.get()
        message = wire.decode_server(text)
        assert isinstance(message, wire.Metrics)
        return message

    async def say(self, transport: ScriptedTransport, message: str) -> None:
        """The client says something of this type; returns once it was heard."""
        transport.inbox.put_nowait(message)
        transport.inbox.put_nowait('{"v":1,"type":"ping","t":4711}')
        while '"pong"' not in await transport.control.get():
            pass

    async def bye(self) -> SessionSummary:
        self.session.ask_to_end(EndReason.CLIENT_BYE)
        return (await self.end())[1]

    async def end(self) -> tuple[EndReason, SessionSummary]:
        assert self.running is not None
        await self.running
        return self.row.ended[-1]
