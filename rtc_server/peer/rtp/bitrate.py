"""What the path carries, estimated burst by burst instead of packet by packet."""

from collections import deque
from dataclasses import dataclass

from aiortc.rate import (
    MIN_FRAME_PERIOD_HISTORY_LENGTH,
    OveruseEstimator,
    RateCounter,
    RemoteBitrateEstimator,
)

BURST = 1311
"""Five milliseconds in units of ``abs-send-time`` (6.18 fixed point seconds)."""
_WRAP = (1 << 24) - 1

Estimate = tuple[int, list[int]]
"""Bits a second, and the senders that they are for."""


@dataclass(slots=True)
class _Burst:
    began: int
    sent: int
    arrived: int
    size: int
    ssrc: int


class WindowRate(RateCounter):
    """aiortc's counter, which goes through a bucket for each millisecond that passed."""

    def reset(self) -> None:
        """Forget everything."""
        self._origin_ms = None
        self._sum = 0
        self._entries: deque[tuple[int, int]] = deque()

    def add(self, value: int, now_ms: int) -> None:
        """Count ``value`` at ``now_ms``."""
        if self._origin_ms is None:
            self._origin_ms = now_ms
        self._erase_old(now_ms)
        self._entries.append((now_ms, value))
        self._sum += value

    def rate(self, now_ms: int) -> int | None:
        """``scale`` times the mean a millisecond over the window; ``None`` without one."""
        if self._origin_ms is None:
            return None
        self._erase_old(now_ms)
        active = now_ms - self._origin_ms + 1
        return round(self._scale * self._sum / active) if self._entries and active > 1 else None

    def _erase_old(self, now_ms: int) -> None:
        assert self._origin_ms is not None  # noqa: S101 - callers looked
        self._origin_ms = max(self._origin_ms, now_ms - self._window_size + 1)
        while self._entries and self._entries[0][0] < self._origin_ms:
            self._sum -= self._entries.popleft()[1]


class PeriodEstimator(OveruseEstimator):
    """aiortc's estimator, which looks for the shortest of sixty periods in a Python loop."""

    def __init__(self) -> None:
        """Start without a period."""
        super().__init__()
        self._periods: deque[float] = deque(maxlen=MIN_FRAME_PERIOD_HISTORY_LENGTH)

    def update_min_frame_period(self, ts_delta: float) -> float:
        """Note a period; the shortest of the last sixty."""
        self._periods.append(ts_delta)
        return min(self._periods)


class BurstEstimator:
    """Stands before aiortc's estimator, which takes five packets of one burst for one anyway.

    It compares groups of packets that were sent within 5 ms (draft-ietf-rmcat-gcc-02, 5.2); its
    counters and filters run for every packet all the same, a fifth of what a packet costs here.
    """

    def __init__(self, maximum: int | None = None) -> None:
        """``maximum``: bits a second that no sender is ever told to go beyond."""
        self._maximum = maximum
        self._estimator = RemoteBitrateEstimator()
        self._estimator.incoming_bitrate = WindowRate(1000)
        self._estimator.estimator = PeriodEstimator()
        self._burst: _Burst | None = None

    def add(
        self, arrival_time_ms: int, abs_send_time: int, payload_size: int, ssrc: int
    ) -> Estimate | None:
        """Take a packet; an estimate when it is time to tell the sender one."""
        burst = self._burst
        if (
            burst is not None
            and burst.ssrc == ssrc
            and (abs_send_time - burst.began) & _WRAP < BURST
        ):
            burst.sent, burst.arrived = abs_send_time, arrival_time_ms
            burst.size += payload_size
            return None
        self._burst = _Burst(abs_send_time, abs_send_time, arrival_time_ms, payload_size, ssrc)
        if burst is None:
            return None
        return self._capped(self._estimator.add(burst.arrived, burst.sent, burst.size, burst.ssrc))

    def _capped(self, estimate: Estimate | None) -> Estimate | None:
        if estimate is None or self._maximum is None:
            return estimate
        bits, senders = estimate
        return min(bits, self._maximum), senders
