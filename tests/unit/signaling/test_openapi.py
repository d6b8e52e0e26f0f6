"""The OpenAPI document: whole, valid, and made of the routes themselves."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.web_urldispatcher import StaticResource
from openapi_spec_validator import validate

from rtc_server.metrics import wire
from signaling.app import make_routes
from signaling.openapi.document import About, document
from signaling.settings import load
from tests.fakes.documented import Document, document_of
from tests.fakes.front import front_of
from tests.fakes.site import TOKEN_SETTINGS

ABOUT = About("Something", "1", "", "/", needs_token=False)


@pytest.fixture
def app() -> web.Application:
    return make_routes(load(TOKEN_SETTINGS))


@pytest.fixture
async def told(app: web.Application) -> Document:
    return await document_of(app)


def test_it_is_valid_openapi(told: Document) -> None:
    validate(told)


def test_it_has_every_route(app: web.Application, told: Document) -> None:
    routes = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None
        and not isinstance(route.resource, StaticResource)
        and route.method != "HEAD"  # aiohttp answers it wherever there is a GET
    }
    assert {(path, method) for path, there in told["paths"].items() for method in there} == routes


def test_every_operation_says_what_it_is_and_how_it_refuses(told: Document) -> None:
    operations = [one for there in told["paths"].values() for one in there.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert one["summary"]
        assert "``" not in one["description"]
        statuses = set(map(int, one["responses"]))
        assert any(status < 300 for status in statuses), one["operationId"]
        assert 403 in statuses  # what every operation may answer
        assert 500 not in statuses


def test_refusals_are_grouped_by_status_and_name_their_codes(told: Document) -> None:
    responses = told["paths"]["/whip"]["post"]["responses"]
    assert {"201", "400", "401", "403", "415", "422", "429", "503"} <= set(responses)
    assert "`token_used`" in responses["401"]["description"]
    assert "`sdp_no_video`" in responses["422"]["description"]
    content = responses["422"]["content"]["application/problem+json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_query_is_that_of_the_model(told: Document) -> None:
    parameters = {one["name"]: one for one in told["paths"]["/api/sessions"]["get"]["parameters"]}
    assert parameters["limit"]["schema"] == {
        "type": "integer", "minimum": 1, "maximum": 500, "default": 100
    }  # fmt: skip
    assert "ended" in parameters["state"]["schema"]["enum"]
    assert parameters["before"]["schema"] == {"type": "number"}


def test_messages_are_those_of_the_protocol(told: Document) -> None:
    schema = told["components"]["schemas"]["Calibrate"]
    expected = wire.Calibrate.model_json_schema()
    assert schema["properties"].keys() == expected["properties"].keys()
    assert schema["description"] == expected["description"]


def test_a_stream_says_what_its_events_are(told: Document) -> None:
    answer = told["paths"]["/whip/{resource}/events"]["get"]["responses"]["200"]
    stream = answer["content"]["text/event-stream"]
    assert stream["schema"] == {"type": "string"}
    assert {"$ref": "#/components/schemas/Summary"} in stream["x-event"]["oneOf"]


@pytest.mark.parametrize(
    ("settings", "security"),
    [(TOKEN_SETTINGS, [{"sessionToken": []}]), ({}, [{"sessionToken": []}, {}])],
)
def test_it_says_whether_a_token_is_needed(
    settings: dict[str, str], security: list[dict[str, list[str]]]
) -> None:
    told = asyncio.run(document_of(make_routes(load(settings))))
    assert told["paths"]["/whip"]["post"]["security"] == security


def test_a_route_that_says_nothing_of_itself_is_an_error() -> None:
    async def silent(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/silent", silent)
    with pytest.raises(ValueError, match="GET /silent is not described"):
        document(app, ABOUT)


async def test_it_is_served(app: web.Application, told: Document, tmp_path: Path) -> None:
    async with front_of(app, tmp_path) as front:
        answer = await front.http.get("/openapi.json")
        assert answer.status == 200
        assert answer.content_type == "application/json"
        assert await answer.json() == told
