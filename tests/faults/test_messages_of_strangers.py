"""What a session keeps of its client's messages is bounded."""

import json
from pathlib import Path

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import MetricsConfig, StoreConfig
from rtc_server.metrics.calibration import MAX_POINTS, ScreenCalibration
from rtc_server.metrics.gaze import Gaze
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Cause
from rtc_server.session.control import UNREADABLE, effect_of
from rtc_server.store.consents import MOST_VERSIONS
from rtc_server.store.store import Store
from tests.fakes.rows import created

ORIGIN = (0.0, 0.0, 50.0)


def test_calibration_points_are_few() -> None:
    calibration = ScreenCalibration()
    for number in range(500):
        calibration.start((number / 10, 1.0))
        calibration.add(
            Gaze((0.1, number / 500, 0.2), (0.3, 0.1, 0.2, 0.1, 0.3), (0.0, 0.0), ORIGIN)
        )
        calibration.stop()
    assert len(calibration.snapshot()["fixations"]) == MAX_POINTS
    assert calibration.ready


def test_a_checkpoint_of_many_marks_is_small() -> None:
    meter = Meter(MetricsConfig())
    for number in range(3000):
        meter.mark(Cause.MUTED, number / 100)
        meter.unmark(Cause.MUTED, number / 100)
        meter.calibrate(number / 100)
    assert len(json.dumps(meter.snapshot())) < 50_000


async def test_consents_of_a_session_are_few(tmp_path: Path) -> None:
    store = await Store.open(
        StoreConfig(database_url=f"sqlite+aiosqlite:///{tmp_path / 's.db'}"), SystemClock()
    )
    try:
        session_id = await created(store)
        for number in range(3 * MOST_VERSIONS):
            await store.consents.give(session_id, f"version {number}")
        assert len(await store.consents.of(session_id)) == MOST_VERSIONS
    finally:
        await store.close()


def test_a_version_that_no_database_takes_is_a_bad_message() -> None:
    text = '{"v":1,"type":"consent","version":"a\\u0000b"}'
    assert effect_of(text) == UNREADABLE
