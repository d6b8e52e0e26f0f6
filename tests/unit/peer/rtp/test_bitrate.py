"""Bursts estimate what packets do."""

from aiortc.rate import OveruseEstimator, RateCounter, RemoteBitrateEstimator
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.peer.rtp.bitrate import BurstEstimator, Estimate, PeriodEstimator, WindowRate

PACKETS = 5
SIZE = 1200
FRAMES = 300
WRAP = 1 << 24


def estimates(
    estimator: RemoteBitrateEstimator | BurstEstimator, delay_ms: float
) -> list[Estimate]:
    """Ten bursts a second through a path that adds ``delay_ms`` a second; clocks that wrap."""
    made = []
    for frame in range(FRAMES):
        for packet in range(PACKETS):
            sent_ms = 100 * frame + packet * 0.5
            arrived = round(sent_ms + 20 + delay_ms * frame / 10)
            stamp = (int(sent_ms / 1000 * (1 << 18)) + WRAP - 100_000) % WRAP
            estimate = estimator.add(
                arrival_time_ms=arrived, abs_send_time=stamp, payload_size=SIZE, ssrc=7
            )
            if estimate is not None:
                made.append(estimate)
    return made


def test_a_clear_path_is_estimated_alike() -> None:
    ours, theirs = estimates(BurstEstimator(), 0.0), estimates(RemoteBitrateEstimator(), 0.0)
    assert 0.8 < len(ours) / len(theirs) < 1.2
    assert 0.9 < ours[-1][0] / theirs[-1][0] < 1.1
    assert ours[-1][1] == [7]


def test_a_queue_that_grows_lowers_the_estimate() -> None:
    clear, jammed = estimates(BurstEstimator(), 0.0), estimates(BurstEstimator(), 40.0)
    assert jammed[-1][0] < 0.9 * clear[-1][0]


def test_senders_are_told_apart() -> None:
    estimator = BurstEstimator()
    told: list[int] = []
    for time in range(0, 6000, 100):
        for ssrc in (1, 2):
            stamp = int(time / 1000 * (1 << 18))
            estimate = estimator.add(time, stamp, SIZE, ssrc)
            told = told if estimate is None else estimate[1]
    assert sorted(told) == [1, 2]


def test_no_sender_is_told_to_go_beyond_the_maximum() -> None:
    free, capped = estimates(BurstEstimator(), 0.0), estimates(BurstEstimator(300_000), 0.0)
    assert max(bits for bits, _ in free) > 300_000
    assert [bits for bits, _ in capped] == [min(bits, 300_000) for bits, _ in free]


@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 5000)), max_size=60))
def test_the_rate_is_aiortcs(steps: list[tuple[int, int]]) -> None:
    ours, theirs, now = WindowRate(1000), RateCounter(1000), 5
    assert ours.rate(now) is theirs.rate(now) is None
    for step, size in steps:
        now += step
        assert ours.rate(now) == theirs.rate(now)
        ours.add(size, now)
        theirs.add(size, now)
        assert ours.rate(now) == theirs.rate(now)
    ours.reset()
    assert ours.rate(now) is None


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=150))
def test_the_shortest_period_is_aiortcs(periods: list[float]) -> None:
    ours, theirs = PeriodEstimator(), OveruseEstimator()
    for period in periods:
        assert ours.update_min_frame_period(period) == theirs.update_min_frame_period(period)
