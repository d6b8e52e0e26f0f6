"""Services that are killed at any moment: nothing lost, nothing doubled."""

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from rtc_server.base.config import StoreConfig
from rtc_server.store import Delivery, DeliveryState, SessionState, Store
from tests.php.forwarding import forwarding, settled
from tests.php.lesson import Mode
from tests.php.lessons_child import LESSONS
from tests.servers.mariadb import Row
from tests.servers.php import ROOT, PhpSite

pytestmark = [pytest.mark.needs("php", "mariadb"), pytest.mark.timeout(120)]

KILLS = 6
MOMENTS = random.Random(5)
SETTLED = (DeliveryState.DELIVERED, DeliveryState.UNCERTAIN, DeliveryState.BURIED)
CHILD = "tests.php.lessons_child"


class Service:
    """The child process, and the sessions that it says have ended."""

    def __init__(self, url: str, endpoint: str, mode: Mode, first: int) -> None:
        self._command = ["-m", CHILD, url, endpoint, mode, str(first)]
        self.ended: list[str] = []

    async def live(self, lessons: int) -> None:
        """Run until so many sessions have ended, then be killed where it stands."""
        child = await asyncio.create_subprocess_exec(
            sys.executable, *self._command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(lessons):
            line = await asyncio.wait_for(child.stdout.readline(), 60)
            self.ended.append(line.decode().strip())
        await asyncio.sleep(MOMENTS.random() * 0.1)  # anywhere in the next one
        child.kill()
        await child.wait()


async def killed_often(url: str, endpoint: str, mode: Mode) -> set[str]:
    """Two services at a time on one store, each killed in the middle; what they had ended."""
    services = [Service(url, endpoint, mode, 1000 * number) for number in range(1, KILLS + 1)]
    for pair in zip(services[::2], services[1::2], strict=True):
        await asyncio.gather(*(each.live(MOMENTS.randrange(LESSONS)) for each in pair))
    return {session_id for service in services for session_id in service.ended}


async def outcome(url: str, endpoint: str) -> list[Delivery]:
    """What the outbox holds once somebody was left to finish."""
    store = await Store.open(StoreConfig(url))
    async with forwarding(store, endpoint):
        found = await settled(store, *SETTLED)
    ended = await store.sessions.find(state=SessionState.ENDED, limit=1000)
    await store.close()
    assert {row.session_id for row in ended} == {delivery.session_id for delivery in found}
    return found


def by_student(rows: list[Row]) -> Counter[int]:
    return Counter(int(row["user_id"] or 0) for row in rows)


@pytest.mark.parametrize("mode", ["summary", "upsert"])
async def test_every_session_has_one_row_with_its_summary(
    php_site: PhpSite, tmp_path: Path, mode: Mode
) -> None:
    url = f"sqlite:///{tmp_path}/sessions.db"
    said = await killed_often(url, php_site.url, mode)
    found = await outcome(url, php_site.url)
    rows = await asyncio.to_thread(php_site.rows)
    assert {delivery.state for delivery in found} == {DeliveryState.DELIVERED}
    assert said <= {delivery.session_id for delivery in found}
    wanted = {delivery.session_id: delivery.record["focused_time"] for delivery in found}
    assert {row["session_uuid"]: int(row["focused_time_seconds"] or 0) for row in rows} == wanted
    assert len(rows) == len(found)


async def test_an_endpoint_without_a_key_gets_no_row_twice(
    php_site: PhpSite, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/sessions.db"
    endpoint = php_site.endpoint("insert_every_call.php")
    said = await killed_often(url, endpoint, "summary")
    found = await outcome(url, endpoint)
    assert said <= {delivery.session_id for delivery in found}
    rows = by_student(await asyncio.to_thread(php_site.rows))
    states = {int(delivery.record["user_id"]): delivery.state for delivery in found}
    assert set(states.values()) <= {DeliveryState.DELIVERED, DeliveryState.UNCERTAIN}
    assert max(rows.values()) == 1
    delivered = {who for who, state in states.items() if state is DeliveryState.DELIVERED}
    assert delivered <= rows.keys() <= states.keys()
