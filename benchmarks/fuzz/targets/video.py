"""What the two video targets have in common: frames after each other, read and decoded."""

from collections.abc import Callable

import av
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from benchmarks.fuzz.bounds import hold
from rtc_server.base.errors import FrameRefused
from rtc_server.peer.rtp.decoding import Decoder
from rtc_server.peer.rtp.jitter import VideoFrame
from tests.fakes.clock import HandClock

SPLIT = b"<>"
MAX_PIXELS = 128 * 128
KEPT = 40
"""Pictures that a decoder may hold, each of three bytes a pixel."""

av.logging.set_level(None)


def decodes(codec: RTCRtpCodecParameters) -> Callable[[bytes], None]:
    """What gives a new decoder one frame after the other; it refuses, or decodes what fits."""

    def feed(text: bytes) -> None:
        decoder = Decoder(HandClock(), lambda: None, MAX_PIXELS)
        for data in text.split(SPLIT):
            picture = decoder.take(codec, VideoFrame(data, 0, intact=True))
            if picture is None:
                continue
            try:
                shown = picture.decode()
            except FrameRefused:
                continue
            assert shown.width * shown.height <= MAX_PIXELS
        decoder.close()

    return lambda text: hold(lambda: feed(text), picture_bytes=3 * KEPT * MAX_PIXELS)
