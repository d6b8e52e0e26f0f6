"""What is done about a client that sends far too much: it is told, then cut off."""

import asyncio

from rtc_server.base.clock import Clock
from rtc_server.base.end_reason import EndReason
from rtc_server.base.stats import Stats
from rtc_server.metrics import wire
from rtc_server.session.advice import Adviser
from rtc_server.session.overuse import Overuse, Step
from rtc_server.session.transport import Transport

LOOK_SECONDS = 1.0
"""Between two looks at what a publisher sends."""
TOO_MUCH = wire.Notice(
    code="overuse", message="The video is larger than this service takes, and did not get smaller."
)


class OveruseGuard:
    """Keeps a session's transports within what is taken."""

    def __init__(self, adviser: Adviser, stats: Stats, clock: Clock) -> None:
        """Tells by ``adviser``; counts who is cut off in ``stats``."""
        self._adviser = adviser
        self._stats = stats
        self._clock = clock

    async def hold(self, transport: Transport, overuse: Overuse) -> EndReason:
        """Watch ``transport`` until it has to be cut off."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            step = Step.FINE
            if transport.load is not None:
                step = overuse.look(transport.load, self._clock.monotonic())
            if step is Step.TELL:
                transport.send_control(wire.encode(self._adviser.restrain(overuse.scale)))
            elif step is Step.CUT:
                self._stats.refused[TOO_MUCH.code] += 1
                transport.send_control(wire.encode(TOO_MUCH))
                return EndReason.EXCESS
