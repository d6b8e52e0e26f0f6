"""Blinks in made aspect ratios: depth, length, tremble and rate."""

import json
import math

import numpy as np
import pytest

from rtc_server.metrics.blink import DipCounter, Onset

OPEN = 0.3


def eye(at: float, blinks: list[float], depth: float = 0.7, scale: float = OPEN) -> float:
    """A lid that falls in 0.08 s and rises with 0.07 s, like real ones."""
    closed = 0.0
    for start in blinks:
        since = at - start
        if 0 <= since < 0.08:
            closed = max(closed, since / 0.08)
        elif since >= 0.08:
            closed = max(closed, math.exp(-(since - 0.08) / 0.07))
    return scale * (1 - depth * closed)


def count(
    times: list[float], blinks: list[float], *, depth: float = 0.7, scale: float = OPEN
) -> list[tuple[float, float]]:
    counter = DipCounter()
    for at in times:
        counter.add(at, eye(at, blinks, depth, scale), scale)
    counter.finish(scale)
    return counter.blinks


BLINKS = [1.0, 3.7, 6.13, 9.05, 9.6, 12.0]


@pytest.mark.parametrize("fps", [30, 25, 15, 10])
@pytest.mark.parametrize("phase", [0.0, 0.33, 0.66])
@pytest.mark.parametrize("scale", [0.15, 0.3, 0.45])
def test_each_blink_is_found_at_every_rate_phase_and_eye(
    fps: int, phase: float, scale: float
) -> None:
    times = [(i + phase) / fps for i in range(15 * fps)]
    found = count(times, BLINKS, scale=scale)
    assert [start for start, _ in found] == pytest.approx(BLINKS, abs=0.15)


def test_frames_that_come_unevenly_or_not_at_all_are_borne() -> None:
    random = np.random.default_rng(3)
    times = np.sort(np.arange(450) / 30 + random.uniform(0, 0.02, 450))
    kept = times[random.random(450) > 0.2].tolist()
    found = count(kept, BLINKS)
    assert len(found) == len(BLINKS)


@pytest.mark.parametrize("fps", [30, 10])
def test_a_glance_down_is_no_blink(fps: int) -> None:
    counter = DipCounter()
    for i in range(20 * fps):
        at = i / fps
        low = 0.5 + 0.5 * math.cos(min(abs(at % 4 - 2) / 0.5, 1.0) * math.pi)
        counter.add(at, OPEN * (1 - 0.25 * low), OPEN)
    counter.finish(OPEN)
    assert counter.blinks == []


@pytest.mark.parametrize("fps", [30, 10])
@pytest.mark.parametrize("tremble", [0.02, 0.05])
def test_trembling_landmarks_do_not_blink(fps: int, tremble: float) -> None:
    random = np.random.default_rng(5)
    counter = DipCounter()
    for i in range(60 * fps):
        counter.add(i / fps, OPEN * (1 + tremble * random.normal()), OPEN)
    counter.finish(OPEN)
    assert len(counter.blinks) <= 2


def test_eyes_that_stay_closed_are_no_blink() -> None:
    counter = DipCounter()
    for i in range(100):
        counter.add(i / 10, 0.05 if 40 <= i < 60 else OPEN, OPEN)
    counter.finish(OPEN)
    assert counter.blinks == []


def test_a_blink_in_the_first_second_waits_for_evidence_and_counts() -> None:
    counter = DipCounter()
    counts = []
    for i in range(60):
        counter.add(i / 10, eye(i / 10, [0.75]), OPEN)
        counts.append(len(counter.blinks))
    assert counts[15] == 0
    assert counts[-1] == 1


def test_a_blink_before_the_last_frame_counts_when_the_session_ends() -> None:
    assert len(count([i / 10 for i in range(52)], [4.9])) == 1


def test_frames_of_the_same_time_are_one() -> None:
    times = [i / 10 for i in range(60) for _ in range(2)]
    assert len(count(times, [3.05])) == 1


def test_the_count_goes_on_after_a_checkpoint_in_mid_blink() -> None:
    counter = DipCounter()
    for i in range(70):
        at = i / 10
        counter.add(at, eye(at, [3.0, 5.0]), OPEN)
        if i in {31, 33}:
            state = json.loads(json.dumps(counter.snapshot()))
            counter = DipCounter()
            counter.restore(state)
    counter.finish(OPEN)
    assert len(counter.blinks) == 2


def test_the_rule_for_now_sees_a_blink_begin_and_end() -> None:
    onset = Onset()
    seen = [onset.add(i / 30, eye(i / 30, [1.0]), OPEN, 0.0) for i in range(60)]
    blinking = [i / 30 for i, each in enumerate(seen) if each]
    assert blinking[0] == pytest.approx(1.03, abs=0.04)
    assert blinking[-1] < 1.4


def test_the_rule_for_now_gives_up_on_what_lasts() -> None:
    onset = Onset()
    seen = [onset.add(i / 10, OPEN if i < 10 else 0.1, OPEN, 0.0) for i in range(30)]
    assert seen[10]
    assert not seen[20]


def lowered(at: float, blinks: list[float], depth: float, lower: float) -> float:
    """Blinks after which the lids stay lower for a while, as in a glance down."""
    after = max((math.exp(-(at - start) / 0.8) for start in blinks if at > start + 0.06), default=0)
    return eye(at, blinks, depth) * (1 - lower * after)


@pytest.mark.parametrize("fps", [30, 15, 10])
@pytest.mark.parametrize("phase", [0.0, 0.33, 0.66])
def test_a_shallow_blink_after_which_the_lids_stay_lower_is_found(fps: int, phase: float) -> None:
    counter = DipCounter()
    for i in range(15 * fps):
        at = (i + phase) / fps
        counter.add(at, lowered(at, [1.0, 3.7, 6.13, 9.05, 12.0], depth=0.45, lower=0.25), OPEN)
    counter.finish(OPEN)
    assert len(counter.blinks) == 5


@pytest.mark.parametrize("phase", [0.0, 0.5])
def test_a_blink_that_closes_a_fifth_is_found_at_the_camera_s_rate(phase: float) -> None:
    times = [(i + phase) / 30 for i in range(450)]
    assert len(count(times, BLINKS, depth=0.22)) == len(BLINKS)


@pytest.mark.parametrize("fps", [30, 10])
def test_lids_that_tremble_during_a_glance_down_do_not_blink(fps: int) -> None:
    random = np.random.default_rng(5)
    counter = DipCounter()
    for i in range(20 * fps):
        at = i / fps
        down = 0.3 if any(start <= at < start + 1.2 for start in (4.0, 8.5, 13.0)) else 0.0
        counter.add(at, OPEN * (1 - down) * (1 + random.normal(0, 0.012)), OPEN)
    counter.finish(OPEN)
    assert counter.blinks == []
