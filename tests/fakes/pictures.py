"""Pictures for the tests: scikit-image's astronaut (public domain), whole, moved and doubled."""

import io
from functools import cache

import av
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from rtc_server.media.frames import Converter
from rtc_server.media.frames import Picture as Seen

Picture = NDArray[np.uint8]


@cache
def astronaut() -> Picture:
    """(480, 640, 3): her face at the upper left of the middle."""
    whole: Picture = skimage.data.astronaut()  # type: ignore[no-untyped-call] # has no types
    picture = whole[:480]
    return np.ascontiguousarray(np.hstack([picture[:, :128][:, ::-1], picture]))


def panned(dx: float, dy: float, zoom: float = 1.0, size: tuple[int, int] = (640, 480)) -> Picture:
    """The camera moved by so many pixels and drew nearer by ``zoom``."""
    left, top = 320 - 320 / zoom + dx, 240 - 240 / zoom + dy
    box = (left, top, left + 640 / zoom, top + 480 / zoom)
    image = Image.fromarray(astronaut()).transform(
        size, Image.Transform.EXTENT, box, Image.Resampling.BICUBIC
    )
    return np.asarray(image)


def noisy(picture: Picture, sigma: float, seed: int = 1) -> Picture:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def black(width: int = 640, height: int = 480) -> Picture:
    return np.zeros((height, width, 3), np.uint8)


def snow(width: int = 640, height: int = 480) -> Picture:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def video_frame(picture: Picture, pixel_format: str = "yuv420p") -> av.VideoFrame:
    """As a decoder gives it."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return frame.reformat(format=pixel_format)


def seen(picture: Picture, pixel_format: str = "yuv420p") -> Seen:
    """As vision sees it when a decoder gave it."""
    return Converter(1 << 20, 1 << 22).picture(video_frame(picture, pixel_format))


def jpeg(picture: Picture, *, progressive: bool = False, subsampling: int = 2) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(
        file, "JPEG", quality=80, progressive=progressive, subsampling=subsampling
    )
    return file.getvalue()
