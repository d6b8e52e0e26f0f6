"""A peer answers, receives, talks, notices the end, and closes."""

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

import aiortc.codecs
import av
import pytest
from aiortc import AudioStreamTrack
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcdtlstransport import generate_certificate
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from cryptography.hazmat.primitives.asymmetric import rsa

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import PeerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import ConnectTimeout, OfferRefused
from rtc_server.base.stats import Stats
from rtc_server.peer.association import Association
from rtc_server.peer.connection import PeerState
from rtc_server.peer.ice.sockets import IceSockets
from rtc_server.peer.loop_share import LoopShare
from rtc_server.peer.rtc import Certificate
from rtc_server.peer.rtp import decoding
from tests.fakes.publisher import LOOPBACK, FramesTrack, ManualTrack, moving_pictures, nothing
from tests.fakes.viewer import Viewer, viewer
from tests.loopback.conftest import MakePeer, MakePublisher, Pair

T = TypeVar("T")
APPLICATION_DATA = 23
MUXED = replace(LOOPBACK, ice_udp_port=0)
RTP = 128


async def soon(awaitable: Awaitable[T]) -> T:
    """Wait, but not for ever."""
    return await asyncio.wait_for(awaitable, 20)


async def for_ever() -> None:
    await asyncio.Event().wait()


async def frames(track: Viewer, count: int) -> list[av.VideoFrame]:
    return [await soon(track.recv()) for _ in range(count)]


def without_candidates(offer: str) -> str:
    return re.sub(r"a=(candidate|end-of-candidates)[^\r]*\r\n", "", offer)


# ---------------------------------------------------------------- connecting


async def test_frames_arrive_in_order_with_their_media_time(pair: Pair) -> None:
    peer, _ = await pair()
    received = await frames(viewer(peer), 10)
    steps = {round(b.time - a.time, 3) for a, b in pairwise(received)}
    assert steps == {0.1}
    assert {(f.width, f.height) for f in received} == {(320, 240)}


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_either_codec_alone_is_received(
    make_peer: MakePeer, make_publisher: MakePublisher, codec: str
) -> None:
    peer, publisher = make_peer(), make_publisher()
    publisher.prefer(codec)
    await publisher.connect(peer.answer)
    assert await frames(viewer(peer), 3)


