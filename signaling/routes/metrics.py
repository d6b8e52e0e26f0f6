"""``GET /metrics``: for Prometheus, on this machine or with a staff token."""

from aiohttp import web

from rtc_server.base.clock import SystemClock
from rtc_server.base.errors import StoreError
from rtc_server.store.model import DeliveryState
from rtc_server.store.store import Store
from signaling.app_keys import DOOR, PLACEMENT, REFUSALS, SITE, STORE, SUPERVISOR, TURN
from signaling.openapi.operation import Content, Who, operation
from signaling.reports.prometheus import Exposition, Snapshot
from signaling.routes.viewer import require_local_or_staff

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def add(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/metrics", metrics)


@operation(Who.STAFF, {200: Content("text/plain")})
async def metrics(request: web.Request) -> web.Response:
    """Answer in Prometheus' text format; a store that is away is told, not waited for."""
    require_local_or_staff(request)
    counts, age, aside = await _backlog(request.app[STORE])
    snapshot = Snapshot(
        workers=request.app[PLACEMENT].reports(),
        outbox=counts,
        outbox_age=age,
        aside=aside,
        refusals=request.app[REFUSALS].counts(),
        turn=request.app[TURN].health,
        site=request.app[SITE].health,
        tasks=request.app[SUPERVISOR].health(),
        restarts=request.app[SUPERVISOR].restarts(),
        tcp=request.app[DOOR].outcomes if DOOR in request.app else {},
    )
    headers = {"Content-Type": CONTENT_TYPE}
    return web.Response(body=Exposition(snapshot).text(), headers=headers)


async def _backlog(store: Store) -> tuple[dict[DeliveryState, int] | None, float, int]:
    try:
        counts, oldest = await store.outbox.counts(), await store.outbox.oldest()
        aside = await store.sessions.count_aside()
    except StoreError:
        return None, 0.0, 0
    now = SystemClock().now().timestamp()
    return counts, 0.0 if oldest is None else max(0.0, now - oldest), aside
