"""What a client's control messages ask for."""

import pytest

from rtc_server.metrics import wire
from rtc_server.metrics.model import Cause
from rtc_server.session.control import (
    UNREADABLE,
    Agree,
    Answer,
    Calibrate,
    Effect,
    Leave,
    Mark,
    effect_of,
)


@pytest.mark.parametrize(
    ("message", "effect"),
    [
        ('"type":"ping","t":2.5', Answer(wire.Pong(t=2.5))),
        ('"type":"visibility","state":"hidden"', Mark(Cause.HIDDEN, on=True)),
        ('"type":"visibility","state":"visible"', Mark(Cause.HIDDEN, on=False)),
        ('"type":"pause"', Mark(Cause.MUTED, on=True)),
        ('"type":"resume"', Mark(Cause.MUTED, on=False)),
        ('"type":"calibrate"', Calibrate(None, keep=False)),
        (
            '"type":"calibrate","point":{"x":0.5,"y":0.25},"keep":true',
            Calibrate((0.5, 0.25), keep=True),
        ),
        ('"type":"consent","version":"2026-11"', Agree("2026-11")),
        ('"type":"bye"', Leave()),
        ('"type":"attach"', None),
        ('"type":"hover"', UNREADABLE),
    ],
)
def test_a_message_has_one_effect(message: str, effect: Effect | None) -> None:
    assert effect_of(f'{{"v":1,{message}}}') == effect


def test_what_is_no_message_is_answered() -> None:
    assert effect_of("{]") == UNREADABLE
