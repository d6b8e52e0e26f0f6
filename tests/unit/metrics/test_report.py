"""What old clients are told."""

import pytest

from rtc_server.metrics.accounts import FOCUSED, Verdict
from rtc_server.metrics.model import Cause, Direction
from rtc_server.metrics.report import old_label


@pytest.mark.parametrize(
    ("verdict", "direction", "label"),
    [
        (None, None, "error"),
        (Verdict.of(Cause.SEVERAL_FACES), Direction.CENTER, "error"),
        (FOCUSED, Direction.CENTER, "centered"),
        (FOCUSED, None, "centered"),
        (FOCUSED, Direction.LEFT, "looking_left"),
        (FOCUSED, Direction.DOWN, "looking_down"),
        (Verdict.of(Cause.LOOKING_AWAY), Direction.RIGHT, "looking_right"),
        (Verdict.of(Cause.LOOKING_AWAY), Direction.UP, "looking_up"),
        (Verdict.of(Cause.LOOKING_AWAY), None, "distracted"),
        (Verdict.of(Cause.FACE_TURNED), Direction.LEFT, "face_turned"),
        (Verdict.of(Cause.EYES_CLOSED), None, "eyes_closed"),
        (Verdict.of(Cause.NO_FACE), None, "no_face"),
    ],
)
def test_each_state_has_the_deployed_services_label(
    verdict: Verdict | None, direction: Direction | None, label: str
) -> None:
    assert old_label(verdict, direction) == label
