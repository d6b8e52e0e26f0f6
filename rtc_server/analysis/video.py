"""Frames of a video file as a session gets them from a camera."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import av.error
import numpy as np
from av.stream import Disposition
from av.video.stream import VideoStream

from rtc_server.base.errors import RecordingRefused
from rtc_server.media.pace import Pace
from rtc_server.media.source import Frame

USUAL_INTERVAL = 1 / 30
"""Seconds between two frames of a file that says nothing about it."""

log = logging.getLogger(__name__)


class Video:
    """A video file, read once from its beginning to its end."""

    def __init__(self, path: Path, max_fps: float | None) -> None:
        """Open it; raises :class:`RecordingRefused`.

        ``max_fps``: frames a second of media time that are handed on; ``None`` for all.
        """
        self.end = 0.0
        """Seconds from the first frame to the last that was decoded so far."""
        self._path = path
        self._pace = None if max_fps is None else Pace(max_fps)
        self._container = _open(path)
        try:
            self._stream = _video_stream(path, self._container)
        except RecordingRefused:
            self._container.close()
            raise

    @property
    def duration(self) -> float | None:
        """Seconds that the file says it lasts."""
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        microseconds = self._container.duration
        return None if microseconds is None else microseconds / av.time_base

    def frames(self, passed: Callable[[float], None]) -> Iterator[Frame]:
        """Every due frame, upright and with square pixels; closes the file at the end.

        ``passed`` is told the time of each frame, due or not. Damaged parts are passed over; a
        file in which nothing can be decoded raises :class:`RecordingRefused`.
        """
        clock = _FileClock(self._stream)
        count = 0
        with self._container:
            for image in self._decoded():
                count += 1
                self.end = clock.place(image.time)
                passed(self.end)
                if self._pace is None or self._pace.take(self.end):
                    yield Frame(self.end, self.end, _upright(image, self._pixel_shape()))
        if not count:
            raise RecordingRefused(f"{self._path}: not one frame of it can be decoded")

    def _decoded(self) -> Iterator[av.VideoFrame]:
        damaged = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                images = packet.decode()
            except av.error.InvalidDataError:
                damaged += 1
                continue
            except av.error.FFmpegError as error:
                log.warning("%s ends early: %s", self._path, error.strerror)
                break
            yield from images
        if damaged:
            log.warning("%s: %d packets could not be decoded", self._path, damaged)

    def _pixel_shape(self) -> float:
        """Width of a pixel over its height."""
        ratio = self._stream.sample_aspect_ratio
        return float(ratio) if ratio else 1.0


class _FileClock:
    """Seconds since the first frame; frames without a usable time follow at the usual distance."""

    def __init__(self, stream: VideoStream) -> None:
        rate = stream.average_rate
        self._interval = float(1 / rate) if rate else USUAL_INTERVAL
        self._stamp: float | None = None
        self._time: float | None = None

    def place(self, stamp: float | None) -> float:
        if self._time is None:
            self._time = 0.0
        elif stamp is None or self._stamp is None or stamp <= self._stamp:
            self._time += self._interval
        else:
            self._time += stamp - self._stamp
        self._stamp = stamp
        return self._time


def _open(path: Path) -> av.container.InputContainer:
    if not path.is_file():
        raise RecordingRefused(f"{path}: {'a folder' if path.is_dir() else 'no such file'}")
    try:
        return av.open(str(path))
    except (OSError, av.error.FFmpegError) as error:
        why = "no video file" if isinstance(error, av.error.InvalidDataError) else error.strerror
        raise RecordingRefused(f"{path}: {why}") from error


def _video_stream(path: Path, container: av.container.InputContainer) -> VideoStream:
    """The first that is no cover picture of a piece of music."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            if stream.codec_context is None:
                raise RecordingRefused(f"{path}: no decoder for its video")
            stream.thread_type = "AUTO"
            return stream
    raise RecordingRefused(f"{path}: no video in it")


def _upright(image: av.VideoFrame, pixel_shape: float) -> av.VideoFrame:
    """As a player shows it: turned as the camera was held, with square pixels."""
    if pixel_shape != 1.0:
        image = image.reformat(width=max(2, round(image.width * pixel_shape)), height=image.height)
    quarters = round(image.rotation / 90) % 4
    if not quarters:
        return image
    turned = np.rot90(image.to_ndarray(format="rgb24"), quarters).astype(np.uint8)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="rgb24")
