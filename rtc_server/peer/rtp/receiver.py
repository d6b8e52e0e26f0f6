"""What we change in aiortc's receiver, and why. Runs in the worker's event loop.

======================================  ==========================================================
aiortc 1.16                             here
======================================  ==========================================================
a frame waits for the next one          :class:`MarkerJitterBuffer` releases on the marker bit
one lost packet freezes 7 to 10 s [1]_  a key frame, asked for after 0.3 s, ends the wait for it
a lost packet is asked for once         :class:`PatientNack` is asked again while it is of use
a thread a stream, unbounded queues     :class:`Decoder` decodes where and when a picture is used
RTCP BYE ends the track for good [2]_   ignored: browsers send it when a stream only pauses
timestamps may jump by 13 hours         :class:`MediaClock`
two senders in one buffer (simulcast)   one SSRC at a time
bitrate estimated with every packet     :class:`BurstEstimator` does it with every burst
a packet is handled by a coroutine      ``take`` is a function; :class:`RtpFastPath` calls it
reports on every SSRC that ever came    on those of the one stream, ``MAX_REPORTED`` at most
an odd jitter ends the reports, and     :class:`Statistics` stays within its fields; ``stop`` does
``stop`` waits for them for ever        not wait for a task that failed
======================================  ==========================================================

Each has its test in ``tests/loopback/test_receiver.py``; a line goes when upstream does the same.

.. [1] aiortc pull requests 1416, 1417 and 1418 (open) each mend a part of it.
.. [2] W3C webrtc-pc issue 2202: implementations send BYE when an encoding is set inactive.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from aiortc import RTCRtpReceiver
from aiortc.codecs import depayload, is_rtx
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)

from rtc_server.base.aio import TaskSet
from rtc_server.base.clock import Clock
from rtc_server.media.source import PictureSink
from rtc_server.peer.rtp.bitrate import BurstEstimator
from rtc_server.peer.rtp.bitstream import is_key_frame
from rtc_server.peer.rtp.decoding import CLOCK_RATE, MAX_PIXELS, Decoder, MediaClock
from rtc_server.peer.rtp.jitter import MarkerJitterBuffer, PatientNack, VideoFrame
from rtc_server.peer.upstream import aiortc as upstream

NACK_PAUSES = (0.03, 0.06, 0.12, 0.12, 0.12, 0.12)
"""Seconds between the requests for a missing packet; together the time until it is given up."""
KEY_FRAME_AFTER = 3
"""The request, a third of a second after the first, from which on a key frame will do as well."""
SOURCE_SILENT = 1.0
"""Seconds without a packet after which another SSRC may take over."""
MAX_REPORTED = 4
"""SSRCs that are reported on, the newest: a report has room for 31."""


class Statistics(StreamStatistics):
    """aiortc's, whose numbers fit into a report whatever a sender's timestamps are."""

    @property
    def fraction_lost(self) -> int:
        """Of 256; all lost is 255 (RFC 3550 section 6.4.1)."""
        return min(super().fraction_lost, 0xFF)

    @property
    def jitter(self) -> int:
        """In the clock's units."""
        return min(max(super().jitter, 0), 0xFFFFFFFF)


