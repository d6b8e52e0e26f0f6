"""Write docs/protocol.md from the message models: ``python -m scripts.protocol``."""

import inspect
import json
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from rtc_server.metrics import wire

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "protocol.md"
FIXTURES = ROOT / "tests" / "data" / "messages"

CONTAINERS = {tuple: "[{}]", list: "list of {}", dict: "object of {}"}
HEAD = (ROOT / "docs" / "protocol.head.md").read_text()

PARTS: tuple[type[BaseModel], ...] = (
    wire.HeadPose,
    wire.Quality,
    wire.RunningMetrics,
    wire.Point,
)


def render() -> str:
    """The whole document."""
    parts = [HEAD.rstrip(), "## Messages from the service", *_messages(wire.ServerMessage)]
    parts += ["## Messages from the client", *_messages(wire.ClientMessage)]
    parts += [
        "## Parts",
        *(_section(part) for part in PARTS),
    ]
    return "\n\n".join(parts) + "\n"


def _messages(union: Any) -> list[str]:  # noqa: ANN401 - an annotated union of models
    return [_section(model) for model in get_args(get_args(union)[0])]


def _section(model: type[BaseModel]) -> str:
    fields = {
        name: field for name, field in model.model_fields.items() if name not in {"v", "type"}
    }
    kind = model.model_fields["type"].default if "type" in model.model_fields else model.__name__
    rows = [f"| `{name}` | {_type(field.annotation)} |" for name, field in fields.items()]
    table = ["| Field | Type |", "|---|---|", *rows] if rows else []
    return "\n".join(
        [f"### `{kind}`", "", inspect.cleandoc(model.__doc__ or ""), "", *table, *_example(kind)]
    )


def _example(kind: str) -> list[str]:
    path = FIXTURES / f"{kind}.json"
    if not path.is_file():
        return []
    return ["", "```json", json.dumps(json.loads(path.read_text())), "```"]


def _type(annotation: Any) -> str:  # noqa: ANN401 - any type at all
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in arguments)
    if origin in CONTAINERS:
        return CONTAINERS[origin].format(", ".join(map(_type, arguments)))
    if arguments:
        return " or ".join(map(_type, arguments[:1] if origin is Annotated else arguments))
    return _name(annotation)


def _name(annotation: Any) -> str:  # noqa: ANN401 - any type at all
    names = {str: "text", float: "number", int: "integer", bool: "true or false", NoneType: "null"}
    return names.get(annotation) or f"[{annotation.__name__}](#{annotation.__name__.lower()})"


if __name__ == "__main__":
    TARGET.write_text(render())
