"""What those who watch are told of a session at one moment."""

from rtc_server.base.config import MetricsConfig
from rtc_server.base.identity import Identity
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause, Observation, Quality, State
from rtc_server.session.status import STEP, STEPS, FocusTrail, StatusTracker
from rtc_server.store.model import SessionState

IDENTITY = Identity("an-id", "7", "3", "2", "webrtc")


VERDICTS = {"f": True, "u": False, "n": None}


def trail_of(seconds: str, start: int = 0) -> FocusTrail:
    trail = FocusTrail()
    for second, letter in enumerate(seconds, start):
        trail.note(second, is_focused=VERDICTS[letter])
    return trail


def empty_room(seconds: float, quality: Quality | None = None) -> StatusTracker:
    """Nobody before the camera, at ten frames a second."""
    tracker, meter = StatusTracker(), Meter(MetricsConfig())
    for frame in range(int(seconds * 10)):
        seen = Observation(frame / 10, frame / 10, 0, quality=quality or Quality())
        tracker.note(frame / 10, meter.observe(seen))
    return tracker


def test_a_step_of_the_trail_is_what_most_of_its_frames_were() -> None:
    trail = trail_of("fffuu" + "nnnuu")
    assert trail.text(9.0) == "fn"


def test_steps_without_a_frame_are_told_as_such() -> None:
    assert trail_of("u", start=12).text(21.0) == "..u.."


def test_the_trail_is_five_minutes_long_and_no_longer() -> None:
    trail = trail_of("u" * 5 + "f" * 1000)
    text = trail.text(1004.0)
    assert text == "f" * STEPS
    assert len(trail._steps) <= STEPS


def test_before_the_first_frame_nothing_is_claimed() -> None:
    status = StatusTracker().status(IDENTITY, SessionState.CONNECTING, "webrtc", 0.0)
    assert (status.account, status.cause, status.score, status.usable) == (None, None, None, None)
    assert (status.fps, status.trail) == (0.0, "")


def test_an_empty_room_is_unfocused_for_want_of_a_face() -> None:
    status = empty_room(10.0).status(IDENTITY, SessionState.LIVE, "direct", 9.9)
    assert (status.account, status.cause) == (State.UNFOCUSED, Cause.NO_FACE)
    assert (status.way, status.fps, status.usable) == ("direct", 10.0, 1.0)
    assert status.focus_percentage == 0.0
    assert len(status.trail) == 2
    assert status.trail.endswith("u")


def test_frames_that_stay_away_leave_the_moment_unknown() -> None:
    tracker = empty_room(10.0)
    silent = tracker.status(IDENTITY, SessionState.LIVE, "direct", 9.9 + 3 * STEP)
    assert (silent.account, silent.cause, silent.score) == (State.UNKNOWN, Cause.NO_FRAMES, None)
    assert (silent.fps, silent.usable) == (0.0, None)
    assert silent.trail == "uu..."


def test_a_pause_counts_at_once_a_hidden_page_when_frames_stay_away() -> None:
    tracker = empty_room(10.0)
    paused = tracker.status(IDENTITY, SessionState.LIVE, "direct", 9.9, {Cause.MUTED})
    hidden = tracker.status(IDENTITY, SessionState.LIVE, "direct", 9.9, {Cause.HIDDEN})
    later = tracker.status(IDENTITY, SessionState.LIVE, "direct", 14.0, {Cause.HIDDEN})
    assert [each.cause for each in (paused, hidden, later)] == [
        Cause.MUTED,
        Cause.NO_FACE,
        Cause.HIDDEN,
    ]


def test_a_lost_connection_is_told_even_while_frames_are_fresh() -> None:
    status = empty_room(10.0).status(IDENTITY, SessionState.RECONNECTING, None, 9.9)
    assert (status.account, status.cause) == (State.UNKNOWN, Cause.RECONNECTING)
