"""JSON Schemas of the models that operations name, under ``#/components/schemas``."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue

Mode = Literal["validation", "serialization"]
REF = "#/components/schemas/{model}"


class Schemas:
    """Knows each shape in each direction, and its definitions."""

    def __init__(self, shapes: Iterable[tuple[Any, Mode]]) -> None:
        """``shapes``: what is read (``validation``) and what is sent (``serialization``)."""
        wanted = [(shape, mode) for shape, mode in shapes if shape is not None]
        given = [(repr(shape), mode, TypeAdapter[Any](shape)) for shape, mode in wanted]
        self._by_shape, defined = TypeAdapter.json_schemas(given, ref_template=REF)
        self.components: dict[str, Any] = defined.get("$defs", {})

    def of(self, shape: object, mode: Mode) -> JsonSchemaValue:
        """A reference to the shape's schema, or the schema itself."""
        return self._by_shape[(repr(shape), mode)]


def parameters_of(model: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a pydantic model or None
    """The query's parameters, one for each field of ``model``."""
    if model is None:
        return []
    schema = TypeAdapter[Any](model).json_schema(ref_template=REF)
    definitions = schema.get("$defs", {})
    required = schema.get("required", [])
    return [
        _parameter(name, field, definitions) | {"required": name in required}
        for name, field in schema["properties"].items()
    ]


def _parameter(name: str, field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    described = {"description": field["description"]} if "description" in field else {}
    schema = _in_a_query(field, definitions)
    return {"name": name, "in": "query", **described, "schema": schema}


def _in_a_query(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A field's schema without ``null``, which a query cannot say, and without references."""
    choices = [one for one in field.get("anyOf", [field]) if one.get("type") != "null"]
    (schema,) = choices
    reference = schema.get("$ref")
    found = definitions[reference.rpartition("/")[2]] if reference else schema
    drop = {"title", "description"} | ({"default"} if field.get("default") is None else set())
    return {key: value for key, value in {**field, **found}.items() if key not in {*drop, "anyOf"}}
