"""A forwarder at work between a store and an address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig
from rtc_server.delivery.forwarder import Forwarder
from rtc_server.delivery.php import PhpEndpoint
from rtc_server.delivery.policy import RetryPolicy
from rtc_server.store import Delivery, DeliveryState, Store

IMPATIENT = RetryPolicy(first_delay=0.05, longest_delay=0.2)


@asynccontextmanager
async def forwarding(store: Store, url: str, secret: str | None = None) -> AsyncIterator[Forwarder]:
    config = ForwardConfig(save_url=url, secret=secret, timeout=5.0)
    endpoint = PhpEndpoint(config, SystemClock())
    forwarder = Forwarder(store.outbox, endpoint, config, SystemClock(), IMPATIENT)
    running = asyncio.create_task(forwarder.run())
    yield forwarder
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await endpoint.close()


async def settled(store: Store, *states: DeliveryState) -> list[Delivery]:
    """Wait until every record is in one of ``states``."""
    async with asyncio.timeout(20):
        while True:
            found = await store.outbox.find(limit=1000)
            if all(delivery.state in states for delivery in found):
                return found
            await asyncio.sleep(0.02)
