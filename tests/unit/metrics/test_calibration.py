"""Nine points settle few parameters, and outliers do not."""

import json

import numpy as np
import pytest

from rtc_server.metrics.calibration import NOISE_X, ScreenCalibration, fit_axis
from rtc_server.metrics.gaze import WEIGHTS_X, WEIGHTS_Y, Gaze

RANDOM = np.random.default_rng(7)
NINE = [(x, y) for y in (-8.0, 0.0, 8.0) for x in (-14.0, 0.0, 14.0)]


def gaze(point: tuple[float, float], bias: tuple[float, float], gain: float = 1.0) -> Gaze:
    """A line of sight whose eyes' terms put it on ``point`` after ``gain`` and ``bias``."""
    x, y = ((at - off) / gain for at, off in zip(point, bias, strict=True))
    return Gaze(
        (0.0, x / WEIGHTS_X[1], 0.0), (0.0, 0.0, 0.0, y / WEIGHTS_Y[3], 0.0), (0, 0), (0, 0, 60)
    )


def calibrated(bias: tuple[float, float], gain: float, points: int = 9) -> ScreenCalibration:
    calibration = ScreenCalibration()
    for target in NINE[:points]:
        calibration.start(target)
        for _ in range(5):
            calibration.add(gaze(target, bias, gain))
        calibration.stop()
    return calibration


def test_nothing_is_known_before_the_first_point() -> None:
    calibration = ScreenCalibration()
    assert not calibration.ready
    with pytest.raises(RuntimeError):
        calibration.apply(gaze((0, 0), (0, 0)))


def test_parameters_alone_are_kept_and_only_if_wished() -> None:
    assert calibrated((4.0, -6.0), 1.0).kept is None
    calibration = calibrated((4.0, -6.0), 1.0)
    calibration.keep = True
    kept = calibration.kept
    assert kept is not None
    assert {axis: len(values) for axis, values in kept.items()} == {
        "x": len(WEIGHTS_X) + 1,
        "y": len(WEIGHTS_Y) + 1,
    }
    assert (kept["x"][-1], kept["y"][-1]) == pytest.approx((4.0, -6.0), abs=0.1)


def test_a_wish_without_points_keeps_nothing() -> None:
    calibration = ScreenCalibration()
    calibration.keep = True
    assert calibration.kept is None


@pytest.mark.parametrize("gain", [0.8, 1.0, 1.25])
def test_bias_and_gain_of_a_person_are_found(gain: float) -> None:
    calibration = calibrated((4.0, -6.0), gain)
    seen = calibration.apply(gaze((7.0, 4.0), (4.0, -6.0), gain))
    assert seen == pytest.approx((7.0, 4.0), abs=1.0)


def test_one_point_settles_the_bias_alone() -> None:
    calibration = calibrated((4.0, -6.0), 1.0, points=1)
    assert calibration.apply(gaze((5.0, 5.0), (4.0, -6.0))) == pytest.approx((5, 5), abs=0.1)


def test_a_blink_on_one_point_does_not_spoil_the_others() -> None:
    targets = np.linspace(-14, 14, 9)
    terms = np.stack([targets / WEIGHTS_X[0], np.zeros(9), np.zeros(9)], axis=1)
    spoilt = targets.copy()
    spoilt[2] += 40
    fit = fit_axis(terms.tolist(), spoilt.tolist(), WEIGHTS_X, NOISE_X)
    assert fit.bias == pytest.approx(0.0, abs=1.5)


def test_noise_leaves_the_weights_near_those_of_people_at_large() -> None:
    terms = RANDOM.normal(0, 0.3, (9, 3))
    targets = RANDOM.normal(0, 2.5, 9)
    fit = fit_axis(terms.tolist(), targets.tolist(), WEIGHTS_X, NOISE_X)
    assert np.abs(np.subtract(fit.weights, WEIGHTS_X)).max() < 0.3


def test_a_second_look_at_a_point_replaces_the_first() -> None:
    calibration = calibrated((30.0, 0.0), 1.0, points=1)
    calibration.start(NINE[0])
    calibration.add(gaze(NINE[0], (2.0, 0.0)))
    calibration.stop()
    assert calibration.apply(gaze((0, 0), (2.0, 0.0))) == pytest.approx((0, 0), abs=0.1)


def test_a_calibration_survives_a_checkpoint() -> None:
    calibration, again = calibrated((4.0, -6.0), 1.1), ScreenCalibration()
    calibration.keep = True
    again.restore(json.loads(json.dumps(calibration.snapshot())))
    assert again.kept == calibration.kept
    there = gaze((3, 3), (0, 0))
    assert again.apply(there) == pytest.approx(calibration.apply(there))