async def test_an_offer_without_candidates_connects_by_its_packets(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer, publisher = make_peer(), make_publisher()
    await publisher.accept(await peer.answer(without_candidates(await publisher.offer())))
    await soon(peer.connected())
    assert await frames(viewer(peer), 2)


async def test_ipv6_loopback_connects(make_peer: MakePeer, make_publisher: MakePublisher) -> None:
    v6 = PeerConfig(ice_addresses=("::1",))
    peer, publisher = make_peer(ice_addresses=("::1",)), make_publisher(ice=v6)
    await publisher.connect(peer.answer)
    await soon(peer.connected())
    assert await frames(viewer(peer), 1)


@pytest.mark.parametrize("setup", ["actpass", "active", "passive"])
async def test_a_publisher_with_an_rsa_certificate_connects_in_either_role(
    make_peer: MakePeer, make_publisher: MakePublisher, setup: str
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = Certificate(key, generate_certificate(key))  # type: ignore[arg-type]
    peer, publisher = make_peer(), make_publisher()
    for transport in publisher.connection.transports:
        transport._RTCDtlsTransport__local_certificate = certificate  # type: ignore[attr-defined]

    async def exchange(offer: str) -> str:
        return await peer.answer(offer.replace("a=setup:actpass", f"a=setup:{setup}"))

    await publisher.connect(exchange)
    await soon(peer.connected())
    assert await frames(viewer(peer), 1)


@pytest.mark.parametrize("setup", ["actpass", "passive"])
async def test_losing_each_packet_of_the_handshakes_once_costs_no_seconds(
    make_peer: MakePeer, make_publisher: MakePublisher, setup: str
) -> None:
    peer, publisher = make_peer(), make_publisher()
    assert publisher.connection.sctp is not None
    share = LoopShare(SystemClock())
    Association.adopt(publisher.connection.sctp, share)  # as quick as a browser's

    async def exchange(offer: str) -> str:
        answer = await peer.answer(offer.replace("a=setup:actpass", f"a=setup:{setup}"))
        assert peer._connection.transport is not None
        for protocol in peer._connection.transport.transport._connection._protocols:
            protocol.transport = LosesFirst(protocol.transport)  # type: ignore[assignment]
        return answer

    # with the libraries' own timers: ICE 0.5 s, DTLS 1 s and 2 s, SCTP 3 s and 3 s
    async with asyncio.timeout(4.0):
        await publisher.connect(exchange)
        await publisher.opened.wait()
        peer.send_control('{"type": "notice"}')
        await publisher.hears("notice")


class LosesFirst:
    """A socket that loses each STUN and DTLS datagram once, and every second one of data."""

    def __init__(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport
        self._seen: set[bytes] = set()
        self._data = 0

    def sendto(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[0] == APPLICATION_DATA:  # never the same twice
            self._data += 1
            lost = self._data % 2 == 1
        else:
            lost = data not in self._seen and data[0] < RTP
        self._seen.add(data)
        if not lost:
            self._transport.sendto(data, addr)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the rest is the transport's own
        return getattr(self._transport, name)


async def test_audio_beside_the_video_is_neither_received_nor_decoded(pair: Pair) -> None:
    peer, publisher = await pair(audio=AudioStreamTrack())
    assert await frames(viewer(peer), 3)
    assert not decoder_threads()
    audio = next(t for t in publisher.connection.getTransceivers() if t.kind == "audio")
    assert audio.currentDirection == "inactive"


def decoder_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "decoder" in thread.name]


async def test_a_publisher_without_channels_is_received_and_sending_to_it_is_no_error(
    pair: Pair,
) -> None:
    peer, _ = await pair(channels=False)
    assert await frames(viewer(peer), 2)
    for number in range(1000):
        peer.send_metrics(str(number))
        peer.send_control(str(number))
    await soon(peer.flush())
    assert not peer.lost.done()


async def test_a_publisher_that_never_comes_is_a_connect_timeout(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer, publisher = make_peer(connect_timeout=0.3), make_publisher()
    await peer.answer(await publisher.offer())
    with pytest.raises(ConnectTimeout):
        await soon(peer.connected())


async def test_closing_ends_the_wait_for_a_connection(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer, publisher = make_peer(), make_publisher()
    await peer.answer(await publisher.offer())
    waiting = asyncio.create_task(peer.connected())
    reading = asyncio.create_task(viewer(peer).recv())
    await asyncio.sleep(0)
    await soon(peer.close())
    with pytest.raises(ConnectTimeout):
        await soon(waiting)
    with pytest.raises(MediaStreamError):
        await soon(reading)


async def test_relay_only_without_a_relay_is_refused(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer = make_peer(ice_transport_policy="relay")
    with pytest.raises(OfferRefused) as refused:
        await peer.answer(await make_publisher().offer())
    assert refused.value.code == "ice_no_relay"


async def test_a_server_without_an_address_refuses(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer = make_peer(ice_addresses=("203.0.113.9",))
    with pytest.raises(OfferRefused) as refused:
        await peer.answer(await make_publisher().offer())
    assert refused.value.code == "ice_no_candidate"


# ---------------------------------------------------------------- trickle ICE


async def test_later_candidates_are_tried_and_counted(
    make_peer: MakePeer, make_publisher: MakePublisher
) -> None:
    peer, publisher = make_peer(max_remote_candidates=3), make_publisher()
    offer = await publisher.offer()
    answer = await peer.answer(without_candidates(offer))
    lines = [f"a=candidate:1 1 udp 1 127.0.0.1 {port} typ host" for port in range(6000, 6010)]
    ufrag = re.findall(r"a=ice-ufrag:\S+", offer)[0]
    await peer.add_candidates("\r\n".join([ufrag, "a=mid:0", *lines, "a=end-of-candidates"]))
    await peer.add_candidates("")
    tried = peer._connection.transport.transport.getRemoteCandidates()  # type: ignore[union-attr]
    assert [c.port for c in tried] == [6000, 6001, 6002]
    await publisher.accept(answer)
    await soon(peer.connected())


async def test_other_credentials_without_a_restart_are_refused_and_the_connection_goes_on(
    pair: Pair,
) -> None:
    peer, _ = await pair()
    with pytest.raises(OfferRefused) as refused:
        await peer.add_candidates("a=ice-ufrag:other\r\na=ice-pwd:1234567890123456789012\r\n")
    assert refused.value.code == "ice_restart_unsupported"
    assert await frames(viewer(peer), 1)


# ---------------------------------------------------------------- messages


async def test_messages_go_both_ways(pair: Pair) -> None:
    peer, publisher = await pair(ping_interval=None)
    peer.send_control('{"type": "hello"}')
    peer.send_metrics('{"seq": 1}')
    assert (await soon(publisher.hears("hello"))) == {"type": "hello"}
    assert (await soon(publisher.metrics.get())) == {"seq": 1}
    publisher.say({"type": "bye"})
    assert json.loads(await soon(peer.receive())) == {"type": "bye"}


async def test_the_last_control_message_arrives_before_the_end(pair: Pair) -> None:
    peer, publisher = await pair()
    await soon(publisher.opened.wait())
    for number in range(50):
        peer.send_control(json.dumps({"type": "notice", "n": number, "pad": "x" * 900}))
    peer.send_control('{"type": "summary"}')
    await soon(peer.flush())
    await soon(peer.close())
    assert await soon(publisher.hears("summary"))


async def test_nonsense_on_the_channels_does_not_close_the_connection(pair: Pair) -> None:
    peer, publisher = await pair(ping_interval=None)
    await soon(publisher.opened.wait())
    control, metrics = publisher.control_channel, publisher.metrics_channel
    assert control is not None
    assert metrics is not None
    publisher.connection.createDataChannel("surprise")
    metrics.send("not for you")
    control.send(b"\x00\xff")
    control.send("x" * 60_000)
    for _ in range(200):
        control.send("flood")
    assert await soon(peer.receive()) == "flood"
    assert await frames(viewer(peer), 3)
    assert peer.state is PeerState.CONNECTED


# ---------------------------------------------------------------- the end


async def test_a_killed_publisher_is_noticed_within_eight_seconds(pair: Pair) -> None:
    peer, publisher = await pair()
    await frames(viewer(peer), 1)
    await publisher.kill()
    assert await asyncio.wait_for(asyncio.shield(peer.lost), 8) is EndReason.PEER_LOST


async def test_a_publisher_that_says_goodbye_is_lost_at_once(pair: Pair) -> None:
    peer, publisher = await pair(config={"ping_timeout": 1000.0})
    await frames(viewer(peer), 1)
    await publisher.close()
    assert await soon(asyncio.shield(peer.lost)) is EndReason.PEER_LOST
    with pytest.raises(MediaStreamError):
        await frames(viewer(peer), 10)


@pytest.mark.parametrize("alive_by", ["media", "pings"])
async def test_media_or_pings_alone_keep_a_peer(pair: Pair, alive_by: str) -> None:
    track = ManualTrack() if alive_by == "pings" else None
    ping_interval = 0.2 if alive_by == "pings" else None
    peer, publisher = await pair(track, ping_interval=ping_interval, config={"ping_timeout": 1.0})
    await soon(publisher.opened.wait())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(peer.lost), 2.5)
    publisher.connection.network = nothing
    assert await soon(asyncio.shield(peer.lost)) is EndReason.PEER_LOST


async def test_close_may_be_called_by_many_and_again(pair: Pair) -> None:
    peer, _ = await pair()
    await soon(asyncio.gather(*(peer.close() for _ in range(5))))
    await soon(peer.close())
    assert peer.state is PeerState.CLOSED
    assert peer.lost.done()


@pytest.mark.parametrize("muxed", [False, True])
async def test_what_does_not_close_in_time_is_cut_off_and_counted(
    make_peer: MakePeer, make_publisher: MakePublisher, *, muxed: bool
) -> None:
    """A receiver whose last report failed waits for ever; behind it the sockets stood open."""
    sockets = await IceSockets.open(MUXED, Stats()) if muxed else None
    peer, publisher = make_peer(sockets, close_timeout=0.1), make_publisher()
    counted: list[str] = []
    peer._refused = counted.append
    await soon(publisher.connect(peer.answer))
    await soon(peer.connected())
    (transceiver,) = peer._connection.getTransceivers()
    transceiver.stop = for_ever  # type: ignore[method-assign]
    dtls = peer._connection.transport
    assert dtls is not None
    protocols = list(dtls.transport._connection._protocols)
    await soon(peer.close())
    assert counted == ["close_cut_off"]
    assert all(protocol.transport.is_closing() for protocol in protocols)
    assert (dtls.state, dtls.transport.state) == ("closed", "closed")
    if sockets is not None:
        await sockets.close()


async def test_close_without_an_offer_is_fine(make_peer: MakePeer) -> None:
    peer = make_peer()
    await soon(peer.close())
    assert peer.state is PeerState.CLOSED


class SlowDecoder:
    """A decoder that takes a quarter of a second for each frame."""

    def __init__(self, codec: RTCRtpCodecParameters) -> None:
        assert codec.name == "VP8"

    def decode(self, encoded: JitterFrame) -> list[av.VideoFrame]:
        assert encoded.data
        time.sleep(0.25)
        return []


@asynccontextmanager
async def longest_block() -> AsyncIterator[Callable[[], float]]:
    """Tell for how long the event loop did not come round."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before - 0.005)

    ticking = asyncio.create_task(tick())
    yield lambda: longest
    ticking.cancel()


async def test_closing_over_a_backlog_never_blocks_the_loop(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiortc.codecs, "get_decoder", SlowDecoder)
    peer, _ = await pair(fps=30.0)
    decoder = peer._connection.video()._decoder
    looking = asyncio.create_task(viewer(peer).recv())
    async with asyncio.timeout(20):
        while len(decoder) < 12:  # noqa: ASYNC110 - a thread empties it
            await asyncio.sleep(0.02)
    async with longest_block() as blocked:
        began = time.monotonic()
        await soon(peer.close())
        assert time.monotonic() - began < 1.5  # twelve frames would take three seconds
        assert blocked() < 0.2
    with pytest.raises(MediaStreamError):
        await soon(looking)


async def test_of_pictures_that_nobody_looks_at_few_are_kept(pair: Pair) -> None:
    track = FramesTrack(moving_pictures(), 30.0)
    peer, _ = await pair(track)
    await frames(viewer(peer), 1)
    await asyncio.sleep(2)
    decoder = peer._connection.video()._decoder
    assert len(decoder) <= decoding.BACKLOG
    oldest = (await frames(viewer(peer), 1))[0]
    behind = max(track.sent_at) / 90_000 - oldest.time
    assert behind < 1.0


# ---------------------------------------------------------------- small paths


@pytest.mark.parametrize("setup", ["actpass", "passive"])
async def test_no_datagram_is_larger_than_a_path_of_1280_bytes_takes(
    make_peer: MakePeer, make_publisher: MakePublisher, setup: str
) -> None:
    peer, publisher = make_peer(), make_publisher()
    sizes: list[int] = []

    async def exchange(offer: str) -> str:
        answer = await peer.answer(offer.replace("a=setup:actpass", f"a=setup:{setup}"))
        assert peer._connection.transport is not None
        for protocol in peer._connection.transport.transport._connection._protocols:
            protocol.transport = Measured(protocol.transport, sizes)  # type: ignore[assignment]
        return answer

    await publisher.connect(exchange)
    await soon(peer.connected())
    peer.send_control(json.dumps({"v": 1, "type": "summary", "long": "x" * 30_000}))
    assert len((await soon(publisher.hears("summary")))["long"]) == 30_000
    headers = 40 + 8 + 4  # IPv6, UDP, a TURN channel
    assert 1000 < max(sizes) <= 1280 - headers


class Measured:
    """A transport whose datagrams are measured on their way."""

    def __init__(self, transport: Any, sizes: list[int]) -> None:  # noqa: ANN401 - asyncio's
        self._transport = transport
        self._sizes = sizes

    def sendto(self, data: bytes, addr: object = None) -> None:
        self._sizes.append(len(data))
        self._transport.sendto(data, addr)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._transport, name)
