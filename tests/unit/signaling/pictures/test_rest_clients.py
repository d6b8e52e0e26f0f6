"""Who sends pictures by plain requests, and what waits for them."""

from dataclasses import replace

import pytest

from rtc_server.base.errors import Overloaded, SessionClosed, SessionNotFound
from rtc_server.base.identity import Identity
from rtc_server.front.admission import Admitted
from rtc_server.front.mailbox import Mailbox, Mailboxes
from rtc_server.store.model import SessionRow, SessionState
from signaling.access.caller import Caller
from signaling.http.errors import RateLimited
from signaling.pictures.rest_clients import SILENT_SECONDS, RestClients
from signaling.pictures.sessions import PictureSessions
from tests.fakes.clock import HandClock
from tests.fakes.rows import stored_row

CALLER = Caller(Identity("s1", "7", "3", None, "rest"), "192.0.2.1")


class AnsweringPlacement:
    """Answers pictures and messages as a session does, until it has ended."""

    def __init__(self) -> None:
        self.mailboxes = Mailboxes()
        self.ended = False

    def listen(self, session_id: str) -> Mailbox:
        return self.mailboxes.open(session_id)

    async def frame(self, session_id: str, jpeg: bytes) -> str | None:
        if self.ended or session_id not in self.mailboxes:
            raise SessionClosed
        return '{"type": "metrics"}' if jpeg else None

    async def say(self, session_id: str, text: str) -> None:
        if self.ended:
            raise SessionNotFound
        if '"ping"' in text:
            self.mailboxes.put(session_id, '{"type": "pong"}')


class OpenGate:
    """Lets anyone in, a new resource each time; or nobody."""

    def __init__(self) -> None:
        self.opened = 0
        self.is_full = False

    async def open(self, caller: Caller, _offer: str | None) -> Admitted:
        if self.is_full:
            raise Overloaded
        self.opened += 1
        resource = f"r{self.opened}"
        return Admitted(caller.identity.session_id, None, resource, "token", connection="c")


class StoredRows:
    """What other front processes wrote, by resource."""

    def __init__(self) -> None:
        self.rows: dict[str, SessionRow] = {}

    async def row_of(self, resource: str) -> SessionRow:
        if resource not in self.rows:
            raise SessionNotFound
        return self.rows[resource]


class Front:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.placement = AnsweringPlacement()
        self.gate = OpenGate()
        self.stored = StoredRows()
        sessions = PictureSessions(self.gate, self.stored, self.placement, self.clock, 10.0)  # type: ignore[arg-type] # the parts that it uses
        self.clients = RestClients(sessions, self.placement, self.clock)  # type: ignore[arg-type] # the parts that it uses


@pytest.fixture
def front() -> Front:
    return Front()


async def test_a_picture_is_answered_by_its_metrics_and_what_waited(front: Front) -> None:
    admitted = await front.clients.begin(CALLER)
    front.placement.mailboxes.put("s1", '{"type": "hello"}')
    client = await front.clients.of(admitted.resource)
    assert await client.frame(b"jpeg") == ['{"type": "metrics"}', '{"type": "hello"}']
    assert await client.frame(b"") == []


async def test_a_message_is_answered_by_what_answers_it(front: Front) -> None:
    client = await front.clients.of((await front.clients.begin(CALLER)).resource)
    assert await client.say('{"v": 1, "type": "ping", "t": 1}') == ['{"type": "pong"}']
    assert await client.say('{"v": 1, "type": "pause"}') == []


async def test_last_words_are_said_once(front: Front) -> None:
    client = await front.clients.of((await front.clients.begin(CALLER)).resource)
    front.placement.mailboxes.put("s1", '{"type": "summary"}')
    front.placement.ended = True
    assert await client.frame(b"jpeg") == ['{"type": "summary"}']
    with pytest.raises(SessionClosed):
        await client.frame(b"jpeg")
    with pytest.raises(SessionNotFound):
        await client.say('{"v": 1, "type": "ping", "t": 1}')


async def test_pictures_beyond_the_rate_are_refused(front: Front) -> None:
    client = await front.clients.of((await front.clients.begin(CALLER)).resource)
    for _ in range(15):
        await client.frame(b"jpeg")
    with pytest.raises(RateLimited):
        await client.frame(b"jpeg")


async def test_a_client_that_is_silent_for_long_is_forgotten(front: Front) -> None:
    silent = await front.clients.begin(CALLER)
    talking = await front.clients.begin(CALLER)
    front.clock.seconds += SILENT_SECONDS
    await (await front.clients.of(talking.resource)).frame(b"jpeg")
    front.clock.seconds += 1.0
    await front.clients.begin(CALLER)
    await front.clients.of(talking.resource)
    with pytest.raises(SessionNotFound):
        await front.clients.of(silent.resource)


async def test_whoever_is_not_let_in_is_not_listened_for(front: Front) -> None:
    front.gate.is_full = True
    with pytest.raises(Overloaded):
        await front.clients.begin(CALLER)
    assert "s1" not in front.placement.mailboxes


async def test_a_client_that_attached_at_another_front_process_is_taken_in(front: Front) -> None:
    front.stored.rows["elsewhere"] = stored_row("s2")
    client = await front.clients.of("elsewhere")
    front.placement.mailboxes.put("s2", '{"type": "advice"}')
    assert await client.frame(b"jpeg") == ['{"type": "metrics"}', '{"type": "advice"}']
    assert await front.clients.of("elsewhere") is client


async def test_a_session_that_has_ended_is_not_taken_in(front: Front) -> None:
    front.stored.rows["over"] = replace(stored_row("s3"), state=SessionState.ENDED)
    with pytest.raises(SessionNotFound):
        await front.clients.of("over")
    assert "s3" not in front.placement.mailboxes
