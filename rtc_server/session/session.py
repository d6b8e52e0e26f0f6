"""One session's whole life: source → vision → metrics → sinks, in one ``run()``.

A session outlives its connections. It serves one transport at a time; a lost transport leaves it
``reconnecting`` until the client comes back or the grace is over. The account is settled
once, written before it is sent, and closed with one log line that has the reason.
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
from rtc_server.session.control import Control
from rtc_server.session.overuse import Overuse
from rtc_server.session.pipeline import Analyst, FramePipeline
from rtc_server.session.recorder import TAKEN, SessionRecorder
from rtc_server.session.restraint import OveruseGuard
from rtc_server.session.status import SessionStatus
from rtc_server.session.stopwatch import Stopwatch
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
        analyst: Analyst,
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
        self._recorder = recorder
        self._transports = Transports()
        self._asked: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Event()
        self._control = Control(recorder.meter)
        self._adviser = Adviser(config.max_fps)
        self._would_end_as = EndReason.WORKER_LOST
        self._stopwatch = Stopwatch(clock, recorder, already_elapsed)
        stats = stats or Stats()
        self._pipeline = FramePipeline(analyst, recorder, self._adviser, stats, clock)
        self._restraint = OveruseGuard(self._adviser, stats, clock)

    # ------------------------------------------------------------ what others ask

    def attach(self, transport: Transport) -> None:
        """Go on with ``transport`` once it is connected; the one served until then is closed."""
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
        served = self._transports.served
        way = None if served is None else served.way
        tracker = self._pipeline.tracker
        return tracker.status(
            self.identity, self.state, way, self._stopwatch.now(), self._control.quiet
        )

    def ask_to_end(self, reason: EndReason) -> None:
        """End the session with this reason; the first one counts."""
        if not self._asked.done():
            self._asked.set_result(reason)

    # ------------------------------------------------------------ the life

    async def run(self) -> EndReason:
        """Serve transports until there is a reason to end; settle, and say why in one line."""
        reason = EndReason.ERROR
        try:
            reason = await self._serve_transports()
        except TAKEN:
            reason = EndReason.REPLACED
        except asyncio.CancelledError:
            reason = EndReason.DRAINED  # whoever stops us without asking wants no end of it
            raise
        except Exception:  # the root of the session's task
            log.exception("session %s failed", self.identity.session_id)
        finally:
            await self._settle(reason)
        return reason

    async def _serve_transports(self) -> EndReason:
        lost = EndReason.CONNECT_TIMEOUT
        while True:
            transport = await self._next_transport()
            if isinstance(transport, EndReason):
                return lost if transport in RECOVERABLE else transport
            reason = await self._serve(transport)
            if reason not in RECOVERABLE:
                return reason
            lost = reason
            await self._drop_transport(lost)

    async def _next_transport(self) -> Transport | EndReason:
        """Wait for a transport; a session that was never live does not wait for a second one."""
        never_live = self.state is SessionState.CONNECTING and not self._recorder.frames
        if never_live and not self._transports.waiting:
            return EndReason.CONNECT_TIMEOUT
        if not self._transports.waiting:
            try:
                async with asyncio.timeout(self._config.reconnect_grace):
                    reason = await first_of(
                        _outcome(self._asked), self._transports.offered(), self._checkpoints()
                    )
            except TimeoutError:
                return EndReason.PEER_LOST
            if not self._transports.waiting:
                return reason
        return await self._transports.take()

    async def _serve(self, transport: Transport) -> EndReason:
        if self.state is SessionState.NEW:
            self._to(SessionState.CONNECTING)
        transport.send_control(wire.encode(self._hello()))
        if self._adviser.max_fps < self._config.max_fps:
            transport.frames.max_fps = self._adviser.max_fps
        return await first_of(
            _outcome(self._asked),
            self._listen(transport),
            self._duration(),
            _outcome(transport.lost),
            self._transports.superseded(),
            self._stream(transport),
            self._restraint.hold(transport, self._overuse()),
            self._checkpoints(),
        )

    async def _drop_transport(self, reason: EndReason) -> None:
        if self._recorder.frames:
            self._would_end_as = reason
            self._to(SessionState.RECONNECTING)
            await self._checkpoint()
        await self._transports.drop()

    # ------------------------------------------------------------ while a transport is served

    async def _stream(self, transport: Transport) -> EndReason:
        try:
            await transport.connected()
        except ConnectTimeout:
            return EndReason.CONNECT_TIMEOUT
        offset: float | None = None
        while True:
            try:
                async with asyncio.timeout(transport.patience):
                    frame = await transport.frames.next()
            except SourceEnded as ended:
                return ended.reason
            except TimeoutError:
                if self._control.may_be_silent:
                    continue
                return EndReason.IDLE
            elapsed = self._stopwatch.at(frame.received_at)
            offset = elapsed - frame.media_time if offset is None else offset
            placed = Frame(frame.media_time + offset, frame.received_at, frame.image)
            await self._measure(transport, placed, elapsed)

    async def _measure(self, transport: Transport, frame: Frame, elapsed: float) -> None:
        if self._config.require_consent and not self._recorder.consented:
            error = FrameRefused("Consent comes first.", code="consent_required")
            self._pipeline.refuse(transport, error)
            return
        self._welcome(elapsed)
        if await self._pipeline.take(transport, frame, elapsed) and self._recorder.frames == 1:
            self._changed.set()  # from now on there is something to lose

    def _welcome(self, elapsed: float) -> None:
        """The first frame of a transport: the session is live, and a gap before it is booked."""
        if self.state is SessionState.LIVE:
            return
        self._recorder.book_gap(elapsed)
        self._would_end_as = EndReason.WORKER_LOST
        self._to(SessionState.LIVE)

    async def _listen(self, transport: Transport) -> EndReason:
        while True:
            text = await transport.receive()
            answer = self._control.take(text, self._stopwatch.now())
            await self._recorder.consent(self._control.consented)
            if isinstance(answer, EndReason):
                return answer
            if answer is not None:
                transport.send_control(wire.encode(answer))

    async def _checkpoints(self) -> EndReason:
        """Write the account after each change, and when it is time."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    self._recorder.pause(idle=self._transports.served is None)
                ):
                    await self._changed.wait()
            await self._checkpoint()

    async def _duration(self) -> EndReason:
        await asyncio.sleep(max(0.0, self._config.max_duration - self._stopwatch.now()))
        return EndReason.MAX_DURATION

    # ------------------------------------------------------------ the end

    async def _settle(self, reason: EndReason) -> None:
        if reason is EndReason.DRAINED:
            await self._leave_to_others()
        else:
            await self._finish(reason)
        await self._transports.close()
        log.info(
            "session %s ended: %s after %.1f s, %d frames",
            self.identity.session_id,
            reason,
            self._recorder.last_frame,
            self._recorder.frames,
        )

    async def _leave_to_others(self) -> None:
        """This process stops: whoever comes next resumes the session or ends it.

        While the store is away it is asked again, for as long as the process lets us.
        """
        self._to(SessionState.RECONNECTING)
        with suppress(*TAKEN):
            await self._recorder.hand_over(self.state, EndReason.DRAINED, self._stopwatch.now())
        self._tell(wire.Notice(code="draining", message="The service restarts; reconnect."))

    async def _finish(self, reason: EndReason) -> None:
        at = self._recorder.last_frame
        if reason in TO_THE_END and self._transports.served is not None and self._recorder.frames:
            at = self._stopwatch.now()
            if self.state is not SessionState.LIVE:  # the client came back to say bye
                self._recorder.book_gap(at)
        try:
            summary = await self._recorder.settle(reason, at)
        except TAKEN:
            log.info("session %s is held elsewhere now", self.identity.session_id)
            return
        finally:
            self._to(SessionState.ENDED)
        self._tell(summary_message(self.identity.session_id, reason, summary))

    # ------------------------------------------------------------ small things

    async def _checkpoint(self) -> None:
        self._changed.clear()
        await self._recorder.checkpoint(self.state, self._would_end_as, self._stopwatch.now())

    def _hello(self) -> wire.Hello:
        return wire.Hello(
            session_id=self.identity.session_id,
            fps=self._adviser.max_fps,
            features=["metrics", "summary", "pause", "visibility", "calibrate"],
        )

    def _tell(self, message: wire.Notice | wire.Summary) -> None:
        self._transports.send_last(wire.encode(message))

    def _overuse(self) -> Overuse:
        return Overuse(self._config.max_pixels, self._config.cut_off_bitrate)

    def _to(self, state: SessionState) -> None:
        if state is self.state:
            return
        log.info("session %s: %s → %s", self.identity.session_id, self.state, state)
        self.state = state
        self._changed.set()


async def _outcome(future: asyncio.Future[EndReason]) -> EndReason:
    return await asyncio.shield(future)
