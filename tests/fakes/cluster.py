"""A cluster whose workers answer by themselves, fall silent or die as a test wants it."""

import asyncio

from rtc_server.base.errors import Overloaded, SessionNotFound, WorkerLost
from rtc_server.cluster.member import Slot
from rtc_server.ipc.rpc import Body, Handler, Json


class AnsweringWorker:
    """Holds sessions by their ids, as an actor does."""

    def __init__(self, slot: str, generation: int) -> None:
        self.name = f"{slot}.{generation}"
        self.sessions: set[str] = set()
        self.calls: list[tuple[str, Body]] = []
        self.events: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self.full = False
        self.killed = False
        self.memory = 0
        self.drains = asyncio.Event()
        self._talks = asyncio.Event()
        self._talks.set()
        self._died: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    def fall_silent(self) -> None:
        """Answer nothing from now on."""
        self._talks.clear()

    def speak_again(self) -> None:
        self._talks.set()

    def die(self) -> None:
        """Fail every call, those under way as well."""
        if not self._died.done():
            self._died.set_exception(WorkerLost())
            self._died.exception()

    async def kill(self) -> None:
        self.killed = True
        self.die()

    async def call(self, method: str, body: Body | None = None, payload: bytes = b"") -> Json:
        body = body or {}
        self.calls.append((method, body))
        answering = asyncio.ensure_future(self._answer(method, body, payload))
        done, _ = await asyncio.wait({answering, self._died}, return_when=asyncio.FIRST_COMPLETED)
        if answering not in done:
            answering.cancel()
        return await next(iter(done))

    async def _answer(self, method: str, body: Body, payload: bytes) -> object:
        await self._talks.wait()
        answer: Handler = getattr(self, f"_{method}", self._other)
        value: object = await answer(body, payload)
        return value

    async def _configure(self, _body: Body, _payload: bytes) -> Body:
        return {"name": self.name, "same": True}

    async def _hear(self, _body: Body, _payload: bytes) -> Body:
        events = []
        try:
            async with asyncio.timeout(0.02):
                events.append(await self.events.get())
        except TimeoutError:
            pass
        await self._talks.wait()
        sessions = [("live", "webrtc", len(self.sessions))]
        told = {"sessions": sessions, "refuses": self.full, "step": 0, "stats": {}}
        return {"events": events, "told": told, "memory": self.memory}

    async def _open(self, body: Body, _payload: bytes) -> str:
        if self.full:
            raise Overloaded(retry_after=3.0)
        self.sessions.add(body["request"]["identity"]["session_id"])
        return f"answered by {self.name}"

    async def _drain(self, _body: Body, _payload: bytes) -> Body:
        await self.drains.wait()
        for session_id in self.sessions:
            self.events.put_nowait(("left", session_id, ""))
        self.sessions.clear()
        return {}

    async def _frame(self, body: Body, payload: bytes) -> str:
        self._check(body)
        return f"{len(payload)} bytes at {self.name}"

    async def _other(self, body: Body, _payload: bytes) -> Body:
        self._check(body)
        return {}

    def _check(self, body: Body) -> None:
        if body["session_id"] not in self.sessions:
            raise SessionNotFound


class Machines:
    """The cluster; a slot's worker starts when it is first asked for."""

    def __init__(self, *slots: Slot) -> None:
        self.present = list(slots)
        self.started: dict[str, list[AnsweringWorker]] = {}
        self.away = False

    def worker_in(self, slot: str) -> AnsweringWorker:
        """The newest one there."""
        return self.started[slot][-1]

    async def join(self) -> None:
        if self.away:
            raise WorkerLost

    async def slots(self) -> list[Slot]:
        if self.away:
            raise WorkerLost
        return list(self.present)

    async def worker(self, slot: Slot) -> AnsweringWorker:
        all_of_it = self.started.setdefault(slot.name, [])
        if not all_of_it or all_of_it[-1].killed:
            all_of_it.append(AnsweringWorker(slot.name, len(all_of_it) + 1))
        return all_of_it[-1]

    async def leave(self) -> None:
        pass
