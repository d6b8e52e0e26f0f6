"""The two data channels: what is sent is bounded, what comes is rationed."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

from rtc_server.base.clock import Clock

METRICS_BUFFER = 4096
"""Bytes that may wait in the metrics channel, half a second of them, before only the newest message
is kept."""
CONTROL_BUFFER = 32 * 1024
"""Bytes that may wait in the control channel before messages wait here."""
CONTROL_BACKLOG = 64
"""Messages that may wait here; then the oldest goes."""
MESSAGE_BYTES = 4096
"""A longer message from the client is dropped."""
MESSAGES_PER_SECOND = 20.0
MESSAGE_BURST = 40.0
INBOX = 64
TOO_MANY, TOO_LARGE = "too_many_messages", "message_too_large"
"""What dropped messages are counted as."""

log = logging.getLogger(__name__)


def _has_room(channel: RTCDataChannel, bound: int) -> bool:
    return channel.readyState == "open" and channel.bufferedAmount <= bound


def _send(channel: RTCDataChannel, text: str) -> None:
    """Send; a channel that closed meanwhile or takes only shorter messages loses it."""
    try:
        channel.send(text)
    except (InvalidStateError, ValueError) as error:
        log.debug("a message was not sent: %s", type(error).__name__)


def _is_short_text(message: str | bytes) -> bool:
    return isinstance(message, str) and len(message.encode()) <= MESSAGE_BYTES


class LatestOutbox:
    """The ``metrics`` channel: the newest message wins (drops, never waits)."""

    def __init__(self) -> None:
        """Keep the newest message until there is a channel."""
        self._channel: RTCDataChannel | None = None
        self._held: str | None = None

    def attach(self, channel: RTCDataChannel) -> None:
        """Send over ``channel`` from now on."""
        channel.bufferedAmountLowThreshold = METRICS_BUFFER
        channel.on("bufferedamountlow", self._flush)
        self._channel = channel
        self._flush()

    def send(self, text: str) -> None:
        """Send ``text`` now, or when the channel has room and no newer one came."""
        self._held = text
        self._flush()

    def _flush(self) -> None:
        if self._held is not None and self._channel and _has_room(self._channel, METRICS_BUFFER):
            text, self._held = self._held, None
            _send(self._channel, text)


class ReliableOutbox:
    """The ``control`` channel: everything, in order; beyond the backlog the oldest is dropped."""

    def __init__(self) -> None:
        """Keep messages until there is a channel."""
        self._channel: RTCDataChannel | None = None
        self._waiting: deque[str] = deque(maxlen=CONTROL_BACKLOG)

    def attach(self, channel: RTCDataChannel) -> None:
        """Send over ``channel`` from now on."""
        channel.bufferedAmountLowThreshold = CONTROL_BUFFER
        channel.on("bufferedamountlow", self._flush)
        self._channel = channel
        self._flush()

    def send(self, text: str) -> None:
        """Send ``text`` behind what waits."""
        self._waiting.append(text)
        self._flush()

    @property
    def empty(self) -> bool:
        """Whether everything has been handed to SCTP, or never will be."""
        if self._channel is None or self._channel.readyState != "open":
            return True
        return not self._waiting and not self._channel.bufferedAmount

    def _flush(self) -> None:
        while self._waiting and self._channel and _has_room(self._channel, CONTROL_BUFFER):
            _send(self._channel, self._waiting.popleft())


class Inbox:
    """What the client says on ``control``: bounded in size, rate and number (drops, never waits).

    Its handler must not raise: aiortc closes the whole connection when one does.
    """

    def __init__(self, clock: Clock, refused: Callable[[str], None] = lambda _: None) -> None:
        """Start with a full allowance; ``refused`` hears why a message is dropped."""
        self._refused = refused
        self._clock = clock
        self._messages: asyncio.Queue[str] = asyncio.Queue(INBOX)
        self._allowance = MESSAGE_BURST
        self._counted = clock.monotonic()

    def take(self, message: str | bytes) -> None:
        """Keep a message, or drop it."""
        if not self._allowed() or self._messages.full():
            self._refused(TOO_MANY)
        elif not _is_short_text(message):
            self._refused(TOO_LARGE)
        else:
            self._messages.put_nowait(str(message))

    async def receive(self) -> str:
        """Wait for the next message."""
        return await self._messages.get()

    def _allowed(self) -> bool:
        """Token bucket: ``MESSAGES_PER_SECOND`` on average, ``MESSAGE_BURST`` at once."""
        now = self._clock.monotonic()
        earned = (now - self._counted) * MESSAGES_PER_SECOND
        self._allowance = min(MESSAGE_BURST, self._allowance + earned)
        self._counted = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True
