"""How many pictures a second a core of this machine analyses: decoder, model and metrics."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from rtc_server.base.clock import Clock
from rtc_server.base.config import MetricsConfig, VisionConfig
from rtc_server.media.frames import Converter, Pixels
from rtc_server.metrics.message import metrics_text
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.vision.geometry import measure
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.region import Region

SIZE = (640, 480)
FPS = 10
PICTURES = 20
BITRATE = 400_000
FACE = Region(0.5, 0.5, 0.5, 0.67, 0.0)
"""Where the model looks: its cost is the same whether a face is there or not."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was done, and in what time."""

    pictures: int
    seconds: float
    cpu: float
    """Seconds of CPU that it took: less than ``seconds`` where others were busy too."""

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.pictures / self.seconds


class Sample:
    """One session's work over and over, as fast as it goes: a picture is decoded, looked at, told.

    Once a second of its media time the detector looks for further faces, as in a session. Left
    out are the network's share (packets, encryption) and the store's.
    """

    def __init__(self) -> None:
        """Load the model and make the pictures."""
        config = VisionConfig()
        self._models = FaceModels()
        self._converter = Converter(config.max_frame_bytes, config.max_pixels)
        self._meter = Meter(MetricsConfig())
        self._decoder = VideoCodecContext.create("libvpx", "r")
        self._packets = list(_packets())
        self._number = 0

    def run(self, seconds: float, clock: Clock) -> Throughput:
        """Work for at least ``seconds``."""
        began, cpu = clock.monotonic(), _cpu()
        done, passed = 0, 0.0
        packets = cycle(self._packets)
        while passed < seconds:
            for image in self._decoder.decode(av.Packet(next(packets))):
                self._take(image)
                done += 1
            passed = clock.monotonic() - began
        return Throughput(done, passed, _cpu() - cpu)

    def close(self) -> None:
        """Give the model back."""
        self._models.close()

    def _take(self, image: av.VideoFrame) -> None:
        self._number += 1
        at = self._number / FPS
        picture = self._converter.picture(image)
        if self._number % FPS == 0:
            self._models.faces(picture)
        face = measure(self._models.mesh(picture, FACE).points, SIZE)
        reading = self._meter.observe(Observation(at, at, face_count=1, face=face))
        metrics_text(self._number, reading)


def _cpu() -> float:
    """Seconds of CPU that this process has had."""
    times = os.times()
    return times.user + times.system


def _packets() -> Iterator[bytes]:
    """VP8 as a browser sends it: a picture of soft shapes that move, each packet a frame."""
    encoder = VideoCodecContext.create("libvpx", "w")
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, FPS)
    encoder.bit_rate = BITRATE
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    for number in range(PICTURES):
        frame = av.VideoFrame.from_ndarray(_picture(number), format="gray").reformat(
            format="yuv420p"
        )
        frame.pts = number
        yield from (bytes(packet) for packet in encoder.encode(frame))
    yield from (bytes(packet) for packet in encoder.encode())


def _picture(number: int) -> Pixels:
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    waves = np.sin((x + 6 * number) / 23) + np.cos((y - 4 * number) / 31) + np.sin((x + y) / 47)
    picture: Pixels = (128 + 40 * waves).astype(np.uint8)
    return picture
