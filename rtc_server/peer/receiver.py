"""What we change in aiortc's receiver, and why.

======================================  ==========================================================
aiortc 1.16                             here
======================================  ==========================================================
a frame waits for the next one          :class:`MarkerJitterBuffer` releases on the marker bit
one lost packet freezes 7 to 10 s [1]_  the gap is given up after 0.6 s, a key frame asked for
a lost packet is asked for once         :class:`PatientNack` is asked again while it is of use
unbounded decoder queue                 :class:`DecoderQueue` drops up to the next key frame
unbounded track queue [2]_              :class:`NewestQueue` keeps the newest
close joins the decoder on the loop     the thread is told to end; ``stop`` awaits it
RTCP BYE ends the track for good [3]_   ignored: browsers send it when a stream only pauses
timestamps may jump by 13 hours         :class:`MediaClock`
two senders in one buffer (simulcast)   one SSRC at a time
bitrate estimated with every packet     :class:`BurstEstimator` does it with every burst
======================================  ==========================================================

Each has its test in ``tests/loopback/test_receiver.py``; a line goes when upstream does the same.

.. [1] aiortc pull requests 1416, 1417 and 1418 (open) each mend a part of it.
.. [2] aiortc issue 554, closed with "consume all tracks".
.. [3] W3C webrtc-pc issue 2202: implementations send BYE when an encoding is set inactive.
"""

import asyncio
import threading  # noqa: TC003 - its classes stand in annotations of attributes
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpReceiver
from aiortc.codecs import is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket, RtpPacket

from rtc_server.aio import TaskSet
from rtc_server.clock import Clock
from rtc_server.peer import upstream
from rtc_server.peer.bitrate import BurstEstimator
from rtc_server.peer.decoding import DecoderQueue, MediaClock, NewestQueue
from rtc_server.peer.jitter import MarkerJitterBuffer, PatientNack

JOIN_TIMEOUT = 2.0
"""Seconds that the decoder thread may take for the frame it is at."""
JOIN_STEP = 0.005
NACK_PAUSES = (0.03, 0.06, 0.12, 0.12, 0.12, 0.12)
"""Seconds between the requests for a missing packet; together the time until it is given up."""
SOURCE_SILENT = 1.0
"""Seconds without a packet after which another SSRC may take over."""


class VideoReceiver(RTCRtpReceiver):
    """aiortc's receiver with other parts in it."""

    def __init__(
        self, transport: RTCDtlsTransport, clock: Clock, max_bitrate: int | None = None
    ) -> None:
        """Make the parts; nothing runs before ``receive``."""
        super().__init__("video", transport)
        self._clock = clock
        self._buffer = MarkerJitterBuffer(clock)
        self._source: int | None = None
        self._source_heard = 0.0
        self._thread: threading.Thread | None = None
        self._broken: threading.Event = getattr(self, upstream.DECODER_ERROR)
        self._nack = PatientNack(self._buffer, clock)
        self._gap = asyncio.Event()
        self._tasks = TaskSet()
        self._frames = DecoderQueue(clock, self._broken.set)
        self._media_clock = MediaClock(clock)
        self._codecs: dict[Any, RTCRtpCodecParameters] = getattr(self, upstream.CODECS)
        self._media: dict[int, RTCRtpCodecParameters] = {}
        self._repair: dict[int, RTCRtpCodecParameters] = {}
        setattr(self, upstream.JITTER_BUFFER, self._buffer)
        setattr(self, upstream.NACK_GENERATOR, self._nack)
        setattr(self, upstream.DECODER_QUEUE, self._frames)
        setattr(self, upstream.TIMESTAMP_MAPPER, self._media_clock)
        setattr(self, upstream.STOP_DECODER, self._end_decoder)
        setattr(self, upstream.BITRATE_ESTIMATOR, BurstEstimator(max_bitrate))

    def bounded_track(self) -> MediaStreamTrack:
        """Return the offered track with a bounded queue; call before it is read."""
        if self._track is None:
            raise RuntimeError("the offer has not been set")
        self._track._queue = NewestQueue()
        return self._track

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Start the decoder thread and take packets."""
        await super().receive(parameters)
        self._sort_codecs()
        if self._thread is None:
            self._thread = getattr(self, upstream.DECODER_THREAD)
            self._tasks.start(self._ask_again(), "ask for lost packets")

    async def stop(self) -> None:
        """Stop; the decoder thread ends without the event loop waiting in it."""
        await self._tasks.close()
        await super().stop()
        if self._thread is None:
            await self._end_track()
            return
        for _ in range(int(JOIN_TIMEOUT / JOIN_STEP)):
            if not self._thread.is_alive():
                return
            await asyncio.sleep(JOIN_STEP)

    async def _end_track(self) -> None:
        """End a track that no decoder ever fed: nobody else would wake its reader."""
        if self._track is not None:
            await self._track._queue.put(None)

    def _end_decoder(self) -> None:
        """Take the place of a method that joins the thread on the event loop."""
        if getattr(self, upstream.DECODER_THREAD) is not None:
            self._frames.put(None)
            setattr(self, upstream.DECODER_THREAD, None)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if not isinstance(packet, RtcpByePacket):
            await super()._handle_rtcp_packet(packet)

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if not self._is_of_source(packet):
            return
        await super()._handle_rtp_packet(packet, arrival_time_ms)
        self._decode_more(packet)
        if self._buffer.stalled():
            self._buffer.give_up()
            self._broken.set()
            self._decode_more(packet)
        if self._broken.is_set() and self._source is not None:
            self._broken.clear()
            await self._send_rtcp_pli(self._source)
        if self._nack.incomplete:
            self._gap.set()

    async def _ask_again(self) -> None:
        """Ask for missing packets until they are there, less and less often."""
        while True:
            await self._gap.wait()
            for pause in NACK_PAUSES:
                await asyncio.sleep(pause)
                missing = self._nack.outstanding()
                if not self._nack.incomplete or self._source is None:
                    break
                if missing:
                    await self._send_rtcp_nack(self._source, missing)
            self._gap.clear()

    def _sort_codecs(self) -> None:
        """By payload type, what carries pictures and what repairs them: asked for each packet."""
        for number, codec in self._codecs.items():
            if not is_rtx(codec):
                self._media[number] = codec
            elif (repaired := self._codecs.get(codec.parameters.get("apt"))) is not None:
                self._repair[number] = repaired

    def _is_of_source(self, packet: RtpPacket) -> bool:
        """Whether the packet belongs to the one stream that is received."""
        if packet.payload_type not in self._media:
            return True
        now = self._clock.monotonic()
        if packet.ssrc != self._source:
            if self._source is not None and now - self._source_heard < SOURCE_SILENT:
                return False
            self._source = packet.ssrc
            self._buffer.reset()
        self._source_heard = now
        return True

    def _decode_more(self, packet: RtpPacket) -> None:
        """Hand on the frames that became complete together with the first one."""
        number = packet.payload_type
        codec = self._media.get(number) or self._repair.get(number)
        while codec is not None and (frame := self._buffer.next_frame()) is not None:
            frame.timestamp = self._media_clock.map(frame.timestamp)
            self._frames.put((codec, frame))
