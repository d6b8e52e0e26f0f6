"""One session's whole life: source → vision → metrics → sinks, in one ``run()``.

A session outlives its connections. It serves one link at a time; a lost link leaves it
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
from rtc_server.session.overuse import Excess
from rtc_server.session.pipeline import Analyst, Measuring
from rtc_server.session.recorder import TAKEN, Account
from rtc_server.session.restraint import Restraint
from rtc_server.session.status import Pulse
from rtc_server.session.stopwatch import Stopwatch
from rtc_server.session.transport import Link, Links
from rtc_server.store.model import SessionState

RECOVERABLE = frozenset({EndReason.PEER_LOST, EndReason.TRACK_ENDED, EndReason.CONNECT_TIMEOUT})
"""After these the client may come back on a new link."""

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
        account: Account,
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
        self._account = account
        self._links = Links()
        self._asked: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Event()
        self._control = Control(account.meter)
        self._adviser = Adviser(config.max_fps)
        self._would_end_as = EndReason.WORKER_LOST
        self._stopwatch = Stopwatch(clock, account, already_elapsed)
        stats = stats or Stats()
        self._measuring = Measuring(analyst, account, self._adviser, stats, clock)
        self._restraint = Restraint(self._adviser, stats, clock)

    # ------------------------------------------------------------ what others ask

    def attach(self, link: Link) -> None:
        """Go on with ``link`` once it is connected; the one served until then is closed."""
        if self.state is SessionState.ENDED or self._asked.done():
            raise SessionClosed
        self._links.offer(link)

    def limit(self, max_fps: float, reason: str) -> None:
        """Take at most so many frames a second from now on, and say why."""
        if max_fps == self._adviser.max_fps:
            return
        advice = self._adviser.limit(max_fps, reason)
        if self._links.served is not None:
            self._links.served.frames.max_fps = max_fps
            self._links.served.send_control(wire.encode(advice))

    def pulse(self) -> Pulse:
        """How it does at this moment."""
        served = self._links.served
        way = None if served is None else served.way
        beat = self._measuring.beat
        return beat.pulse(
            self.identity, self.state, way, self._stopwatch.now(), self._control.quiet
        )

    def ask_to_end(self, reason: EndReason) -> None:
        """End the session with this reason; the first one counts."""
        if not self._asked.done():
            self._asked.set_result(reason)

    # ------------------------------------------------------------ the life

    async def run(self) -> EndReason:
        """Serve links until there is a reason to end; settle, and say why in one line."""
        reason = EndReason.ERROR
        try:
            reason = await self._serve_links()
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

    async def _serve_links(self) -> EndReason:
        lost = EndReason.CONNECT_TIMEOUT
        while True:
            link = await self._next_link()
            if isinstance(link, EndReason):
                return lost if link in RECOVERABLE else link
            reason = await self._serve(link)
            if reason not in RECOVERABLE:
                return reason
            lost = reason
            await self._drop_link(lost)

    async def _next_link(self) -> Link | EndReason:
        """Wait for a link; a session that was never live does not wait for a second one."""
        never_live = self.state is SessionState.CONNECTING and not self._account.frames
        if never_live and not self._links.waiting:
            return EndReason.CONNECT_TIMEOUT
        if not self._links.waiting:
            try:
                async with asyncio.timeout(self._config.reconnect_grace):
                    reason = await first_of(
                        _outcome(self._asked), self._links.offered(), self._checkpoints()
                    )
            except TimeoutError:
                return EndReason.PEER_LOST
            if not self._links.waiting:
                return reason
        return await self._links.take()

    async def _serve(self, link: Link) -> EndReason:
        if self.state is SessionState.NEW:
            self._to(SessionState.CONNECTING)
        link.send_control(wire.encode(self._hello()))
        if self._adviser.max_fps < self._config.max_fps:
            link.frames.max_fps = self._adviser.max_fps
        return await first_of(
            _outcome(self._asked),
            self._listen(link),
            self._duration(),
            _outcome(link.lost),
            self._links.superseded(),
            self._stream(link),
            self._restraint.hold(link, self._excess()),
            self._checkpoints(),
        )

    async def _drop_link(self, reason: EndReason) -> None:
        if self._account.frames:
            self._would_end_as = reason
            self._to(SessionState.RECONNECTING)
            await self._checkpoint()
        await self._links.drop()

    # ------------------------------------------------------------ while a link is served

    async def _stream(self, link: Link) -> EndReason:
        try:
            await link.connected()
        except ConnectTimeout:
            return EndReason.CONNECT_TIMEOUT
        offset: float | None = None
        while True:
            try:
                async with asyncio.timeout(link.patience):
                    frame = await link.frames.next()
            except SourceEnded as ended:
                return ended.reason
            except TimeoutError:
                if self._control.may_be_silent:
                    continue
                return EndReason.IDLE
            elapsed = self._stopwatch.at(frame.received_at)
            offset = elapsed - frame.media_time if offset is None else offset
            placed = Frame(frame.media_time + offset, frame.received_at, frame.image)
            await self._measure(link, placed, elapsed)

    async def _measure(self, link: Link, frame: Frame, elapsed: float) -> None:
        if self._config.require_consent and not self._account.consented:
            error = FrameRefused("Consent comes first.", code="consent_required")
            self._measuring.refuse(link, error)
            return
        self._welcome(elapsed)
        if await self._measuring.take(link, frame, elapsed) and self._account.frames == 1:
            self._changed.set()  # from now on there is something to lose

    def _welcome(self, elapsed: float) -> None:
        """The first frame of a link: the session is live, and a gap before it is booked."""
        if self.state is SessionState.LIVE:
            return
        self._account.book_gap(elapsed)
        self._would_end_as = EndReason.WORKER_LOST
        self._to(SessionState.LIVE)

    async def _listen(self, link: Link) -> EndReason:
        while True:
            text = await link.receive()
            answer = self._control.take(text, self._stopwatch.now())
            await self._account.consent(self._control.consented)
            if isinstance(answer, EndReason):
                return answer
            if answer is not None:
                link.send_control(wire.encode(answer))

    async def _checkpoints(self) -> EndReason:
        """Write the account after each change, and when it is time."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._account.pause(idle=self._links.served is None)):
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
        await self._links.close()
        log.info(
            "session %s ended: %s after %.1f s, %d frames",
            self.identity.session_id,
            reason,
            self._account.last_frame,
            self._account.frames,
        )

    async def _leave_to_others(self) -> None:
        """This process stops: whoever comes next resumes the session or ends it.

        While the store is away it is asked again, for as long as the process lets us.
        """
        self._to(SessionState.RECONNECTING)
        with suppress(*TAKEN):
            await self._account.hand_over(self.state, EndReason.DRAINED, self._stopwatch.now())
        self._tell(wire.Notice(code="draining", message="The service restarts; reconnect."))

    async def _finish(self, reason: EndReason) -> None:
        at = self._account.last_frame
        if reason in TO_THE_END and self._links.served is not None and self._account.frames:
            at = self._stopwatch.now()
            if self.state is not SessionState.LIVE:  # the client came back to say bye
                self._account.book_gap(at)
        try:
            summary = await self._account.settle(reason, at)
        except TAKEN:
            log.info("session %s is held elsewhere now", self.identity.session_id)
            return
        finally:
            self._to(SessionState.ENDED)
        self._tell(summary_message(self.identity.session_id, reason, summary))

    # ------------------------------------------------------------ small things

    async def _checkpoint(self) -> None:
        self._changed.clear()
        await self._account.checkpoint(self.state, self._would_end_as, self._stopwatch.now())

    def _hello(self) -> wire.Hello:
        return wire.Hello(
            session_id=self.identity.session_id,
            fps=self._adviser.max_fps,
            features=["metrics", "summary", "pause", "visibility", "calibrate"],
        )

    def _tell(self, message: wire.Notice | wire.Summary) -> None:
        self._links.send_last(wire.encode(message))

    def _excess(self) -> Excess:
        return Excess(self._config.max_pixels, self._config.cut_off_bitrate)

    def _to(self, state: SessionState) -> None:
        if state is self.state:
            return
        log.info("session %s: %s → %s", self.identity.session_id, self.state, state)
        self.state = state
        self._changed.set()


async def _outcome(future: asyncio.Future[EndReason]) -> EndReason:
    return await asyncio.shield(future)
