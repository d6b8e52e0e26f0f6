"""Which worker takes a session. Pure.

The least loaded worker does; of several, one on the least loaded machine; of several of those, any,
for other front processes that know the same choose as well.
"""

import heapq
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ATTEMPTS = 8
"""Workers that are asked before a session is refused."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A worker that could take a session."""

    name: str
    node: str
    """The machine that it runs on."""
    sessions: int
    step: int = 0
    """What it has given up for lack of time: see :class:`~rtc_server.worker.overload.Step`."""
    refuses: bool = False


def best(
    candidates: Sequence[Candidate],
    draw: Iterable[float] | None = None,
    attempts: int = ATTEMPTS,
) -> list[Candidate]:
    """At most ``attempts`` of them, the one to ask first in front.

    ``draw``: a number for each, which decides between equals; random ones where it is not given.
    """
    numbers = iter(random.random, -1.0) if draw is None else iter(draw)
    share = _shares(candidates)
    ranked = [
        (each.refuses, each.step, each.sessions, share[each.node], number, index)
        for index, (each, number) in enumerate(zip(candidates, numbers, strict=False))
    ]
    return [candidates[rank[-1]] for rank in heapq.nsmallest(attempts, ranked)]


def _shares(candidates: Sequence[Candidate]) -> dict[str, float]:
    """Sessions per worker of each machine."""
    workers: dict[str, int] = {}
    sessions: dict[str, int] = {}
    for each in candidates:
        workers[each.node] = workers.get(each.node, 0) + 1
        sessions[each.node] = sessions.get(each.node, 0) + each.sessions
    return {node: sessions[node] / count for node, count in workers.items()}
