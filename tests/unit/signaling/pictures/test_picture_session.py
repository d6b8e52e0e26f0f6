"""What a client of pictures may say, and how often."""

import pytest

from rtc_server.front.admission import Admitted
from signaling.http.errors import BadRequest, RateLimited, status_of
from signaling.pictures.picture_session import MESSAGE_BURST, MESSAGE_BYTES, PictureSession
from tests.fakes.clock import HandClock


class Heard:
    """A placement that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def say(self, _session_id: str, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def session(heard: Heard, clock: HandClock) -> PictureSession:
    session = PictureSession(heard, clock, 10.0)  # type: ignore[arg-type]  # as much of one as is asked for
    session.attach(Admitted("s-1", None, "resource", "token", "connection"))
    return session


async def test_a_message_longer_than_on_a_data_channel_is_refused(
    session: PictureSession, heard: Heard
) -> None:
    await session.say("é" * (MESSAGE_BYTES // 2))
    with pytest.raises(BadRequest) as refused:
        await session.say("é" * (MESSAGE_BYTES // 2) + "!")
    assert refused.value.code == "message_too_large"
    assert len(heard.said) == 1


async def test_a_flood_is_refused_until_the_client_slows_down(
    session: PictureSession, heard: Heard, clock: HandClock
) -> None:
    for _ in range(int(MESSAGE_BURST)):
        await session.say("{}")
    with pytest.raises(RateLimited) as refused:
        await session.say("{}")
    assert (refused.value.code, status_of(refused.value)) == ("too_many_messages", 429)
    assert len(heard.said) == MESSAGE_BURST
    clock.seconds += 1.0
    await session.say("{}")
