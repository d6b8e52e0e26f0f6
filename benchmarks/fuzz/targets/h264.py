"""Frames of H264: a parameter set is read to its end, or nothing is decoded."""

from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from benchmarks.fuzz.targets import Target
from benchmarks.fuzz.targets.video import SPLIT, decodes
from tests.fakes.h264_bits import key_picture, picture_set, sequence_set

SMALL = sequence_set(64, 48) + picture_set() + key_picture(12)

TARGET = Target(
    decodes(RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=99)),
    [
        SMALL,
        SMALL + SPLIT + key_picture(12) + SPLIT + key_picture(3),
        sequence_set(64, 48, references=16) + picture_set(5) + key_picture(2),
        sequence_set(64, 48, offsets=3, offset=5) + picture_set() + key_picture(12),
        sequence_set(16384, 8192, offsets=255) + picture_set() + key_picture(9),
        sequence_set(64, 48, profile=144) + picture_set() + key_picture(12),
        b"\x00\x00\x01\x67",
    ],
    ("<>", "\x00\x00\x01\x67", "\x00\x00\x01\x68", "\x00\x00\x01\x65", "\x00\x00\x03"),
)
