"""Takes due records out of the outbox and posts them; a task of the front process's loop."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from rtc_server.base.aio import TaskSet
from rtc_server.base.clock import Clock
from rtc_server.base.config import ForwardConfig
from rtc_server.base.errors import StoreUnavailable
from rtc_server.delivery.breaker import Breaker
from rtc_server.delivery.outcome import Outcome, Unanswered
from rtc_server.delivery.policy import Attempt, Bury, Decision, Delivered, Hold, Retry, RetryPolicy
from rtc_server.store.model import Delivery
from rtc_server.store.outbox import Outbox

_SETTLE_PAUSE = 0.5

log = logging.getLogger(__name__)


class Endpoint(Protocol):
    """Where records go."""

    async def post(self, record: Mapping[str, Any], key: str) -> Outcome:
        """Post ``record`` under the idempotency ``key``; failures are values."""
        ...

    async def knows_key(self) -> bool | None:
        """Whether the same key is applied once; None where it cannot be told now."""
        ...


class Forwarder:
    """One of any number of forwarders on one outbox."""

    def __init__(
        self,
        outbox: Outbox,
        endpoint: Endpoint,
        config: ForwardConfig,
        clock: Clock,
        policy: RetryPolicy | None = None,
    ) -> None:
        """Post from ``outbox`` to ``endpoint``; ``policy`` says how patiently."""
        self._outbox = outbox
        self._endpoint = endpoint
        self._config = config
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._breaker = Breaker()
        self._owner = f"forwarder-{uuid.uuid4()}"
        self._posts = TaskSet()
        self._woken = asyncio.Event()
        self._quiet = asyncio.Event()

    async def run(self) -> None:
        """Forward until cancelled; what is then under way is left to the next forwarder."""
        try:
            while True:
                pause = await self._round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
                self._woken.clear()
        finally:
            await self._posts.close()
            with suppress(StoreUnavailable):
                await self._outbox.abandon(self._owner)

    def wake(self) -> None:
        """Look at the outbox now: a session of this process has ended."""
        self._woken.set()

    async def flush(self, seconds: float) -> bool:
        """Wait, ``seconds`` at most, until nothing is due; needs ``run``. True when it is so."""
        self._quiet.clear()
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._quiet.wait()
        return self._quiet.is_set()

    async def _round(self) -> float:
        """Start what may be started; returns the seconds until the next look."""
        try:
            return await self._start_due()
        except StoreUnavailable as error:
            log.warning("the outbox cannot be read: %s", error)
            return self._config.poll

    async def _start_due(self) -> float:
        wait = self._breaker.wait(self._clock.monotonic())
        due_in = await self._outbox.due_in()
        until_due = self._config.poll if due_in is None else due_in
        if wait > 0 or until_due > 0:
            self._note_quiet()
            return min(self._config.poll, max(wait, until_due))
        if self._room() > 0:
            self._start(await self._outbox.lease(self._owner, self._config.lease, self._room()))
        return self._config.poll

    def _room(self) -> int:
        most = 1 if self._breaker.trying else self._config.concurrency
        return max(0, most - len(self._posts))

    def _note_quiet(self) -> None:
        if not self._posts:
            self._quiet.set()

    def _start(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            task = self._posts.start(self._deliver(delivery), f"post {delivery.id}")
            task.add_done_callback(lambda _: self.wake())

    async def _deliver(self, delivery: Delivery) -> None:
        decision = await self._attempt(delivery)
        await self._settle(delivery, decision)
        _report(delivery, decision)

    async def _attempt(self, delivery: Delivery) -> Decision:
        attempt = self._standing(delivery)
        repeatable = await self._repeatable(delivery) if delivery.unanswered else True
        objection = self._policy.before(attempt, repeatable=repeatable)
        if objection is not None:
            return objection
        outcome = await self._post(delivery)
        self._breaker.record(outcome, self._clock.monotonic())
        return self._policy.after(outcome, attempt)

    async def _post(self, delivery: Delivery) -> Outcome:
        try:
            return await self._endpoint.post(delivery.record, delivery.idempotency_key)
        except Exception as error:  # whatever an answer may hold: the lease must be settled
            log.exception("posting %s failed", delivery.idempotency_key)
            return Unanswered(type(error).__name__)

    async def _repeatable(self, delivery: Delivery) -> bool | None:
        if delivery.mode == "upsert" or self._config.uncertain == "retry":
            return True
        return await self._endpoint.knows_key()

    @staticmethod
    def _standing(delivery: Delivery) -> Attempt:
        now = delivery.leased_at
        since = delivery.refused_since
        return Attempt(
            number=delivery.attempts,
            age=now - delivery.queued_at,
            refused_for=0.0 if since is None else now - since,
            unanswered=delivery.unanswered,
        )

    async def _settle(self, delivery: Delivery, decision: Decision) -> None:
        """Write down what was decided, again and again as long as the lease holds."""
        last = self._clock.monotonic() + self._config.lease / 2
        while True:
            try:
                return await self._write(delivery, decision)
            except StoreUnavailable as error:
                if self._clock.monotonic() > last:
                    raise
                log.warning("delivery %d not settled: %s", delivery.id, error)
            await asyncio.sleep(_SETTLE_PAUSE)

    async def _write(self, delivery: Delivery, decision: Decision) -> None:
        match decision:
            case Delivered():
                await self._outbox.delivered(delivery)
            case Retry(delay, error, refused, unanswered):
                await self._outbox.retry(
                    delivery, delay, error, refused=refused, unanswered=unanswered
                )
            case Bury(error):
                await self._outbox.bury(delivery, error)
            case Hold(error):
                await self._outbox.hold(delivery, error)


def _report(delivery: Delivery, decision: Decision) -> None:
    level = logging.INFO if isinstance(decision, Delivered) else logging.WARNING
    text = "record %s, attempt %d: %s"
    log.log(level, text, delivery.idempotency_key, delivery.attempts, decision)
