"""The WHIP endpoint over real HTTP, with a placement that answers by itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from rtc_server.base.config import MetricsConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.metrics.meter import Meter
from signaling.app import make_routes
from signaling.settings import load
from tests.fakes.front import IDS, SDP, Front, front_of
from tests.fakes.site import TOKEN_SETTINGS, bearer, token

MESSAGES = Path(__file__).parents[2] / "data" / "messages"
ORIGIN = "https://learn.example.org"
SETTINGS_GIVEN = {
    "ALLOWED_ORIGINS": ORIGIN,
    "MAX_SESSIONS": "3",
    "TURN_URLS": "turn:turn.example.org:3478, turns:turn.example.org:443?transport=tcp",
    "TURN_SECRET": "hush",
}


@pytest.fixture
def app(request: pytest.FixtureRequest) -> web.Application:
    """``request.param``: the public address, where the test gives one."""
    public = {"PYTHON_SERVICE_URL": request.param} if hasattr(request, "param") else {}
    return make_routes(load(SETTINGS_GIVEN | public))


@pytest.fixture
def guarded() -> web.Application:
    return make_routes(load(SETTINGS_GIVEN | TOKEN_SETTINGS))


@pytest.fixture
def switched_off() -> web.Application:
    return make_routes(load({"ENABLE_BROWSER_EYE_STREAMING": "0"}))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


async def code_of(response: ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["status"] == response.status
    return response.status, problem["code"]


@pytest.mark.parametrize(
    ("app", "path"),
    [
        ("https://learn.example.org/eyes/", "/eyes/whip/"),
        ("https://learn.example.org/a/b", "/a/b/whip/"),
        ("https://eyes.example.org/", "/whip/"),
    ],
    indirect=["app"],
)
async def test_a_resource_is_where_the_proxy_has_the_service(front: Front, path: str) -> None:
    assert (await front.offer()).headers["Location"].startswith(path)
    attach = {"v": 1, "type": "attach", "user_id": "8", "module_id": "3"}
    async with front.http.post("/api/attach", json=attach) as response:
        assert (await response.json())["resource"].startswith(path)
    async with front.http.ws_connect("/ws/frames") as socket:
        await socket.send_json(attach | {"user_id": "9"})
        assert (await socket.receive_json())["resource"].startswith(path)


async def test_an_offer_is_answered_with_201_and_a_secret_location(front: Front) -> None:
    response = await front.offer()
    assert response.status == 201
    assert response.content_type == "application/sdp"
    assert await response.text() == "v=0 answer"
    location = response.headers["Location"]
    session_id = response.headers["Session-Id"]
    assert location.startswith("/whip/")
    assert session_id not in location
    assert front.placement.opened[0].identity.session_id == session_id
    assert len(response.headers["Resume-Token"]) >= 32


async def test_links_name_ice_servers_with_credentials_of_the_session(front: Front) -> None:
    links = (await front.offer()).headers.getall("Link")
    assert [link.split(";")[0] for link in links] == [
        "<turn:turn.example.org:3478>",
        "<turns:turn.example.org:443?transport=tcp>",
    ]
    assert 'rel="ice-server"' in links[0]
    assert 'credential-type="password"' in links[0]
    others = (await front.offer("/whip?user_id=8&module_id=3")).headers.getall("Link")
    assert others != links
    listed = await (await front.http.get("/api/ice-servers")).json()
    assert listed["ice_servers"][0]["urls"][0] == "turn:turn.example.org:3478"
    assert front.placement.opened[0].ice_servers[0].username


async def test_delete_ends_the_session_and_may_be_repeated(front: Front) -> None:
    created = await front.offer()
    for _ in range(2):
        assert (await front.http.delete(created.headers["Location"])).status == 200
    assert front.placement.ended[0] == (created.headers["Session-Id"], EndReason.CLIENT_BYE)


async def test_delete_tells_how_the_session_ended(front: Front) -> None:
    created = await front.offer()
    ended = await (await front.http.delete(created.headers["Location"])).json()
    assert ended == {
        "session_id": created.headers["Session-Id"],
        "state": "ended",
        "end_reason": "client_bye",
        "summary": {},
    }


async def test_a_closing_page_can_say_bye_by_beacon(front: Front) -> None:
    created = await front.offer()
    response = await front.http.post(created.headers["Location"] + "/bye")
    assert response.status == 200
    assert front.placement.ended


async def test_delete_of_an_unknown_resource_is_404(front: Front) -> None:
    response = await front.http.delete("/whip/nobody")
    assert await code_of(response) == (404, "session_not_found")


async def test_a_newer_session_of_the_same_student_and_section_replaces_the_older(
    front: Front,
) -> None:
    first = await front.offer()
    await front.offer("/whip?user_id=8&module_id=3&section_id=2")
    assert not front.placement.ended
    await front.offer()
    assert front.placement.ended == [(first.headers["Session-Id"], EndReason.REPLACED)]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("/whip?module_id=3", "bad_user_id"),
        ("/whip?user_id=7", "bad_module_id"),
        ("/whip?user_id=7&module_id=%0a", "bad_module_id"),
        (f"/whip?user_id={'7' * 65}&module_id=3", "bad_user_id"),
    ],
)
async def test_an_offer_without_ids_is_400(front: Front, url: str, code: str) -> None:
    assert await code_of(await front.offer(url)) == (400, code)


async def test_another_media_type_is_415(front: Front) -> None:
    response = await front.http.post(IDS, json={})
    assert await code_of(response) == (415, "unsupported_media_type")


async def test_an_offer_that_is_too_large_is_400(front: Front) -> None:
    response = await front.offer(body="v" * (64 * 1024 + 1))
    assert await code_of(response) == (400, "sdp_too_large")


async def test_bytes_that_are_no_text_are_400(front: Front) -> None:
    response = await front.http.post(IDS, data=b"\xff\xfe", headers=SDP)
    assert await code_of(response) == (400, "sdp_malformed")


async def test_a_refused_offer_is_422_with_its_code(front: Front) -> None:
    assert await code_of(await front.offer(body="refuse")) == (422, "sdp_no_video")


async def test_one_session_too_many_is_503_with_retry_after(front: Front) -> None:
    for user in range(3):
        await front.offer(f"/whip?user_id={user}&module_id=3")
    response = await front.offer("/whip?user_id=99&module_id=3")
    assert int(response.headers["Retry-After"]) > 0
    assert await code_of(response) == (503, "overloaded")


async def test_who_takes_the_place_of_an_own_session_is_none_too_many(front: Front) -> None:
    for user in range(3):
        await front.offer(f"/whip?user_id={user}&module_id=3")
    again = await front.offer("/whip?user_id=2&module_id=3")
    assert again.status == 201
    assert front.placement.load() == 3


async def test_resume_takes_the_token_and_gets_a_resource_of_its_own(front: Front) -> None:
    created = await front.offer()
    session_id, token = created.headers["Session-Id"], created.headers["Resume-Token"]
    url = f"/whip?session_id={session_id}"
    assert await code_of(await front.offer(url)) == (404, "session_not_found")
    resumed = await front.offer(url, **{"Resume-Token": token})
    assert resumed.status == 201
    assert resumed.headers["Session-Id"] == session_id
    assert front.placement.opened[-1].resumed
    assert resumed.headers["Location"] != created.headers["Location"]
    assert (await front.http.delete(resumed.headers["Location"])).status == 200


async def test_the_older_resource_still_ends_the_session_but_takes_no_candidates(
    front: Front,
) -> None:
    created = await front.offer()
    session_id, token = created.headers["Session-Id"], created.headers["Resume-Token"]
    await front.offer(f"/whip?session_id={session_id}", **{"Resume-Token": token})
    older = created.headers["Location"]
    for tag in (created.headers["ETag"], "*"):
        refused = await patch(front, older, **{"If-Match": tag})
        assert await code_of(refused) == (412, "precondition_failed")
    assert (await front.http.post(older + "/bye")).status == 200
    assert front.placement.ended == [(session_id, EndReason.CLIENT_BYE)]


FRAGMENT = "a=ice-ufrag:EsAw\r\na=mid:0\r\na=end-of-candidates\r\n"


async def patch(
    front: Front, location: str, body: str = FRAGMENT, **headers: str
) -> ClientResponse:
    kind = {"Content-Type": "application/trickle-ice-sdpfrag"}
    return await front.http.patch(location, data=body, headers=kind | headers)


async def test_candidates_trickle_with_the_resources_tag(front: Front) -> None:
    created = await front.offer()
    response = await patch(
        front, created.headers["Location"], **{"If-Match": created.headers["ETag"]}
    )
    assert response.status == 204
    assert front.placement.fragments == [(created.headers["Session-Id"], FRAGMENT)]


async def test_candidates_without_the_tag_are_428_and_with_another_412(front: Front) -> None:
    location = (await front.offer()).headers["Location"]
    assert await code_of(await patch(front, location)) == (428, "precondition_required")
    wrong = await patch(front, location, **{"If-Match": '"another"'})
    assert await code_of(wrong) == (412, "precondition_failed")
    assert not front.placement.fragments


async def test_an_empty_fragment_is_fine_without_a_tag(front: Front) -> None:
    location = (await front.offer()).headers["Location"]
    assert (await patch(front, location, "")).status == 204


async def test_a_restart_is_422_and_the_session_goes_on(front: Front) -> None:
    created = await front.offer()
    response = await patch(front, created.headers["Location"], "restart", **{"If-Match": "*"})
    assert await code_of(response) == (422, "ice_restart_unsupported")
    assert not front.placement.ended


async def test_a_restart_is_answered_with_our_fragment_and_another_tag(front: Front) -> None:
    created = await front.offer()
    location, tag = created.headers["Location"], created.headers["ETag"]
    asked = "a=ice-ufrag:theirs\r\na=ice-pwd:1234567890123456789012\r\n"
    for any_tag in ("*", '"*"'):
        response = await patch(front, location, asked, **{"If-Match": any_tag})
        assert response.status == 200
        assert response.content_type == "application/trickle-ice-sdpfrag"
        assert (await response.text()).startswith("a=ice-ufrag:ours")
        assert response.headers["ETag"] != tag
    trickled = {"If-Match": response.headers["ETag"]}
    assert (await patch(front, location, **trickled)).status == 204
    late = await patch(front, location, **{"If-Match": tag})
    assert await code_of(late) == (412, "precondition_failed")


async def test_a_restart_with_another_tag_is_412(front: Front) -> None:
    location = (await front.offer()).headers["Location"]
    asked = "a=ice-ufrag:theirs\r\na=ice-pwd:1234567890123456789012\r\n"
    refused = await patch(front, location, asked, **{"If-Match": '"another"'})
    assert await code_of(refused) == (412, "precondition_failed")


async def test_a_patch_of_an_unknown_session_is_404(front: Front) -> None:
    assert await code_of(await patch(front, "/whip/nobody")) == (404, "session_not_found")


async def test_a_patch_of_another_type_is_415(front: Front) -> None:
    location = (await front.offer()).headers["Location"]
    response = await front.http.patch(location, data="x", headers=SDP)
    assert await code_of(response) == (415, "unsupported_media_type")


async def test_the_resource_tells_its_state_and_what_it_takes(front: Front) -> None:
    created = await front.offer()
    body = await (await front.http.get(created.headers["Location"])).json()
    assert body["session_id"] == created.headers["Session-Id"]
    assert body["state"] == "new"
    options = await front.http.options(created.headers["Location"])
    assert options.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"


async def test_events_stream_what_the_session_says_until_its_summary(front: Front) -> None:
    created = await front.offer()
    session_id = created.headers["Session-Id"]
    async with front.http.get(
        created.headers["Location"] + "/events", headers={"Origin": ORIGIN}
    ) as stream:
        assert stream.content_type == "text/event-stream"
        assert stream.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert front.placement.watched == {session_id: True}
        for name in ("metrics", "summary"):
            text = json.dumps(json.loads((MESSAGES / f"{name}.json").read_text()))
            front.placement.mailboxes.put(session_id, text)
        lines = (await stream.read()).decode().split("\n\n")
    assert [json.loads(line.removeprefix("data: "))["type"] for line in lines[:-1]] == [
        "metrics",
        "summary",
    ]
    assert front.placement.watched == {session_id: False}


async def events_of(front: Front, location: str) -> list[dict[str, object]]:
    """All events until the stream has ended, by itself."""
    async with front.http.get(location + "/events") as stream:
        events = (await stream.read()).decode().split("\n\n")[:-1]
    return [json.loads(event.removeprefix("data: ")) for event in events]


def settled() -> dict[str, object]:
    return asdict(Meter(MetricsConfig()).finish(0.0))


async def test_events_end_with_the_summary_of_a_session_that_was_ended_elsewhere(
    front: Front,
) -> None:
    created = await front.offer()
    location, session_id = created.headers["Location"], created.headers["Session-Id"]
    streaming = asyncio.create_task(events_of(front, location))
    await front.placement.is_watched.wait()
    await front.store.sessions.end(session_id, 1, EndReason.WORKER_LOST, settled())
    (summary,) = await streaming
    assert (summary["type"], summary["end_reason"]) == ("summary", "worker_lost")
    assert await events_of(front, location) == [summary]


async def test_events_end_when_the_session_is_erased(front: Front) -> None:
    created = await front.offer()
    location, session_id = created.headers["Location"], created.headers["Session-Id"]
    streaming = asyncio.create_task(events_of(front, location))
    await front.placement.is_watched.wait()
    await front.store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, settled())
    await front.store.retention.erase("7")
    assert await streaming == []


async def test_events_follow_the_session_to_another_worker(front: Front) -> None:
    created = await front.offer()
    location, session_id = created.headers["Location"], created.headers["Session-Id"]
    streaming = asyncio.create_task(events_of(front, location))
    await front.placement.is_watched.wait()
    front.placement.is_watched.clear()  # the next worker knows nothing of who listens
    await front.placement.is_watched.wait()
    for name in ("metrics", "summary"):
        text = json.dumps(json.loads((MESSAGES / f"{name}.json").read_text()))
        front.placement.mailboxes.put(session_id, text)
    assert [event["type"] for event in await streaming] == ["metrics", "summary"]


async def test_options_names_the_type_to_post(front: Front) -> None:
    response = await front.http.options("/whip")
    assert response.headers["Accept-Post"] == "application/sdp"


async def test_options_gives_ice_servers_to_who_may_offer(
    front: Front, guarded: web.Application, tmp_path: Path
) -> None:
    assert len((await front.http.options("/whip")).headers.getall("Link")) == 2
    async with front_of(guarded, tmp_path) as closed:
        stranger = await closed.http.options("/whip")
        assert stranger.headers["Accept-Post"] == "application/sdp"
        assert "Link" not in stranger.headers
        student = await closed.http.options("/whip", headers=bearer(token()))
        assert len(student.headers.getall("Link")) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_the_endpoint_takes_offers_only(front: Front, method: str) -> None:
    response = await front.http.request(method, "/whip")
    assert response.status == 405
    assert response.headers["Allow"] == "OPTIONS,POST"


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
async def test_a_resource_takes_what_whip_has_for_it(front: Front, method: str) -> None:
    location = (await front.offer()).headers["Location"]
    response = await front.http.request(method, location)
    assert response.status == 405
    assert response.headers["Allow"] == "DELETE,GET,OPTIONS,PATCH"


async def test_a_tag_is_quoted_strong_and_one_of_several_may_match(front: Front) -> None:
    created = await front.offer()
    location, tag = created.headers["Location"], created.headers["ETag"]
    assert tag[0] == tag[-1] == '"'
    for given, status in (
        (f'"other", {tag}', 204),
        (f"W/{tag}", 412),  # If-Match compares strongly (RFC 9110, section 13.1.1)
        (tag.strip('"'), 412),
    ):
        assert (await patch(front, location, **{"If-Match": given})).status == status


async def test_an_allowed_origin_may_call_and_read_the_headers(front: Front) -> None:
    preflight = await front.http.options(
        "/whip", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert int(preflight.headers["Access-Control-Max-Age"]) >= 600
    assert {"PATCH", "DELETE"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "If-Match", "Content-Type"} <= set(
        preflight.headers["Access-Control-Allow-Headers"].split(", ")
    )
    response = await front.offer(Origin=ORIGIN)
    assert response.status == 201
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Location", "ETag", "Link", "Retry-After", "Accept-Post"} <= set(exposed)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://learn.example.org"])
async def test_another_origin_is_refused_before_anything_happens(front: Front, origin: str) -> None:
    assert await code_of(await front.offer(Origin=origin)) == (403, "origin_refused")
    assert not front.placement.opened


async def test_a_problem_is_readable_from_an_allowed_origin(front: Front) -> None:
    response = await front.offer("/whip", Origin=ORIGIN)
    assert response.status == 400
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


async def test_health_has_the_fields_of_the_deployed_service(front: Front) -> None:
    response = await front.http.get("/healthz")
    assert await response.json() == {
        "status": "ok",
        "camera_enabled": False,
        "model": "mediapipe-face-mesh",
        "browser_streaming_enabled": True,
    }


async def test_unknown_paths_and_methods_are_problems_too(front: Front) -> None:
    assert await code_of(await front.http.get("/nothing")) == (404, "not_found")
    response = await front.http.put("/whip")
    assert "POST" in response.headers["Allow"]
    assert await code_of(response) == (405, "method_not_allowed")


async def test_switched_off_every_ingest_is_503_and_health_is_200(
    switched_off: web.Application,
) -> None:
    async with TestClient(TestServer(switched_off)) as http:
        assert (await http.get("/healthz")).status == 200
        response = await http.post(IDS, data="v=0", headers=SDP)
        assert await code_of(response) == (503, "streaming_disabled")
