"""Frames of VP8: the size of a key frame is held to the limits before anything is decoded."""

from fractions import Fraction

import av
import numpy as np
from aiortc.codecs import depayload
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from benchmarks.fuzz.targets import Target
from benchmarks.fuzz.targets.video import SPLIT, decodes

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97)


def _encoded(width: int, height: int, count: int) -> bytes:
    encoder, frames = Vp8Encoder(), []
    for number in range(count):
        grey = np.full((height, width, 3), 60 + 40 * number, np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
        frame.pts, frame.time_base = 9000 * number, Fraction(1, 90_000)
        payloads, _ = encoder.encode(frame)
        frames.append(b"".join(depayload(VP8, payload) for payload in payloads))
    return SPLIT.join(frames)


TARGET = Target(
    decodes(VP8),
    [
        _encoded(64, 48, 3),
        _encoded(128, 128, 1),
        b"\x10\x02\x00\x9d\x01\x2a\xff\x3f\xff\x3f",
        b"\x10\x02\x00\x9d\x01\x2a\x00\x00\x30\x00",
        b"\x11\x02\x00",
    ],
    ("<>", "\x9d\x01\x2a"),
)
