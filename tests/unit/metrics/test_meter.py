"""The whole measurement of a session, on drawn faces."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import (
    Cause,
    Direction,
    FaceMeasure,
    Observation,
    Quality,
    Reading,
    State,
)
from rtc_server.vision.geometry import measure
from tests.fakes.drawn_face import SIZE, DrawnFace

OF_THE_FIRST_VERSION = Path(__file__).parents[2] / "data" / "checkpoint-of-0.1-with-a-face.json"
STRAIGHT = DrawnFace()
FACES: list[FaceMeasure | None] = [
    None,
    *(
        measure(drawn.landmarks(), SIZE)
        for drawn in (
            STRAIGHT,
            DrawnFace(openness=0.05),
            DrawnFace(yaw=50),
            DrawnFace(pitch=-30),
            DrawnFace(gaze_x=0.6),
            DrawnFace(distance=200),
        )
    ),
]


class Viewing:
    """A meter that watches drawn faces at ten frames a second."""

    def __init__(self, config: MetricsConfig | None = None) -> None:
        self.meter = Meter(config or MetricsConfig())
        self.now = 0.0
        self.frame = 0.1
        self.readings: list[Reading] = []

    def watch(
        self,
        drawn: DrawnFace | None,
        seconds: float,
        *,
        count: int = 1,
        quality: Quality | None = None,
        second: float | None = None,
    ) -> "Viewing":
        face = None if drawn is None else measure(drawn.landmarks(), SIZE)
        for _ in range(round(seconds / self.frame)):
            observation = Observation(
                self.now,
                self.now,
                0 if face is None else count,
                quality or Quality(),
                face,
                second,
            )
            self.readings.append(self.meter.observe(observation))
            self.now += self.frame
        return self

    def live(self, drawn: DrawnFace, seconds: float) -> "Viewing":
        """The same of somebody who blinks every few seconds."""
        until = self.now + seconds - 1e-6
        while self.now < until:
            self.watch(drawn, min(3.0, until - self.now + 1e-6))
            if self.now < until:
                self.watch(replace(drawn, openness=0.1), min(0.2, until - self.now + 1e-6))
        return self

    @property
    def last(self) -> Reading:
        return self.readings[-1]


elapsed_times = st.floats(-1, 50, allow_nan=False)
media_times = st.floats(allow_nan=False, allow_infinity=False, width=32) | elapsed_times
happenings = st.lists(
    st.one_of(
        st.tuples(
            st.just("observe"),
            elapsed_times,
            media_times,
            st.sampled_from(FACES),
            st.integers(0, 3),
        ),
        st.tuples(st.just("mark"), elapsed_times, st.sampled_from([Cause.MUTED, Cause.HIDDEN])),
        st.tuples(st.just("unmark"), elapsed_times, st.sampled_from([Cause.MUTED, Cause.HIDDEN])),
        st.tuples(st.just("calibrate"), elapsed_times, st.none() | st.just((0.2, 0.7))),
        st.tuples(st.just("restart")),
    ),
    max_size=40,
)


def happen(meter: Meter, event: tuple[object, ...]) -> Meter:
    what, *rest = event
    if what == "restart":
        return Meter.restore(MetricsConfig(), json.loads(json.dumps(meter.snapshot())))
    if what == "observe":
        elapsed, media, face, count = rest
        observation = Observation(media, elapsed, count, Quality(), face)  # type: ignore[arg-type]
        meter.observe(observation)
    elif what == "calibrate":
        meter.calibrate(*rest)  # type: ignore[arg-type]
    else:
        getattr(meter, str(what))(rest[1], rest[0])
    return meter


@settings(max_examples=60)
@given(happenings)
def test_reordered_and_forged_times_never_book_more_than_elapsed(
    events: list[tuple[object, ...]],
) -> None:
    meter = Meter(MetricsConfig())
    before = (0.0, 0.0, 0.0)
    latest = 0.0
    for event in events:
        meter = happen(meter, event)
        if len(event) > 1:
            latest = max(latest, float(event[1]))  # type: ignore[arg-type]
        account = meter.summary(0.0)
        settled = (account.focused_time, account.unfocused_time, account.unknown_time)
        assert sum(settled) + account.pending_time == pytest.approx(account.elapsed, abs=1e-9)
        assert account.pending_time >= 0
        assert account.elapsed <= latest + 1e-6
        assert all(old <= new for old, new in zip(before, settled, strict=True))
        before = settled
    done = meter.finish(latest)
    assert done.pending_time == 0
    assert done.elapsed == pytest.approx(latest, abs=1e-6)


def test_someone_who_looks_at_the_screen_is_focused() -> None:
    viewing = Viewing().watch(STRAIGHT, 10)
    assert viewing.last.is_focused is True
    assert viewing.last.state is State.FOCUSED
    assert viewing.last.gaze_direction is Direction.CENTER
    assert viewing.last.current_state == "centered"
    assert viewing.last.attention_score == pytest.approx(1.0, abs=0.05)
    assert viewing.meter.finish(viewing.now).focused_time == pytest.approx(10.0, abs=0.1)


def test_no_face_is_never_focused() -> None:
    viewing = Viewing().watch(STRAIGHT, 10)
    seen = len(viewing.readings)
    viewing.watch(None, 4)
    assert all(reading.is_focused is not True for reading in viewing.readings[seen:])
    assert viewing.last.is_focused is False
    assert viewing.last.cause is Cause.NO_FACE
    assert viewing.last.current_state == "no_face"
    assert viewing.last.attention_score == pytest.approx(0.0, abs=0.05)


def test_a_session_without_any_face_is_unfocused_and_says_why() -> None:
    summary = Viewing().watch(None, 10).meter.finish(10.0)
    assert summary.unfocused_by_cause == {"no_face": pytest.approx(10.0)}
    assert summary.detection_rate == 0


@pytest.mark.parametrize(
    ("drawn", "causes"),
    [
        (DrawnFace(yaw=50), {Cause.FACE_TURNED}),
        (DrawnFace(yaw=-50), {Cause.FACE_TURNED}),
        (DrawnFace(pitch=-35), {Cause.FACE_TURNED}),
        (DrawnFace(gaze_x=0.7), {Cause.LOOKING_AWAY}),
        (DrawnFace(openness=0.05), {Cause.EYES_CLOSED}),
    ],
)
def test_being_away_is_told_by_its_cause(drawn: DrawnFace, causes: set[Cause]) -> None:
    viewing = Viewing().watch(STRAIGHT, 10).watch(drawn, 5)
    assert viewing.last.is_focused is False
    assert viewing.last.cause in causes
    summary = viewing.meter.finish(viewing.now)
    assert summary.unfocused_time == pytest.approx(5.0, abs=0.5)


@pytest.mark.parametrize(
    "usual",
    [
        DrawnFace(pitch=18),
        DrawnFace(pitch=-12),
        DrawnFace(yaw=-20),
        DrawnFace(openness=0.5),
        DrawnFace(openness=1.4),
        DrawnFace(roll=12),
        DrawnFace(distance=95),
    ],
)
def test_every_usual_face_and_place_is_learnt_within_ten_seconds(usual: DrawnFace) -> None:
    viewing = Viewing().watch(usual, 20)
    after = [reading for reading in viewing.readings if reading.media_time > 10]
    assert all(reading.is_focused for reading in after)
    assert viewing.meter.finish(20.0).focused_time > 15


def test_a_student_is_seen_from_their_own_side() -> None:
    left = Viewing().watch(STRAIGHT, 8).watch(DrawnFace(gaze_x=0.25), 1)
    right = Viewing().watch(STRAIGHT, 8).watch(DrawnFace(gaze_x=-0.25), 1)
    assert left.last.gaze_direction is Direction.LEFT
    assert right.last.gaze_direction is Direction.RIGHT
    assert left.last.gaze_point is not None
    assert left.last.gaze_point[0] < 0.5


def test_a_mirrored_picture_is_turned_back() -> None:
    viewing = Viewing(MetricsConfig(mirrored=True))
    viewing.watch(STRAIGHT, 8).watch(DrawnFace(gaze_x=0.25), 1)
    assert viewing.last.gaze_direction is Direction.RIGHT


def test_lowered_eyes_look_down() -> None:
    viewing = Viewing().watch(STRAIGHT, 8).watch(DrawnFace(gaze_y=0.14), 1)
    assert viewing.last.gaze_direction is Direction.DOWN


def test_blinks_are_counted_and_do_not_interrupt_focus() -> None:
    viewing = Viewing()
    for _ in range(8):
        viewing.watch(STRAIGHT, 2.8).watch(DrawnFace(openness=0.1), 0.2)
    viewing.watch(STRAIGHT, 2)
    summary = viewing.meter.finish(viewing.now)
    assert summary.blink_count == 8
    assert summary.blink_rate == pytest.approx(8 / summary.elapsed * 60, rel=0.02)
    assert summary.unfocused_time == 0
    assert summary.perclos == 0


def test_rates_are_not_told_before_there_is_enough_to_tell() -> None:
    readings = Viewing().watch(STRAIGHT, 16).readings
    early, late = readings[140], readings[-1]
    assert (early.blink_rate, early.perclos) == (None, None)
    assert (late.blink_rate, late.perclos) == (0, 0)


def test_a_small_second_face_does_not_matter_and_a_large_one_makes_it_unknown() -> None:
    small = Viewing().watch(STRAIGHT, 10, count=2, second=20.0)
    large = Viewing().watch(STRAIGHT, 10, count=2, second=60.0)
    assert small.last.is_focused is True
    assert large.last.is_focused is None
    assert large.last.cause is Cause.SEVERAL_FACES
    assert large.last.current_state == "error"


def test_a_dark_face_in_a_bright_picture_is_no_low_light() -> None:
    quality = Quality(luminance=0.05, image_luminance=0.5, noise=0.08)
    assert Viewing().watch(STRAIGHT, 5, quality=quality).last.is_focused is True


def test_a_dark_and_noisy_picture_is_unknown_with_a_face_and_without() -> None:
    quality = Quality(image_luminance=0.03, noise=0.08)
    for drawn in (STRAIGHT, None):
        viewing = Viewing().watch(drawn, 5, quality=quality)
        assert viewing.last.cause is Cause.LOW_LIGHT
        assert viewing.last.is_focused is None
        assert not viewing.last.quality.ok


def test_a_face_too_far_for_anything_is_unknown() -> None:
    assert Viewing().watch(DrawnFace(distance=400), 5).last.cause is Cause.LOW_QUALITY


def test_a_small_face_is_focused_by_its_head_and_says_what_else_it_tells() -> None:
    for distance, lids in ((130, True), (250, False)):
        last = Viewing().watch(DrawnFace(distance=distance), 5).last
        assert last.is_focused
        assert (last.quality.lids, last.quality.gaze) == (lids, False)
        assert last.gaze_point is None
        assert (last.eye_openness is not None) is lids
        assert Viewing().watch(DrawnFace(distance=distance, yaw=60), 5).last.is_focused is False


@pytest.mark.parametrize("fps", [30, 15, 10, 6])
def test_the_rate_does_not_change_the_account(fps: int) -> None:
    viewing = Viewing()
    viewing.frame = 1 / fps
    viewing.watch(STRAIGHT, 10).watch(DrawnFace(yaw=50), 5).watch(STRAIGHT, 5).watch(None, 5)
    summary = viewing.meter.finish(25.0)
    assert summary.focused_time == pytest.approx(15.0, abs=0.6)
    assert summary.unfocused_by_cause["face_turned"] == pytest.approx(5.0, abs=0.4)
    assert summary.unfocused_by_cause["no_face"] == pytest.approx(5.0, abs=0.4)


def test_a_restored_meter_goes_on_as_if_nothing_had_been() -> None:
    def script(interrupt: Callable[[Viewing], None]) -> Viewing:
        viewing = Viewing().watch(STRAIGHT, 5).watch(DrawnFace(openness=0.1), 0.2)
        viewing.watch(STRAIGHT, 0.3)
        interrupt(viewing)
        viewing.watch(STRAIGHT, 12).watch(DrawnFace(yaw=50), 4)
        return viewing

    def restart(viewing: Viewing) -> None:
        state = json.loads(json.dumps(viewing.meter.snapshot()))
        viewing.meter = Meter.restore(MetricsConfig(), state)

    straight, restarted = script(lambda _: None), script(restart)
    assert restarted.meter.finish(21.5) == straight.meter.finish(21.5)
    assert len(restarted.meter.blinks) == 1


def test_an_outage_is_reconnecting_and_nothing_else() -> None:
    viewing = Viewing().watch(STRAIGHT, 5)
    lost = viewing.now - 0.1
    viewing.now += 8
    viewing.meter.mark(Cause.RECONNECTING, lost)
    viewing.meter.unmark(Cause.RECONNECTING, viewing.now)
    viewing.watch(STRAIGHT, 5)
    summary = viewing.meter.finish(viewing.now)
    assert summary.unknown_by_cause == {"reconnecting": pytest.approx(8.1)}
    assert summary.focused_time == pytest.approx(10.0, abs=0.2)


def test_a_source_that_begins_anew_does_not_disturb_the_account() -> None:
    viewing = Viewing().watch(STRAIGHT, 5)
    face = measure(STRAIGHT.landmarks(), SIZE)
    for i in range(50):
        viewing.meter.observe(Observation(i / 10, 5 + i / 10, 1, face=face))
    assert viewing.meter.finish(10.0).focused_time == pytest.approx(10.0, abs=0.1)


def test_calibrating_takes_a_second_of_unknown_and_the_pose_becomes_neutral() -> None:
    viewing = Viewing().watch(STRAIGHT, 10)
    viewing.meter.calibrate(viewing.now)
    viewing.watch(DrawnFace(yaw=28), 8)
    summary = viewing.meter.finish(viewing.now)
    assert summary.unknown_by_cause == {"calibrating": pytest.approx(1.0, abs=0.11)}
    assert viewing.last.relative_pose is not None
    assert abs(viewing.last.relative_pose.yaw) < 8
    assert viewing.last.is_focused is True


def test_nine_points_place_the_gaze_on_the_screen() -> None:
    viewing = Viewing().watch(STRAIGHT, 3)

    def at(x: float, y: float) -> DrawnFace:
        return DrawnFace(gaze_x=-0.5 * (x - 0.5), gaze_y=0.3 * (y - 0.6))

    for y in (0.1, 0.5, 0.9):
        for x in (0.1, 0.5, 0.9):
            viewing.meter.calibrate(viewing.now, (x, y))
            viewing.watch(at(x, y), 1.2)
    restored = Meter.restore(MetricsConfig(), json.loads(json.dumps(viewing.meter.snapshot())))
    viewing.meter = restored
    viewing.watch(at(0.3, 0.7), 1)
    assert viewing.last.gaze_point == pytest.approx((0.3, 0.7), abs=0.08)
    assert viewing.meter.summary(viewing.now).calibration is None


def test_what_a_point_teaches_is_in_the_summary_if_the_student_wants_it_kept() -> None:
    viewing = Viewing().watch(STRAIGHT, 3)
    viewing.meter.calibrate(viewing.now, (0.5, 0.5), keep=True)
    viewing.watch(STRAIGHT, 1.2)
    kept = viewing.meter.summary(viewing.now).calibration
    assert kept is not None
    assert set(kept) == {"x", "y"}


def test_gaze_is_held_through_a_blink_and_no_longer() -> None:
    viewing = Viewing().watch(STRAIGHT, 5).watch(DrawnFace(openness=0.05), 0.3)
    assert viewing.last.gaze_vector is not None
    viewing.watch(DrawnFace(openness=0.05), 0.6)
    assert viewing.last.gaze_vector is None


def test_the_gaze_vector_points_to_the_screen() -> None:
    vector = Viewing().watch(STRAIGHT, 5).last.gaze_vector
    assert vector is not None
    assert vector[2] < -0.9
    assert sum(part * part for part in vector) == pytest.approx(1.0)


@pytest.mark.parametrize(("gaze_x", "edge"), [(0.7, -0.25), (-0.7, 1.25)])
def test_who_looks_far_away_is_placed_beside_the_screen(gaze_x: float, edge: float) -> None:
    """The angle says how far; a point metres away is nothing but its own error."""
    viewing = Viewing().watch(STRAIGHT, 10).watch(DrawnFace(gaze_x=gaze_x), 1)
    assert viewing.last.gaze_point is not None
    assert viewing.last.gaze_point[0] == pytest.approx(edge)
    assert viewing.last.gaze_vector is not None
    assert abs(viewing.last.gaze_vector[0]) > 0.4


def test_who_sleeps_with_one_eye_covered_is_asleep() -> None:
    viewing = Viewing()
    for _ in range(8):
        viewing.watch(STRAIGHT, 2.0)
        viewing.watch(DrawnFace(openness=0.05, left_openness=1.0), 0.2)
    viewing.watch(DrawnFace(openness=0.05, left_openness=1.0), 7.3).watch(STRAIGHT, 5.0)
    summary = viewing.meter.finish(viewing.now)
    assert summary.unfocused_by_cause["eyes_closed"] == pytest.approx(7.3, abs=0.7)


@pytest.mark.parametrize("seconds", [2.5, 3.0, 4.0])
@pytest.mark.parametrize("first", [DrawnFace(pitch=-25), DrawnFace(yaw=40), DrawnFace(pitch=-35)])
@pytest.mark.parametrize("then", [STRAIGHT, DrawnFace(pitch=14)])
def test_who_looks_elsewhere_at_first_is_focused_afterwards(
    first: DrawnFace, seconds: float, then: DrawnFace
) -> None:
    viewing = Viewing().watch(first, seconds).live(then, 60 - seconds)
    summary = viewing.meter.finish(viewing.now)
    assert summary.unfocused_time == pytest.approx(seconds, abs=0.5)
    assert summary.focused_time == pytest.approx(60 - seconds, abs=0.5)


def test_who_always_holds_the_head_low_is_focused_from_the_first_moment() -> None:
    viewing = Viewing().watch(DrawnFace(pitch=-22), 20.0)
    assert viewing.meter.finish(viewing.now).focused_time == pytest.approx(20.0, abs=0.2)


def test_a_lid_moved_in_mid_session_is_followed_within_ten_seconds() -> None:
    for moved in (DrawnFace(pitch=20), DrawnFace(pitch=-20, y=-15)):
        viewing = Viewing().live(STRAIGHT, 30.0).live(moved, 30.0)
        assert viewing.meter.finish(viewing.now).focused_time > 50.0


@pytest.mark.parametrize("away", [DrawnFace(pitch=-30, gaze_y=0.2, y=3), DrawnFace(yaw=35)])
def test_twenty_seconds_of_looking_away_are_never_neutral(away: DrawnFace) -> None:
    viewing = Viewing().live(STRAIGHT, 20.0).live(away, 20.0).live(STRAIGHT, 20.0)
    assert viewing.meter.finish(viewing.now).unfocused_time == pytest.approx(20.0, abs=1.0)


def test_a_head_that_is_turned_all_along_stays_turned() -> None:
    viewing = Viewing().watch(DrawnFace(yaw=60), 60.0)
    assert viewing.meter.finish(viewing.now).unfocused_by_cause["face_turned"] > 59.0


def test_a_picture_of_a_face_is_no_student_after_half_a_minute() -> None:
    viewing = Viewing().watch(STRAIGHT, 60.0)
    summary = viewing.meter.finish(viewing.now)
    assert viewing.last.cause is Cause.NOT_ALIVE
    assert viewing.last.is_focused is None
    assert summary.unknown_by_cause == {"not_alive": pytest.approx(30.0, abs=0.5)}


def test_eyes_that_look_about_are_proof_enough_of_somebody_who_never_blinks() -> None:
    viewing = Viewing()
    for _ in range(6):
        viewing.watch(STRAIGHT, 8.0).watch(DrawnFace(gaze_x=0.15), 2.0)
    assert viewing.meter.finish(viewing.now).unknown_time == 0


def test_who_sleeps_or_stays_turned_needs_no_proof_of_life() -> None:
    for drawn, cause in (
        (DrawnFace(openness=0.05), "eyes_closed"),
        (DrawnFace(yaw=60), "face_turned"),
    ):
        viewing = Viewing().live(STRAIGHT, 5.0).watch(drawn, 90.0)
        assert viewing.meter.finish(viewing.now).unfocused_by_cause[cause] > 89.0


def test_a_poster_behind_a_student_who_left_is_nobody() -> None:
    viewing = Viewing().live(STRAIGHT, 20.0).watch(DrawnFace(distance=110, x=40, y=-20), 20.0)
    viewing.live(STRAIGHT, 20.0)
    summary = viewing.meter.finish(viewing.now)
    assert summary.unfocused_by_cause == {"no_face": pytest.approx(20.0, abs=1.0)}


def test_a_person_who_takes_the_seat_further_back_is_somebody_after_a_blink() -> None:
    viewing = Viewing().live(STRAIGHT, 20.0).live(DrawnFace(distance=95), 20.0)
    assert viewing.meter.finish(viewing.now).unfocused_time < 5.0


def test_a_dark_picture_that_a_codec_has_smoothed_is_unknown_for_every_skin() -> None:
    for contrast in (0.09, 0.03):
        quality = Quality(image_luminance=0.1, noise=0.001, contrast=contrast)
        assert Viewing().watch(STRAIGHT, 5, quality=quality).last.cause is Cause.LOW_LIGHT
    lit = Quality(luminance=0.2, image_luminance=0.45, noise=0.001, contrast=0.07)
    assert Viewing().watch(STRAIGHT, 5, quality=lit).last.is_focused


def test_a_silhouette_before_a_window_is_unknown() -> None:
    quality = Quality(image_luminance=0.6, noise=0.001, contrast=0.02)
    assert Viewing().watch(STRAIGHT, 5, quality=quality).last.cause is Cause.LOW_LIGHT


def test_the_summary_tells_how_long_each_direction_was_looked_in() -> None:
    viewing = Viewing().watch(STRAIGHT, 9.0).watch(DrawnFace(gaze_x=0.3), 1.0)
    shares = viewing.meter.finish(viewing.now).gaze_directions
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["center"] == pytest.approx(0.9, abs=0.04)
    assert shares["left"] == pytest.approx(0.1, abs=0.04)


def test_a_session_without_eyes_has_no_directions() -> None:
    assert Viewing().watch(None, 5.0).meter.finish(5.0).gaze_directions == {}


def test_a_session_that_the_first_version_measured_goes_on() -> None:
    """Written by 0.1: nineteen seconds with four blinks, a hidden second and two without a face."""
    kept = json.loads(OF_THE_FIRST_VERSION.read_text())
    before = kept["account"]
    viewing = Viewing()
    viewing.meter = Meter.restore(MetricsConfig(), kept["meter"])
    assert viewing.meter.frames_processed == before["frames_processed"]
    assert len(viewing.meter.blinks) == before["blink_count"]
    told = viewing.meter.summary(kept["elapsed"])
    assert told.focused_time == before["focused_time"]
    assert told.unknown_by_cause == before["unknown_by_cause"]
    viewing.now = kept["elapsed"]
    viewing.watch(STRAIGHT, 20.0)
    after = viewing.meter.finish(viewing.now)
    assert after.focused_time >= before["focused_time"] + 17.0
    parts = after.focused_time + after.unfocused_time + after.unknown_time
    assert parts == pytest.approx(after.elapsed, abs=1e-6)
    again = json.loads(json.dumps(viewing.meter.snapshot()))
    assert json.loads(json.dumps(Meter.restore(MetricsConfig(), again).snapshot())) == again