class VideoReceiver(RTCRtpReceiver):
    """aiortc's receiver with other parts in it."""

    def __init__(
        self,
        transport: RTCDtlsTransport,
        clock: Clock,
        max_bitrate: int | None = None,
        max_pixels: int = MAX_PIXELS,
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make the parts; nothing runs before ``receive``. ``refused`` hears of frames."""
        super().__init__("video", transport)
        self._clock = clock
        self._buffer = MarkerJitterBuffer(clock)
        self._nack = PatientNack(self._buffer, clock)
        self._estimator = BurstEstimator(max_bitrate)
        self._source: int | None = None
        self._source_heard = 0.0
        self._need_key_frame = threading.Event()
        self._gap = asyncio.Event()
        self._tasks = TaskSet()
        self._decoder = Decoder(clock, self._need_key_frame.set, max_pixels, refused)
        self._media_clock = MediaClock(clock)
        self._sink: PictureSink | None = None
        self._ended = False
        self._codecs: dict[int, RTCRtpCodecParameters] = getattr(self, upstream.CODECS)
        self._repaired: dict[int, int] = getattr(self, upstream.RTX_SSRC)
        self._reported: dict[int, StreamStatistics] = getattr(self, upstream.REMOTE_STREAMS)
        self._reports: dict[int, int] = getattr(self, upstream.LAST_REPORTS)
        self._reported_at: dict[int, float] = getattr(self, upstream.LAST_REPORT_TIMES)
        self._media: dict[int, RTCRtpCodecParameters] = {}
        self._repair: dict[int, RTCRtpCodecParameters] = {}

    @property
    def pixels(self) -> int | None:
        """Of the newest key frame; ``None`` where that is not known."""
        return self._decoder.pixels

    def show(self, sink: PictureSink) -> None:
        """Show the pictures that come from now on to ``sink``."""
        self._sink = sink
        if self._ended:
            sink.end()

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin to take packets."""
        if self._media:
            return
        self._end_decoder_thread()
        await super().receive(parameters)
        setattr(self, upstream.DECODER_THREAD, None)
        self._sort_codecs()
        self._tasks.start(self._ask_again(), "ask for lost packets")

    async def stop(self) -> None:
        """Stop; nothing is waited for but the tasks here."""
        self._end()
        self._decoder.close()
        await self._tasks.close()
        await super().stop()

    def take(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """Take a packet; pictures that it completes are shown."""
        number = packet.payload_type
        codec = self._media.get(number) or self._repair.get(number)
        if codec is None or not self._is_of_source(packet):
            return
        original = packet.ssrc
        if number in self._repair:
            if packet.ssrc not in self._repaired:
                return  # whatever it repairs is none of ours
            original = self._repaired[packet.ssrc]
        self._note(packet, arrival_time_ms, codec)
        if number in self._repair:
            if len(packet.payload) < 2:  # noqa: PLR2004 - the sequence number
                return
            packet = unwrap_rtx(packet, payload_type=codec.payloadType or 0, ssrc=original)
        self._put_in_order(packet, codec)
        self._ask()

    def may_begin(self, ssrc: int, number: int) -> bool:
        """Whether a source that was never heard can be of use: media, or repairs of ours."""
        return number in self._media or (number in self._repair and ssrc in self._repaired)

    def note_report(self, packet: RtcpSrPacket) -> None:
        """What the stream's sender reports: ours to it tell when that came."""
        if packet.ssrc in self._reported:
            self._reports[packet.ssrc] = (packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF
            self._reported_at[packet.ssrc] = time.time()

    # ------------------------------------------------------------ what aiortc calls

    async def _run_rtcp(self) -> None:
        try:
            await super()._run_rtcp()
        finally:
            exited: asyncio.Event = getattr(self, upstream.RTCP_EXITED)
            exited.set()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.take(packet, arrival_time_ms)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if not isinstance(packet, RtcpByePacket):
            await super()._handle_rtcp_packet(packet)

    def _handle_disconnect(self) -> None:
        self._end()

    def _end_decoder_thread(self) -> None:
        """Let aiortc's thread, which would decode all as it comes, end before it has begun."""
        ended: queue.Queue[None] = queue.Queue()
        ended.put(None)
        setattr(self, upstream.DECODER_QUEUE, ended)

    # ------------------------------------------------------------ one packet

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

    def _note(self, packet: RtpPacket, arrival_time_ms: int, codec: RTCRtpCodecParameters) -> None:
        """What reports to the sender are made of: its statistics and what the path carries."""
        statistics = self._reported.get(packet.ssrc)
        if statistics is None:
            if len(self._reported) >= MAX_REPORTED:
                self._forget(next(iter(self._reported)))
            statistics = self._reported[packet.ssrc] = Statistics(codec.clockRate)
        statistics.add(packet)
        sent = packet.extensions.abs_send_time
        if sent is None:
            return
        size = len(packet.payload) + packet.padding_size
        estimate = self._estimator.add(arrival_time_ms, sent, size, packet.ssrc)
        own = getattr(self, upstream.RTCP_SSRC)
        if estimate is not None and own is not None:
            fci = pack_remb_fci(*estimate)
            self._send(
                self._send_rtcp(RtcpPsfbPacket(RTCP_PSFB_APP, ssrc=own, media_ssrc=0, fci=fci))
            )

    def _forget(self, ssrc: int) -> None:
        """Report no more on a source that others came after."""
        for known in (self._reported, self._reports, self._reported_at):
            known.pop(ssrc, None)

    def _put_in_order(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> None:
        """Sort it in; show what became complete."""
        if self._nack.add(packet):
            self._send(self._send_rtcp_nack(packet.ssrc, sorted(self._nack.missing)))
        try:
            data = depayload(codec, packet.payload) if packet.payload else b""
        except ValueError:
            return
        packet._data = data  # type: ignore[attr-defined]  # where aiortc's buffer looks for it
        broken, frame = self._buffer.add(packet)
        if broken:
            self._need_key_frame.set()
        if frame is not None:
            self._show(codec, frame)
            self._show_more(codec)
        elif packet.marker and self._buffer.skip_to(partial(is_key_frame, codec.name)):
            self._show_more(codec)
        elif self._buffer.stalled():
            self._buffer.give_up()
            self._need_key_frame.set()
            self._show_more(codec)

    def _show_more(self, codec: RTCRtpCodecParameters) -> None:
        """Where one packet completed several frames."""
        while (frame := self._buffer.next_frame()) is not None:
            self._show(codec, frame)

    def _show(self, codec: RTCRtpCodecParameters, frame: VideoFrame) -> None:
        frame.timestamp = self._media_clock.map(frame.timestamp)
        picture = self._decoder.take(codec, frame)
        if picture is not None and self._sink is not None:
            self._sink.offer(picture, frame.timestamp / CLOCK_RATE)

    def _ask(self) -> None:
        """Ask for what is missing."""
        if self._need_key_frame.is_set() and self._source is not None:
            self._need_key_frame.clear()
            self._send(self._send_rtcp_pli(self._source))
        if self._nack.incomplete:
            self._gap.set()

    def _send(self, report: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(report, "RTCP")

    # ------------------------------------------------------------ beside the packets

    async def _ask_again(self) -> None:
        """Ask for missing packets until they are there, less and less often."""
        while True:
            await self._gap.wait()
            for number, pause in enumerate(NACK_PAUSES):
                await asyncio.sleep(pause)
                missing = self._nack.outstanding()
                if not self._nack.incomplete or self._source is None:
                    break
                if missing:
                    await self._send_rtcp_nack(self._source, missing)
                if number == KEY_FRAME_AFTER:
                    await self._send_rtcp_pli(self._source)
            self._gap.clear()

    def _sort_codecs(self) -> None:
        """By payload type, what carries pictures and what repairs them: asked for each packet."""
        for number, codec in self._codecs.items():
            if not is_rtx(codec):
                self._media[number] = codec
            elif (repaired := self._codecs.get(_repaired(codec))) is not None:
                self._repair[number] = repaired

    def _end(self) -> None:
        self._ended = True
        self._decoder.clear()
        if self._sink is not None:
            self._sink.end()


def _repaired(codec: RTCRtpCodecParameters) -> int:
    """The payload type that a retransmission stands for (RFC 4588 section 8.6); -1 for none."""
    associated = codec.parameters.get("apt")
    return associated if isinstance(associated, int) else -1
