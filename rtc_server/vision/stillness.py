"""Whether a picture shows anything, and whether anything in it has moved. In vision's threads.

A camera that hangs sends its last picture again and again, a covered or muted one a plain picture.
After a video codec neither is the same twice: key frames and rate control change each block a bit.
But they keep no block away from its middle for long, as the smallest movement does.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from rtc_server.media.frames import Luma, Pixels

ROWS, COLUMNS, SAMPLES = 24, 32, 4
"""The picture in blocks, of each of which 4 x 4 pixels are sampled."""
WINDOW = 5.0
"""Seconds of media time without any movement after which a camera counts as frozen."""
FEWEST = 5
INTERVAL = 0.095
LOW, HIGH = 0.2, 0.8
"""Shares of the window between which a block's brightness is compared: key frames lie outside."""
OUTLIERS = 4
MOVES = 3.3
"""Codes of 256. Measured, VP8 and H264 at 150 and 600 kbit/s with a key frame every 2 s: 0.4 to 2.4
where a still picture was encoded, from 4.5 where a head moved by 0.15 pixels to and fro."""
SAME = 0.05
"""The same without a face: an empty room stands still, only its noise does not."""
PLAIN = 8.0
"""Codes between the darkest and the brightest block of a picture that shows nothing."""

_Blocks = NDArray[np.float32]


class Stillness:
    """Follows one session's pictures; costs some 50 microseconds each."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: deque[tuple[float, _Blocks]] = deque()
        self._spread = np.inf
        self.plain = False
        """Whether the last picture showed nothing at all."""

    def see(self, time: float, luma: Luma) -> None:
        """Take the picture at ``time`` of the media clock."""
        if self._seen and 0 <= time - self._seen[-1][0] < INTERVAL:
            return
        blocks = _blocks(luma.pixels)
        self.plain = float(np.max(blocks) - np.min(blocks)) <= PLAIN
        if self._seen and not 0 <= time - self._seen[-1][0] <= WINDOW:
            self._seen.clear()
        self._seen.append((time, blocks))
        self._spread = np.inf
        if time - self._seen[0][0] >= WINDOW:
            if len(self._seen) >= FEWEST:
                self._spread = _spread(np.stack([each for _, each in self._seen]))
            while time - self._seen[0][0] >= WINDOW:
                self._seen.popleft()

    def frozen(self, *, has_face: bool) -> bool:
        """Whether nothing has moved for the whole window."""
        return self._spread <= (MOVES if has_face else SAME)


def _blocks(pixels: Pixels) -> _Blocks:
    height, width = pixels.shape
    rows = np.linspace(0, height - 1, ROWS * SAMPLES).astype(np.intp)
    columns = np.linspace(0, width - 1, COLUMNS * SAMPLES).astype(np.intp)
    sampled = pixels[rows][:, columns].astype(np.float32)
    means: _Blocks = sampled.reshape(ROWS, SAMPLES, COLUMNS, SAMPLES).mean(axis=(1, 3))
    return means


def _spread(history: _Blocks) -> float:
    """How far the block that moves most, but for a few, keeps away from its middle."""
    ordered = np.sort(history, axis=0)
    last = len(ordered) - 1
    apart = ordered[round(HIGH * last)] - ordered[round(LOW * last)]
    return float(np.sort(apart, axis=None)[-OUTLIERS])
