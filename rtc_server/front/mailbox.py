"""Who listens to which session in the front process."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

SIZE = 64


class Mailbox:
    """Messages for one listener; when it is full the oldest is dropped."""

    def __init__(self, on_close: Callable[["Mailbox"], None]) -> None:
        """``on_close`` takes it off its list."""
        self._queue: asyncio.Queue[str] = asyncio.Queue(SIZE)
        self._on_close = on_close

    def put(self, text: str) -> None:
        """Leave a message."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(text)

    async def get(self) -> str:
        """Wait for the next message."""
        return await self._queue.get()

    def take(self) -> list[str]:
        """Take all that waits, oldest first."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    def close(self) -> None:
        """Hear no more."""
        self._on_close(self)


class Mailboxes:
    """The listeners of all sessions."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._boxes: defaultdict[str, list[Mailbox]] = defaultdict(list)

    def __contains__(self, session_id: object) -> bool:
        """Whether anybody listens to this session."""
        return session_id in self._boxes

    def open(self, session_id: str) -> Mailbox:
        """Listen to a session from now on."""

        def leave(box: Mailbox) -> None:
            boxes = self._boxes[session_id]
            if box in boxes:
                boxes.remove(box)
            if not boxes:
                del self._boxes[session_id]

        box = Mailbox(leave)
        self._boxes[session_id].append(box)
        return box

    def put(self, session_id: str, text: str) -> None:
        """Leave a message with everybody who listens to this session."""
        for box in self._boxes.get(session_id, ()):
            box.put(text)
