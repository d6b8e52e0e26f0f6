"""The endpoint over HTTP: every way to answer, and not to, as a value."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import pytest

from rtc_server.base.config import ForwardConfig
from rtc_server.base.errors import DeliveryError
from rtc_server.delivery.outcome import Accepted, NotSent, Refused, Rejected, Unanswered
from rtc_server.delivery.php import PhpEndpoint
from tests.fakes.clock import HandClock
from tests.fakes.http_site import (
    SUCCESS,
    Behaviour,
    HttpSite,
    answers,
    breaks_off,
    drips,
    drops,
    hangs,
)

RECORD = {"user_id": 17, "note": "é"}
KEY = "4fd5cf0e-2a0c-4d7a-9a37-3d2b3a0d1a6e:1"


@pytest.fixture
async def site() -> AsyncIterator[HttpSite]:
    async with HttpSite() as running:
        yield running


async def post(site: HttpSite, behaviour: Behaviour = SUCCESS, secret: str | None = None) -> object:
    site.behaviours = [behaviour]
    endpoint = _endpoint(site.url, secret, _patience(behaviour))
    try:
        return await endpoint.post(RECORD, KEY)
    finally:
        await endpoint.close()


def _endpoint(url: str | None, secret: str | None = None, timeout: float = 10.0) -> PhpEndpoint:
    config = ForwardConfig(save_url=url, secret=secret, timeout=timeout)
    return PhpEndpoint(config, HandClock())


async def test_a_record_is_posted_as_json_under_its_key(site: HttpSite) -> None:
    assert await post(site) == Accepted()
    (request,) = site.requests
    assert (request.method, json.loads(request.body)) == ("POST", RECORD)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == KEY
    assert "x-signature" not in request.headers


async def test_the_signature_covers_time_and_body(site: HttpSite) -> None:
    await post(site, secret="s3cret")
    (request,) = site.requests
    timestamp = request.headers["x-timestamp"]
    assert int(timestamp) == int(HandClock().now().timestamp())
    signed = timestamp.encode() + b"." + request.body
    digest = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert request.headers["x-signature"] == f"v1={digest}"


def _patience(behaviour: Behaviour) -> float:
    """Seconds: little only where nothing will come, for the machine may be busy."""
    return 1.0 if behaviour in {hangs, drips} else 10.0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"success": true}', Accepted),
        (b'\xef\xbb\xbf {"success": true}\n', Accepted),
        (b'{"success": false, "message": "Missing"}', Refused),
        (b'{"success": "true"}', Refused),
        (b'{"success": 1}', Refused),
        (b"{}", Refused),
        (b"[true]", Refused),
        (b"true", Refused),
        (b"", Unanswered),
        (b"\n", Unanswered),
        (b"<html>Maintenance</html>", Refused),
        (b"\xff\xfe\x00", Refused),
        (b"[" * 60_000, Refused),
        (b'<b>Warning</b>: x in y on line 3 {"success": true}', Unanswered),
    ],
)
async def test_only_a_json_object_that_says_so_is_a_success(
    site: HttpSite, raw: bytes, expected: type
) -> None:
    assert isinstance(await post(site, answers(raw=raw)), expected)


async def test_the_reason_of_a_refusal_is_kept(site: HttpSite) -> None:
    body = {"success": False, "message": "Missing field: user_id"}
    assert await post(site, answers(body=body)) == Refused("success: false: Missing field: user_id")


async def test_what_no_database_takes_is_no_part_of_a_reason(site: HttpSite) -> None:
    raw = b'{"success": false, "message": "bad \\ud800 and \\u0000 end"}'
    assert await post(site, answers(raw=raw)) == Refused(
        "success: false: bad \ufffd and \ufffd end"
    )


@pytest.mark.parametrize("status", [400, 401, 408, 429, 500, 503])
async def test_an_error_status_is_told_with_its_message(site: HttpSite, status: int) -> None:
    body = {"success": False, "message": "no"}
    assert await post(site, answers(status, body)) == Rejected(status, f"{status}: no")


async def test_an_error_page_has_no_message(site: HttpSite) -> None:
    assert await post(site, answers(503, raw=b"<html>")) == Rejected(503, "503: no message")


async def test_a_gateway_that_stopped_waiting_does_not_say_that_it_was_not_applied(
    site: HttpSite,
) -> None:
    assert await post(site, answers(504, raw=b"<html>")) == Unanswered("504: no message")


async def test_retry_after_is_understood_in_both_its_forms(site: HttpSite) -> None:
    later = format_datetime(HandClock().now() + timedelta(seconds=90), usegmt=True)
    for value, expected in (("7", 7.0), (later, 90.0), ("soon", None), ("-3", None)):
        outcome = await post(site, answers(429, {}, headers={"Retry-After": value}))
        assert isinstance(outcome, Rejected)
        assert outcome.retry_after == expected


async def test_a_retry_after_in_the_past_means_now(site: HttpSite) -> None:
    past = "Wed, 21 Oct 2015 07:28:00 GMT"
    outcome = await post(site, answers(503, {}, headers={"Retry-After": past}))
    assert isinstance(outcome, Rejected)
    assert outcome.retry_after == 0.0


async def test_a_redirect_is_not_followed(site: HttpSite) -> None:
    outcome = await post(site, answers(301, {}, headers={"Location": site.url}))
    assert isinstance(outcome, Refused)
    assert "TRACKING_SAVE_URL" in outcome.error
    assert len(site.requests) == 1


async def test_nobody_listening_means_not_sent(site: HttpSite) -> None:
    url = site.url
    await site.__aexit__()
    endpoint = _endpoint(url)
    assert isinstance(await endpoint.post(RECORD, KEY), NotSent)
    await endpoint.close()


@pytest.mark.parametrize("behaviour", [drops, hangs, breaks_off, drips])
async def test_sent_without_a_whole_answer_may_have_been_applied(
    site: HttpSite, behaviour: Behaviour
) -> None:
    assert isinstance(await post(site, behaviour), Unanswered)
    assert len(site.requests) == 1


async def test_an_endless_answer_is_read_up_to_a_limit(site: HttpSite) -> None:
    outcome = await post(site, answers(raw=b"x" * 10_000_000))
    assert outcome == Refused("the answer is no JSON object")


async def test_every_record_gets_a_connection_of_its_own(site: HttpSite) -> None:
    site.behaviours = [answers(body={"success": True}, headers={"Connection": "keep-alive"}), drops]
    endpoint = _endpoint(site.url)
    assert await endpoint.post(RECORD, KEY) == Accepted()
    site.behaviours = [SUCCESS]
    assert await endpoint.post(RECORD, KEY) == Accepted()
    await endpoint.close()


@pytest.mark.parametrize(
    ("behaviour", "knows"),
    [
        (answers(204, raw=b"", headers={"X-Tracking-Key": "session_uuid, seq"}), True),
        (answers(200, raw=b""), False),
        (answers(405, raw=b""), False),
        (answers(502, raw=b""), None),
        (drops, None),
        (hangs, None),
    ],
    ids=["ours", "old", "no such method", "gateway", "drops", "hangs"],
)
async def test_an_endpoint_says_itself_whether_it_knows_the_key(
    site: HttpSite, behaviour: Behaviour, *, knows: bool | None
) -> None:
    site.behaviours = [behaviour]
    endpoint = _endpoint(site.url, timeout=_patience(behaviour))
    assert await endpoint.knows_key() is knows
    assert site.requests[0].method == "OPTIONS"
    await endpoint.close()


@pytest.mark.parametrize("url", [None, "", "save.php", "ftp://h/x", "http://", "http://[::1/x"])
def test_an_address_that_is_none_is_refused(url: str | None) -> None:
    with pytest.raises(DeliveryError):
        _endpoint(url)
