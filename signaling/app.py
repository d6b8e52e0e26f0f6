"""Where everything is put together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from rtc_server.base.clock import Clock, SystemClock
from rtc_server.base.config import WorkerConfig
from rtc_server.base.supervisor import Supervisor
from rtc_server.cluster.placement import Cluster, ClusterPlacement
from rtc_server.delivery.forwarder import Forwarder
from rtc_server.delivery.php import PhpEndpoint
from rtc_server.delivery.site_health import SiteWatch
from rtc_server.front.admission import Admission
from rtc_server.front.process_pool import ProcessPool
from rtc_server.front.reaper import Reaper, Sweeper
from rtc_server.store.store import Store
from signaling import middleware
from signaling.access.auth import Auth, loopback_only
from signaling.access.gate import Gate
from signaling.access.limits import OfferRate, Refusals, SessionQuota
from signaling.access.pseudonym import Pseudonyms
from signaling.app_keys import (
    ADMISSION,
    AUTH,
    BOARD,
    BODIES,
    DOOR,
    ETAGS,
    GATE,
    ICE,
    PICTURE_SESSIONS,
    PLACEMENT,
    REFUSALS,
    REST_CLIENTS,
    SETTINGS,
    SITE,
    STORE,
    STRANGERS,
    STREAMS,
    SUPERVISOR,
    TURN,
)
from signaling.http.certificate import Certificate
from signaling.http.connections import (
    Connections,
    raise_descriptor_limit,
    room_for_connections,
)
from signaling.http.etags import ETags
from signaling.http.request import Bodies
from signaling.http.runner import Runner, Site
from signaling.http.streams import Strangers, Streams
from signaling.ice.directory import IceDirectory
from signaling.ice.watch import TurnWatch
from signaling.legacy import socketio
from signaling.live.board import Board
from signaling.pictures.rest_clients import RestClients
from signaling.pictures.sessions import PictureSessions
from signaling.routes import (
    events,
    frames,
    health,
    ice,
    live,
    metrics,
    modules,
    openapi,
    privacy,
    rest,
    sessions,
    users,
    whip,
)
from signaling.routes import web as pages
from signaling.settings import Settings

CLOSE_SECONDS = 2.0
"""What a request may still take once the sessions are left to others."""

ROUTES = (
    whip,
    rest,
    events,
    frames,
    socketio,
    health,
    ice,
    privacy,
    sessions,
    live,
    modules,
    users,
    metrics,
)


class Service:
    """The parts behind the routes, started and stopped as one."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Wire the parts; nothing runs before :meth:`run`."""
        config = settings.worker_config()
        clock = self._clock = SystemClock()
        self._settings = settings
        self.supervisor = Supervisor()
        self._drained_by: float | None = None
        self._forwarder: Forwarder | None = None
        self._endpoint: PhpEndpoint | None = None
        self.reaper = Reaper(store, config, clock, self._ended)
        self._sweeper = Sweeper(store, clock, settings.retention_days)
        self.placement = self._placement(config, store)
        self.ice = IceDirectory(settings.ice_config(), clock)
        self.turn = TurnWatch(self.ice, relay_only=settings.ice_transport_policy == "relay")
        self.admission = Admission(
            store, self.placement, self.reaper, self.turn, settings.max_sessions
        )
        self.auth = Auth(settings.auth_config(), store, clock)
        self.gate = make_gate(settings, self.admission, self.auth, store, clock)
        self.pictures = PictureSessions(
            self.gate, self.admission, self.placement, clock, settings.max_client_fps
        )
        self.rest_clients = RestClients(self.pictures, self.placement, clock)
        if settings.tracking_save_url is not None:
            self._endpoint = PhpEndpoint(config.forward, clock)
            self._forwarder = Forwarder(store.outbox, self._endpoint, config.forward, clock)
        self.site = SiteWatch(self._endpoint)

    def _placement(self, config: WorkerConfig, store: Store) -> ProcessPool | ClusterPlacement:
        settings = self._settings
        if settings.placement == "local":
            return ProcessPool(config, settings.workers(), self._ended, self._worker_lost)
        cluster = cluster_of(settings)
        return ClusterPlacement(config, cluster, store, self._ended, self._worker_lost)

    def _ended(self, session_id: str) -> None:
        self.pictures.forget(session_id)
        self.gate.forget(session_id)
        if self._forwarder is not None:
            self._forwarder.wake()

    async def _worker_lost(self, name: str, sessions: Collection[str]) -> None:
        """Its sessions go on elsewhere or end: they count here no longer."""
        for session_id in sessions:
            self.gate.forget(session_id)
        await self.reaper.release(name)

    async def drain(self) -> None:
        """Take no session any more, tell the clients, and leave theirs to whoever comes next."""
        if self._drained_by is None:
            self._drained_by = self._clock.monotonic() + self._settings.drain_seconds
            await self.placement.close()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Start workers, reaper and forwarder; at the end drain them in that order."""
        self.placement.start()
        keep = self.supervisor.keep
        keep(self.reaper.run, "reaper")
        keep(self._sweeper.run, "sweeper")
        keep(self.turn.run, "turn_watch")
        keep(self.site.run, "site_watch")
        if self._forwarder is not None:
            keep(self._forwarder.run, "forwarder")
        try:
            yield
        finally:
            await self.drain()
            await self._flush()
            await self.supervisor.close()
            if self._endpoint is not None:
                await self._endpoint.close()

    async def _flush(self) -> None:
        """Forward what is due as long as DRAIN_SECONDS, which the workers have used of, last."""
        if self._forwarder is not None and self._drained_by is not None:
            await self._forwarder.flush(max(0.0, self._drained_by - self._clock.monotonic()))


def cluster_of(settings: Settings) -> Cluster:
    """Not joined yet; for ``PLACEMENT=ray`` only."""
    # Ray is an option: who does without it has it not installed.
    from rtc_server.cluster.ray_cluster import RayCluster  # noqa: PLC0415

    return RayCluster(settings.ray_address, settings.log_level)


SERVICE = web.AppKey("service", Service)
CERTIFICATE: web.AppKey[Certificate | None] = web.AppKey("certificate")


def make_gate(
    settings: Settings, admission: Admission, auth: Auth, store: Store, clock: Clock
) -> Gate:
    """The way in, with the limits of ``settings``."""
    quota = SessionQuota(
        clock,
        settings.max_sessions_per_user,
        settings.max_sessions_per_address,
        settings.max_duration_seconds + settings.reconnect_grace_seconds,
    )
    offers = OfferRate(clock, settings.max_offers_per_minute)
    pseudonyms = Pseudonyms(settings.log_key())
    return Gate(admission, auth, store.tokens, offers, quota, pseudonyms)


def make_app(settings: Settings) -> web.Application:
    """Build the application; what it needs is opened when it starts, closed when it stops."""
    app = make_routes(settings)
    app.cleanup_ctx.append(_service)
    app.on_shutdown.append(_end_watching)
    return app


def make_routes(settings: Settings) -> web.Application:
    """Build middlewares and routes alone; the parts they call are set by whoever runs them."""
    app = web.Application(
        middlewares=[
            middleware.access_log,
            middleware.origins(frozenset(settings.allowed_origins + settings.page_connects())),
            middleware.problems(),
            middleware.as_it_is,
            loopback_only(settings.auth_config().mode),
        ],
        client_max_size=frames.max_body(settings),
    )
    app[SETTINGS] = settings
    app[REFUSALS] = Refusals()
    app[STREAMS] = Streams()
    app[STRANGERS] = Strangers()
    app[BODIES] = Bodies()
    app[ETAGS] = ETags()
    app.on_shutdown.append(_close_streams)
    app.on_response_prepare.append(middleware.security_headers(settings.page_connects()))
    app.on_response_prepare.append(middleware.add_cors_headers)
    for routes in ROUTES:
        routes.add(app)
    pages.add(app, settings.web_root)
    openapi.add(app)
    return app


async def _close_streams(app: web.Application) -> None:
    await app[STREAMS].close()


async def _service(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    async with AsyncExitStack() as stack:
        store = await Store.open(settings.worker_config().store)
        stack.push_async_callback(store.close)
        service = app[SERVICE] = Service(settings, store)
        app[PLACEMENT] = service.placement
        if isinstance(service.placement, ProcessPool):
            app[DOOR] = service.placement.door
        app[ADMISSION] = service.admission
        app[AUTH] = service.auth
        app[GATE] = service.gate
        app[STORE] = store
        app[BOARD] = Board(store, service.placement, SystemClock())
        app[PICTURE_SESSIONS] = service.pictures
        app[REST_CLIENTS] = service.rest_clients
        app[ICE] = service.ice
        app[TURN] = service.turn
        app[SITE] = service.site
        app[SUPERVISOR] = service.supervisor
        await stack.enter_async_context(service.run())
        yield


async def _end_watching(app: web.Application) -> None:
    """The server waits for what is still answered, and these answers have no end."""
    if BOARD in app:
        await app[BOARD].close()


async def serve(app: web.Application, started: Callable[[str], None]) -> None:
    """Serve until cancelled; sessions are left to whoever comes next.

    ``started`` is told the address once it is served. While sessions are drained requests are
    still answered: a probe hears that nothing is taken, a client its session's last words.
    """
    settings = app[SETTINGS]
    certificate = app[CERTIFICATE] = settings.certificate()
    connections = Connections(
        room_for_connections(raise_descriptor_limit(), settings.workers()),
        settings.front_memory_mb,
        settings.trusted_proxies,
        app[REFUSALS].count_code,
    )
    runner = Runner(app, shutdown_timeout=CLOSE_SECONDS, connections=connections)
    await runner.setup()
    watching = Supervisor()
    try:
        context = None if certificate is None else certificate.context
        site = Site(runner, settings.host, settings.port, ssl_context=context)
        await site.start()
        if certificate is not None:
            watching.keep(certificate.watch, "certificate")
        port: int = runner.addresses[0][1]
        started(settings.address(port))
        await asyncio.Event().wait()
    finally:
        try:
            await app[SERVICE].drain()
        finally:
            await watching.close()
            await runner.cleanup()
