"""Who takes the next session, of the workers that a front process knows."""

import pytest

from rtc_server.base.config import WorkerConfig
from rtc_server.cluster import roster as roster_module
from rtc_server.cluster.member import Member, Slot
from rtc_server.cluster.roster import Roster

MANY = 100


def told(sessions: int, *, refuses: bool = False) -> dict[str, object]:
    counts = {"sessions": [("live", "webrtc", sessions)], "refuses": refuses, "step": 0}
    return {"told": counts, "memory": 0, "events": []}


def member(node: str, sessions: int = 0, *, refuses: bool = False) -> Member:
    made = Member(Slot(f"{node}-0", node), WorkerConfig(), lambda *_: None, lambda *_: None)
    made.begin(f"{node}-0.1")
    made.hear(told(sessions, refuses=refuses))
    return made


def roster(*members: Member) -> Roster:
    made = Roster()
    for each in members:
        made.put(each)
    return made


async def test_what_is_placed_counts_before_the_worker_tells_of_it() -> None:
    one, other = member("a", 1), member("b", 1)
    known = roster(one, other)
    first = known.least_loaded_first()[0]
    first.placed()
    assert known.least_loaded_first()[0] is not first
    assert known.load() == 3
    first.hear(told(2))
    assert known.load() == 3


async def test_a_worker_that_has_not_started_is_not_asked() -> None:
    starting = Member(Slot("a-0", "a"), WorkerConfig(), lambda *_: None, lambda *_: None)
    known = roster(starting)
    assert known.least_loaded_first() == []
    assert not known.ready()


async def test_a_large_cluster_is_looked_at_in_parts() -> None:
    known = roster(*(member(f"n{number}", number) for number in range(MANY)))
    firsts = {known.least_loaded_first()[0].slot.node for _ in range(200)}
    assert "n0" in firsts
    assert len(firsts) > 5
    assert firsts.isdisjoint({f"n{number}" for number in range(MANY - 8, MANY)})


async def test_room_is_found_wherever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_module, "NODES_AT_ONCE", 2)
    full = [member(f"n{number}", refuses=True) for number in range(MANY)]
    room = member("room", 50)
    known = roster(*full, room)
    assert all(known.least_loaded_first()[0] is room for _ in range(20))


async def test_a_slot_that_is_gone_is_forgotten() -> None:
    stays, goes = member("a"), member("b")
    known = roster(stays, goes)
    known.drop(goes.slot.name)
    known.drop(goes.slot.name)
    assert list(known) == known.least_loaded_first() == [stays]
    assert known.named("b-0.1") is None
    assert known.named("a-0.1") is stays
