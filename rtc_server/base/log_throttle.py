"""Log lines that somebody else can multiply, thinned out; in every process, in any thread."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

BURST = 30.0
"""Lines of one cause at once."""
PER_SECOND = 1.0
"""Of one cause from then on."""
CAUSES = 512
"""That are told apart; then the one that was silent longest is forgotten."""
THROTTLE = "throttle"
"""The ``extra`` by which an INFO line says what it is one of many of."""


@dataclass(slots=True)
class _Cause:
    allowance: float
    counted: float
    left_out: int = 0


class LogThrottle(logging.Filter):
    """Lets so many lines of a cause through and says how many more there were.

    Warnings and errors are of one cause where logger and template are the same; lines below that
    say by ``extra={THROTTLE: …}`` what they are one of many of, or pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds."""
        super().__init__()
        self._clock = clock
        self._causes: OrderedDict[Hashable, _Cause] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        told: Hashable = getattr(record, THROTTLE, None)
        if told is None and record.levelno < logging.WARNING:
            return True
        kind = str(record.msg)[:200] if told is None else told
        cause = self._cause((record.name, record.levelno, kind))
        now = self._clock()
        earned = (now - cause.counted) * PER_SECOND
        cause.allowance, cause.counted = min(BURST, cause.allowance + earned), now
        if cause.allowance < 1.0:
            cause.left_out += 1
            return False
        cause.allowance -= 1.0
        if cause.left_out:
            record.msg = f"{record.getMessage()} ({cause.left_out} more like it)"
            record.args = ()
            cause.left_out = 0
        return True

    def _cause(self, key: Hashable) -> _Cause:
        cause = self._causes.pop(key, None) or _Cause(BURST, self._clock())
        self._causes[key] = cause
        if len(self._causes) > CAUSES:
            self._causes.popitem(last=False)
        return cause
