"""One student's face, followed from frame to frame."""

import threading

from rtc_server.base.config import VisionConfig
from rtc_server.media.frames import Converter, Picture
from rtc_server.media.source import Frame
from rtc_server.metrics.model import FaceMeasure, Observation
from rtc_server.vision.face import Face, Size, see
from rtc_server.vision.face_search import FaceSearch
from rtc_server.vision.geometry import measure
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.quality import Rater

TAKEOVER = 1.5
"""A face so many times as large as the student's is the student: the other was a poster."""

SAME_SHAPE = 0.02
"""Publishers scale in whole pixels: so far apart may two aspect ratios be and be the same."""


class FaceTrack:
    """What a session remembers between two frames: where the face is, and who else is there.

    The student is the largest face at first, then the same one, until somebody much nearer to the
    camera turns up. Others are followed too. The detectors run only to find a lost face, and now
    and then for further ones.
    """

    def __init__(self, config: VisionConfig) -> None:
        """Start with nobody in sight."""
        self._config = config
        self._converter = Converter(config.max_frame_bytes, config.max_pixels)
        self._lock = threading.Lock()
        self._size: Size = (0, 0)
        self._forget()

    def observe(self, models: FaceModels, frame: Frame, elapsed: float) -> Observation:
        """Analyse one frame; blocks, so not on the event loop.

        Raises :class:`~rtc_server.base.errors.FrameRefused` for a JPEG that cannot be decoded.
        """
        with self._lock:
            return self._observe(models, frame, elapsed)

    def _observe(self, models: FaceModels, frame: Frame, elapsed: float) -> Observation:
        image = self._converter.decode(frame.image)
        self._resize((image.width, image.height))
        picture = self._converter.picture(image)
        self._follow(models, picture, frame.media_time)
        face = self._measured(self._student)
        region = None if self._student is None else self._student.region
        return Observation(
            media_time=frame.media_time,
            elapsed=elapsed,
            face_count=(face is not None) + len(self._others),
            quality=self._rater.rate(frame.media_time, lambda: picture.luma, region, face),
            face=face,
            second_inter_ocular_px=self._second_px,
        )

    def _resize(self, size: Size) -> None:
        """Regions are shares of the frame: only in a frame of another shape they mean nothing."""
        (width, height), (old_width, old_height) = size, self._size
        same_shape = abs(width * old_height - old_width * height) < SAME_SHAPE * width * old_height
        if not same_shape:
            self._forget()
        self._size = size

    def _forget(self) -> None:
        """Begin anew: nothing is where it was."""
        self._student: Face | None = None
        self._others: list[Face] = []
        self._second_px: float | None = None
        self._search = FaceSearch(self._config.look_interval)
        self._rater = Rater(self._config.quality_interval)

    def _follow(self, models: FaceModels, picture: Picture, time: float) -> None:
        """See everybody where they were; look around when somebody is missing, or it is time."""
        last = self._student
        student = None if last is None else see(models, picture, last.region, self._size)
        faces = self._still(models, picture, [] if student is None else [student])
        everybody = student is not None and len(faces) > len(self._others)
        if not everybody or self._search.is_due(time):
            faces = self._search.look(models, picture, self._size, time, faces)
            student = _choose(faces, student, last)
        self._student = student
        self._others = [face for face in faces if face is not student]
        self._second_px = self._largest_px(self._others)

    def _still(self, models: FaceModels, picture: Picture, faces: list[Face]) -> list[Face]:
        """Add the others that are where they were."""
        for other in self._others:
            if any(face.is_at(other.region) for face in faces):
                continue
            face = see(models, picture, other.region, self._size)
            if face is not None:
                faces.append(face)
        return faces

    def _largest_px(self, faces: list[Face]) -> float | None:
        measured = (self._measured(face) for face in faces)
        return max((face.inter_ocular_px for face in measured if face), default=None)

    def _measured(self, face: Face | None) -> FaceMeasure | None:
        """``None`` where there is no face, or its points are no face's."""
        try:
            return None if face is None else measure(face.points, self._size)
        except ValueError:
            return None


def _choose(faces: list[Face], known: Face | None, last: Face | None) -> Face | None:
    """The student among all faces: the known one, the one in the same place, or the largest."""
    if not faces:
        return None
    largest = max(faces, key=_height)
    if known is not None:
        return largest if _height(largest) > TAKEOVER * _height(known) else known
    return next((face for face in faces if last is not None and face.is_at(last.region)), largest)


def _height(face: Face) -> float:
    return face.region.height
