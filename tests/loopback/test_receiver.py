"""What is changed in aiortc's receiver does what it is there for, between two real peers."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Iterator
from itertools import pairwise
from typing import TypeVar

import aiortc.codecs
import av
import pytest
from aiortc import RTCRtpSender
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtp import RtcpByePacket
from av.frame import Frame

from rtc_server.peer.rtp import decoding
from rtc_server.peer.rtp.receiver import VideoReceiver
from tests.eventually import eventually
from tests.fakes.losing import VP8, LosesOnce
from tests.fakes.publisher import (
    FramesTrack,
    ManualTrack,
    everything,
    moving_pictures,
    picture,
    rtp_payload_type,
)
from tests.fakes.viewer import Viewer, viewer
from tests.loopback.conftest import MakePeer, MakePublisher, Pair

T = TypeVar("T")


async def soon(awaitable: Awaitable[T]) -> T:
    """Wait, but not for ever."""
    return await asyncio.wait_for(awaitable, 20)


async def next_frame(track: Viewer) -> av.VideoFrame:
    frame = await soon(track.recv())
    assert isinstance(frame, av.VideoFrame)
    return frame


def shade(frame: av.VideoFrame) -> float:
    return float(frame.to_ndarray(format="gray").mean())


class Swaps:
    """Sends each pair of video packets in the wrong order, now and then one of them twice."""

    def __init__(self) -> None:
        self._held: bytes | None = None
        self._dice = random.Random(1)

    def __call__(self, datagram: bytes) -> list[bytes]:
        if rtp_payload_type(datagram) != VP8:
            return [datagram]
        if self._held is None and not datagram[1] & 0x80:
            self._held = datagram
            return []
        held, self._held = self._held, None
        twice = [datagram] * self._dice.choice([1, 2])
        return [*twice, held] if held is not None else twice


# ---------------------------------------------------------------- latency


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_a_frame_arrives_before_the_next_one_is_sent(
    make_peer: MakePeer, make_publisher: MakePublisher, codec: str
) -> None:
    track = ManualTrack()
    peer, publisher = make_peer(), make_publisher(track)
    publisher.prefer(codec)
    await publisher.connect(peer.answer)
    await soon(peer.connected())
    for number in range(1, 12):
        track.push(picture(40 + 16 * number))
        frame = await next_frame(viewer(peer))
        assert shade(frame) == pytest.approx(40 + 16 * number, abs=12)


# ---------------------------------------------------------------- the first packets


async def test_what_comes_before_the_receiver_is_ready_is_not_lost(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some publishers send one key frame at once, and no other when asked."""
    receive = VideoReceiver.receive

    async def receive_late(self: VideoReceiver, parameters: RTCRtpReceiveParameters) -> None:
        await asyncio.sleep(0.25)
        await receive(self, parameters)

    monkeypatch.setattr(VideoReceiver, "receive", receive_late)
    monkeypatch.setattr(RTCRtpSender, "_send_keyframe", lambda _: None)
    track = ManualTrack()
    peer, _ = await pair(track)
    first = asyncio.create_task(next_frame(viewer(peer)))
    for shade_sent in (56, 120, 184, 56, 120):
        track.push(picture(shade_sent))
        await asyncio.sleep(0.15)
    assert shade(await first) == pytest.approx(56, abs=12)


# ---------------------------------------------------------------- loss and order


async def gaps(track: Viewer, seconds: float) -> list[float]:
    """Media seconds between the frames that arrive, until the media clock has come so far."""
    times = [(await next_frame(track)).time]
    while times[-1] < seconds:
        times.append((await next_frame(track)).time)
    return [b - a for a, b in pairwise(times)]


@pytest.mark.parametrize("fps", [10.0, 30.0])
async def test_a_packet_lost_for_good_costs_less_than_a_second(pair: Pair, fps: float) -> None:
    """Stock aiortc: 7.6 to 10 s. Measured on the media clock."""
    peer, publisher = await pair(fps=fps)
    await next_frame(viewer(peer))
    network = publisher.connection.network = LosesOnce(5, for_good=True)
    longest = max(await gaps(viewer(peer), 4.0))
    assert network.lost is not None
    assert 2 / fps < longest < 1.0


async def test_a_lost_packet_that_is_sent_again_costs_no_frame(pair: Pair) -> None:
    peer, publisher = await pair()
    await next_frame(viewer(peer))
    network = publisher.connection.network = LosesOnce(5, for_good=False)
    assert max(await gaps(viewer(peer), 2.0)) == pytest.approx(0.1)
    assert network.lost is not None


