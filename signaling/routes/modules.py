"""``/api/modules/{module_id}/comparison``: how the sessions of a module compare, for staff."""

from aiohttp import web

from rtc_server.store.model import SessionState
from signaling.app_keys import SETTINGS, STORE
from signaling.http.errors import BadRequest, Forbidden
from signaling.http.request import is_id
from signaling.http.response import NOT_STORED, json_answer
from signaling.openapi.operation import Who, json_of, operation, refusal
from signaling.openapi.refusals import STORE as NO_STORE
from signaling.reports.comparison import Comparison, compare
from signaling.routes.viewer import require_staff

MOST = 5000
"""Sessions that are compared: the newest of the module."""


def add(app: web.Application) -> None:
    """Add the comparison."""
    app.router.add_get("/api/modules/{module_id}/comparison", comparison)


@operation(
    Who.STAFF,
    {200: json_of(Comparison)},
    refusal(Forbidden),
    refusal(BadRequest, "bad_module_id"),
    NO_STORE,
)
async def comparison(request: web.Request) -> web.Response:
    """Quartiles of the module and of its sections; groups that are too small say only that."""
    viewer = require_staff(request)
    module_id = request.match_info["module_id"]
    if not is_id(module_id):
        raise BadRequest("module_id is no id", code="bad_module_id")
    if not viewer.may_see_module(module_id):
        raise Forbidden
    rows = await request.app[STORE].sessions.find(
        module_id=module_id, state=SessionState.ENDED, limit=MOST
    )
    least = request.app[SETTINGS].min_group_size
    body = Comparison(module_id=module_id, least_students=least, groups=compare(rows, least))
    return json_answer(body, headers=NOT_STORED)
