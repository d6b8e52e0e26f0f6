"""From the end of a session to the row in MariaDB: store, forwarder, PHP, all of them real."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig, StoreConfig
from rtc_server.delivery.php import PhpEndpoint
from rtc_server.store import (
    DeliveryState,
    Store,
)
from tests.fakes.cutting_proxy import CuttingProxy
from tests.php.forwarding import forwarding, settled
from tests.php.lesson import Lesson, Mode
from tests.servers.mariadb import MariaDb, Row
from tests.servers.php import PhpSite

pytestmark = pytest.mark.needs("php", "mariadb")

REFUSES_TWICE = """<?php
$count = is_file('count') ? (int) file_get_contents('count') : 0;
file_put_contents('count', (string) ($count + 1));
if ($count < 2) {
    header('Content-Type: application/json');
    exit(json_encode(['success' => false, 'message' => 'Database error']));
}
require 'save_enhanced_tracking.php';
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(StoreConfig(f"sqlite:///{tmp_path}/sessions.db"))
    yield opened
    await opened.close()


async def ended(store: Store, mode: Mode = "summary", user_id: str = "17") -> Lesson:
    """A session that was on for 40.4 + 10.6 seconds, and nine that nobody knows."""
    lesson = Lesson(store, mode, user_id)
    await lesson.begin()
    await lesson.end(40.4, 10.6)
    return lesson


async def attempted(store: Store, times: int) -> None:
    """Wait until the record was tried so often."""
    async with asyncio.timeout(20):
        while True:
            (delivery,) = await store.outbox.find()
            if delivery.attempts >= times:
                return
            await asyncio.sleep(0.02)


async def rows(site: PhpSite) -> list[Row]:
    return await asyncio.to_thread(site.rows)


def times(found: Sequence[Row]) -> list[tuple[int, int, int]]:
    return [
        (_whole(row, "focused"), _whole(row, "unfocused"), _whole(row, "total")) for row in found
    ]


def _whole(row: Row, which: str) -> int:
    value = row[f"{which}_time_seconds"]
    assert value is not None
    return int(value)


async def test_the_row_is_there_within_three_seconds(store: Store, php_site: PhpSite) -> None:
    async with forwarding(store, php_site.url):
        lesson = await ended(store)
        async with asyncio.timeout(3):
            await settled(store, DeliveryState.DELIVERED)
            (row,) = await rows(php_site)
    assert (row["user_id"], row["module_id"], row["section_id"]) == ("17", "3", "5")
    assert row["session_uuid"] == lesson.session_id
    assert times([row]) == [(40, 11, 51)]
    data = json.loads(row["session_data"] or "")
    exact = data["focused_time"] + data["unfocused_time"] + data["unknown_time"]
    assert exact == pytest.approx(60.0, abs=0.01)


async def test_while_php_is_away_the_record_waits(store: Store, php_site: PhpSite) -> None:
    await asyncio.to_thread(php_site.stop_php)
    async with forwarding(store, php_site.url):
        await ended(store)
        await attempted(store, 2)
        await asyncio.to_thread(php_site.start_php)
        await settled(store, DeliveryState.DELIVERED)
    assert len(await rows(php_site)) == 1


async def test_a_refusal_with_status_200_is_no_success(store: Store, php_site: PhpSite) -> None:
    async with forwarding(store, php_site.write("refuses_twice.php", REFUSES_TWICE)):
        await ended(store)
        (delivery,) = await settled(store, DeliveryState.DELIVERED)
    assert delivery.attempts == 3
    assert delivery.refused_since is not None
    assert delivery.last_error == "success: false: Database error"
    assert len(await rows(php_site)) == 1


async def test_while_the_sites_database_is_away_the_record_waits(
    store: Store, php_site: PhpSite, mariadb: MariaDb
) -> None:
    await asyncio.to_thread(mariadb.stop)
    async with forwarding(store, php_site.url):
        await ended(store)
        await attempted(store, 2)
        await asyncio.to_thread(mariadb.start)
        await settled(store, DeliveryState.DELIVERED)
    assert len(await rows(php_site)) == 1


