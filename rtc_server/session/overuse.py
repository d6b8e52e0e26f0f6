"""Publishers that send far more than is taken: told first, then cut off. On the worker's loop."""

import asyncio
import enum
import math
from collections import deque

from rtc_server.base.clock import Clock
from rtc_server.base.config import SessionConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.stats import Stats
from rtc_server.media.source import Load
from rtc_server.metrics import wire
from rtc_server.session.advice import STEPS, Adviser
from rtc_server.session.transport import Transport

PATIENCE = 10.0
"""Seconds that a publisher has to obey."""
WINDOW = 3.0
"""Seconds over which the bitrate is taken: a key frame alone is no flood."""
TOO_MUCH = wire.Notice(
    code="overuse", message="The video is larger than this service takes, and did not get smaller."
)
MAX_PACKETS = 1500.0
"""A second: three times what 4 Mbit/s take in packets of usual size."""
MAX_CPU = 0.2
"""Seconds a second of the event loop's thread: four times what an honest stream takes."""


class Step(enum.Enum):
    """What is to be done about a publisher."""

    FINE = "fine"
    TELL = "tell"
    """Advise it, once."""
    CUT = "cut"
    """It was told, and goes on."""


class Overuse:
    """What one transport carries, held against what is taken."""

    def __init__(self, max_pixels: int, max_bitrate: float) -> None:
        """``max_pixels`` of a picture; ``max_bitrate``: bits a second."""
        self.scale = 1.0
        """By how much a side should become smaller."""
        self._max_pixels = max_pixels
        self._max_bitrate = max_bitrate
        self._since: float | None = None
        self._seen: deque[tuple[float, Load]] = deque()

    def look(self, load: Load, at: float) -> Step:
        """Judge what the transport carried until ``at`` (monotonic seconds)."""
        times = max((load.pixels or 0) / self._max_pixels, self._rates(load, at))
        if times <= 1.0:
            self._since = None
            return Step.FINE
        if self._since is None:
            self._since = at
            self.scale = _step(math.sqrt(times))
            return Step.TELL
        return Step.CUT if at - self._since >= PATIENCE else Step.FINE

    def _rates(self, load: Load, at: float) -> float:
        """By how much bits, packets or CPU a second are too much; 0 before there is a window."""
        self._seen.append((at, load))
        while len(self._seen) > 2 and at - self._seen[1][0] >= WINDOW:  # noqa: PLR2004 - two ends
            self._seen.popleft()
        began, before = self._seen[0]
        seconds = at - began
        if seconds < WINDOW:
            return 0.0
        return (
            max(
                8 * (load.received_bytes - before.received_bytes) / self._max_bitrate,
                (load.received_packets - before.received_packets) / MAX_PACKETS,
                (load.cpu_seconds - before.cpu_seconds) / MAX_CPU,
            )
            / seconds
        )


async def cut_off_overuse(
    transport: Transport, config: SessionConfig, adviser: Adviser, stats: Stats, clock: Clock
) -> EndReason:
    """Watch what ``transport`` carries; returns once its publisher was told and goes on."""
    overuse = Overuse(config.max_pixels, config.cut_off_bitrate)
    while True:
        await asyncio.sleep(config.overuse_interval)
        if transport.load is None:  # single pictures are let in one by one
            continue
        step = overuse.look(transport.load, clock.monotonic())
        if step is Step.TELL:
            transport.send_control(wire.encode(adviser.restrain(overuse.scale)))
        elif step is Step.CUT:
            stats.refused[TOO_MUCH.code] += 1
            transport.send_control(wire.encode(TOO_MUCH))
            return EndReason.EXCESS


def _step(scale: float) -> float:
    """The smallest step that is enough."""
    return next((step for step in STEPS if step >= scale), STEPS[-1])
