"""JSON answers: what is sent is what the OpenAPI document says."""

from collections.abc import Mapping

from aiohttp import hdrs, web
from pydantic import BaseModel

JSON = "application/json"
NOT_STORED: Mapping[str, str] = {hdrs.CACHE_CONTROL: "no-store"}


def json_answer(
    body: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """``body`` as JSON."""
    text = body.model_dump_json()
    return web.Response(status=status, text=text, content_type=JSON, headers=headers)