async def test_with_a_tenth_of_the_packets_lost_most_frames_arrive(pair: Pair) -> None:
    peer, publisher = await pair()
    await next_frame(viewer(peer))
    dice = random.Random(3)
    publisher.connection.network = lambda datagram: [] if dice.random() < 0.1 else [datagram]
    between = await gaps(viewer(peer), 6.0)
    publisher.connection.network = everything
    assert len(between) > 50


async def test_reordered_and_repeated_packets_cost_no_frame(pair: Pair) -> None:
    peer, publisher = await pair()
    await next_frame(viewer(peer))
    publisher.connection.network = Swaps()
    assert max(await gaps(viewer(peer), 2.0)) == pytest.approx(0.1)


async def test_pictures_after_a_loss_are_whole(pair: Pair) -> None:
    """Nothing is decoded over a gap: such pictures are smeared, and would be measured."""
    track = ManualTrack()
    peer, publisher = await pair(track)
    shades = [50, 200] * 30
    track.push(picture(50))
    await next_frame(viewer(peer))
    publisher.connection.network = LosesOnce(1, for_good=True)
    seen: list[float] = []

    async def read() -> None:
        while True:
            seen.append(shade(await next_frame(viewer(peer))))

    reading = asyncio.create_task(read())
    for value in shades:
        track.push(picture(value))
        await asyncio.sleep(0.04)
    reading.cancel()
    assert len(seen) > 20
    assert all(min(abs(value - 50), abs(value - 200)) < 12 for value in seen)


# ---------------------------------------------------------------- the sender changes


async def test_rtcp_bye_does_not_end_the_track(pair: Pair) -> None:
    """Browsers send BYE when an encoding is switched off, and go on with the same SSRC."""
    peer, publisher = await pair()
    await next_frame(viewer(peer))
    bye = RtcpByePacket(sources=[publisher.sender._ssrc])
    await publisher.sender.transport._send_rtp(bytes(bye))
    assert len(await gaps(viewer(peer), 1.5)) > 10


async def test_the_resolution_may_change_in_mid_stream(pair: Pair) -> None:
    def turning() -> Iterator[av.VideoFrame]:
        for number in range(1000):
            yield picture(100, 320, 240) if number < 8 else picture(100, 240, 320)

    peer, _ = await pair(FramesTrack(turning(), 10.0))
    sizes = [(f.width, f.height) for f in [await next_frame(viewer(peer)) for _ in range(14)]]
    assert sizes[0] == (320, 240)
    assert sizes[-1] == (240, 320)


async def test_pictures_beyond_the_limit_are_counted_and_not_decoded(pair: Pair) -> None:
    large = (picture(100, 640, 480) for _ in range(12))
    small = moving_pictures()
    track = FramesTrack(itertools.chain(large, small), fps=10.0)
    peer, _ = await pair(track, config={"max_pixels": 320 * 240})
    seen = viewer(peer)
    await eventually(lambda: peer.load.pixels == 640 * 480, 10, "a large key frame came")
    assert peer.load.received_bytes > 0
    frame = await next_frame(seen)
    assert (frame.width, frame.height) == (320, 240)
    assert peer.load.pixels == 320 * 240


async def test_a_new_ssrc_takes_over_when_the_old_one_is_silent(pair: Pair) -> None:
    peer, publisher = await pair()
    before = await next_frame(viewer(peer))
    publisher.sender._ssrc += 1
    router = publisher.sender.transport._rtp_router
    router.register_sender(publisher.sender, publisher.sender._ssrc)
    times = [(await next_frame(viewer(peer))).time for _ in range(12)]
    assert times == sorted(times)
    assert times[-1] - (before.time or 0) < 4.0


# ---------------------------------------------------------------- a slow machine


class WearyDecoder(Vp8Decoder):
    """Takes a tenth of a second more for each frame."""

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        time.sleep(0.1)
        return super().decode(encoded_frame)


async def test_a_decoder_that_cannot_keep_up_skips_to_key_frames(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiortc.codecs, "get_decoder", lambda _: WearyDecoder())
    track = FramesTrack(moving_pictures(), 30.0)
    peer, _ = await pair(track)
    receiver = peer._connection.getReceivers()[0]
    assert isinstance(receiver, VideoReceiver)
    behind = []
    for _ in range(60):
        frame = await next_frame(viewer(peer))
        behind.append(max(track.sent_at) / 90_000 - (frame.time or 0))
        assert len(receiver._decoder) <= decoding.BACKLOG
    assert receiver._decoder.dropped > 0
    assert max(behind) < 6.0
