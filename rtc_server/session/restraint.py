"""What is done about a link that carries far too much: it is told, and cut off where it goes on."""

import asyncio

from rtc_server.base.clock import Clock
from rtc_server.base.end_reason import EndReason
from rtc_server.base.stats import Stats
from rtc_server.metrics import wire
from rtc_server.session.advice import Adviser
from rtc_server.session.overuse import Excess, Step
from rtc_server.session.transport import Link

LOOK_SECONDS = 1.0
"""Between two looks at what a publisher sends."""
TOO_MUCH = wire.Notice(
    code="excess", message="The video is larger than this service takes, and did not get smaller."
)


class Restraint:
    """Keeps a session's links within what is taken."""

    def __init__(self, adviser: Adviser, stats: Stats, clock: Clock) -> None:
        """Tells by ``adviser``; counts who is cut off in ``stats``."""
        self._adviser = adviser
        self._stats = stats
        self._clock = clock

    async def hold(self, link: Link, excess: Excess) -> EndReason:
        """Watch ``link`` until it has to be cut off."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            step = Step.FINE
            if link.load is not None:
                step = excess.look(link.load, self._clock.monotonic())
            if step is Step.TELL:
                link.send_control(wire.encode(self._adviser.restrain(excess.scale)))
            elif step is Step.CUT:
                self._stats.refused[TOO_MUCH.code] += 1
                link.send_control(wire.encode(TOO_MUCH))
                return EndReason.EXCESS
