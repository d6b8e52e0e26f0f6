"""A session of single pictures."""

import pytest

from rtc_server.worker.picture_transport import PATIENCE, PictureTransport


@pytest.mark.parametrize(("configured", "waits"), [(60.0, 30.0), (5.0, 5.0)])
async def test_it_waits_no_longer_than_the_old_service(configured: float, waits: float) -> None:
    assert PATIENCE == 30.0
    transport = PictureTransport("connection", lambda _: None, patience=configured)
    assert transport.patience == waits


async def test_metrics_answer_their_picture_and_are_told_to_whoever_listens() -> None:
    told: list[str] = []
    transport = PictureTransport("connection", told.append)
    for watched, text in ((False, "first"), (True, "second")):
        transport.watched = watched
        answer = transport.frames.push(b"jpeg", 1.0)
        await transport.frames.next()
        transport.send_metrics(text)
        assert await answer == text
    assert told == ["second"]
