"""What a session has measured, and what is written of it."""

import asyncio
import dataclasses
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from rtc_server.base.config import SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed, SessionNotFound, StaleEpoch, StoreError
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, Reading, SessionSummary
from rtc_server.session.diary import Diary
from rtc_server.store.model import Sample, SessionState

TAKEN = (StaleEpoch, SessionClosed, SessionNotFound)
"""The row is another's now, or ended or erased: there is nothing left to write."""

SEAMLESS_SECONDS = 1.0
"""A change of transport within it is no gap."""
STORE_RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Book(Protocol):
    """Where this session's row is kept; raises :class:`StaleEpoch` once another holds it."""

    async def checkpoint(
        self,
        state: SessionState,
        snapshot: dict[str, Any],
        expires_in: float,
        account: SessionSummary,
        samples: Sequence[Sample] = (),
    ) -> None:
        """Keep the running account; others may end the session after ``expires_in`` seconds.

        ``account`` is what ``snapshot`` amounts to, for the site's running totals; ``samples``
        are the seconds since the checkpoint before.
        """

    async def consent(self, version: str) -> None:
        """Write down that the student agreed to this version of the text."""

    async def end(
        self, reason: EndReason, summary: SessionSummary, samples: Sequence[Sample] = ()
    ) -> None:
        """Settle: the summary and its delivery, in one transaction."""


class SessionRecorder:
    """The account of one session: kept in memory, written to its book.

    What is written may raise one of :data:`TAKEN`; a store that is away costs no measurement.
    """

    def __init__(
        self,
        session_id: str,
        config: SessionConfig,
        meter: Meter,
        book: Book,
        last_frame: float = 0.0,
    ) -> None:
        """``meter`` may bring what was measured before, until ``last_frame``."""
        self.frames = meter.frames_processed
        """How many frames were analysed."""
        self.last_frame = last_frame
        """Seconds from the session's first frame to its last one."""
        self.consented = ""
        """The version of the text that is written down as agreed to."""
        self._written = True
        self._session_id = session_id
        self._config = config
        self.meter = meter
        self._book = book
        self._diary = Diary()

    def observe(self, observation: Observation, elapsed: float) -> Reading:
        """Book a frame's observation, ``elapsed`` seconds after the first one."""
        reading = self.meter.observe(observation)
        self._diary.note(elapsed, reading)
        self.last_frame = elapsed
        self.frames += 1
        return reading

    def book_gap(self, elapsed: float) -> None:
        """From the last frame until ``elapsed`` there was no transport."""
        if self.frames and elapsed - self.last_frame > SEAMLESS_SECONDS:
            self.meter.mark(Cause.RECONNECTING, self.last_frame)
            self.meter.unmark(Cause.RECONNECTING, elapsed)

    async def consent(self, version: str) -> None:
        """Write that the student agreed to ``version``; a store that is away is asked again.

        Consent counts once it is written.
        """
        while version != self.consented:
            try:
                await self._book.consent(version)
            except TAKEN:
                raise
            except StoreError as error:
                log.warning("consent of %s not written: %s", self._session_id, error.code)
                await asyncio.sleep(STORE_RETRY_SECONDS)
            else:
                self.consented = version

    def pause(self, *, idle: bool) -> float | None:
        """Seconds until it is to be written again; ``None``: not before it changes.

        ``idle``: nothing is measured. What a store that was away did not take is written soon:
        it is in memory alone.
        """
        interval = self._config.checkpoint_interval
        if not self._written:
            return min(interval, STORE_RETRY_SECONDS)
        return None if idle else interval

    async def checkpoint(self, state: SessionState, would_end_as: EndReason, now: float) -> bool:
        """Keep the account as of ``now`` s after the first frame; False: the store is away."""
        account = self.meter.summary(self.last_frame)
        snapshot = {
            "meter": self.meter.snapshot(),
            "elapsed": self.last_frame,
            "silent": max(0.0, now - self.last_frame),
            "reason": would_end_as.value,
            "account": dataclasses.asdict(account),
        }
        grace = self._config.reconnect_grace
        expires_in = grace + (self._config.lease if state is SessionState.LIVE else 0.0)
        try:
            samples = self._diary.pending()
            self._written = False
            await self._book.checkpoint(state, snapshot, expires_in, account, samples)
            self._diary.written(samples)
        except TAKEN:
            raise
        except StoreError as error:
            log.warning("no checkpoint of %s: %s", self._session_id, error.code)
        else:
            self._written = True
        return self._written

    async def hand_over(self, state: SessionState, would_end_as: EndReason, now: float) -> None:
        """Checkpoint for whoever comes next; a store that is away is asked again."""
        while True:
            if await self.checkpoint(state, would_end_as, now):
                return
            await asyncio.sleep(STORE_RETRY_SECONDS)

    async def settle(self, reason: EndReason, at: float) -> SessionSummary:
        """Close the account at ``at``, and write the end.

        As long as the store is away the account stays in memory.
        """
        summary = self.meter.finish(at)
        while True:
            try:
                await self._book.end(reason, summary, self._diary.pending())
            except TAKEN:
                raise
            except StoreError as error:
                log.warning("end of %s not written: %s", self._session_id, error.code)
                await asyncio.sleep(STORE_RETRY_SECONDS)
            else:
                return summary
