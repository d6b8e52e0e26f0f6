"""The workers of a cluster as a front process sees them: who takes the next session."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rtc_server.cluster.balancing import best
from rtc_server.cluster.member import Member
from rtc_server.ipc.messages import WorkerReport

NODES_AT_ONCE = 16
"""Machines that one choice looks at, drawn anew each time.

All front processes hear the same of the workers, and only a moment later what the others have just
placed: on a large cluster they would all choose the same machine. ``python -m benchmarks.cluster``
simulates 250 machines: the fewer are looked at, the less the busiest stands out, and the longer it
takes to fill one that joined.
"""


class Roster:
    """One member for each slot."""

    def __init__(self) -> None:
        """Nobody is there yet."""
        self._members: dict[str, Member] = {}
        self._nodes: defaultdict[str, set[str]] = defaultdict(set)
        """The slots of each machine."""

    def __iter__(self) -> Iterator[Member]:
        """All of them, whatever state they are in."""
        return iter(self._members.values())

    def put(self, member: Member) -> None:
        """``member`` is in its slot now, instead of whoever was."""
        slot = member.slot
        self._members[slot.name] = member
        self._nodes[slot.node].add(slot.name)

    def drop(self, slot: str) -> None:
        """The slot is gone."""
        member = self._members.pop(slot, None)
        if member is None:
            return
        node = member.slot.node
        self._nodes[node].discard(slot)
        if not self._nodes[node]:
            del self._nodes[node]

    def at(self, slot: str) -> Member | None:
        """Who is in this slot."""
        return self._members.get(slot)

    def named(self, name: str | None) -> Member | None:
        """The worker that the store calls so; ``None`` when it is gone."""
        return next((member for member in self if member.name == name), None)

    def least_loaded_first(self) -> list[Member]:
        """Those to ask for room, in this order."""
        nodes = list(self._nodes)
        if len(nodes) > NODES_AT_ONCE:
            drawn = random.sample(nodes, NODES_AT_ONCE)
            found = self._ranked(
                self._members[slot] for node in drawn for slot in self._nodes[node]
            )
            if found and not found[0].refuses:
                return found
        return self._ranked(self)

    def _ranked(self, members: Iterable[Member]) -> list[Member]:
        candidates = [member.candidate() for member in members if member.ready]
        return [self._members[candidate.name] for candidate in best(candidates)]

    def load(self) -> int:
        """Sessions on all of them."""
        return sum(member.sessions for member in self)

    def ready(self) -> bool:
        """Whether any takes sessions."""
        return any(member.ready for member in self)

    def reports(self) -> list[WorkerReport]:
        """How each does, by slot."""
        return [member.report() for _, member in sorted(self._members.items())]
