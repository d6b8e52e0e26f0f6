"""One sample a second, none twice, none lost when the store is away."""

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.session.recorder import SampleLog


def fill(log: SampleLog, seconds: float, start: float = 0.0) -> None:
    meter = Meter(MetricsConfig())
    for frame in range(int(seconds * 10)):
        at = start + frame / 10
        log.note(at, meter.observe(Observation(at, at, 0)))


def test_each_second_leaves_one_sample() -> None:
    log = SampleLog()
    fill(log, 3.5)
    samples = log.pending()
    assert [sample.second for sample in samples] == [0, 1, 2, 3]
    assert samples[3].data["state"] in {"unfocused", "pending"}
    assert samples[3].data["face_count"] == 0


def test_what_was_not_written_stays_and_what_was_never_returns() -> None:
    log = SampleLog()
    fill(log, 2)
    first = log.pending()
    assert log.pending() == first
    log.written(first)
    fill(log, 3, start=1.5)
    assert [sample.second for sample in log.pending()] == [2, 3, 4]
