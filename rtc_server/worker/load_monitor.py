"""Feels how strained this worker is, a few times a second; on the worker's loop."""

import asyncio
import logging
from collections.abc import Callable

from rtc_server.base.clock import Clock
from rtc_server.base.stats import Histogram, Stats
from rtc_server.worker.overload import Overload, Strain

INTERVAL = 0.1
"""Seconds between two readings of the event loop's lag."""
READINGS = 5
"""Of which one strain is made."""

log = logging.getLogger(__name__)


class LoadMonitor:
    """Tells the overload policy what it needs, and others what it decides."""

    def __init__(
        self, overload: Overload, stats: Stats, clock: Clock, changed: Callable[[], None]
    ) -> None:
        """``changed`` is called after each change of the step."""
        self._overload = overload
        self._stats = stats
        self._clock = clock
        self._changed = changed
        self._waited = Mark(stats.waiting)
        self._lagged = Mark(stats.loop_lag)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            for _ in range(READINGS):
                await self._feel()
            self._judge()

    async def _feel(self) -> None:
        began = self._clock.monotonic()
        await asyncio.sleep(INTERVAL)
        self._stats.loop_lag.add(max(0.0, self._clock.monotonic() - began - INTERVAL))

    def _judge(self) -> None:
        strain = Strain(self._waited.mean(), self._lagged.mean())
        before = self._overload.step
        if self._overload.see(self._clock.monotonic(), strain):
            log.warning(
                "load: %s → %s (frames wait %.0f ms, the loop is %.0f ms late)",
                before.name,
                self._overload.step.name,
                1e3 * strain.vision_wait,
                1e3 * strain.loop_lag,
            )
            self._changed()


class Mark:
    """What a histogram gained since it was looked at last."""

    def __init__(self, histogram: Histogram) -> None:
        """From now on."""
        self._histogram = histogram
        self._seen = (0, 0.0)

    def mean(self) -> float:
        """Mean seconds of what came since the last call; 0 where nothing did."""
        count, total = sum(self._histogram.counts), self._histogram.total
        before, self._seen = self._seen, (count, total)
        return (total - before[1]) / (count - before[0]) if count > before[0] else 0.0
