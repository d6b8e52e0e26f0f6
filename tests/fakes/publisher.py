"""A publisher as a browser is one: an aiortc peer with a camera track and two data channels.

It offers; where the offer goes (a ``Peer`` in this process, a service over HTTP) is up to the
caller: ``await publisher.connect(peer.answer)``.
"""

import asyncio
import fractions
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcdtlstransport import RTCDtlsTransport

from rtc_server.base.config import PeerConfig
from rtc_server.peer.ice.agent import fit_ice_agent
from rtc_server.peer.upstream import aiortc as upstream

LOOPBACK = PeerConfig(ice_addresses=("127.0.0.1",))
CLOCK_RATE = 90_000


def picture(shade: int, width: int = 320, height: int = 240) -> av.VideoFrame:
    """Make a noisy picture (several RTP packets) whose mean brightness tells its number."""
    noise = np.random.default_rng(shade).integers(-20, 20, (height, width, 3))
    return av.VideoFrame.from_ndarray(
        np.clip(noise + shade, 0, 255).astype(np.uint8), format="rgb24"
    )


def moving_pictures() -> Iterator[av.VideoFrame]:
    """Endless pictures of changing shade."""
    while True:
        yield from (picture(shade) for shade in range(40, 216, 16))


class FramesTrack(MediaStreamTrack):
    """Publishes the given frames at a steady rate; ends with them."""

    kind = "video"

    def __init__(self, frames: Iterable[av.VideoFrame], fps: float) -> None:
        super().__init__()
        self._frames = iter(frames)
        self._fps = fps
        self._count = 0
        self._began = 0.0
        self.sent_at: dict[int, float] = {}
        """Loop time at which each frame (by its RTP tick) was handed to the sender."""

    async def recv(self) -> av.VideoFrame:
        loop = asyncio.get_running_loop()
        if not self._count:
            self._began = loop.time()
        await asyncio.sleep(max(0.0, self._began + self._count / self._fps - loop.time()))
        frame = next(self._frames, None)
        if frame is None:
            self.stop()
            raise MediaStreamError
        frame.pts = int(self._count * CLOCK_RATE / self._fps)
        frame.time_base = fractions.Fraction(1, CLOCK_RATE)
        self._count += 1
        self.sent_at[frame.pts] = loop.time()
        return frame


