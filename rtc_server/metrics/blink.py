"""Blinks from the eye aspect ratio: one rule for now, one for the count."""

import math
from bisect import bisect_left
from collections import deque
from dataclasses import astuple, dataclass
from typing import Any

from rtc_server.metrics.window import TimedWindow

Blink = tuple[float, float]
"""Start and end in seconds, at half the depth."""

ONSET_DEPTH = 0.2
"""Share of the open level: a glance aside moves the lids by less."""
ONSET_DURATION = 0.25
"""Seconds that the rule for now believes in: whatever lasts longer is no blink."""
LOOK = 0.45
"""Seconds on either side of a dip in which the eye must have been open."""
NEAR = 0.25
"""Seconds around a dip's lowest sample that hold none lower."""
MAX_DURATION = 0.9
REFRACTORY = 0.08
"""Seconds of open eyes between two blinks."""

# A blink closes for about 0.1 s. Frames that lie closer than that catch its bottom, so a dip must
# be deep; frames that lie farther apart may catch its flank only. From 0.12 to 0.26 every depth at
# 25 frames a second tells the recordings' blinks from the rest; below the middle of that, because
# blinks that close the eye half way miss it more often than glances and nods reach it.
DEEP, DEEP_INTERVAL = 0.17, 0.04
SHALLOW = 0.10
DEPTH_PER_SECOND = 1.0
PART_WAY, BOTH_SIDES = 0.5, 1.3
"""Shares of the depth asked for that the lower side and both sides' geometric mean must have
where lids stay lower after a blink, as a glance down often begins with one."""
WIDTH_PER_INTERVAL = 1.5
"""Such a dip may last ``LONG`` s and so many intervals at half that mean: the flat bottom of a
glance down lasts longer."""
LONG = 0.25
"""Seconds from which a dip is no flank: a glance down or a nod lasts, and is shallow."""
LONG_DEPTH_PER_SECOND = 1.0
LONG_DEPTH = 0.5
NOISE_FACTOR = 3.0
"""Times the median depth of all the dips of the last seconds: landmarks tremble."""
NOISE_WINDOW = 30.0
DIPS_PER_SAMPLE = 0.25
"""At least so many samples are dips where nothing but tremble is seen; a third in white noise."""
NO_NOISE = 0.3
"""Share of the open level from which a dip is no tremble."""
MIN_EVIDENCE = 3.0
"""Seconds of open eyes before a dip is judged; until then it waits."""
SIDES = 0.45
"""Share of the open level that both sides of a dip must reach: a blink begins with open eyes."""
PER_DEGREE, TURNING = 0.015, 0.05
"""Share of the open level by which a dip must be deeper for each degree that the head turns in
it, and at most: landmarks slide over a face that turns, but people blink then, too."""
EPSILON = 1e-6

Head = tuple[float, float]
"""Yaw and pitch in degrees."""
STILL: Head = (0.0, 0.0)


