"""One session's whole life: frames → vision → metrics → client and store, in one ``run()``.

Runs in a media worker, on its loop. A session outlives its connections. It serves one transport at
a time; a lost one leaves it ``reconnecting`` until the client comes back or the grace is over. The
account is settled once, written before it is sent, and closed with one log line that says why.
"""

import asyncio
import logging
from contextlib import suppress

from rtc_server.base.aio import first_of
from rtc_server.base.clock import Clock
from rtc_server.base.config import SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import ConnectTimeout, FrameRefused, SessionClosed, SourceEnded
from rtc_server.base.identity import Identity
from rtc_server.base.stats import Stats
from rtc_server.media.source import Frame
from rtc_server.metrics import wire
from rtc_server.metrics.message import summary_message
from rtc_server.session.advice import Adviser
from rtc_server.session.control import Agree, Answer, Calibrate, Leave, Mark, effect_of
from rtc_server.session.overuse import cut_off_overuse
from rtc_server.session.pipeline import FramePipeline, Vision
from rtc_server.session.recorder import TAKEN, SessionRecorder
from rtc_server.session.status import SessionStatus
from rtc_server.session.transport import Transport, Transports
from rtc_server.store.model import SessionState

RECOVERABLE = frozenset({EndReason.PEER_LOST, EndReason.TRACK_ENDED, EndReason.CONNECT_TIMEOUT})
"""After these the client may come back on a new transport."""

TO_THE_END = frozenset({EndReason.CLIENT_BYE, EndReason.REPLACED, EndReason.MAX_DURATION})
"""These end a session that is watched; all others found it gone, and count to its last frame."""

log = logging.getLogger(__name__)


class Session:
    """A student's session on this worker."""

    def __init__(
        self,
        identity: Identity,
        config: SessionConfig,
        clock: Clock,
        recorder: SessionRecorder,
        vision: Vision,
        *,
        already_elapsed: float | None = None,
        stats: Stats | None = None,
    ) -> None:
        """``already_elapsed``: seconds since the first frame, for a session that goes on.

        ``stats``: the worker's, which this session adds to.
        """
        self.identity = identity
        self.state = SessionState.NEW
        self._config = config
        self._clock = clock
        self._stats = stats or Stats()
        self._recorder = recorder
        self._transports = Transports()
        self._asked: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Event()
        self._adviser = Adviser(config.max_fps)
        self._would_end_as = EndReason.WORKER_LOST
        self._gives_up_at = self._after_the_grace()
        self._pipeline = FramePipeline(
            vision, recorder, self._adviser, self._stats, clock, already_elapsed
        )

    # ------------------------------------------------------------ what others ask

    def attach(self, transport: Transport) -> None:
        """Go on with ``transport`` once it is connected; the one served until then is closed.

        Raises :class:`SessionClosed`, and leaves it to its maker to close.
        """
        if self.state is SessionState.ENDED or self._asked.done():
            raise SessionClosed
        self._transports.offer(transport)

    def limit(self, max_fps: float, reason: str) -> None:
        """Take at most so many frames a second from now on, and say why."""
        if max_fps == self._adviser.max_fps:
            return
        advice = self._adviser.limit(max_fps, reason)
        if self._transports.served is not None:
            self._transports.served.frames.max_fps = max_fps
            self._transports.served.send_control(wire.encode(advice))

    def status(self) -> SessionStatus:
        """How it does at this moment."""
        served, pipeline = self._transports.served, self._pipeline
        way = None if served is None else served.way
        return pipeline.tracker.status(
            self.identity, self.state, way, pipeline.now(), pipeline.quiet
        )

    def ask_to_end(self, reason: EndReason) -> None:
        """End the session with this reason; the first one counts."""
        if not self._asked.done():
            self._asked.set_result(reason)

    # ------------------------------------------------------------ the life

    async def run(self) -> EndReason:
        """Serve transports until there is a reason to end; settle, and say why in one line.

        Call :meth:`close` afterwards, whatever comes of it.
        """
        reason = EndReason.ERROR
        # A task of its own: a write that has begun is waited for, whoever is cancelled, and no
        # connection is to wait for that.
        writing = asyncio.create_task(self._write(), name=f"write {self.identity.session_id}")
        try:
            reason = await self._serve_transports(writing)
        except TAKEN:
            reason = EndReason.REPLACED
        except asyncio.CancelledError:
            reason = EndReason.DRAINED  # whoever stops us without asking wants no end of it
            raise
        except Exception:  # the root of the session's task
            log.exception("session %s failed", self.identity.session_id)
        finally:
            await _end(writing)
            await self._settle(reason)
        return reason

    async def close(self) -> None:
        """Close the transports, once each has flushed what was said last."""
        await self._transports.close()

    async def _serve_transports(self, writing: asyncio.Task[None]) -> EndReason:
        lost = EndReason.CONNECT_TIMEOUT
        while True:
            if not self._transports.waiting:
                reason = await self._wait_for_transport(lost, writing)
                if reason is not None:
                    return reason
            reason = await self._serve(self._transports.take(), writing)
            if reason not in RECOVERABLE:
                return reason
            if not self._transports.overtaken:
                lost = reason
                self._lose_transport(lost)

    async def _wait_for_transport(
        self, lost: EndReason, writing: asyncio.Task[None]
    ) -> EndReason | None:
        """Until there is one (``None``), or a reason to end: the grace is over, or one that came.

        A session that was never live does not wait for a second one.
        """
        if self.state is SessionState.CONNECTING and not self._recorder.frames:
            return lost
        try:
            async with asyncio.timeout_at(self._gives_up_at):
                return await first_of(
                    _outcome(self._asked), self._transports.offered(), _failure(writing)
                )
        except TimeoutError:
            return lost

    async def _serve(self, transport: Transport, writing: asyncio.Task[None]) -> EndReason:
        if self.state is SessionState.NEW:
            self._to(SessionState.CONNECTING)
        self._changed.set()  # with a transport its row may live longer than the grace
        self._pipeline.serve()
        self._greet(transport)
        reason = await first_of(
            _outcome(self._asked),
            self._listen(transport),
            self._duration(),
            _outcome(transport.lost),
            self._transports.superseded(),
            self._stream(transport),
            cut_off_overuse(transport, self._config, self._adviser, self._stats, self._clock),
            _failure(writing),
        )
        return reason or EndReason.PEER_LOST

    def _greet(self, transport: Transport) -> None:
        """What each connection's client is told first: it knows nothing of those before."""
        hello = wire.Hello(
            session_id=self.identity.session_id,
            fps=self._adviser.max_fps,
            features=["metrics", "summary", "pause", "visibility", "calibrate"],
        )
        transport.send_control(wire.encode(hello))
        if self._adviser.max_fps < self._config.max_fps:
            transport.frames.max_fps = self._adviser.max_fps
        advice = self._adviser.greet(scales=transport.load is not None)
        if advice is not None:
            transport.send_control(wire.encode(advice))

    def _lose_transport(self, reason: EndReason) -> None:
        self._gives_up_at = self._after_the_grace()
        self._transports.lose()
        if self._recorder.frames:
            self._would_end_as = reason
            self._to(SessionState.RECONNECTING)

    # ------------------------------------------------------------ while a transport is served

    async def _stream(self, transport: Transport) -> EndReason:
        try:
            await transport.connected()
        except ConnectTimeout:
            return EndReason.CONNECT_TIMEOUT
        while True:
            try:
                async with asyncio.timeout(transport.patience):
                    frame = await transport.frames.next()
            except SourceEnded as ended:
                return ended.reason
            except TimeoutError:
                if self._pipeline.quiet:
                    continue
                return EndReason.IDLE
            await self._measure(transport, frame)

    async def _measure(self, transport: Transport, frame: Frame) -> None:
        if self._config.require_consent and not self._recorder.consented:
            error = FrameRefused("Consent comes first.", code="consent_required")
            self._pipeline.refuse(transport, error)
            return
        self._welcome()
        if await self._pipeline.take(transport, frame) and self._recorder.frames == 1:
            self._changed.set()  # from now on there is something to lose

    def _welcome(self) -> None:
        """The transport has shown that its client is there."""
        self._would_end_as = EndReason.WORKER_LOST
        self._to(SessionState.LIVE)

    async def _listen(self, transport: Transport) -> EndReason:
        while True:
            effect = effect_of(await transport.receive())
            match effect:
                case Answer(message):
                    transport.send_control(wire.encode(message))
                case Leave():
                    return EndReason.CLIENT_BYE
                case Agree(version):
                    self._recorder.agree(version)
                    self._changed.set()
                case Calibrate():
                    self._pipeline.calibrate(effect)
                case Mark():
                    self._pipeline.mark(effect)
                    if effect.on and self._recorder.frames:
                        self._welcome()  # no frame may follow that would tell

    async def _write(self) -> None:
        """Write the account after each change, and when it is time; never returns.

        Raises one of :data:`TAKEN` once the row is no longer ours.
        """
        while True:
            idle = self._transports.served is None
            with suppress(TimeoutError):
                async with asyncio.timeout(self._recorder.pause(idle=idle)):
                    await self._changed.wait()
            self._changed.clear()
            await self._recorder.checkpoint(
                self.state, self._would_end_as, self._pipeline.now(), self._expires_in()
            )

    def _expires_in(self) -> float:
        """Seconds after which others may end the session.

        While it waits for its client that is when it gives up itself, to the moment.
        """
        if self._transports.served is not None:
            return self._config.lease + self._config.reconnect_grace
        return max(0.0, self._gives_up_at - asyncio.get_running_loop().time())

    def _after_the_grace(self) -> float:
        """On the loop's clock."""
        return asyncio.get_running_loop().time() + self._config.reconnect_grace

    async def _duration(self) -> EndReason:
        await asyncio.sleep(max(0.0, self._config.max_duration - self._pipeline.now()))
        return EndReason.MAX_DURATION

    # ------------------------------------------------------------ the end

    async def _settle(self, reason: EndReason) -> None:
        self._transports.refuse_more()
        if reason is EndReason.DRAINED:
            await self._leave_to_others()
        else:
            await self._finish(reason)
        log.info(
            "session %s ended: %s after %.1f s, %d frames",
            self.identity.session_id,
            reason,
            self._recorder.last_frame,
            self._recorder.frames,
        )

    async def _leave_to_others(self) -> None:
        """This process stops: the worker that the client comes back to goes on, or the reaper ends.

        While the store is away it is asked again, for as long as the process lets us.
        """
        self._to(SessionState.RECONNECTING)
        with suppress(*TAKEN):
            await self._recorder.hand_over(self.state, EndReason.DRAINED, self._pipeline.now())
        self._tell(wire.Notice(code="draining", message="The service restarts; reconnect."))

    async def _finish(self, reason: EndReason) -> None:
        at = self._recorder.last_frame
        if reason in TO_THE_END and self._transports.served is not None and self._recorder.frames:
            at = self._pipeline.now()
            self._pipeline.follow(at)  # where the client came back for nothing but to say bye
        try:
            summary = await self._recorder.settle(reason, at)
        except TAKEN:
            log.info("session %s is held elsewhere now", self.identity.session_id)
            return
        finally:
            self._to(SessionState.ENDED)
        self._tell(summary_message(self.identity.session_id, reason, summary))

    # ------------------------------------------------------------ small things

    def _tell(self, message: wire.Notice | wire.Summary) -> None:
        self._transports.send_last(wire.encode(message))

    def _to(self, state: SessionState) -> None:
        if state is self.state:
            return
        log.info("session %s: %s → %s", self.identity.session_id, self.state, state)
        self.state = state
        self._changed.set()


async def _outcome(future: asyncio.Future[EndReason]) -> EndReason:
    return await asyncio.shield(future)


async def _failure(task: asyncio.Task[None]) -> None:
    """Wait until ``task`` fails, and raise what it raised."""
    await asyncio.shield(task)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel ``task`` and wait for it; what it raised was heard while it ran."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
