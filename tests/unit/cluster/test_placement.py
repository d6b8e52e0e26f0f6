"""Sessions on the workers of many machines, with workers that answer by themselves."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from uuid import uuid4

import pytest

from rtc_server.base.config import WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import Overloaded, SessionNotFound, WorkerLost
from rtc_server.base.identity import Identity
from rtc_server.cluster import member as member_module
from rtc_server.cluster import placement as cluster_module
from rtc_server.cluster.member import Slot
from rtc_server.cluster.placement import ClusterPlacement
from rtc_server.ipc.messages import OpenRequest
from rtc_server.store import Store
from tests.eventually import eventually
from tests.fakes.cluster import Machines
from tests.fakes.rows import new_session
from tests.unit.store.conftest import clock, database_url, store

__all__ = ["clock", "database_url", "store"]

SILENT_AFTER = 0.3


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "SURVEY_INTERVAL", 0.02)
    monkeypatch.setattr(cluster_module, "RESTART_PAUSE", 0.01)
    monkeypatch.setattr(member_module, "HEAR_SECONDS", 0.05)
    monkeypatch.setattr(member_module, "SILENT_AFTER", SILENT_AFTER)
    monkeypatch.setattr(member_module, "LOST_AFTER", 2 * SILENT_AFTER)


class Front:
    """A front process of the cluster."""

    def __init__(self, machines: Machines, store: Store, config: WorkerConfig) -> None:
        self.ended: list[str] = []
        self.lost: list[str] = []
        self.gone: list[str] = []
        self.machines = machines
        self.store = store
        self.placement = ClusterPlacement(config, machines, store, self.ended.append, self._lose)

    async def _lose(self, name: str, sessions: Collection[str]) -> None:
        self.lost.append(name)
        self.gone += sessions

    async def has(self, workers: int) -> None:
        """Wait until so many take sessions."""
        await eventually(
            lambda: sum(report.ready for report in self.placement.reports()) == workers,
            5.0,
            f"{workers} workers",
        )

    async def begin(self) -> tuple[str, str]:
        """Open a session, and write who holds it as that worker does; its id and the worker."""
        asked = request()
        answer = await self.placement.open(asked)
        assert answer is not None
        worker = answer.removeprefix("answered by ")
        session_id = asked.identity.session_id
        await self.store.sessions.create(new_session(session_id=session_id, worker=worker))
        return session_id, worker


def request(session_id: str | None = None, *, resumed: bool = False) -> OpenRequest:
    return OpenRequest(
        Identity(session_id or str(uuid4()), "7", "3"), "v=0", "r", "t", resumed=resumed
    )


@pytest.fixture
async def machines() -> Machines:
    return Machines(Slot("a-0", "a"), Slot("b-0", "b"))


@pytest.fixture
async def front(machines: Machines, store: Store) -> AsyncIterator[Front]:
    made = Front(machines, store, WorkerConfig(memory_limit_mb=100))
    made.placement.start()
    await made.has(2)
    yield made
    await made.placement.close()


@pytest.fixture
async def other(machines: Machines, store: Store, front: Front) -> AsyncIterator[Front]:
    """A second front process."""
    made = Front(machines, store, WorkerConfig())
    made.placement.start()
    await made.has(len(front.placement.reports()))
    yield made
    await made.placement.close()


async def test_sessions_spread_over_the_machines(front: Front) -> None:
    workers = [(await front.begin())[1] for _ in range(6)]
    assert sorted(workers) == ["a-0.1"] * 3 + ["b-0.1"] * 3
    assert front.placement.load() == 6


async def test_any_front_process_finds_a_session(front: Front, other: Front) -> None:
    session_id, worker = await front.begin()
    assert await other.placement.frame(session_id, b"jpeg") == f"4 bytes at {worker}"
    await other.placement.end(session_id, EndReason.CLIENT_BYE)
    with pytest.raises(SessionNotFound):
        await other.placement.frame(str(uuid4()), b"jpeg")


async def test_a_session_that_went_on_elsewhere_is_followed(front: Front, other: Front) -> None:
    session_id, worker = await front.begin()
    old, new = ("a-0", "b-0") if worker == "a-0.1" else ("b-0", "a-0")
    await other.placement.frame(session_id, b"1")
    front.machines.worker_in(old).sessions.clear()
    front.machines.worker_in(new).sessions.add(session_id)
    await front.store.sessions.claim(session_id, f"{new}.1")
    assert await other.placement.frame(session_id, b"12") == f"2 bytes at {new}.1"


async def test_a_resumed_session_goes_back_to_its_worker(front: Front, other: Front) -> None:
    for _ in range(4):
        session_id, worker = await front.begin()
        answer = await other.placement.open(request(session_id, resumed=True))
        assert answer == f"answered by {worker}"


async def test_a_full_worker_is_passed_over(front: Front) -> None:
    front.machines.worker_in("a-0").full = True
    assert {(await front.begin())[1] for _ in range(3)} == {"b-0.1"}
    front.machines.worker_in("b-0").full = True
    with pytest.raises(Overloaded) as refused:
        await front.placement.open(request())
    assert refused.value.retry_after == 3.0


async def test_a_dead_worker_is_replaced_by_an_empty_one(front: Front) -> None:
    session_id, worker = await front.begin()
    slot = worker.partition(".")[0]
    front.machines.worker_in(slot).die()
    await eventually(lambda: front.lost == [worker], 5.0, "the loss")
    assert front.gone == [session_id]
    await front.has(2)
    assert front.machines.worker_in(slot).name == f"{slot}.2"
    with pytest.raises((SessionNotFound, WorkerLost)):
        await front.placement.frame(session_id, b"jpeg")
    assert await front.placement.open(request(session_id, resumed=True)) is not None


async def test_calls_to_a_silent_worker_do_not_wait_for_it(front: Front) -> None:
    session_id, worker = await front.begin()
    silent = front.machines.worker_in(worker.partition(".")[0])
    silent.fall_silent()
    async with asyncio.timeout(10 * SILENT_AFTER):
        with pytest.raises(WorkerLost):
            await front.placement.frame(session_id, b"jpeg")
        answer = await front.placement.open(request(session_id, resumed=True))
    assert answer != f"answered by {worker}"
    assert not silent.killed
    assert front.lost == []


async def test_a_worker_that_speaks_again_takes_sessions_again(front: Front) -> None:
    silent = front.machines.worker_in("a-0")
    silent.fall_silent()
    await front.has(1)
    silent.speak_again()
    await front.has(2)
    assert front.machines.worker_in("a-0") is silent
    assert front.lost == []


async def test_a_worker_that_stays_silent_is_ended(front: Front) -> None:
    silent = front.machines.worker_in("a-0")
    silent.fall_silent()
    await eventually(lambda: silent.killed, 5.0, "its end")
    await front.has(2)
    assert front.lost == ["a-0.1"]


async def test_a_machine_that_joins_is_used_at_once(front: Front) -> None:
    for _ in range(4):
        await front.begin()
    front.machines.present.append(Slot("c-0", "c"))
    await front.has(3)
    assert [(await front.begin())[1] for _ in range(2)] == ["c-0.1", "c-0.1"]


async def test_a_machine_that_drains_takes_nothing_and_empties_itself(front: Front) -> None:
    session_id, _ = await front.begin()
    machines = front.machines
    machines.present[0] = replace(machines.present[0], draining=True)
    await front.has(1)
    assert {(await front.begin())[1] for _ in range(3)} == {"b-0.1"}
    leaving = machines.worker_in("a-0")
    assert not leaving.killed
    leaving.drains.set()
    await eventually(lambda: leaving.killed, 5.0, "its end")
    assert session_id not in front.ended
    await eventually(lambda: len(front.placement.reports()) == 1, 5.0, "its slot is forgotten")
    assert len(machines.started["a-0"]) == 1


async def test_a_machine_that_is_gone_is_forgotten(front: Front) -> None:
    del front.machines.present[0]
    await eventually(lambda: front.lost == ["a-0.1"], 5.0, "the loss")
    await eventually(lambda: len(front.placement.reports()) == 1, 5.0, "its slot is forgotten")
    assert {(await front.begin())[1] for _ in range(3)} == {"b-0.1"}


async def test_a_worker_that_grew_too_large_is_renewed(front: Front) -> None:
    large = front.machines.worker_in("a-0")
    large.drains.set()
    large.memory = 200 * 1024 * 1024
    await eventually(lambda: large.killed, 5.0, "its end")
    await front.has(2)
    assert front.machines.worker_in("a-0").name == "a-0.2"


async def test_what_a_session_says_reaches_its_listeners(front: Front) -> None:
    session_id, worker = await front.begin()
    listening = front.placement.listen(session_id)
    said = front.machines.worker_in(worker.partition(".")[0]).events
    said.put_nowait(("message", session_id, "hello"))
    assert await asyncio.wait_for(listening.get(), 5.0) == "hello"
    listening.close()
    said.put_nowait(("ended", session_id, ""))
    await eventually(lambda: front.ended == [session_id], 5.0, "the end")


async def test_a_session_that_its_old_worker_lets_go_of_is_not_over(front: Front) -> None:
    session_id, worker = await front.begin()
    slot = worker.partition(".")[0]
    elsewhere = "b-0" if slot == "a-0" else "a-0"
    front.machines.worker_in(elsewhere).sessions.add(session_id)
    await front.store.sessions.claim(session_id, f"{elsewhere}.1")
    front.machines.worker_in(slot).sessions.discard(session_id)
    await front.placement.frame(session_id, b"jpeg")  # it is looked up anew
    front.machines.worker_in(slot).events.put_nowait(("ended", session_id, ""))
    front.machines.worker_in(elsewhere).full = True
    other_id, _ = await front.begin()
    front.machines.worker_in(slot).events.put_nowait(("ended", other_id, ""))
    await eventually(lambda: front.ended, 5.0, "the end of the other")
    assert session_id not in front.ended


async def test_a_cluster_that_does_not_answer_is_asked_again(
    machines: Machines, store: Store
) -> None:
    machines.away = True
    late = Front(machines, store, WorkerConfig())
    late.placement.start()
    await asyncio.sleep(0.1)
    assert not late.placement.ready()
    machines.away = False
    await late.has(2)
    await late.placement.close()


async def test_a_front_process_that_leaves_ends_no_worker(front: Front) -> None:
    await front.placement.close()
    assert not any(front.machines.worker_in(slot).killed for slot in ("a-0", "b-0"))
