"""Pictures as phones, galleries and other encoders really send them."""

import base64
import fractions
import io
import json
import textwrap
from urllib.parse import quote

import av
import numpy as np
import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from PIL import Image, ImageOps

from rtc_server.base.clock import SystemClock
from rtc_server.base.errors import FrameRefused
from rtc_server.base.identity import Identity
from rtc_server.media.frames import Converter
from rtc_server.media.jpeg import orientation
from rtc_server.peer.rtp.bitstream import read_header
from rtc_server.peer.rtp.decoding import Decoder
from rtc_server.peer.rtp.jitter import VideoFrame
from signaling.access.caller import Caller
from signaling.legacy.frame_json import decode_base64, read_request
from tests.fakes.pictures import astronaut
from tests.fakes.publisher import picture

FULL_HD = 1920 * 1080
H264 = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=99)


def h264(width: int, height: int) -> bytes:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = fractions.Fraction(1, 30)
    encoder.options = {"preset": "ultrafast"}
    frame = picture(100, width, height)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)])
def test_h264_of_exactly_the_largest_size_is_decoded(size: tuple[int, int]) -> None:
    data = h264(*size)
    header = read_header("H264", data)
    assert header is not None
    assert header.pixels == FULL_HD
    decoder = Decoder(SystemClock(), lambda: None, FULL_HD)
    taken = decoder.take(H264, VideoFrame(data, 0, intact=True))
    assert taken is not None
    shown = taken.decode()
    assert (shown.width, shown.height) == size


def test_one_line_more_than_the_largest_size_is_not() -> None:
    decoder = Decoder(SystemClock(), lambda: None, FULL_HD)
    assert decoder.take(H264, VideoFrame(h264(1920, 1082), 0, intact=True)) is None


class Bits:
    """Writes a sequence parameter set."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, count: int) -> "Bits":
        self.text += f"{value:0{count}b}"
        return self

    def golomb(self, *values: int) -> "Bits":
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def data(self) -> bytes:
        text = self.text + "1" + "0" * (-(len(self.text) + 1) % 8)
        return b"\x00\x00\x01\x67" + int(text, 2).to_bytes(len(text) // 8, "big")


def test_what_is_decoded_counts_where_cropping_hides_nearly_all_of_it() -> None:
    bits = Bits().put(66, 8).put(0, 8).put(30, 8).golomb(0, 0, 2, 1).put(0, 1)
    bits.golomb(255, 255).put(1, 1).put(0, 1)  # 4096 x 4096, frames only
    bits.put(1, 1).golomb(0, 2000, 0, 2000).put(0, 1)  # of which 96 x 96 are shown
    header = read_header("H264", bits.data())
    assert header is not None
    assert header.pixels == 4096 * 4096


def jpeg(image: Image.Image, lies: int | None = None) -> bytes:
    exif = Image.Exif()
    if lies is not None:
        exif[0x0112] = lies
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    "size", [(1080, 1920), (1920, 1080), (1440, 1440), (1025, 2023), (1620, 1280), (721, 1279)]
)
def test_a_jpeg_of_any_shape_within_the_limit_is_decoded(size: tuple[int, int]) -> None:
    converter = Converter(4 << 20, FULL_HD)
    frame = converter.decode(jpeg(Image.new("RGB", size, "grey")))
    assert (frame.width, frame.height) == size
    assert converter.picture(frame).rgb.shape == (size[1], size[0], 3)


def test_a_jpeg_beyond_the_limit_is_refused_by_its_header() -> None:
    with pytest.raises(FrameRefused) as refused:
        Converter(4 << 20, FULL_HD).decode(jpeg(Image.new("RGB", (1088, 1920), "grey")))
    assert refused.value.code == "frame_too_many_pixels"


@pytest.mark.parametrize("lies", range(1, 9))
def test_a_jpeg_is_turned_as_its_exif_says(lies: int) -> None:
    data = jpeg(Image.fromarray(astronaut()), lies)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    converter = Converter(1 << 20, FULL_HD)
    frame = converter.decode(data)
    assert (frame.width, frame.height) == upright.size
    difference = converter.picture(frame).rgb.astype(int) - np.asarray(upright).astype(int)
    assert np.abs(difference).mean() < 3
    assert converter.picture(frame).luma.pixels.shape == upright.size[::-1]


def test_exif_that_cannot_be_read_leaves_the_picture_as_it_is() -> None:
    data = jpeg(Image.new("RGB", (64, 48), "grey"), 6)
    assert orientation(data) == 6
    at = data.index(b"Exif\0\0") + 6
    for length in range(0, 30, 3):
        broken = data[:at] + b"\xff" * length + data[at + length :]
        assert orientation(broken) in range(1, 9)
        assert orientation(data[: at + length]) in range(1, 9)
    assert orientation(jpeg(Image.new("RGB", (64, 48), "grey"))) == 1


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_h264_is_turned_as_its_display_orientation_says(degrees: int) -> None:
    rotate = f"h264_metadata=display_orientation=insert:rotate={degrees}"
    turn = av.BitStreamFilterContext(rotate, "h264")
    data = h264(640, 480)
    told = b"".join(bytes(p) for p in [*turn.filter(av.Packet(data)), *turn.filter(None)])
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frame = [*decoder.decode(av.Packet(told)), *decoder.decode(None)][0]
    converter = Converter(1 << 20, FULL_HD)
    upright = converter.picture(converter.decode(frame)).rgb
    plain = converter.picture(frame).rgb
    assert np.array_equal(upright, np.rot90(plain, degrees // 90))


PICTURE = bytes(range(256)) * 3 + b"\xfb\xff"  # has every letter of the alphabet in it
PLAIN = base64.b64encode(PICTURE).decode()
MIME = base64.encodebytes(PICTURE).decode()


WRITTEN = {
    "plainly": PLAIN,
    "with line breaks, as Android does": MIME,
    "with CRLF": MIME.replace("\n", "\r\n"),
    "indented": "\n  ".join(textwrap.wrap(PLAIN, 64)),
    "for URLs": base64.urlsafe_b64encode(PICTURE).decode(),
    "without padding": PLAIN.rstrip("="),
    "for URLs without padding": base64.urlsafe_b64encode(PICTURE).decode().rstrip("="),
    "as a data URL": "data:image/jpeg;base64," + PLAIN,
    "as another data URL": " DATA:image/jpg;charset=utf-8;base64," + MIME,
    "percent-encoded": "data:image/jpeg;base64," + quote(PLAIN, safe=""),
    "through a form": PLAIN.replace("+", " "),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_base64_is_read_as_clients_of_every_kind_write_it(text: str) -> None:
    assert decode_base64(text, len(PICTURE)) == PICTURE
    with pytest.raises(FrameRefused) as refused:
        decode_base64(text, len(PICTURE) - 1)
    assert refused.value.code == "frame_too_large"


@pytest.mark.parametrize("text", ["data:image/jpeg;base64,!!", "ab*d", "a", "äöü=", PLAIN + "?"])
def test_what_is_no_base64_is_still_told_so(text: str) -> None:
    with pytest.raises(FrameRefused) as refused:
        decode_base64(text, 10_000)
    assert refused.value.code == "frame_not_base64"


def test_a_byte_order_mark_before_the_json_is_passed_over() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"user_id": 7, "frame_base64": PLAIN}).encode()
    who = Caller(Identity("s", "7", "3", None, "rest"), "")
    assert read_request(body, lambda _: who, 10_000).jpeg == PICTURE
    assert read_request(body.decode(), lambda _: who, 10_000).jpeg == PICTURE
