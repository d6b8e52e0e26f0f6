"""Advice is seldom, and never costs the face its pixels."""

from rtc_server.metrics.wire import Advice
from rtc_server.session.advice import Adviser, FrameFacts


def watch(
    adviser: Adviser, seconds: float, px: float | None, width: int = 1280, fps: float = 10.0
) -> list[Advice]:
    """Advices of so many seconds at ten frames each; the clock goes on where it stood."""
    start = getattr(adviser, "_test_clock", 0.0)
    adviser._test_clock = start + seconds  # type: ignore[attr-defined]  # the test's own
    sights = (FrameFacts(start + n / 10, px, width, fps) for n in range(int(seconds * 10)))
    return [advice for facts in sights if (advice := adviser.see(facts)) is not None]


def test_a_face_of_ordinary_size_needs_no_advice() -> None:
    assert watch(Adviser(10), 60, px=82, width=640) == []


def test_a_large_face_may_shrink_once_it_stays_large() -> None:
    adviser = Adviser(10)
    assert watch(adviser, 4, px=170) == []
    (advice,) = watch(adviser, 4, px=170)
    assert advice.scale_down_by == 2.0
    assert advice.reason == "face_large"


def test_a_little_too_large_shrinks_a_little() -> None:
    (advice,) = watch(Adviser(10), 8, px=95, width=640)
    assert advice.scale_down_by == 1.25


def test_a_publisher_that_obeyed_hears_nothing_more() -> None:
    adviser = Adviser(10)
    watch(adviser, 8, px=170)
    assert watch(adviser, 60, px=85, width=640) == []


def test_who_leans_back_gets_the_pixels_back_at_once() -> None:
    adviser = Adviser(10)
    watch(adviser, 8, px=170)
    (advice,) = watch(adviser, 1, px=40, width=640)
    assert advice.scale_down_by == 1.0
    assert advice.reason == "face_small"


def test_a_moment_near_the_camera_changes_nothing() -> None:
    adviser = Adviser(10)
    for _ in range(10):
        assert watch(adviser, 2, px=170) == []
        assert watch(adviser, 1, px=85) == []


def test_no_face_no_advice() -> None:
    assert watch(Adviser(10), 60, px=None) == []


def test_a_fast_source_is_told_the_rate_and_seldom_reminded() -> None:
    advices = watch(Adviser(10), 70, px=82, width=640, fps=30)
    assert [advice.max_fps for advice in advices] == [10, 10, 10]
    assert {advice.reason for advice in advices} == {"rate"}


def test_what_is_too_large_for_the_service_stays_smaller() -> None:
    adviser = Adviser(10)
    assert adviser.restrain(2.0).scale_down_by == 2.0
    assert watch(adviser, 60, px=20, width=1920) == []  # a small face does not bring it back
