"""Holds every answer of an application to what its OpenAPI document says."""

import json
from typing import Any

from aiohttp import hdrs, web
from jsonschema import Draft202012Validator

from signaling.routes import openapi

Document = dict[str, Any]


async def document_of(app: web.Application) -> Document:
    """What ``/openapi.json`` of ``app`` says."""
    routes = (route for route in app.router.routes() if route.resource is not None)
    (route,) = (
        route
        for route in routes
        if route.handler.__module__ == openapi.__name__ and route.method == "GET"
    )
    answer: web.Response = await route.handler(None)  # type: ignore[assignment,arg-type]  # it looks at no request
    assert answer.text is not None
    document: Document = json.loads(answer.text)
    return document


def hold_to_its_document(app: web.Application) -> None:
    """From now on an answer that the document does not name is a failure."""
    kept: list[Document] = []

    async def check(request: web.Request, response: web.StreamResponse) -> None:
        if not kept:
            kept.append(await document_of(app))
        resource = request.match_info.route.resource
        operation = None
        if resource is not None:
            operation = kept[0]["paths"].get(resource.canonical, {}).get(request.method.lower())
        if operation is not None and hdrs.ACCESS_CONTROL_REQUEST_METHOD not in request.headers:
            assert_documented(kept[0], operation, response)

    app.on_response_prepare.append(check)


def assert_documented(
    document: Document, operation: dict[str, Any], response: web.StreamResponse
) -> None:
    """Status, media type and the shape of a JSON body are those of the document."""
    name = operation["operationId"]
    told = operation["responses"].get(str(response.status))
    assert told is not None, f"{name} does not say that it answers {response.status}"
    body = response.body if isinstance(response, web.Response) else None
    if not body:
        return
    content = told.get("content", {})
    assert response.content_type in content, f"{name}: {response.status} {response.content_type}"
    if response.content_type.endswith("json"):
        schema = content[response.content_type]["schema"]
        whole = {**schema, "components": document["components"]}
        Draft202012Validator(whole).validate(json.loads(bytes(body)))  # type: ignore[arg-type]