def turn(a: Head, b: Head) -> float:
    """Degrees between two poses: landmarks slide over a face that turns quickly."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def required_depth(interval: float, duration: float) -> float:
    """Share of the open level that a dip must have to be a blink.

    ``interval``: seconds between the frames around it, ``duration``: of the dip at half depth.
    """
    depth = min(max(DEEP - DEPTH_PER_SECOND * (interval - DEEP_INTERVAL), SHALLOW), DEEP)
    return min(depth + LONG_DEPTH_PER_SECOND * max(0.0, duration - LONG), LONG_DEPTH)


@dataclass(frozen=True, slots=True)
class Dip:
    """A minimum of the aspect ratio between two higher sides."""

    start: float
    end: float
    depth: float
    """Below the lower of both sides, in units of the aspect ratio."""
    interval: float
    top: float
    """The lower of both sides."""
    turn: float
    """Degrees that the head turned meanwhile."""
    mean_depth: float = 0.0
    """The geometric mean of what lies above it on both sides."""
    width: float = 0.0
    """Seconds below half of that."""

    def is_blink(self, open_level: float, noise: float) -> bool:
        """Deep enough for its length, this person's eyes and this camera's tremble."""
        duration = self.end - self.start
        slide = min(PER_DEGREE * self.turn, TURNING)
        needed = open_level * (required_depth(self.interval, duration) + slide)
        needed = max(needed, NOISE_FACTOR * noise)
        deep = self.depth >= needed or self._rises_part_way(needed)
        return deep and duration <= MAX_DURATION and self.top >= SIDES * open_level

    def _rises_part_way(self, needed: float) -> bool:
        """Whether the lids fell far and quickly, and stayed lower on one side."""
        brief = self.width <= LONG + WIDTH_PER_INTERVAL * self.interval
        both = self.depth >= PART_WAY * needed and self.mean_depth >= BOTH_SIDES * needed
        return brief and both


class DipCounter:
    """The session's count: each sample is judged ``LOOK`` s later, with both its sides known."""

    def __init__(self) -> None:
        self.blinks: list[Blink] = []
        self.bottoms: list[float] = []
        """Of the blinks that were counted since the last sample: their lowest ratios."""
        self._times: list[float] = []
        self._ears: list[float] = []
        self._heads: list[Head] = []
        self._next = 0
        self._depths = TimedWindow(NOISE_WINDOW)
        self._waiting: deque[Dip] = deque()
        self._evidence = 0.0

    @property
    def noise(self) -> float:
        """Median depth of the dips of the last seconds, in units of the aspect ratio.

        Where fewer samples are dips than in a tremble, some of them are blinks: those that a
        tremble would have count as none, so that shallow blinks are not their own noise.
        """
        dips = len(self._depths)
        trembles = max(float(dips), DIPS_PER_SAMPLE * self._samples)
        share = 1 - 0.5 * trembles / dips if dips else 0.0
        return self._depths.quantile(share) if share > 0 else 0.0

    @property
    def _samples(self) -> float:
        """How many lie in the last seconds."""
        times = self._times
        if len(times) < 2 or times[-1] <= times[0]:  # noqa: PLR2004
            return 0.0
        rate = (len(times) - 1) / (times[-1] - times[0])
        return rate * min(self._evidence, NOISE_WINDOW)

    def add(self, at: float, ear: float, open_level: float, head: Head = STILL) -> None:
        """One sample at ``at`` s, which increases; ``open_level``: of this person's open eyes."""
        self.bottoms.clear()
        if self._times and at <= self._times[-1]:
            return
        if self._times:
            self._evidence += min(at - self._times[-1], LOOK)
        self._times.append(at)
        self._ears.append(ear)
        self._heads.append(head)
        self._advance(at - LOOK + EPSILON, open_level)
        if self._evidence >= MIN_EVIDENCE:
            self._judge(open_level)

    def finish(self, open_level: float) -> None:
        """No sample follows: judge what is left with what there is of its right side."""
        if len(self._times) > 1:
            self._advance(self._times[-2], open_level)
        self._judge(open_level)

    def _advance(self, until: float, open_level: float) -> None:
        """Look at the samples up to ``until`` s that were not looked at yet."""
        while self._next < len(self._times) and self._times[self._next] <= until:
            self._look_at(self._next, open_level)
            self._next += 1
        self._forget()

    def _forget(self) -> None:
        oldest = self._times[self._next - 1] - MAX_DURATION - LOOK if self._next else 0.0
        keep = bisect_left(self._times, oldest)
        if keep > 0:
            del self._times[:keep], self._ears[:keep], self._heads[:keep]
            self._next -= keep

    def _look_at(self, i: int, open_level: float) -> None:
        times, ears = self._times, self._ears
        if not 0 < i < len(times) - 1 or ears[i] > ears[i - 1] or ears[i] > ears[i + 1]:
            return
        at, ear = times[i], ears[i]
        left = max(ears[bisect_left(times, at - LOOK - EPSILON) : i], default=ear)
        right = max(ears[i + 1 : bisect_left(times, at + LOOK + EPSILON)], default=ear)
        depth = min(left, right) - ear
        if depth <= 0:
            return
        if depth < NO_NOISE * open_level:
            self._depths.add(at, depth)
        near = ears[bisect_left(times, at - NEAR) : bisect_left(times, at + NEAR)]
        if ear > min(near):
            return
        start, end = self._extent(i, ear + depth / 2)
        interval = max(times[i + 1] - at, at - times[i - 1])
        turned = turn(self._heads[i - 1], self._heads[i + 1])
        mean_depth = math.sqrt((left - ear) * (right - ear))
        fell, rose = self._extent(i, ear + mean_depth / 2)
        self._waiting.append(
            Dip(start, end, depth, interval, ear + depth, turned, mean_depth, rose - fell)
        )

    def _extent(self, i: int, level: float) -> Blink:
        """Where the ratio crosses ``level`` before and after sample ``i``, interpolated."""
        first = i
        while first > 0 and self._ears[first] < level:
            first -= 1
        last = i
        while last < len(self._ears) - 1 and self._ears[last] < level:
            last += 1
        return self._cross(first, first + 1, level), self._cross(last, last - 1, level)

    def _cross(self, outside: int, inside: int, level: float) -> float:
        high, low = self._ears[outside], self._ears[inside]
        share = (high - level) / (high - low) if high > level > low else 0.0
        return self._times[outside] + share * (self._times[inside] - self._times[outside])

    def _judge(self, open_level: float) -> None:
        while self._waiting:
            dip = self._waiting.popleft()
            apart = not self.blinks or dip.start - self.blinks[-1][1] >= REFRACTORY
            if apart and dip.is_blink(open_level, self.noise):
                self.blinks.append((dip.start, dip.end))
                self.bottoms.append(dip.top - dip.depth)

    def snapshot(self) -> dict[str, Any]:
        """JSON-able state."""
        return {
            "blinks": [(round(start, 3), round(end, 3)) for start, end in self.blinks],
            "times": self._times,
            "ears": self._ears,
            "next": self._next,
            "depths": self._depths.snapshot(),
            "heads": self._heads,
            "waiting": [astuple(dip) for dip in self._waiting],
            "evidence": self._evidence,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where :meth:`snapshot` was taken."""
        self.blinks = [(float(start), float(end)) for start, end in state["blinks"]]
        self._times = [float(at) for at in state["times"]]
        self._ears = [float(ear) for ear in state["ears"]]
        self._heads = [(float(yaw), float(pitch)) for yaw, pitch in state["heads"]]
        self._next = int(state["next"])
        self._depths.restore(state["depths"])
        self._waiting = deque(Dip(*dip) for dip in state["waiting"])
        self._evidence = float(state["evidence"])


class Onset:
    """The rule for now: whether the eyes are in a blink, without knowing what follows."""

    def __init__(self) -> None:
        self._recent = TimedWindow(0.4)
        self._head: Head | None = None
        self._since: float | None = None
        self._top = 0.0
        self._bottom = 0.0

    def add(
        self, at: float, ear: float, open_level: float, noise: float, head: Head = STILL
    ) -> bool:
        """Whether a blink goes on at ``at`` s; one that lasts longer is none any more."""
        top = self._recent.quantile(1.0) if len(self._recent) else ear
        self._recent.add(at, ear)
        turned = turn(self._head or head, head)
        self._head = head
        drop = max(
            (ONSET_DEPTH + min(PER_DEGREE * turned, TURNING)) * open_level, NOISE_FACTOR * noise
        )
        if self._since is None and ear < min(top, open_level) - drop:
            self._since, self._top, self._bottom = at, top, ear
        if self._since is not None:
            self._bottom = min(self._bottom, ear)
            recovered = ear >= self._bottom + 0.6 * (self._top - self._bottom)
            if recovered or at - self._since > ONSET_DURATION:
                self._since = None
        return self._since is not None
