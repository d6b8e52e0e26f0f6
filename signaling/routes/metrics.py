"""``GET /metrics``: for Prometheus, on this machine, with METRICS_TOKEN or a staff token."""

import hmac

from aiohttp import web

from rtc_server.base.clock import SystemClock
from rtc_server.base.errors import StoreError
from rtc_server.store.model import DeliveryState
from rtc_server.store.store import Store
from signaling.access.auth import bearer
from signaling.app_keys import DOOR, PLACEMENT, REFUSALS, SETTINGS, SITE, STORE, SUPERVISOR, TURN
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
    if not _brings_token(request):
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


def _brings_token(request: web.Request) -> bool:
    """Whether it is a Prometheus with METRICS_TOKEN, which is nobody's and never expires."""
    known, given = request.app[SETTINGS].metrics_token, bearer(request)
    if known is None or given is None:
        return False
    return hmac.compare_digest(
        known.get_secret_value().encode(), given.encode(errors="surrogateescape")
    )


async def _backlog(store: Store) -> tuple[dict[DeliveryState, int] | None, float, int]:
    try:
        counts, oldest = await store.outbox.counts(), await store.outbox.oldest()
        aside = await store.sessions.count_aside()
    except StoreError:
        return None, 0.0, 0
    now = SystemClock().now().timestamp()
    return counts, 0.0 if oldest is None else max(0.0, now - oldest), aside
