"""What a site may answer by mistake: nothing is lost for it, and nothing applied twice."""

import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig, StoreConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.delivery.forwarder import Forwarder
from rtc_server.delivery.outcome import Accepted, Outcome, Refused, Rejected, Unanswered
from rtc_server.delivery.php import PhpEndpoint
from rtc_server.delivery.policy import HOUR, Attempt, Bury, Retry, RetryPolicy
from rtc_server.store import DeliveryState, Store
from tests.fakes.clock import HandClock
from tests.fakes.http_site import HttpSite, answers
from tests.fakes.rows import created, new_delivery

KEY = "4fd5cf0e-2a0c-4d7a-9a37-3d2b3a0d1a6e:1"
YES = b'{"success": true, "record_id": 1}'


@pytest.fixture
async def site() -> AsyncIterator[HttpSite]:
    async with HttpSite() as running:
        yield running


async def outcome_of(
    site: HttpSite, status: int, raw: bytes, headers: dict[str, str] | None = None
) -> Outcome:
    site.behaviours = [answers(status, raw=raw, headers=headers)]
    endpoint = PhpEndpoint(ForwardConfig(save_url=site.url), HandClock())
    try:
        return await endpoint.post({"a": 1}, KEY)
    finally:
        await endpoint.close()


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405, 409, 410, 415, 426, 451])
def test_a_deployment_that_is_wrong_is_tried_for_a_day_then_buried(status: int) -> None:
    outcome = Rejected(status, "no")
    first = RetryPolicy().after(outcome, Attempt(1, age=0.0))
    assert isinstance(first, Retry)
    assert first.refused
    day = RetryPolicy().after(outcome, Attempt(99, age=30 * HOUR, refused_for=24 * HOUR))
    assert isinstance(day, Retry)
    over = Attempt(99, age=30 * HOUR, refused_for=24 * HOUR + 1)
    assert RetryPolicy().after(outcome, over) == Bury("no")


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_wrong_with_the_record_is_buried_at_once(status: int) -> None:
    assert RetryPolicy().after(Rejected(status, "no"), Attempt(1, age=0.0)) == Bury("no")


@pytest.mark.parametrize("outcome", [Rejected(503, "x"), Rejected(404, "x"), Refused("x")])
def test_a_clock_that_leaps_gives_up_nothing_that_was_hardly_tried(outcome: Outcome) -> None:
    leapt = Attempt(2, age=5000 * HOUR, refused_for=5000 * HOUR)
    assert isinstance(RetryPolicy().after(outcome, leapt), Retry)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(YES)),
        ("x-gzip", gzip.compress(YES)),
        ("deflate", zlib.compress(YES)),
        ("deflate", zlib.compress(YES)[2:-4]),
        ("identity", YES),
    ],
    ids=["gzip", "x-gzip", "zlib", "raw deflate", "identity"],
)
async def test_an_answer_that_is_encoded_unasked_is_read(
    site: HttpSite, coding: str, body: bytes
) -> None:
    assert await outcome_of(site, 200, body, {"Content-Encoding": coding}) == Accepted()


@pytest.mark.parametrize(
    ("coding", "body"), [("br", b"\x0b\x0e"), ("gzip", YES), ("zstd", b"(\xb5/\xfd")]
)
async def test_an_encoded_answer_that_cannot_be_read_may_have_been_a_success(
    site: HttpSite, coding: str, body: bytes
) -> None:
    outcome = await outcome_of(site, 200, body, {"Content-Encoding": coding})
    assert isinstance(outcome, Unanswered)


async def test_an_encoded_answer_is_unpacked_up_to_a_limit(site: HttpSite) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    outcome = await outcome_of(site, 200, bomb, {"Content-Encoding": "gzip"})
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize("status", [502, 504, 520, 524])
async def test_what_a_gateway_lost_may_have_been_applied(site: HttpSite, status: int) -> None:
    assert isinstance(await outcome_of(site, status, b"<html>"), Unanswered)


@pytest.mark.parametrize("status", [500, 404])
async def test_an_error_page_that_claims_success_may_have_been_applied(
    site: HttpSite, status: int
) -> None:
    assert isinstance(await outcome_of(site, status, YES + b"<b>Fatal</b>"), Unanswered)


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 9999 23:59:59 -2359",
        "9" * 400,
        "1e9",
        "\u00b2".encode().decode("latin-1"),
        "Mon, 99 Foo 2024 25:61:61 GMT",
        format_datetime(HandClock().now() + timedelta(days=3000)),
    ],
)
async def test_an_absurd_retry_after_is_an_answer_like_others(site: HttpSite, value: str) -> None:
    outcome = await outcome_of(site, 503, b"", {"Retry-After": value})
    assert isinstance(outcome, Rejected)
    decision = RetryPolicy().after(outcome, Attempt(1, age=0.0))
    assert isinstance(decision, Retry)
    assert decision.delay <= 24 * HOUR + 2


async def test_an_endpoint_that_fails_within_leaves_no_lease_behind(tmp_path: Path) -> None:
    class Broken:
        async def post(self, record: object, key: str) -> Outcome:
            raise OverflowError(f"{record} {key}")

        async def knows_key(self) -> bool | None:
            return False

    store = await Store.open(StoreConfig(f"sqlite:///{tmp_path}/s.db"))
    session_id = await created(store)
    await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, new_delivery(a=1))
    forwarder = Forwarder(store.outbox, Broken(), ForwardConfig(poll=0.01), SystemClock())
    (delivery,) = await store.outbox.lease("forwarder-1", 60.0, 1)
    await forwarder._deliver(delivery)
    (settled,) = await store.outbox.find()
    assert (settled.state, settled.unanswered) == (DeliveryState.PENDING, True)
    await store.close()
