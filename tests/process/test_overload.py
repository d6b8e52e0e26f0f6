"""A worker that gets too little of its core."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import psutil
import pytest

from tests.fakes.publisher import Publisher
from tests.process.conftest import Enrol, Serve

pytestmark = pytest.mark.timeout(150)

HELD_SECONDS, FREE_SECONDS = 1.2, 0.2
"""So long that the worker is late whatever else this machine does."""
SHED_SECONDS = 60.0
RECOVER_SECONDS = 75.0


@asynccontextmanager
async def starved(worker: psutil.Process) -> AsyncIterator[None]:
    """Hold the process most of the time, as a machine does that is busy with other things."""
    holding = asyncio.create_task(_hold(worker))
    try:
        yield
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        worker.send_signal(signal.SIGCONT)


async def _hold(worker: psutil.Process) -> None:
    while True:
        worker.send_signal(signal.SIGSTOP)
        await asyncio.sleep(HELD_SECONDS)
        worker.send_signal(signal.SIGCONT)
        await asyncio.sleep(FREE_SECONDS)


async def test_a_starved_worker_sheds_then_refuses_and_recovers(
    prepare: Serve, students: Enrol
) -> None:
    with prepare(MEDIA_WORKERS="1") as service:
        async with students(service) as first, students(service) as late:
            await first.publish()
            await first.metrics(5)
            async with starved(service.workers()[0]):
                async with asyncio.timeout(SHED_SECONDS):
                    rates = [await _shed_to(first.publisher.messages) for _ in range(2)]
                    refused = await _refused(service.url)
            assert rates == [7.0, 5.0]
            assert int(refused) >= 1
            async with asyncio.timeout(RECOVER_SECONDS):
                while await _shed_to(first.publisher.messages) != 10.0:
                    pass
            await late.publish()
            await late.metrics(1)


async def _refused(url: str) -> str:
    """Offer until the offer is refused for lack of room; when to come again."""
    async with aiohttp.ClientSession() as http:
        while True:
            newcomer = Publisher(channels=False)
            offer, headers = await newcomer.offer(), {"Content-Type": "application/sdp"}
            ids = {"user_id": "8", "module_id": "3"}
            async with http.post(f"{url}/whip", params=ids, data=offer, headers=headers) as answer:
                await newcomer.close()
                if answer.status == 503:
                    assert (await answer.json())["code"] == "overloaded"
                    return answer.headers["Retry-After"]
                await http.delete(url + answer.headers["Location"])


async def _shed_to(messages: asyncio.Queue[dict[str, object]]) -> object:
    """The rate of the next advice that the load is the reason of."""
    while True:
        message = await messages.get()
        if message["type"] == "advice" and message["reason"] in {"overload", "recovered"}:
            return message["max_fps"]
