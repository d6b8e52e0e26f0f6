"""How much one client may ask for."""

from rtc_server.clock import Clock


class TokenBucket:
    """``rate`` a second on average, ``burst`` at once."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        """Start full."""
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = clock.monotonic()

    def take(self) -> float:
        """Take one token: 0 when there was one, else the seconds until there will be."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate
