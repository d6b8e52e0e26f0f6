"""A session's row in the store: written by its holder only, settled once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
from rtc_server.session import totals
from rtc_server.store.model import Claim, NewDelivery, NewSession, Sample, SessionRow, SessionState
from rtc_server.store.store import Store

_FOREIGN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading on another version's snapshot may raise."""
_REASONS = frozenset(EndReason)


@dataclass(frozen=True, slots=True)
class Handover:
    """What the last holder left of a session."""

    snapshot: dict[str, Any]
    elapsed: float
    """Seconds from the first frame to the last one that is booked."""
    reason: EndReason
    """Why it ends if nobody goes on with it."""
    age: float = 0.0
    """Seconds since it was left."""
    held_for: float = 0.0
    """Seconds that the last holder is known to have gone on after it was left."""
    certain: bool = True
    """Whether these seconds are beyond doubt: see :attr:`Claim.certain`."""
    unreadable: bool = False
    """There was something, and nothing of it can be read."""

    @property
    def broken(self) -> bool:
        """Whether its totals cannot be told for certain, so that a person should look."""
        return self.unreadable or (bool(self.snapshot) and not totals.are_whole(self.snapshot))

    def meter(self, config: MetricsConfig) -> Meter:
        """The account as it stood; raises :class:`CheckpointUnreadable`."""
        if self.broken:
            raise CheckpointUnreadable
        meter = self.snapshot.get("meter")
        if meter is None:
            return Meter(config)
        try:
            return Meter.restore(config, meter)
        except _FOREIGN as error:
            raise CheckpointUnreadable from error

    def settle(
        self, config: MetricsConfig, longest: float, *, worker_died: bool = False
    ) -> SessionSummary:
        """The account as of the checkpoint, closed.

        ``worker_died``: its worker was found dead; what it measured since the checkpoint is
        unknown, ``longest`` seconds at most where no clock can be trusted. Where this version
        cannot read the measurement on, the totals that stand beside it are taken; what was still
        pending then is unknown.
        """
        try:
            meter = self.meter(config)
            end = self.elapsed
            if self.snapshot and self.reason is EndReason.WORKER_LOST:
                end += self._believed(self.held_for, longest) if worker_died else 0.0
                meter.mark(Cause.RECONNECTING, self.elapsed)
            return meter.finish(end)
        except (CheckpointUnreadable, *_FOREIGN):
            return totals.closed(totals.read(self.snapshot))

    def elapsed_now(self, longest: float) -> float | None:
        """Seconds from the first frame until now; ``None`` before the first.

        ``longest``: seconds since it was left that are believed where no clock can be trusted.
        """
        if not self.elapsed and not self.snapshot:
            return None
        silent = totals.number(self.snapshot.get("silent"))
        return self.elapsed + silent + self._believed(self.age, longest)

    def _believed(self, seconds: float, longest: float) -> float:
        return seconds if self.certain else min(seconds, longest)


class SessionOwnership:
    """Writes one session's checkpoints and its end, as long as it is ours."""

    def __init__(self, store: Store, config: ForwardConfig, clock: Clock, row: SessionRow) -> None:
        """``row`` as it was when it became ours."""
        self._store = store
        self._config = config
        self._clock = clock
        self._row = row
        self._recorded_at = clock.monotonic()

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
        now = self._clock.monotonic()
        account = totals.all_of(snapshot)
        recorded = self._records_while_running and now - self._recorded_at >= self._config.interval
        await self._store.sessions.checkpoint(
            self._row.session_id,
            self._row.epoch,
            state=state,
            # "at" is for services of an earlier version, which compare it with their own clock
            snapshot={**snapshot, "at": self._clock.now().timestamp()},
            expires_in=expires_in,
            delivery=partial(self._delivery, account, None) if recorded else None,
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
        self,
        reason: EndReason,
        summary: SessionSummary,
        samples: Sequence[Sample] = (),
        *,
        keep_checkpoint: bool = False,
    ) -> None:
        """Write summary, end and the record for the site, in one transaction.

        ``keep_checkpoint``: see :meth:`Sessions.end`.
        """
        account = asdict(summary)
        await self._store.sessions.end(
            self._row.session_id,
            self._row.epoch,
            reason,
            account,
            partial(self._delivery, account, reason),
            samples,
            keep_checkpoint=keep_checkpoint,
        )

    def _delivery(
        self, account: dict[str, Any], reason: EndReason | None, row: SessionRow
    ) -> NewDelivery | None:
        """The record for the site; none where there is no site, or nothing was measured."""
        if self._config.save_url is None or not account["frames_processed"]:
            return None
        seq = row.record_seq + 1
        mode = self._config.save_mode
        body = Record(_identity(row), mode).build(
            account,
            seq=seq,
            at=self._clock.now(),
            end_reason=reason,
            previous=row.recorded,
        )
        return NewDelivery(seq=seq, mode=mode, record=body, totals=account)


def _identity(row: SessionRow) -> Identity:
    return Identity(row.session_id, row.user_id, row.module_id, row.section_id, row.client)


def _handover(claim: Claim) -> Handover:
    snapshot = claim.checkpoint or {}
    return Handover(
        snapshot=snapshot,
        elapsed=totals.number(snapshot.get("elapsed")),
        reason=_reason(snapshot.get("reason")),
        age=claim.age,
        held_for=claim.held_for,
        certain=claim.certain,
        unreadable=claim.unreadable,
    )


def _reason(word: object) -> EndReason:
    """A reason that another version wrote is told as what happened to its holder."""
    if isinstance(word, str) and word in _REASONS:
        return EndReason(word)
    return EndReason.WORKER_LOST
