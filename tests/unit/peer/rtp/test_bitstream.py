"""Headers of real encoders are read right, and any bytes are survived."""

import fractions
from contextlib import suppress

import av
import pytest
from aiortc.codecs import get_encoder
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.peer.rtp.bitstream import Header, Unreadable, is_key_frame, read_header
from tests.fakes.publisher import FramesTrack, picture

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97)
H264 = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=99)
FORMATS = {"high422": "yuv422p", "high444": "yuv444p"}
DEPAYLOAD = {"VP8": vp8_depayload, "H264": h264_depayload}


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda codec: codec.name)
async def test_key_frames_of_real_encoders_are_told_from_others(
    codec: RTCRtpCodecParameters,
) -> None:
    encoder = get_encoder(codec)
    track = FramesTrack((picture(shade) for shade in range(50, 56)), fps=1000)
    told = []
    for number in range(6):
        payloads, _ = encoder.encode(await track.recv(), force_keyframe=number == 3)
        data = b"".join(DEPAYLOAD[codec.name](payload) for payload in payloads)
        told.append(is_key_frame(codec.name, data))
        behind_the_header = payloads[1 if codec is VP8 else 2 :]
        rest = b"".join(DEPAYLOAD[codec.name](payload) for payload in behind_the_header)
        assert not is_key_frame(codec.name, rest)
    assert told == [True, False, False, True, False, False]


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda codec: codec.name)
async def test_the_size_stands_in_the_key_frame(codec: RTCRtpCodecParameters) -> None:
    encoder = get_encoder(codec)
    track = FramesTrack((picture(shade, 640, 368) for shade in (50, 60)), fps=1000)
    sizes = []
    for _ in range(2):
        payloads, _ = encoder.encode(await track.recv())
        sizes.append(
            read_header(
                codec.name, b"".join(DEPAYLOAD[codec.name](payload) for payload in payloads)
            )
        )
    assert isinstance(sizes[0], Header)
    assert (sizes[0].width, sizes[0].height, sizes[1]) == (640, 368, None)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (1080, 1920), (362, 638)])
@pytest.mark.parametrize("profile", ["baseline", "main", "high", "high422", "high444"])
def test_parameter_sets_of_every_profile_are_read(profile: str, width: int, height: int) -> None:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = FORMATS.get(profile, "yuv420p")
    encoder.time_base = fractions.Fraction(1, 30)
    encoder.options = {"profile": profile, "x264-params": "cqm=jvt" if "high" in profile else ""}
    frame = picture(100, width, height).reformat(format=encoder.pix_fmt)
    data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
    assert is_key_frame("H264", data)
    header = read_header("H264", data)
    assert header is not None
    assert (header.width, header.height) == (width, height)
    assert header.fits(width * height)


def test_a_frame_of_parameter_sets_is_not_read_through() -> None:
    with pytest.raises(Unreadable):
        read_header("H264", b"\x00\x00\x01\x67" * 100)


@given(st.binary(max_size=64))
def test_any_bytes_are_survived(data: bytes) -> None:
    for codec in ("VP8", "H264"):
        for text in (data, b"\x10\x02\x00\x9d\x01\x2a" + data, b"\x00\x00\x01\x67" + data):
            assert is_key_frame(codec, text) in (True, False)
            with suppress(Unreadable):
                header = read_header(codec, text)
                assert header is None or header.pixels > 0
