"""Calls to a worker as JSON values, whatever carries them: a socket pair or an actor.

A reply is ``{"body": …}`` or ``{"error": …}``. A handler's :class:`RtcServerError` arrives at the
caller as the same class, with its code.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rtc_server.base import errors

Body = dict[str, Any]
Handler = Callable[[Body, bytes], Awaitable[Body | None]]

log = logging.getLogger(__name__)


async def answer(handlers: Mapping[str, Handler], method: str, body: Body, payload: bytes) -> Body:
    """Serve one call; never raises but when cancelled."""
    try:
        return {"body": await handlers[method](body, payload) or {}}
    except errors.RtcServerError as error:
        return {"error": _to_wire(error)}
    except Exception as error:  # the root of a handler's task
        log.exception("the handler of %s failed", method)
        return {"error": _to_wire(errors.RtcServerError(repr(error)))}


def result(reply: Body) -> Body:
    """What the handler returned; raises what it raised."""
    if "error" in reply:
        raise _from_wire(reply["error"])
    body: Body = reply["body"]
    return body


def _to_wire(error: errors.RtcServerError) -> Body:
    return {
        "kind": type(error).__name__,
        "code": error.code,
        "message": str(error),
        "retry_after": getattr(error, "retry_after", None),
    }


def _from_wire(body: Body) -> errors.RtcServerError:
    if body["kind"] == "Overloaded":
        return errors.Overloaded(body["message"], retry_after=body["retry_after"])
    kind = getattr(errors, body["kind"], errors.RtcServerError)
    if kind is errors.SourceEnded:
        kind = errors.RtcServerError
    error: errors.RtcServerError = kind(body["message"], code=body["code"])
    return error
