"""Placement alone: the front processes' own choice, on workers that exist in numbers only.

Time is simulated; the choice is the product's (:class:`~rtc_server.cluster.roster.Roster`). A front
process knows of a worker what it told last, and what it has placed there itself since. A worker
tells how many sessions it holds as soon as that changes; the news takes ``NEWS_SECONDS``, in which
the other front processes place sessions without knowing of it.
"""

import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from rtc_server.base.config import WorkerConfig
from rtc_server.cluster.member import Member, Slot
from rtc_server.cluster.roster import Roster

SEED = 6
RESUME_SECONDS = 8.0
"""In which the clients of a lost machine come back."""
NEWS_SECONDS = 0.1
"""Over a network and through two busy event loops: a call takes 2 ms on a quiet machine."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated."""

    nodes: int = 250
    workers_per_node: int = 4
    sessions: int = 10_000
    fronts: int = 4
    arrival_seconds: float = 60.0
    """All come within it: the first lesson of the day."""
    churn_seconds: float = 60.0
    """Then as many end, anywhere, as come anew, so many a second:"""
    churn: float = 100.0


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    decisions: list[float] = field(default_factory=list)
    """Seconds of processor time that each choice took."""
    imbalances: dict[str, float] = field(default_factory=dict)
    """How much more than the mean the busiest machine held, at worst, by phase."""
    workers: float = 0.0
    """The same of the busiest worker, at the end."""
    on_joining: float = 0.0
    """Share of the sessions that came next which went to machines that had just joined."""


class Simulation:
    """Machines, workers, front processes and sessions, second after second."""

    def __init__(self, plan: Plan) -> None:
        """Every worker is there and empty. Needs an event loop, which it never waits for."""
        self._plan = plan
        self._random = random.Random(SEED)
        self._now = 0.0
        self._rosters = [Roster() for _ in range(plan.fronts)]
        self._homes: dict[int, str] = {}
        self._counts: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._nodes: dict[str, list[str]] = {}
        self._news: list[tuple[float, int, str]] = []
        self.outcome = Outcome()
        for number in range(plan.nodes):
            self._join(f"n{number}")

    def run(self) -> Outcome:
        """All phases, one after the other."""
        plan = self._plan
        every = plan.arrival_seconds / plan.sessions
        half = plan.sessions // 2
        self._phase("", half, every, self._arrive)
        self._phase("from half of them on", plan.sessions - half, every, self._arrive)
        self.outcome.imbalances["all there"] = self._imbalance()
        count = round(plan.churn * plan.churn_seconds)
        self._phase("while they come and go", count, 1.0 / plan.churn, self._exchange)
        lost = self._lose(next(iter(self._nodes)))
        self._phase("after the loss of a machine", lost, RESUME_SECONDS / lost, self._arrive)
        self.outcome.workers = max(self._counts.values()) / self._mean() * plan.workers_per_node - 1
        self.outcome.on_joining = self._join_late()
        return self.outcome

    def _phase(self, name: str, steps: int, every: float, step: Callable[[], None]) -> None:
        worst = 0.0
        for _ in range(steps):
            self._let_pass(every)
            step()
            worst = max(worst, self._imbalance()) if name else 0.0
        if name:
            self.outcome.imbalances[name] = worst

    def _arrive(self) -> None:
        """One session comes, at any of the front processes."""
        roster = self._random.choice(self._rosters)
        began = time.process_time()
        member = roster.least_loaded_first()[0]
        self.outcome.decisions.append(time.process_time() - began)
        member.placed()
        self._homes[next(self._numbers)] = member.name
        self._change(member.name, 1)

    def _exchange(self) -> None:
        session = self._random.choice(list(self._homes))
        self._change(self._homes.pop(session), -1)
        self._arrive()

    def _lose(self, node: str) -> int:
        """The machine is gone; how many sessions it held."""
        gone = self._nodes.pop(node)
        for roster, slot in itertools.product(self._rosters, gone):
            roster.drop(slot)
        lost = [session for session, home in self._homes.items() if home in gone]
        for session in lost:
            del self._homes[session]
        return len(lost)

    def _join_late(self) -> float:
        """Ten machines join; where the next sessions go that fill them up to a half."""
        joining = [f"late{number}" for number in range(10)]
        for node in joining:
            self._join(node)
        count = round(len(joining) * self._mean() / 2)
        for _ in range(count):
            self._let_pass(0.01)
            self._arrive()
        on_them = sum(self._held(node) for node in joining)
        return on_them / count

    def _join(self, node: str) -> None:
        self._nodes[node] = [f"{node}-{n}" for n in range(self._plan.workers_per_node)]
        for slot, roster in itertools.product(self._nodes[node], self._rosters):
            roster.put(_member(slot, node))

    def _change(self, slot: str, sessions: int) -> None:
        self._counts[slot] += sessions
        for number in range(len(self._rosters)):
            heapq.heappush(self._news, (self._now + NEWS_SECONDS, number, slot))

    def _let_pass(self, seconds: float) -> None:
        """Hear what workers tell meanwhile."""
        self._now += seconds
        while self._news and self._news[0][0] <= self._now:
            _, number, slot = heapq.heappop(self._news)
            member = self._rosters[number].at(slot)
            if member is not None:
                sessions = [("live", "webrtc", self._counts[slot])]
                told = {"sessions": sessions, "refuses": False, "step": 0}
                member.hear({"told": told, "memory": 0, "events": []})

    def _imbalance(self) -> float:
        return max(map(self._held, self._nodes)) / self._mean() - 1.0

    def _mean(self) -> float:
        return len(self._homes) / len(self._nodes)

    def _held(self, node: str) -> int:
        return sum(self._counts[slot] for slot in self._nodes[node])


def _member(slot: str, node: str) -> Member:
    member = Member(Slot(slot, node), WorkerConfig(), lambda *_: None, lambda *_: None)
    member.begin(slot)
    return member
