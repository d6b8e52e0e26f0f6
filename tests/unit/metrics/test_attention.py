"""The score is 1 at the screen with open eyes, and every term can take it to 0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.attention import Smoothed, attention, eyes_term, gaze_term, head_term
from rtc_server.metrics.gaze import Offset
from rtc_server.metrics.model import HeadPose

CONFIG = MetricsConfig()
shares = st.floats(0, 1)


@given(shares, shares, shares)
def test_it_is_a_share_and_no_more_than_its_best_term(
    gaze: float, head: float, eyes: float
) -> None:
    assert 0 <= attention(gaze, head, eyes) <= max(gaze, head, eyes) + 1e-9


@pytest.mark.parametrize("terms", [(0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)])
def test_one_term_can_take_it_to_nothing(terms: tuple[float, float, float]) -> None:
    assert attention(*terms) == 0


def test_the_whole_screen_counts_as_looked_at() -> None:
    assert gaze_term(CONFIG, Offset(15.0, 10.0)) == 1
    assert gaze_term(CONFIG, Offset(40.0, 0.0)) < 0.01


def test_small_turns_of_the_head_cost_little() -> None:
    assert head_term(CONFIG, HeadPose(8.0, 5.0, 20.0)) > 0.85
    assert head_term(CONFIG, HeadPose(50.0, 0.0, 0.0)) < 0.05


@pytest.mark.parametrize(
    ("perclos", "term"), [(None, 1.0), (0.05, 1.0), (0.25, 0.5), (0.40, 0.0), (0.9, 0.0)]
)
def test_sleepy_eyes_lower_it(perclos: float | None, term: float) -> None:
    assert eyes_term(perclos, closed=False) == pytest.approx(term)
    assert eyes_term(perclos, closed=True) == 0


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_smoothing_is_a_matter_of_time_and_not_of_frames(fps: int) -> None:
    smoothed = Smoothed(tau=1.0)
    smoothed.add(0.0, 1.0)
    for _ in range(fps):
        smoothed.add(1 / fps, 0.0)
    assert smoothed.value == pytest.approx(0.3679, abs=0.001)
