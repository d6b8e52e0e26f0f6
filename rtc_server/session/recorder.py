"""What a session has measured, and what is written of it. In the worker, on its loop."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Protocol

from rtc_server.base.config import SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import SessionClosed, SessionNotFound, StaleEpoch, StoreError
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, Reading, SessionSummary
from rtc_server.session import totals
from rtc_server.store.model import Sample, SessionState

TAKEN = (StaleEpoch, SessionClosed, SessionNotFound)
"""The row is another's now, or ended or erased: there is nothing left to write."""

SEAMLESS_SECONDS = 1.0
"""A change of transport within it is no gap."""

log = logging.getLogger(__name__)


class Ownership(Protocol):
    """Writes this session's row; raises one of :data:`TAKEN` once that is no longer its to do."""

    async def checkpoint(
        self,
        state: SessionState,
        snapshot: dict[str, Any],
        expires_in: float,
        samples: Sequence[Sample] = (),
    ) -> None:
        """Keep ``snapshot``; others may end the session after ``expires_in`` seconds.

        Its ``account`` is what the site's running totals are made of; ``samples`` are the seconds
        since the checkpoint before.
        """

    async def consent(self, version: str) -> None:
        """Write down that the student agreed to this version of the text."""

    async def end(
        self, reason: EndReason, summary: SessionSummary, samples: Sequence[Sample] = ()
    ) -> None:
        """Settle: the summary and its delivery, in one transaction."""


class SampleLog:
    """One sample a second, for timeline and replay; kept until they are written."""

    def __init__(self) -> None:
        """Nothing was noted yet."""
        self._samples: dict[int, Sample] = {}
        self._written = -1

    def note(self, elapsed: float, reading: Reading) -> None:
        """Keep the first reading of each second that is not written yet."""
        second = int(elapsed)
        if second > self._written and second not in self._samples:
            self._samples[second] = Sample(second, _data(reading))

    def pending(self) -> list[Sample]:
        """What is to be written, in order."""
        return list(self._samples.values())

    def written(self, samples: list[Sample]) -> None:
        """These are in the store now."""
        for sample in samples:
            self._samples.pop(sample.second, None)
            self._written = max(self._written, sample.second)


class SessionRecorder:
    """One session's measurement: kept in memory, written by its owner.

    What is written may raise one of :data:`TAKEN`; a store that is away costs no measurement.
    """

    def __init__(
        self,
        session_id: str,
        config: SessionConfig,
        meter: Meter,
        ownership: Ownership,
        last_frame: float = 0.0,
    ) -> None:
        """``meter`` may bring what was measured before, until ``last_frame``."""
        self.meter = meter
        self.frames = meter.frames_processed
        """How many frames were analysed."""
        self.last_frame = last_frame
        """Seconds from the session's first frame to its last one."""
        self.consented = ""
        """The version of the text that is written down as agreed to."""
        self._agreed = ""
        self._written = True
        self._session_id = session_id
        self._config = config
        self._ownership = ownership
        self._samples = SampleLog()

    # ------------------------------------------------------------ in memory

    def observe(self, observation: Observation, elapsed: float) -> Reading:
        """Book a frame's observation, ``elapsed`` seconds after the first one."""
        reading = self.meter.observe(observation)
        self._samples.note(elapsed, reading)
        self.last_frame = elapsed
        self.frames += 1
        return reading

    def follow(self, elapsed: float) -> None:
        """Another connection carries the session from ``elapsed`` s on; before it none did."""
        if self.frames and elapsed - self.last_frame > SEAMLESS_SECONDS:
            self.meter.mark(Cause.RECONNECTING, self.last_frame)
            self.meter.unmark(Cause.RECONNECTING, elapsed)
        self.meter.follow(elapsed)

    def agree(self, version: str) -> None:
        """The student agreed to ``version``; it counts once the next checkpoint has written it."""
        self._agreed = version

    # ------------------------------------------------------------ in the store

    def pause(self, *, idle: bool) -> float | None:
        """Seconds until it is to be written again; ``None``: not before it changes.

        ``idle``: nothing is measured. What a store that was away did not take is written soon:
        it is in memory alone.
        """
        interval = self._config.checkpoint_interval
        if not self._written:
            return min(interval, self._config.store_retry)
        return None if idle else interval

    async def checkpoint(
        self, state: SessionState, would_end_as: EndReason, now: float, expires_in: float
    ) -> bool:
        """Keep what there is ``now`` s after the first frame; False: the store is away.

        Others may end the session after ``expires_in`` s.
        """
        snapshot = {
            "meter": self.meter.snapshot(),
            "elapsed": self.last_frame,
            "silent": max(0.0, now - self.last_frame),
            "reason": would_end_as.value,
            **totals.stored(self.meter.summary(self.last_frame)),
        }
        samples = self._samples.pending()
        self._written = False
        try:
            await self._write_consent()
            await self._ownership.checkpoint(state, snapshot, expires_in, samples)
        except TAKEN:
            raise
        except StoreError as error:
            log.warning("no checkpoint of %s: %s", self._session_id, error.code)
        else:
            self._samples.written(samples)
            self._written = True
        return self._written

    async def hand_over(self, state: SessionState, would_end_as: EndReason, now: float) -> None:
        """Checkpoint for the worker that the client comes back to, within the grace.

        A store that is away is asked again, for as long as this process is allowed to.
        """
        grace = self._config.reconnect_grace
        while True:
            if await self.checkpoint(state, would_end_as, now, grace):
                return
            await asyncio.sleep(self._config.store_retry)

    async def settle(self, reason: EndReason, at: float) -> SessionSummary:
        """Close the account at ``at``, and write the end.

        As long as the store is away the account stays in memory.
        """
        summary = self.meter.finish(at)
        while True:
            try:
                await self._write_consent()
                await self._ownership.end(reason, summary, self._samples.pending())
            except TAKEN:
                raise
            except StoreError as error:
                log.warning("end of %s not written: %s", self._session_id, error.code)
                await asyncio.sleep(self._config.store_retry)
            else:
                return summary

    async def _write_consent(self) -> None:
        version = self._agreed
        if version != self.consented:
            await self._ownership.consent(version)
            self.consented = version


def _data(reading: Reading) -> dict[str, object]:
    pose = reading.head_pose
    return {
        "state": reading.state,
        "is_focused": reading.is_focused,
        "cause": reading.cause,
        "face_count": reading.face_count,
        "gaze_direction": reading.gaze_direction,
        "gaze_point": _rounded(reading.gaze_point),
        "calibrated": reading.calibrated,
        "head_pose": None if pose is None else _rounded((pose.yaw, pose.pitch, pose.roll)),
        "eye_openness": None if reading.eye_openness is None else round(reading.eye_openness, 2),
        "blinks": reading.blinks,
        "attention_score": (
            None if reading.attention_score is None else round(reading.attention_score, 2)
        ),
    }


def _rounded(values: tuple[float, ...] | None) -> list[float] | None:
    return None if values is None else [round(value, 2) for value in values]