@pytest.mark.parametrize("mode", ["summary", "upsert"])
async def test_an_answer_that_got_lost_makes_no_second_row(
    store: Store, php_site: PhpSite, mode: Mode
) -> None:
    async with CuttingProxy(php_site.url, cuts=3) as proxy, forwarding(store, proxy.url):
        await ended(store, mode)
        (delivery,) = await settled(store, DeliveryState.DELIVERED)
    assert delivery.attempts == 4
    assert times(await rows(php_site)) == [(40, 11, 51)]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("insert_every_call.php", "summary"),
        ("add_to_todays_row.php", "summary"),
        ("add_to_todays_row.php", "delta"),
    ],
)
async def test_an_answer_of_an_old_endpoint_that_got_lost_is_left_to_a_person(
    store: Store, php_site: PhpSite, name: str, mode: Mode
) -> None:
    async with (
        CuttingProxy(php_site.endpoint(name), cuts=1) as proxy,
        forwarding(store, proxy.url),
    ):
        await ended(store, mode)
        (delivery,) = await settled(store, DeliveryState.UNCERTAIN)
    assert delivery.last_error == "sent before, never answered"
    assert times(await rows(php_site)) == [(40, 11, 51)]


async def test_running_totals_leave_one_row_with_the_last(store: Store, php_site: PhpSite) -> None:
    lesson = Lesson(store, "upsert")
    await lesson.begin()
    async with forwarding(store, php_site.url):
        for number in range(1, 5):
            await lesson.go_on(10.4 * number, 2.6 * number)
        await lesson.end(50.4, 13.6)
        await settled(store, DeliveryState.DELIVERED)
    found = await rows(php_site)
    assert times(found) == [(50, 14, 64)]
    assert found[0]["seq"] == "5"


async def test_increments_add_up_in_todays_row(store: Store, php_site: PhpSite) -> None:
    async with forwarding(store, php_site.endpoint("add_to_todays_row.php")):
        for _ in range(2):
            lesson = Lesson(store, "delta")
            await lesson.begin()
            for number in range(1, 5):
                await lesson.go_on(10.4 * number, 2.6 * number)
            await lesson.end(50.4, 13.6)
            await settled(store, DeliveryState.DELIVERED)
    assert times(await rows(php_site)) == [(100, 28, 128)]


async def test_a_summary_is_one_row_where_every_call_inserts(
    store: Store, php_site: PhpSite
) -> None:
    async with forwarding(store, php_site.endpoint("insert_every_call.php")):
        await ended(store)
        await ended(store, user_id="18")
        await settled(store, DeliveryState.DELIVERED)
    assert times(await rows(php_site)) == [(40, 11, 51)] * 2


async def test_increments_for_an_endpoint_of_totals_are_kept_and_told_the_reason(
    store: Store, php_site: PhpSite
) -> None:
    async with forwarding(store, php_site.url):
        await ended(store, "delta")
        await attempted(store, 2)
    (delivery,) = await store.outbox.find()
    assert delivery.state in {DeliveryState.PENDING, DeliveryState.LEASED}
    assert "set TRACKING_SAVE_MODE" in (delivery.last_error or "")
    assert await rows(php_site) == []


async def test_a_signed_record_is_accepted(store: Store, php_site: PhpSite) -> None:
    await asyncio.to_thread(php_site.configure, TRACKING_SAVE_SECRET="shared")
    async with forwarding(store, php_site.url, secret="shared"):
        await ended(store)
        await settled(store, DeliveryState.DELIVERED)
    assert len(await rows(php_site)) == 1


async def test_a_wrong_secret_loses_no_record_and_the_right_one_delivers_it(
    store: Store, php_site: PhpSite
) -> None:
    await asyncio.to_thread(php_site.configure, TRACKING_SAVE_SECRET="shared")
    async with forwarding(store, php_site.url, secret="other"):
        await ended(store)
        await attempted(store, 2)
    (delivery,) = await store.outbox.find()
    assert (delivery.last_error or "").startswith("401: the signature")
    assert await rows(php_site) == []
    async with forwarding(store, php_site.url, secret="shared"):
        await settled(store, DeliveryState.DELIVERED)
    assert len(await rows(php_site)) == 1


async def test_an_id_that_the_site_cannot_hold_is_buried_with_the_reason(
    store: Store, php_site: PhpSite
) -> None:
    async with forwarding(store, php_site.url):
        await ended(store, user_id="somebody")
        (delivery,) = await settled(store, DeliveryState.BURIED)
    assert "user_id" in (delivery.last_error or "")


async def test_a_service_that_dies_after_posting_leaves_one_row(
    store: Store, php_site: PhpSite
) -> None:
    await ended(store)
    (leased,) = await store.outbox.lease("died", 0.1, 1)
    config = ForwardConfig(save_url=php_site.url)
    endpoint = PhpEndpoint(config, SystemClock())
    await endpoint.post(leased.record, leased.idempotency_key)
    await endpoint.close()
    async with forwarding(store, php_site.url):
        await settled(store, DeliveryState.DELIVERED)
    assert len(await rows(php_site)) == 1