class ManualTrack(MediaStreamTrack):
    """Publishes a frame when the test says so."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[av.VideoFrame] = asyncio.Queue()
        self._count = 0

    def push(self, frame: av.VideoFrame, ticks: int = 9000) -> None:
        """Publish ``frame``, ``ticks`` of 1/90000 s after the one before."""
        self._count += 1
        frame.pts = self._count * ticks
        frame.time_base = fractions.Fraction(1, CLOCK_RATE)
        self._frames.put_nowait(frame)

    async def recv(self) -> av.VideoFrame:
        return await self._frames.get()


def everything(datagram: bytes) -> list[bytes]:
    """A network that delivers."""
    return [datagram]


def nothing(_: bytes) -> list[bytes]:
    """A network that loses all."""
    return []


def rtp_payload_type(datagram: bytes) -> int | None:
    """Payload type of an RTP packet, whose header SRTP leaves readable; else None (RFC 7983)."""
    if len(datagram) < 12 or not 127 < datagram[0] < 192 or 192 <= datagram[1] <= 223:
        return None
    return datagram[1] & 0x7F


class LossyConnection(RTCPeerConnection):
    """An aiortc peer on chosen addresses, and a seam between it and the network.

    Attributes:
        network: is given each outgoing datagram (not STUN) and returns those to send now.

    """

    def __init__(self, config: PeerConfig) -> None:
        super().__init__(RTCConfiguration(iceServers=[]))
        self.network: Callable[[bytes], Iterable[bytes]] = everything
        self.transports: list[RTCDtlsTransport] = []
        self._make: Callable[[], RTCDtlsTransport] = getattr(self, upstream.CREATE_DTLS_TRANSPORT)
        self._ice = config
        setattr(self, upstream.CREATE_DTLS_TRANSPORT, self._create)

    def _create(self) -> RTCDtlsTransport:
        made = self._make()
        fit_ice_agent(made.transport, self._ice, lambda _: False)
        send = made.transport._send

        async def lossy_send(data: bytes) -> None:
            for datagram in self.network(data):
                await send(datagram)

        made.transport._send = lossy_send
        self.transports.append(made)
        return made

    def vanish(self) -> None:
        """Take all sockets away, as when the process is killed."""
        for transport in self.transports:
            for protocol in transport.transport._connection._protocols:
                protocol.transport.abort()


class Publisher:
    """Offers a video track and both channels; collects what the server says."""

    def __init__(
        self,
        track: MediaStreamTrack | None = None,
        *,
        fps: float = 10.0,
        channels: bool = True,
        audio: MediaStreamTrack | None = None,
        ping_interval: float | None = 2.0,
        ice: PeerConfig = LOOPBACK,
    ) -> None:
        self.connection = LossyConnection(ice)
        self.track = track or FramesTrack(moving_pictures(), fps)
        if audio is not None:
            self.connection.addTrack(audio)
        self.sender = self.connection.addTrack(self.track)
        self.metrics: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.opened = asyncio.Event()
        self._ping_interval = ping_interval
        self._pings: asyncio.Task[None] | None = None
        self.metrics_channel: RTCDataChannel | None = None
        self.control_channel: RTCDataChannel | None = None
        if channels:
            self._create_channels()

    def _create_channels(self) -> None:
        self.metrics_channel = self.connection.createDataChannel(
            "metrics", ordered=False, maxRetransmits=2
        )
        self.control_channel = self.connection.createDataChannel("control")
        self.metrics_channel.on("message", lambda m: self.metrics.put_nowait(json.loads(m)))
        self.control_channel.on("message", lambda m: self.messages.put_nowait(json.loads(m)))
        self.control_channel.on("open", self._control_opened)

    def _control_opened(self) -> None:
        self.opened.set()
        if self._ping_interval is not None:
            self._pings = asyncio.ensure_future(self._ping(self._ping_interval))

    async def _ping(self, interval: float) -> None:
        count = 0
        while self.control_channel is not None and self.control_channel.readyState == "open":
            self.say({"v": 1, "type": "ping", "t": count})
            count += 1
            await asyncio.sleep(interval)

    def say(self, message: dict[str, Any]) -> None:
        """Send a message on ``control``."""
        assert self.control_channel is not None
        self.control_channel.send(json.dumps(message))

    async def hears(self, kind: str) -> dict[str, Any]:
        """Wait for the server's next control message of this type."""
        while True:
            message = await self.messages.get()
            if message["type"] == kind:
                return message

    def prefer(self, codec: str) -> None:
        """Offer this video codec (and its retransmissions) only."""
        wanted = {f"video/{codec}".lower(), "video/rtx"}
        transceiver = next(t for t in self.connection.getTransceivers() if t.kind == "video")
        offered = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([c for c in offered if c.mimeType.lower() in wanted])

    async def offer(self) -> str:
        """Make the offer, with all candidates."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, answer: str) -> None:
        """Take the answer."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def connect(self, exchange: Callable[[str], Awaitable[str]]) -> None:
        """Offer, let ``exchange`` get the answer, take it."""
        await self.accept(await exchange(await self.offer()))

    async def kill(self) -> None:
        """Vanish without a word, as a killed tab does."""
        self.connection.network = nothing
        self.connection.vanish()
        await self._stop_pings()

    async def close(self) -> None:
        """Close as ``RTCPeerConnection.close`` does."""
        await self._stop_pings()
        await self.connection.close()

    async def _stop_pings(self) -> None:
        if self._pings is not None:
            self._pings.cancel()
            await asyncio.gather(self._pings, return_exceptions=True)
            self._pings = None
