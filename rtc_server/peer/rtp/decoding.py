"""From encoded frames to pictures, when somebody looks at them, and a steady media clock."""

import logging
import threading
from collections import deque
from collections.abc import Callable

import av
from aiortc import codecs
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.codec.context import Flags

from rtc_server.base.clock import Clock
from rtc_server.base.errors import FrameRefused
from rtc_server.peer.rtp.bitstream import (
    MAX_FRAME_BYTES,
    MAX_PICTURE_SETS,
    Header,
    Unreadable,
    is_key_frame,
    picture_sets,
    read_header,
)
from rtc_server.peer.rtp.jitter import VideoFrame

BACKLOG = 30
"""Encoded frames that may wait to be decoded: one second at 30 fps."""
BACKLOG_BYTES = 2 * MAX_FRAME_BYTES
"""The same in bytes."""
CODEC_SLACK = 2
"""FFmpeg compares its limit with sides rounded up; the headers were held to the very pixel."""
UNREADABLE, TOO_LARGE = "video_unreadable", "video_too_large"
"""What refused frames are counted as."""
KEY_FRAME_AGAIN = 0.5
"""Seconds after which an outstanding key frame is asked for again."""
KEY_FRAME_PATIENCE = 3.0
"""Seconds to wait for a key frame; some encoders never send one again (intra refresh)."""
CLOCK_RATE = 90_000
RESTART = 5.0
"""Seconds by which RTP time and arrival may differ before it counts as a new timeline."""

MAX_PIXELS = 1920 * 1080
"""Larger pictures are not decoded, unless configured: 16383 x 16383 would take 400 MB each."""

log = logging.getLogger(__name__)


class Picture:
    """One encoded frame of a stream; see :class:`~rtc_server.media.source.Undecoded`."""

    def __init__(
        self,
        decoder: "Decoder",
        codec: RTCRtpCodecParameters,
        frame: VideoFrame,
        number: int,
        *,
        fresh: bool = False,
    ) -> None:
        """``number``: its place in the stream; ``frame.timestamp``: 90 kHz, never falling.

        ``fresh``: a new codec begins with it.
        """
        self.fresh = fresh
        self.codec = codec
        self.frame = frame
        self.number = number
        self.width: int | None = None
        self._decoder = decoder

    @property
    def time(self) -> float:
        """Seconds since the stream's first picture."""
        return self.frame.timestamp / CLOCK_RATE

    def decode(self) -> av.VideoFrame:
        """Decode what leads up to it, then it; raises :class:`FrameRefused`."""
        decoded = self._decoder.decode(self)
        self.width = decoded.width
        return decoded


