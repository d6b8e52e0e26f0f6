"""Who hears what a worker has to say, where several front processes share it.

Each front process asks again and again; what comes between two questions waits for it. What
waits is bounded (the oldest is dropped), and a front process that asks no more is forgotten.
"""

import asyncio
from collections import defaultdict, deque

from rtc_server.base.clock import Clock

WAITING = 2048
"""Events that may wait for one front process."""
AT_ONCE = 40
"""Events in one answer: messages are below 1 KB, and an answer must stay small."""
FORGOTTEN = 30.0
"""Seconds after which a front process that does not ask is gone."""

Event = tuple[str, str, str]
"""``ended``, ``left`` (to others) or ``message``; the session's id; the message's text."""


class EventQueue:
    """One front process."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        self.asked_at = 0.0
        self._waiting: deque[Event] = deque(maxlen=WAITING)
        self._filled = asyncio.Event()

    def put(self, event: Event) -> None:
        """Leave an event."""
        self._waiting.append(event)
        self.wake()

    def wake(self) -> None:
        """Answer the question that is asked, or else the next, at once."""
        self._filled.set()

    async def take(self, seconds: float) -> list[Event]:
        """What waits, oldest first; waits so many seconds for the first."""
        try:
            async with asyncio.timeout(seconds):
                await self._filled.wait()
        except TimeoutError:
            return []
        taken = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        if not self._waiting:
            self._filled.clear()
        return taken


class EventQueues:
    """All front processes, and which sessions each follows."""

    def __init__(self, clock: Clock) -> None:
        """Nobody listens yet."""
        self._clock = clock
        self._queues: dict[str, EventQueue] = {}
        self._followers: defaultdict[str, set[str]] = defaultdict(set)

    def follow(self, front: str, session_id: str) -> None:
        """``front`` hears what this session says, from now on."""
        self._queue(front)
        self._followers[session_id].add(front)

    def unfollow(self, front: str, session_id: str) -> None:
        """``front`` hears this session no more."""
        self._followers[session_id].discard(front)
        if not self._followers[session_id]:
            del self._followers[session_id]

    def is_followed(self, session_id: str) -> bool:
        """Whether anybody hears this session."""
        return session_id in self._followers

    def tell(self, session_id: str, text: str) -> None:
        """A session says something."""
        for front in self._followers.get(session_id, ()):
            self._queue(front).put(("message", session_id, text))

    def ended(self, session_id: str, *, left: bool = False) -> None:
        """This worker holds the session no more: everybody is told.

        ``left``: it is not over, another worker may go on with it.
        """
        self._followers.pop(session_id, None)
        for queue in self._queues.values():
            queue.put(("left" if left else "ended", session_id, ""))

    def stir(self) -> None:
        """Something changed that is no event: whoever asks is answered now."""
        for queue in self._queues.values():
            queue.wake()

    async def hear(self, front: str, seconds: float) -> list[Event]:
        """What ``front`` is told next; nothing after so many quiet seconds."""
        queue = self._queue(front)
        queue.asked_at = self._clock.monotonic()
        self._forget_silent()
        return await queue.take(seconds)

    def _queue(self, front: str) -> EventQueue:
        if front not in self._queues:
            queue = self._queues[front] = EventQueue()
            queue.asked_at = self._clock.monotonic()
        return self._queues[front]

    def _forget_silent(self) -> None:
        oldest = self._clock.monotonic() - FORGOTTEN
        gone = {front for front, queue in self._queues.items() if queue.asked_at < oldest}
        for front in gone:
            del self._queues[front]
        for session_id in list(self._followers):
            for front in self._followers[session_id] & gone:
                self.unfollow(front, session_id)
