"""Makes the OpenAPI 3.1 document of an application's routes."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web
from aiohttp.web_urldispatcher import AbstractRoute, StaticResource

from signaling.http.errors import PROBLEM_JSON, Problem, status_for
from signaling.openapi.operation import Content, Operation, Refusal, Who, operation_of
from signaling.openapi.refusals import BY_WHO, EVERYWHERE
from signaling.openapi.schemas import Mode, Schemas, parameters_of

PROBLEM = Content(PROBLEM_JSON, Problem)
SCHEMES = {
    Who.STUDENT: ("sessionToken",),
    Who.OWNER: ("sessionToken", "staffToken"),
    Who.STAFF: ("staffToken",),
}
EVENTS = "text/event-stream"
"""Its schema would be that of the whole stream; ``x-event`` is that of each event's data."""
TOO_LARGE = "request_entity_too_large"
"""aiohttp's own refusal of a body over its limit."""
SENTENCES: Mapping[Who, str] = {
    Who.URL: "The URL is a secret: it is all that this takes.",
    Who.OWNER: "For staff, and for the student whose it is.",
    Who.STAFF: "For staff.",
}


@dataclass(frozen=True, slots=True)
class About:
    """What the document says of the service as a whole."""

    title: str
    version: str
    description: str
    url: str
    needs_token: bool
    """Whether students need a session token here."""


@dataclass(frozen=True, slots=True)
class _Described:
    method: str
    path: str
    handler: Callable[..., Any]
    operation: Operation


def document(app: web.Application, about: About) -> dict[str, Any]:
    """The document; raises ``ValueError`` for a route whose handler says nothing of itself."""
    routes = list(_described(app.router.routes()))
    schemas = Schemas([*_shapes(routes), (Problem, "serialization")])
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        told = _operation(route, schemas, about)
        paths.setdefault(route.path, {})[route.method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
        },
        "servers": [{"url": about.url}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": _security_schemes(),
        },
    }


def _described(routes: Iterable[AbstractRoute]) -> Iterator[_Described]:
    for route in routes:
        resource = route.resource
        if (
            resource is None
            or isinstance(resource, StaticResource)
            or route.method == hdrs.METH_HEAD
        ):
            continue
        operation = operation_of(route.handler)
        if operation is None:
            raise ValueError(f"{route.method} {resource.canonical} is not described")
        yield _Described(route.method, resource.canonical, route.handler, operation)


def _shapes(routes: Iterable[_Described]) -> Iterator[tuple[Any, Mode]]:
    seen = set()
    for route in routes:
        operation = route.operation
        told = [*operation.answers.values(), operation.refused_as]
        shapes: list[tuple[Any, Mode]] = [(one.shape, "serialization") for one in told if one]
        if operation.body is not None:
            shapes.append((operation.body.shape, "validation"))
        for shape, mode in shapes:
            if (repr(shape), mode) not in seen:
                seen.add((repr(shape), mode))
                yield shape, mode


def _operation(route: _Described, schemas: Schemas, about: About) -> dict[str, Any]:
    operation = route.operation
    summary, description = _texts(route.handler)
    told: dict[str, Any] = {
        "operationId": _id_of(route),
        "tags": [route.handler.__module__.rpartition(".")[2]],
        "summary": summary,
        "description": " ".join([description, SENTENCES.get(operation.who, "")]).strip(),
        "parameters": [
            *map(_path_parameter, re.findall(r"{(\w+)}", route.path)),
            *parameters_of(operation.query),
            *(_header_parameter(name, text) for name, text in operation.headers.items()),
        ],
        "responses": _responses(operation, schemas),
        "security": _security(operation.who, about),
    }
    if operation.body is not None:
        content = _content(operation.body, schemas, "validation")
        told["requestBody"] = {"required": True, "content": content}
    return told


def _id_of(route: _Described) -> str:
    words = f"{route.method} {route.path}".lower()
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")


def _texts(handler: Callable[..., Any]) -> tuple[str, str]:
    """The handler's docstring in Markdown: its first line, and the rest but what it raises."""
    head, *rest = (inspect.getdoc(handler) or "").replace("``", "`").split("\n\n")
    told = [part.replace("\n", " ") for part in rest if not part.startswith("Raises ")]
    return head.strip().rstrip("."), "\n\n".join(told)


def _security(who: Who, about: About) -> list[dict[str, list[str]]]:
    needed = [{scheme: list[str]()} for scheme in SCHEMES.get(who, ())]
    return needed if about.needs_token else [*needed, {}]


def _responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    headers = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in operation.tells.items()
    }
    responses: dict[str, Any] = {}
    for status, content in sorted(operation.answers.items()):
        told: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if headers:
            told["headers"] = headers
        if content is not None:
            told["content"] = _content(content, schemas, "serialization")
        responses[str(status)] = told
    for status, codes in sorted(_codes(operation).items()):
        responses[str(status)] = _refused(operation, schemas, codes, responses.get(str(status)))
    return responses


def _codes(operation: Operation) -> dict[int, list[str]]:
    """The codes of all refusals, by status."""
    found: dict[int, list[str]] = {}
    given: list[Refusal] = [*EVERYWHERE, *BY_WHO[operation.who], *operation.refusals]
    for refusal in given:
        for code in refusal.codes:
            codes = found.setdefault(status_for(refusal.kind, code), [])
            if code not in codes:
                codes.append(code)
    if operation.body is not None:
        found.setdefault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, []).append(TOO_LARGE)
    return found


def _refused(
    operation: Operation, schemas: Schemas, codes: list[str], answer: dict[str, Any] | None
) -> dict[str, Any]:
    """One response for all refusals of a status; it may be an answer's status, too."""
    content = _content(PROBLEM, schemas, "serialization")
    if operation.refused_as is not None:
        content |= _content(operation.refused_as, schemas, "serialization")
    known = ", ".join(f"`{code}`" for code in codes)
    if answer is not None:
        return answer | {"content": answer.get("content", {}) | content}
    return {"description": f"Refused; `code` is one of {known}.", "content": content}


def _content(content: Content, schemas: Schemas, mode: Mode) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    if content.shape is None:
        return {content.media_type: text if content.is_text else {}}
    schema = schemas.of(content.shape, mode)
    if content.media_type == EVENTS:
        return {content.media_type: {**text, "x-event": schema}}
    return {content.media_type: {"schema": schema}}


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _header_parameter(name: str, text: str) -> dict[str, Any]:
    parameter = {"name": name, "in": "header", "description": text}
    return parameter | {"schema": {"type": "string"}}


def _security_schemes() -> dict[str, Any]:
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    student = "A session token that the site minted for a student: one session, 5 minutes."
    staff = "A token with `role: staff`, which may be limited by `module_ids`."
    return {
        "sessionToken": {**bearer, "description": student},
        "staffToken": {**bearer, "description": staff},
    }