class Decoder:
    """The encoded frames of one stream; decoded in the thread that looks at a picture.

    Frames build on the ones before, so those that nobody looks at are decoded too, when a later
    one is. None is dropped alone: after a gap, or when ``BACKLOG`` of them wait, everything up to
    the next key frame goes, and that one is asked for. aiortc decodes each at once in a thread of
    the stream's own, with an unbounded queue before it and one behind, and decodes on over gaps
    into smeared pictures.
    """

    def __init__(
        self,
        clock: Clock,
        need_key_frame: Callable[[], None],
        max_pixels: int = MAX_PIXELS,
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``need_key_frame``, of any thread, is called when the sender should send one.

        ``refused`` hears why a frame is not decoded.
        """
        self.dropped = 0
        self.pixels: int | None = None
        """Of the newest key frame."""
        self._max_pixels = max_pixels
        self._clock = clock
        self._need_key_frame = need_key_frame
        self._refused = refused
        self._header: Header | None = None
        self._picture_sets: set[int] = set()
        self._renew = False
        self._skipping_since: float | None = clock.monotonic()
        self._asked: float | None = None
        self._count = 0
        self._lock = threading.Lock()
        self._waiting: deque[Picture] = deque()
        self._waiting_bytes = 0
        self._codec_name = ""
        self._closed = False
        self._codec: codecs.base.Decoder | None = None

    def __len__(self) -> int:
        """How many frames wait."""
        return len(self._waiting)

    def take(self, codec: RTCRtpCodecParameters, frame: VideoFrame) -> Picture | None:
        """Take the next frame of the stream; ``None`` where it can show nothing whole."""
        if not self._wanted(codec, frame):
            self.dropped += 1
            return None
        self._count += 1
        picture = Picture(self, codec, frame, self._count, fresh=self._renew)
        self._renew = False
        with self._lock:
            self._waiting.append(picture)
            self._waiting_bytes += len(frame.data)
        return picture

    def decode(self, picture: Picture) -> av.VideoFrame:
        """Decode up to ``picture``; blocks, for one thread at a time.

        Raises :class:`FrameRefused` where it is broken, or was dropped meanwhile.
        """
        decoded: av.VideoFrame | None = None
        last: Picture | None = None
        while (waiting := self._up_to(picture)) is not None:
            last, decoded = waiting, self._decode(waiting)
        if decoded is None or last is not picture:
            raise FrameRefused("this frame of the video cannot be decoded", code="frame_corrupt")
        return decoded

    def clear(self) -> None:
        """Let go of what waits."""
        with self._lock:
            self.dropped += len(self._waiting)
            self._renew |= any(each.fresh for each in self._waiting)
            self._waiting.clear()
            self._waiting_bytes = 0

    def close(self) -> None:
        """Let go of what waits and of the codec, whose threads and pictures are megabytes.

        A decoder is in a cycle of references with its connection, which the garbage collector
        finds late; a frame that is decoded at this moment is decoded still.
        """
        self.clear()
        self._closed = True
        self._codec = None

    def _up_to(self, picture: Picture) -> Picture | None:
        with self._lock:
            if self._waiting and self._waiting[0].number <= picture.number:
                self._waiting_bytes -= len(self._waiting[0].frame.data)
                return self._waiting.popleft()
        return None

    def _decode(self, picture: Picture) -> av.VideoFrame | None:
        codec = self._codec
        if self._closed:
            return None
        if codec is None or picture.fresh or picture.codec.name != self._codec_name:
            codec = self._codec = _bound_decoder(picture.codec, self._max_pixels)
            self._codec_name = picture.codec.name
        try:
            frames = codec.decode(picture.frame)
        except av.FFmpegError as error:
            log.debug("a frame was not decoded: %s", type(error).__name__)
            self._need_key_frame()
            return None
        shown = frames[-1] if frames else None
        return shown if isinstance(shown, av.VideoFrame) else None

    def _wanted(self, codec: RTCRtpCodecParameters, frame: VideoFrame) -> bool:
        now = self._clock.monotonic()
        if not self._is_allowed(codec.name, frame.data):
            self._skip()
            self._ask(now)
            return False
        full = self._waiting_bytes + len(frame.data) > BACKLOG_BYTES
        if full or len(self._waiting) >= BACKLOG:
            self.clear()
            self._skip()
        elif not frame.intact:
            self._skip()
        if self._skipping_since is None:
            return True
        if is_key_frame(codec.name, frame.data) or now - self._skipping_since > KEY_FRAME_PATIENCE:
            self._skipping_since = self._asked = None
            return True
        self._ask(now)
        return False

    def _is_allowed(self, codec: str, data: bytes) -> bool:
        """Whether all that the frame builds on was read, and is not too much to be decoded."""
        try:
            header = read_header(codec, data)
            self._count_picture_sets(picture_sets(codec, data))
        except Unreadable:
            self._header = None
            self._refused(UNREADABLE)
            return False
        if header is not None:
            self.pixels = header.pixels
            self._header = header if header.fits(self._max_pixels) else None
            if self._header is None:
                self._refused(TOO_LARGE)
        return self._header is not None

    def _count_picture_sets(self, numbers: set[int]) -> None:
        """So many are kept of one codec; with more the next key frame is given a new one."""
        self._picture_sets |= numbers
        if len(self._picture_sets) > MAX_PICTURE_SETS:
            self._picture_sets = numbers
            self._renew = True
            self._skip()

    def _skip(self) -> None:
        if self._skipping_since is None:
            self._skipping_since = self._clock.monotonic()

    def _ask(self, now: float) -> None:
        if self._asked is None or now - self._asked >= KEY_FRAME_AGAIN:
            self._asked = now
            self._need_key_frame()


def _bound_decoder(codec: RTCRtpCodecParameters, max_pixels: int) -> codecs.base.Decoder:
    """Aiortc's decoder, whose memory is bounded: one thread, no pictures kept to be reordered."""
    made = codecs.get_decoder(codec)
    context: av.VideoCodecContext | None = getattr(made, "codec", None)
    if context is not None:
        context.thread_count = 1
        context.options = {"max_pixels": str(CODEC_SLACK * max_pixels)}
        context.flags |= int(Flags.low_delay)
    return made


class MediaClock:
    """RTP timestamps → ticks (90 kHz) since the first frame, always forward.

    Takes the place of aiortc's ``TimestampMapper``, in which a timestamp that goes back, or a
    sender that starts a new timeline, jumps by up to 2^32 ticks (13 hours).
    """

    def __init__(self, clock: Clock) -> None:
        """Begin at 0 with the first timestamp."""
        self._clock = clock
        self._ticks = 0
        self._last: int | None = None
        self._seen = 0.0

    def map(self, timestamp: int) -> int:
        """Ticks of ``timestamp``; a new timeline goes on where the time of day is."""
        now = self._clock.monotonic()
        if self._last is not None:
            step = (timestamp - self._last + (1 << 31)) % (1 << 32) - (1 << 31)
            passed = int((now - self._seen) * CLOCK_RATE)
            if abs(step - passed) > RESTART * CLOCK_RATE:
                step = passed
            self._ticks += max(1, step)
        self._last, self._seen = timestamp, now
        return self._ticks
