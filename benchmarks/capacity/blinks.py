"""What scaling down as advised does to the blinks that are found.

A synthetic student blinks before a camera. The same pictures are encoded as the recording is, at
full size and at the size that the service advises for this face, and go through the product's own
decoding, vision and meter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from benchmarks.capacity.recorder import WIDTH, encoded
from benchmarks.capacity.recording import Encoded
from benchmarks.quality.synthetic import f1
from rtc_server.base.config import MetricsConfig, VisionConfig
from rtc_server.media.source import Frame
from rtc_server.metrics.meter import Meter
from rtc_server.session.advice import Adviser, FrameFacts
from rtc_server.vision.face_track import FaceTrack
from rtc_server.vision.landmarks import FaceModels
from tests.fakes.student.script import SCREEN, Blink, Script, Segment
from tests.fakes.student.shot import Shot
from tests.fakes.student.student import Student

FPS = 10.0
SECONDS = 60.0
DISTANCE_CM = 45.0
"""A face as large as the recorded one."""
SEED = 6

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Blinks:
    """F1 of the blinks found."""

    scale: float
    """As advised."""
    full: float
    """At full size."""
    advised: float

    @property
    def lost(self) -> float:
        """By how much scaling down lowers it."""
        return self.full - self.advised


def blinks_at_advised_size() -> Blinks:
    """Draw, encode, decode, measure: twice."""
    script = _script()
    pictures = [picture for _, picture in script.frames(Student(), script.steady(FPS))]
    models = FaceModels()
    try:
        full, scale = _watch(models, encoded(pictures, FPS, 1.0))
        advised, _ = _watch(models, encoded(pictures, FPS, scale))
    finally:
        models.close()
    return Blinks(scale, f1(script, full), f1(script, advised))


def _script() -> Script:
    """Blinks of 0.15 to 0.35 s, one to five seconds apart."""
    random = np.random.default_rng(SEED)
    blinks, at = [], 3.0
    while at < SECONDS - 1:
        lasts = random.uniform(0.15, 0.35)
        blinks.append(Blink(at, at + lasts))
        at += lasts + random.uniform(1.0, 5.0)
    shot = Shot(gaze=SCREEN, noise=2.0, distance_cm=DISTANCE_CM)
    return Script((Segment(SECONDS, shot),), tuple(blinks))


def _watch(models: FaceModels, video: Encoded) -> tuple[Sequence[tuple[float, float]], float]:
    """The blinks found, and the scale advised at the end."""
    codec = av.CodecContext.create("libvpx", "r")
    assert isinstance(codec, VideoCodecContext)
    track, meter, adviser, scale = (
        FaceTrack(VisionConfig()),
        Meter(MetricsConfig()),
        Adviser(FPS),
        1.0,
    )
    for number, data in enumerate(video.frames):
        at = number / FPS
        for image in codec.decode(av.Packet(data)):
            observation = track.observe(models, Frame(at, at, image), at)
            meter.observe(observation)
            sight = FrameFacts(at, observation.quality.inter_ocular_px, image.width, FPS)
            if image.width == WIDTH and (advice := adviser.see(sight)) is not None:
                scale = advice.scale_down_by
    meter.finish(SECONDS)
    return meter.blinks, scale
