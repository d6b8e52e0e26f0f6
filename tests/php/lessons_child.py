"""A process that ends sessions and forwards them until it is killed: ``URL ENDPOINT MODE FIRST``.

Each session has a student of its own, numbered from ``FIRST``, who looked at the screen for
as many seconds as the number says, modulo 100. The id of each that has ended is a line of output.
"""

import asyncio
import sys

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig, StoreConfig
from rtc_server.delivery.forwarder import Forwarder
from rtc_server.delivery.php import PhpEndpoint
from rtc_server.delivery.policy import RetryPolicy
from rtc_server.store import Store
from tests.php.lesson import Lesson, Mode

LESSONS = 12
RETRY = RetryPolicy(first_delay=0.05, longest_delay=0.2)


async def main(url: str, endpoint_url: str, mode: Mode, first: int) -> None:
    store = await Store.open(StoreConfig(url))
    config = ForwardConfig(save_url=endpoint_url, save_mode=mode, timeout=3.0, lease=1.0, poll=0.05)
    endpoint = PhpEndpoint(config, SystemClock())
    forwarder = Forwarder(store.outbox, endpoint, config, SystemClock(), RETRY)
    await asyncio.gather(forwarder.run(), teach(store, mode, first, forwarder))


async def teach(store: Store, mode: Mode, first: int, forwarder: Forwarder) -> None:
    for number in range(first, first + LESSONS):
        lesson = Lesson(store, mode, str(number))
        await lesson.begin()
        await lesson.end(float(number % 100), 1.0)
        forwarder.wake()
        sys.stdout.write(f"{lesson.session_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))  # type: ignore[arg-type]
