"""The placement's bookkeeping, with a worker that was never started."""

from collections.abc import Collection

import pytest

from rtc_server.base.config import PeerConfig, WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import Overloaded, SessionNotFound
from rtc_server.base.identity import Identity
from rtc_server.front.ice_door import IceDoor
from rtc_server.front.process_pool import ProcessPool
from rtc_server.front.worker_process import WorkerProcess
from rtc_server.ipc.messages import OpenRequest

REQUEST = OpenRequest(Identity("s-2", "7", "3"), None, "hash", "hash")


class Staffed:
    """A placement with one worker that says it is ready, and a session on it."""

    def __init__(self) -> None:
        self.lost: list[tuple[str, list[str]]] = []
        config = WorkerConfig(drain=0.1)
        self.ended: list[str] = []
        self.placement = ProcessPool(config, 0, self.ended.append, self._on_lost)
        self.worker = WorkerProcess(config, self.placement._session_let_go, lambda _, __: None)
        self.worker.ready = True
        self.worker.sessions.add("s-1")
        self.placement._workers[0] = self.worker
        self.placement._homes["s-1"] = self.worker

    async def _on_lost(self, name: str, sessions: Collection[str]) -> None:
        self.lost.append((name, list(sessions)))


async def test_a_dead_workers_sessions_are_told_and_held_no_longer() -> None:
    staffed = Staffed()
    await staffed.placement._bury(staffed.worker)
    assert staffed.lost == [(staffed.worker.name, ["s-1"])]
    assert staffed.placement.load() == 0
    with pytest.raises(SessionNotFound):
        await staffed.placement.end("s-1", EndReason.CLIENT_BYE)


@pytest.mark.parametrize(
    ("reason", "ended"), [(EndReason.CLIENT_BYE, ["s-1"]), (EndReason.DRAINED, [])]
)
async def test_a_session_that_a_drained_worker_left_is_not_over(
    reason: EndReason, ended: list[str]
) -> None:
    staffed = Staffed()
    body = {"session_id": "s-1", "reason": reason.value}
    await staffed.worker._on_let_go(body, b"")
    assert staffed.ended == ended
    assert staffed.placement.load() == 0


async def test_what_a_worker_left_long_ago_is_not_taken_from_another() -> None:
    staffed = Staffed()
    other = WorkerProcess(WorkerConfig(), staffed.placement._session_let_go, lambda _, __: None)
    await other._on_let_go({"session_id": "s-1", "reason": "replaced"}, b"")
    assert staffed.placement.load() == 1
    assert staffed.ended == []


def test_a_worker_tells_the_door_that_it_was_given_although_nobody_is_behind_it_yet() -> None:
    door = IceDoor(PeerConfig())
    worker = WorkerProcess(WorkerConfig(), lambda *_: None, lambda _, __: None, door)
    assert len(door) == 0
    assert worker._door is door


async def test_a_placement_that_closes_is_not_ready_and_takes_nothing() -> None:
    staffed = Staffed()
    assert staffed.placement.ready()
    await staffed.placement.close()
    assert staffed.worker.ready
    assert not staffed.placement.ready()
    with pytest.raises(Overloaded):
        await staffed.placement.open(REQUEST)
