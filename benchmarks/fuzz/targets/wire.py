"""Messages of clients: our own, and the old service's frames."""

import json
from pathlib import Path

from benchmarks.fuzz.targets import Target
from rtc_server.base.config import MetricsConfig
from rtc_server.base.errors import RtcServerError
from rtc_server.metrics import wire
from rtc_server.metrics.meter import Meter
from rtc_server.session.control import Answer, Calibrate, Effect, Mark, effect_of
from signaling.access.caller import Caller
from signaling.access.read_identity import read_identity
from signaling.http.errors import status_of
from signaling.legacy import frame_json

MESSAGES = Path(__file__).parents[3] / "tests" / "data" / "messages"
OLD = (
    b'{"user_id":"7","module_id":3,"section_id":"2","frame_id":1,"timestamp":1.5,"fps":10,'
    b'"frame_base64":"data:image/jpeg;base64,/9j/2Q=="}'
)
WORDS = ('"v":1', '"type":"', '"point":', '"x":', '"y":', "1e400", "NaN", "null", "\\ud800", "[[[[")


def run(data: bytes) -> None:
    """Take one message of each protocol."""
    text = data.decode("utf-8", "replace")
    _act_on(effect_of(text))
    try:
        asked = frame_json.read_request(data, _caller, 4096)
    except RtcServerError as error:
        assert 400 <= status_of(error) < 500  # noqa: PLR2004 - the client's fault, and no other
    else:
        json.dumps(frame_json.answer(asked.given, None), allow_nan=False)


def _act_on(effect: Effect | None) -> None:
    match effect:
        case Answer(message):
            answer = wire.encode(message)
            assert len(answer) <= wire.MAX_MESSAGE_BYTES
            assert json.loads(answer)["type"] in {"pong", "notice"}
        case Mark(cause, on):
            (METER.mark if on else METER.unmark)(cause, 1.0)
        case Calibrate(point, keep):
            METER.calibrate(1.0, point, keep=keep)


def _caller(given: frame_json.OldFrame) -> Caller:
    return Caller(read_identity(given.model_dump(), "rest"), "192.0.2.1")


METER = Meter(MetricsConfig())
TARGET = Target(run, [*(file.read_bytes() for file in sorted(MESSAGES.glob("*.json"))), OLD], WORDS)
