"""What one peer takes of the media worker's event loop: counted, rationed, and watched by the call.

Runs in the worker's loop thread. The bounds on what a peer may send keep a call short; this is
for what they do not foresee: a peer beyond its share is not listened to until it has earned some
again, and one that holds the loop in a single call is let go.
"""

import gc
import threading
import time
from collections.abc import Callable

from rtc_server.base.clock import Clock

SHARE = 0.3
"""Seconds of CPU a second that a peer's datagrams may take; an honest one takes 0.02 to 0.06."""
BURST = 0.5
"""Seconds of CPU at once."""
LONGEST_CALL = 0.05
"""Seconds of CPU in one callback of the loop; whoever takes more is let go."""
DATAGRAMS = 3000.0
"""A second, and at once: what is not counted as CPU here, as DTLS, is bounded by their number."""
LOOP_SHARE, LOOP_HELD, TOO_MANY = "loop_share", "loop_held", "too_many_datagrams"
"""What a dropped datagram, and a peer that was let go, are counted as."""


class _Collector:
    """CPU seconds that the garbage collector took: nobody's datagram is the cause of them."""

    def __init__(self) -> None:
        self._of_thread = threading.local()  # it runs in whichever thread allocates
        gc.callbacks.append(self._collects)

    @property
    def seconds(self) -> float:
        """Of the thread that asks."""
        return getattr(self._of_thread, "seconds", 0.0)

    def _collects(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._of_thread.began = time.thread_time()
        else:
            began = getattr(self._of_thread, "began", time.thread_time())
            self._of_thread.seconds = self.seconds + max(0.0, time.thread_time() - began)


_collector = _Collector()


def loop_cpu() -> float:
    """CPU seconds of this thread, less those of the garbage collector."""
    return time.thread_time() - _collector.seconds


class LoopShare:
    """Counts what one peer sends and what handling it costs.

    Attributes:
        datagrams: that came, taken or not.
        received_bytes: of them, headers included.
        seconds: of the loop thread's CPU.

    """

    def __init__(
        self,
        clock: Clock,
        refused: Callable[[str], None] = lambda _: None,
        held: Callable[[float], None] = lambda _: None,
        cpu: Callable[[], float] = loop_cpu,
    ) -> None:
        """``refused`` hears why a datagram is dropped, ``held`` for how long the loop was held."""
        self.datagrams = 0
        self.received_bytes = 0
        self.seconds = 0.0
        self.refused = refused
        self._held = held
        self._clock = clock
        self._cpu = cpu
        self._left = BURST
        self._counted = clock.monotonic()
        self._allowance = DATAGRAMS
        self._seen = self._counted
        self._over = False

    def admits(self, size: int) -> bool:
        """Count a datagram of ``size`` bytes; whether it may be looked at."""
        self.datagrams += 1
        self.received_bytes += size
        if self._over:
            return False
        now = self._clock.monotonic()
        self._allowance = min(DATAGRAMS, self._allowance + (now - self._seen) * DATAGRAMS)
        self._seen = now
        if self._allowance < 1.0:
            self.refused(TOO_MANY)
            return False
        self._allowance -= 1.0
        if self._left <= 0:
            self._left = min(BURST, self._left + (now - self._counted) * SHARE)
            self._counted = now
            if self._left <= 0:
                self.refused(LOOP_SHARE)
                return False
        return True

    def begin(self) -> float:
        """Begin a call; what this returns goes to :meth:`end`."""
        return self._cpu()

    def end(self, began: float) -> None:
        """The call is over."""
        spent = self._cpu() - began
        now = self._clock.monotonic()
        self.seconds += spent
        self._left = min(BURST, self._left + (now - self._counted) * SHARE) - spent
        self._counted = now
        if spent > LONGEST_CALL and not self._over:
            self._over = True
            self.refused(LOOP_HELD)
            self._held(spent)
