"""Bursts estimate what packets do."""

from aiortc.rate import RemoteBitrateEstimator

from rtc_server.peer.bitrate import BurstEstimator, Estimate

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
