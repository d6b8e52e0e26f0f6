"""A session's row in the store: written by its holder only, settled once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Self

from rtc_server.base.clock import Clock
from rtc_server.base.config import ForwardConfig, MetricsConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import CheckpointUnreadable
from rtc_server.base.identity import Identity
from rtc_server.delivery.record import Record
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, SessionSummary
from rtc_server.store.model import Claim, NewDelivery, NewSession, Sample, SessionRow, SessionState
from rtc_server.store.store import Store


@dataclass(frozen=True, slots=True)
class Handover:
    """What the last holder left of a session."""

    snapshot: dict[str, Any]
    elapsed: float
    """Seconds from the first frame to the last one that is booked."""
    reason: EndReason
    """Why it ends if nobody goes on with it."""

    def meter(self, config: MetricsConfig) -> Meter:
        """The account as it stood."""
        meter = self.snapshot.get("meter")
        if meter is None:
            return Meter(config)
        try:
            return Meter.restore(config, meter)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise CheckpointUnreadable from error

    def settle(self, config: MetricsConfig, died_at: float = 0.0) -> SessionSummary:
        """The account as of the checkpoint, closed.

        ``died_at`` (UTC epoch s): until then its worker is known to have gone on; what it
        measured since the checkpoint is unknown. Where this version cannot read the measurement
        on, the totals that stand beside it are taken; what was still pending then is unknown.
        """
        try:
            meter = self.meter(config)
        except CheckpointUnreadable:
            return _closed(SessionSummary(**self.snapshot["account"]))
        end = self.elapsed
        if self.snapshot and self.reason is EndReason.WORKER_LOST:
            end += max(0.0, died_at - float(self.snapshot["at"]))
            meter.mark(Cause.RECONNECTING, self.elapsed)
        return meter.finish(end)

    def elapsed_at(self, now: float) -> float | None:
        """Seconds from the first frame to ``now`` (UTC epoch s); ``None`` before the first."""
        if not self.elapsed and not self.snapshot:
            return None
        silent = float(self.snapshot.get("silent", 0.0))
        return self.elapsed + silent + max(0.0, now - float(self.snapshot["at"]))


class SessionOwnership:
    """Writes one session's checkpoints and its end, as long as it is ours."""

    def __init__(self, store: Store, config: ForwardConfig, clock: Clock, row: SessionRow) -> None:
        """``row`` as it was when it became ours."""
        self._store = store
        self._config = config
        self._clock = clock
        self._row = row
        self._recorded_at = clock.now().timestamp()

    @classmethod
    async def open(cls, store: Store, config: ForwardConfig, clock: Clock, new: NewSession) -> Self:
        """Write the row of a session that begins; raises :class:`StoreError`."""
        await store.sessions.create(new)
        row = await store.sessions.get(new.session_id)
        assert row is not None  # noqa: S101 - it was created the line before
        return cls(store, config, clock, row)

    @classmethod
    async def claim(
        cls,
        store: Store,
        config: ForwardConfig,
        clock: Clock,
        session_id: str,
        worker: str,
        *,
        seen: int | None = None,
    ) -> tuple[Self, Handover]:
        """Take a session over; raises :class:`SessionClosed`, :class:`StaleEpoch`."""
        claim = await store.sessions.claim(session_id, worker, seen=seen)
        return cls(store, config, clock, claim.row), _handover(claim)

    async def checkpoint(
        self,
        state: SessionState,
        snapshot: dict[str, Any],
        expires_in: float,
        samples: Sequence[Sample] = (),
    ) -> None:
        """Write the row, its checkpoint and its new samples; a running record where it is time."""
        now = self._clock.now().timestamp()
        recorded = self._records_while_running and now - self._recorded_at >= self._config.interval
        await self._store.sessions.checkpoint(
            self._row.session_id,
            self._row.epoch,
            state=state,
            snapshot={**snapshot, "at": now},
            deadline_at=now + expires_in,
            delivery=partial(self._delivery, snapshot["account"], None) if recorded else None,
            samples=samples,
        )
        if recorded:
            self._recorded_at = now

    @property
    def _records_while_running(self) -> bool:
        return self._config.save_mode != "summary"

    async def consent(self, version: str) -> None:
        """Write down that the student agreed to this version of the text."""
        await self._store.consents.give(self._row.session_id, version)

    async def end(
        self, reason: EndReason, summary: SessionSummary, samples: Sequence[Sample] = ()
    ) -> None:
        """Write summary, end and the record for the site, in one transaction."""
        totals = asdict(summary)
        await self._store.sessions.end(
            self._row.session_id,
            self._row.epoch,
            reason,
            totals,
            partial(self._delivery, totals, reason),
            samples,
        )

    def _delivery(
        self, totals: dict[str, Any], reason: EndReason | None, row: SessionRow
    ) -> NewDelivery | None:
        """The record for the site; none where there is no site, or nothing was measured."""
        if self._config.save_url is None or not totals["frames_processed"]:
            return None
        seq = row.record_seq + 1
        mode = self._config.save_mode
        body = Record(_identity(row), mode).build(
            totals,
            seq=seq,
            at=self._clock.now(),
            end_reason=reason,
            previous=row.recorded,
        )
        return NewDelivery(seq=seq, mode=mode, record=body, totals=totals)


def _closed(account: SessionSummary) -> SessionSummary:
    unknown = dict(account.unknown_by_cause)
    unknown[Cause.RECONNECTING] = unknown.get(Cause.RECONNECTING, 0.0) + account.pending_time
    return replace(
        account,
        unknown_by_cause=unknown,
        unknown_time=account.unknown_time + account.pending_time,
        pending_time=0.0,
    )


def _identity(row: SessionRow) -> Identity:
    return Identity(row.session_id, row.user_id, row.module_id, row.section_id, row.client)


def _handover(claim: Claim) -> Handover:
    snapshot = claim.checkpoint or {}
    return Handover(
        snapshot=snapshot,
        elapsed=float(snapshot.get("elapsed", 0.0)),
        reason=EndReason(snapshot.get("reason", EndReason.WORKER_LOST)),
    )
