"""What a picture allows: brightness, noise and sharpness from a sample of its luma.

All of it is taken from a few thousand pixels: a tenth of a millisecond a frame.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtc_server.media.frames import Luma, Pixels
from rtc_server.media.pace import Due
from rtc_server.metrics.model import FaceMeasure, Quality
from rtc_server.vision.region import Region
from rtc_server.vision.stillness import Stillness

_GRID = 24
"""Lines, rows and columns that are sampled."""

_KERNEL_SHARE = 1 / 24
"""Length of the blur that sharpness is held against, as a share of the face's width."""

_MIN_FACE = 24
"""Pixels; a smaller face has no sharpness to speak of."""

_MIN_SAMPLES = 200
_NEAR_LIMIT = 4
"""Codes from black and white within which a pixel has lost its noise."""

_NOISE_PER_LAPLACIAN = 1 / (6 * 0.6745)
"""Immerkær's mask has a norm of 6; the median of a normal's magnitude is 0.6745 sigma."""

_FACE_SHARE = 0.5
"""Side of the square inside a face, as a share of its region's."""


class Rater:
    """Rates a session's pictures now and then: light does not change from frame to frame."""

    def __init__(self, interval: float) -> None:
        """``interval``: seconds of media time between two ratings."""
        self._interval = interval
        self._next = Due()
        self._held = Quality()
        self._had_face = False
        self._stillness = Stillness()

    def rate(
        self,
        time: float,
        luma: Callable[[], Luma],
        region: Region | None,
        face: FaceMeasure | None,
    ) -> Quality:
        """The quality at ``time``: what the face's measure tells is of this very frame.

        A face that comes or goes brings a rating of its own.
        """
        has_face = face is not None
        seen = luma()
        self._stillness.see(time, seen)
        if self._next.has_come(time) or has_face is not self._had_face:
            self._held = rate(seen, region, face)
            self._next.put(time, self._interval)
            self._had_face = has_face
        held = replace(
            self._held,
            plain=self._stillness.plain,
            frozen=self._stillness.frozen(has_face=has_face),
        )
        if face is None:
            return held
        return replace(
            held,
            inter_ocular_px=face.inter_ocular_px,
            disagreement=face.disagreement,
        )


def rate(luma: Luma, region: Region | None = None, face: FaceMeasure | None = None) -> Quality:
    """Quality of a picture, and of the face in it if there is one.

    ``region``: that around the face, ``face``: its measure.
    """
    if region is None or face is None:
        return Quality(
            image_luminance=image_luminance(luma),
            noise=noise(luma),
            contrast=contrast(luma.pixels, luma),
        )
    crop = _inside(region, luma)
    return Quality(
        inter_ocular_px=face.inter_ocular_px,
        luminance=_share(_median(_sample(crop)), luma) if crop.size else None,
        image_luminance=image_luminance(luma),
        noise=noise(luma),
        contrast=contrast(crop, luma),
        sharpness=sharpness(crop),
        disagreement=face.disagreement,
    )


def image_luminance(luma: Luma) -> float:
    """Mean of the whole picture, 0-1."""
    return _share(float(_sample(luma.pixels, 3 * _GRID).mean()), luma)


def noise(luma: Luma) -> float | None:
    """Standard deviation of the sensor's noise, 0-1; ``None`` where all is black or white.

    Immerkær, Fast Noise Variance Estimation, 1996, with the median in the place of the mean:
    edges and texture are in the minority of a picture's pixels.
    """
    pixels = luma.pixels
    step = max(3, pixels.shape[0] // _GRID)
    whole = pixels.shape[0] // step * step
    upper, middle, lower = (pixels[i:whole:step].astype(np.int16) for i in range(3))
    column = upper - 2 * middle + lower
    laplacian = column[:, :-2:4] - 2 * column[:, 1:-1:4] + column[:, 2::4]
    center = middle[:, 1:-1:4]
    live = (center > luma.black + _NEAR_LIMIT) & (center < luma.white - _NEAR_LIMIT)
    samples = np.abs(laplacian[live])
    if samples.size < _MIN_SAMPLES:
        return None
    return _median(samples) * _NOISE_PER_LAPLACIAN / (luma.white - luma.black)


def contrast(crop: Pixels, luma: Luma) -> float | None:
    """P90 - P10 of the luminance, 0-1; ``None`` where there is too little to take it of."""
    samples = _sample(crop).ravel()
    if samples.size < _MIN_FACE:
        return None
    low, high = samples.size // 10, samples.size * 9 // 10
    parted = np.partition(samples, (low, high))
    return (float(parted[high]) - float(parted[low])) / (luma.white - luma.black)


def sharpness(crop: Pixels) -> float | None:
    """0-1 for a face: the share of its small differences that a blur would take away.

    The perceptual blur metric of Crété et al., The Blur Effect, 2007, turned round and with a
    blur in proportion to the face, so that neither contrast nor size counts. ``None`` where the
    face is too small.
    """
    height, width = crop.shape
    if min(height, width) < _MIN_FACE:
        return None
    kernel = max(3, round(width * _KERNEL_SHARE))
    rows = crop[:: max(1, height // _GRID)]
    columns = crop[:, :: max(1, width // _GRID)].T
    return min(_lost_by_blur(rows, kernel), _lost_by_blur(columns, kernel))


def _lost_by_blur(lines: Pixels, kernel: int) -> float:
    """Share of the differences between neighbours along axis 1 that a box blur removes."""
    sums = np.cumsum(lines, axis=1, dtype=np.float32)
    blurred = (sums[:, kernel:] - sums[:, :-kernel]) / kernel
    start = kernel // 2 + 1
    sharp = lines[:, start : start + blurred.shape[1]].astype(np.float32)
    before = np.abs(np.diff(sharp, axis=1))
    after = np.abs(np.diff(blurred, axis=1))
    total = float(before.sum())
    return float(np.maximum(before - after, 0).sum()) / total if total > 0 else 0.0


def _sample(pixels: Pixels, lines: int = _GRID) -> Pixels:
    height, width = pixels.shape
    return pixels[:: max(1, height // lines), :: max(1, width // lines)]


def _share(code: float, luma: Luma) -> float:
    return min(1.0, max(0.0, (code - luma.black) / (luma.white - luma.black)))


def _median(values: NDArray[Any]) -> float:
    """The upper one, without the cost of ``np.median``."""
    middle = values.size // 2
    return float(np.partition(values, middle, axis=None)[middle])


def _inside(region: Region, luma: Luma) -> Pixels:
    """The upright square in the picture that shows little but the face."""
    height, width = luma.pixels.shape
    half = region.height * height * _FACE_SHARE / 2
    x, y = region.x * width, region.y * height
    rows = slice(max(0, int(y - half)), max(0, int(y + half)))
    columns = slice(max(0, int(x - half)), max(0, int(x + half)))
    return luma.pixels[rows, columns]
