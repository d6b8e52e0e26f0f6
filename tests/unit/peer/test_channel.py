"""What goes out is bounded, what comes in is rationed."""

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from aiortc import RTCDataChannel
from aiortc.exceptions import InvalidStateError

from rtc_server.peer import channel
from rtc_server.peer.channel import Inbox, LatestOutbox, ReliableOutbox
from tests.fakes.clock import HandClock


class SlowChannel:
    """A data channel whose buffer drains when the test says so."""

    def __init__(self) -> None:
        self.readyState = "open"
        self.bufferedAmount = 0
        self.bufferedAmountLowThreshold = 0
        self.sent: list[str] = []
        self._low: Callable[[], None] | None = None

    def on(self, event: str, handler: Callable[[], None]) -> None:
        assert event == "bufferedamountlow"
        self._low = handler

    def send(self, text: str) -> None:
        if self.readyState != "open":
            raise InvalidStateError
        self.sent.append(text)
        self.bufferedAmount += len(text)

    def drain(self) -> None:
        self.bufferedAmount = 0
        if self._low is not None:
            self._low()

    def real(self) -> RTCDataChannel:
        return cast("RTCDataChannel", self)


@pytest.fixture
def slow() -> SlowChannel:
    return SlowChannel()


def test_metrics_wait_for_the_channel_and_the_newest_wins(slow: SlowChannel) -> None:
    outbox = LatestOutbox()
    outbox.send("old")
    outbox.send("new")
    outbox.attach(slow.real())
    assert slow.sent == ["new"]


def test_metrics_of_a_full_channel_are_replaced_not_queued(slow: SlowChannel) -> None:
    outbox = LatestOutbox()
    outbox.attach(slow.real())
    for number in range(100):
        outbox.send(f"{number:500}")
    in_flight = len(slow.sent)
    assert slow.bufferedAmount <= channel.METRICS_BUFFER + 500
    slow.drain()
    assert slow.sent[in_flight:] == [f"{99:500}"]


def test_control_keeps_the_order_and_waits_for_room(slow: SlowChannel) -> None:
    outbox = ReliableOutbox()
    outbox.send("first")
    outbox.attach(slow.real())
    messages = [f"{number:4000}" for number in range(30)]
    for message in messages:
        outbox.send(message)
    assert slow.bufferedAmount <= channel.CONTROL_BUFFER + 4000
    assert not outbox.empty
    for _ in range(8):
        slow.drain()
    assert slow.sent == ["first", *messages]


def test_control_without_a_channel_keeps_the_last_messages_only(slow: SlowChannel) -> None:
    outbox = ReliableOutbox()
    for number in range(1000):
        outbox.send(str(number))
    outbox.attach(slow.real())
    assert slow.sent == [str(n) for n in range(1000 - channel.CONTROL_BACKLOG, 1000)]


def test_sending_on_a_closed_channel_is_no_error(slow: SlowChannel) -> None:
    for outbox in (LatestOutbox(), ReliableOutbox()):
        outbox.attach(slow.real())
        slow.readyState = "closed"
        outbox.send("late")
    assert slow.sent == []


async def test_messages_come_out_in_order() -> None:
    inbox = Inbox(HandClock())
    inbox.take("a")
    inbox.take("b")
    assert [await inbox.receive(), await inbox.receive()] == ["a", "b"]


def test_long_and_binary_messages_are_dropped_and_counted() -> None:
    refused: list[str] = []
    inbox = Inbox(HandClock(), refused.append)
    inbox.take("é" * (channel.MESSAGE_BYTES // 2 + 1))
    inbox.take(b"binary")
    assert refused == ["message_too_large"] * 2


async def test_a_flood_is_dropped_and_a_patient_client_is_heard_again() -> None:
    clock = HandClock()
    refused: list[str] = []
    inbox = Inbox(clock, refused.append)
    for number in range(500):
        inbox.take(str(number))
    assert refused == ["too_many_messages"] * int(500 - channel.MESSAGE_BURST)
    clock.seconds += 1.0
    inbox.take("later")
    heard = [await inbox.receive() for _ in range(int(channel.MESSAGE_BURST) + 1)]
    assert heard[-1] == "later"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(inbox.receive(), 0.01)
