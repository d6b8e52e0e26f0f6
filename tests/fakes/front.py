"""The front gate over real HTTP, with a placement that answers by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from rtc_server.base.clock import Clock, SystemClock
from rtc_server.base.config import StoreConfig, WorkerConfig
from rtc_server.base.errors import OfferRefused, SessionNotFound
from rtc_server.base.supervisor import Supervisor
from rtc_server.delivery.site_health import SiteWatch
from rtc_server.front.admission import Admission
from rtc_server.front.placement import Placement
from rtc_server.front.reaper import Reaper
from rtc_server.ipc.messages import OpenRequest, WorkerReport
from rtc_server.ipc.rpc import Body
from rtc_server.session.status import SessionStatus
from rtc_server.store.model import NewSession
from rtc_server.store.store import Store
from signaling.access.auth import Auth
from signaling.app import make_gate
from signaling.app_keys import (
    ADMISSION,
    AUTH,
    BOARD,
    GATE,
    ICE,
    PICTURE_SESSIONS,
    PLACEMENT,
    REST_CLIENTS,
    SETTINGS,
    SITE,
    STORE,
    SUPERVISOR,
    TURN,
)
from signaling.ice.directory import IceDirectory
from signaling.ice.watch import TurnWatch
from signaling.live.board import Board
from signaling.pictures.rest_clients import RestClients
from signaling.pictures.sessions import PictureSessions
from tests.fakes.documented import hold_to_its_document

METRICS = (Path(__file__).parents[1] / "data" / "messages" / "metrics.json").read_text()
SDP = {"Content-Type": "application/sdp"}
IDS = "/whip?user_id=7&module_id=3&section_id=2"


class AnsweringPlacement(Placement):
    """Writes the row and answers, as a worker does; keeps what it was asked."""

    statuses_now: dict[str, SessionStatus]

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.opened: list[OpenRequest] = []
        self.ended: list[tuple[str, str]] = []
        self.fragments: list[tuple[str, str]] = []
        self.frames: list[bytes] = []
        self.said: list[str] = []
        self.detached: list[tuple[str, str]] = []
        self.watched: dict[str, bool] = {}
        self.is_watched = asyncio.Event()
        self.statuses_now = {}

    async def open(self, request: OpenRequest) -> str:
        if request.offer == "refuse":
            raise OfferRefused("there is no video in it", code="sdp_no_video")
        who = request.identity
        if not request.resumed:
            await self._store.sessions.create(
                NewSession(
                    session_id=who.session_id,
                    user_id=who.user_id,
                    module_id=who.module_id,
                    section_id=who.section_id,
                    resource_hash=request.resource_hash,
                    resume_hash=request.resume_hash,
                    client=who.client,
                    worker="worker-1",
                )
            )
        self.opened.append(request)
        return "v=0 answer"

    async def call(
        self, session_id: str, method: str, body: Body | None = None, payload: bytes = b""
    ) -> object:
        given = body or {}
        match method:
            case "frame" | "say" | "end" if not self._is_open(session_id):
                raise SessionNotFound
            case "frame":
                self.frames.append(payload)
                return METRICS
            case "say":
                self.said.append(given["text"])
            case "end":
                self.ended.append((session_id, given["reason"]))
                await self._store.sessions.end(session_id, 1, given["reason"], {})
            case "add_candidates" if "restart" in given["fragment"]:
                raise OfferRefused("no restarts", code="ice_restart_unsupported")
            case "add_candidates" if given.get("restart") and "ice-pwd" in given["fragment"]:
                return f"a=ice-ufrag:ours{len(self.fragments)}\r\n"
            case "add_candidates":
                self.fragments.append((session_id, given["fragment"]))
            case "watch":
                self.watched[session_id] = given["on"]
                self.is_watched.set()
            case "detach":
                self.detached.append((session_id, given["connection"]))
        return None

    async def call_all(self, method: str, patience: float) -> list[Any]:
        assert (method, patience > 0) == ("statuses", True)
        return [[asdict(status) for status in self.statuses_now.values()]]

    def load(self) -> int:
        return len(self.opened) - len(self.ended)

    def reports(self) -> list[WorkerReport]:
        return []

    def ready(self) -> bool:
        return True

    def _is_open(self, session_id: str) -> bool:
        return session_id in {request.identity.session_id for request in self.opened}


class Front:
    def __init__(
        self,
        http: TestClient[web.Request, web.Application],
        placement: AnsweringPlacement,
        store: Store,
        clock: Clock,
    ) -> None:
        self.http = http
        self.placement = placement
        self.store = store
        self.clock = clock

    async def offer(self, url: str = IDS, body: str = "v=0", **headers: str) -> ClientResponse:
        return await self.http.post(url, data=body, headers=SDP | headers)


@asynccontextmanager
async def front_of(
    app: web.Application, folder: Path, clock: Clock | None = None
) -> AsyncIterator[Front]:
    """Serve ``app``, whose sessions are rows in a database in ``folder``.

    An answer that the OpenAPI document does not name is a 500.
    """
    clock = clock or SystemClock()
    settings = app[SETTINGS]
    store = await Store.open(StoreConfig(database_url=f"sqlite:///{folder}/s.db"), clock)
    placement = AnsweringPlacement(store)
    reaper = Reaper(store, WorkerConfig(), clock, lambda _: None)
    ice = IceDirectory(settings.ice_config(), clock)
    turn = TurnWatch(ice, relay_only=False)
    admission = Admission(store, placement, reaper, turn, settings.max_sessions)
    auth = Auth(settings.auth_config(), store, clock)
    gate = make_gate(settings, admission, auth, store, clock)
    app[PLACEMENT], app[ICE], app[ADMISSION], app[STORE] = placement, ice, admission, store
    app[BOARD] = Board(store, placement, clock)
    app[AUTH], app[GATE], app[TURN], app[SITE] = auth, gate, turn, SiteWatch(None)
    app[SUPERVISOR] = Supervisor()
    pictures = PictureSessions(gate, admission, placement, clock, settings.max_client_fps)
    app[PICTURE_SESSIONS] = pictures
    app[REST_CLIENTS] = RestClients(pictures, placement, clock)
    hold_to_its_document(app)
    async with TestClient(TestServer(app)) as http:
        yield Front(http, placement, store, clock)
        await app[BOARD].close()
    await store.close()
