"""What a client's control messages do to the measurement."""

import json
from collections.abc import Mapping

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.session.control import Control
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

FACE = measure(DrawnFace().landmarks(), SIZE)
MIDDLE = {"x": 0.5, "y": 0.5}


def told(*messages: Mapping[str, object]) -> Meter:
    """Two seconds of looking at the screen after each message."""
    meter, now = Meter(MetricsConfig()), 0.0
    control = Control(meter)
    for message in messages:
        assert control.take(json.dumps({"v": 1, **message}), now) is None
        for _ in range(20):
            meter.observe(Observation(now, now, 1, face=FACE))
            now += 0.1
    return meter


def test_a_calibration_is_kept_only_where_the_student_says_so() -> None:
    plain = told({"type": "calibrate", "point": MIDDLE})
    kept = told({"type": "calibrate", "point": MIDDLE, "keep": True})
    assert plain.summary(2.0).calibration is None
    assert set(kept.summary(2.0).calibration or {}) == {"x", "y"}


def test_the_last_word_on_keeping_counts() -> None:
    point = {"type": "calibrate", "point": MIDDLE}
    assert told({**point, "keep": True}, point).summary(4.0).calibration is None


def test_time_that_the_client_says_is_hidden_is_unknown() -> None:
    meter = told(
        {"type": "visibility", "state": "hidden"}, {"type": "visibility", "state": "visible"}
    )
    assert meter.finish(4.0).unknown_by_cause == {"hidden": 2.0}
