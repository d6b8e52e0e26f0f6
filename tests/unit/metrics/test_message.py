"""What is sent without being checked is what the checked message says."""

from dataclasses import fields
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rtc_server.metrics import model, wire
from rtc_server.metrics.message import metrics_message, metrics_text

numbers = st.floats(-1e6, 1e6)
counts = st.integers(0, 10**6)
shares = st.none() | numbers

qualities = st.builds(
    model.Quality,
    inter_ocular_px=shares,
    luminance=shares,
    sharpness=shares,
    ok=st.booleans(),
)
poses = st.builds(model.HeadPose, numbers, numbers, numbers)


def _of(kind: type, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any of a dataclass, whose other fields are numbers."""
    rest = {each.name: numbers for each in fields(kind) if each.name not in known}
    return st.builds(kind, **known, **rest)


totals = _of(model.Totals, focus_sessions=counts, unfocus_sessions=counts, frames_processed=counts)
readings = _of(
    model.Reading,
    face_count=counts,
    quality=qualities,
    state=st.sampled_from(model.State),
    cause=st.none() | st.sampled_from(model.Cause),
    is_focused=st.none() | st.booleans(),
    current_state=st.text(),
    gaze_direction=st.none() | st.sampled_from(model.Direction),
    gaze_vector=st.none() | st.tuples(numbers, numbers, numbers),
    gaze_point=st.none() | st.tuples(numbers, numbers),
    calibrated=st.booleans(),
    gaze_point_cm=st.none() | st.tuples(numbers, numbers),
    head_pose=st.none() | poses,
    relative_pose=st.none() | poses,
    eye_openness=shares,
    blinking=st.booleans(),
    blinks=counts,
    blink_rate=shares,
    perclos=shares,
    attention_score=shares,
    totals=totals,
)


@given(counts, readings)
def test_the_text_is_what_the_message_encodes_to(seq: int, reading: model.Reading) -> None:
    text = metrics_text(seq, reading)
    assert text == wire.encode(metrics_message(seq, reading))
    assert wire.decode_server(text) == metrics_message(seq, reading)
