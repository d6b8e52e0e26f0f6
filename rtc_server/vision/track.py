"""One student's face, followed from frame to frame."""

import threading

from rtc_server.config import VisionConfig
from rtc_server.media.frames import RgbConverter
from rtc_server.media.source import Frame
from rtc_server.metrics.model import FaceMeasure, Observation
from rtc_server.vision import quality
from rtc_server.vision.geometry import measure
from rtc_server.vision.landmarks import FaceGraph, Mesh, Rgb
from rtc_server.vision.region import Region

MAX_FACES = 4
"""Detections that are looked at: more faces make no difference."""

TAKEOVER = 1.5
"""A face so many times as large as the student's is the student: the other was a poster."""

Size = tuple[int, int]


class FaceTrack:
    """What a session remembers between two frames: where the face is, and who else is there.

    The student is the largest face at first, then the same one, until somebody much nearer to the
    camera turns up. The detector runs only to find a lost face, and now and then for others.
    """

    def __init__(self, config: VisionConfig) -> None:
        """Start with nobody in sight."""
        self._config = config
        self._converter = RgbConverter(config.max_frame_bytes, config.max_pixels)
        self._lock = threading.Lock()
        self._size: Size = (0, 0)
        self._region: Region | None = None
        self._others: list[float] = []
        self._looked_at: float | None = None

    def observe(self, graph: FaceGraph, frame: Frame, elapsed: float) -> Observation:
        """Analyse one frame; blocks, so not on the event loop.

        Raises :class:`~rtc_server.errors.FrameRefused` for a JPEG that cannot be decoded.
        """
        with self._lock:
            return self._observe(graph, frame, elapsed)

    def _observe(self, graph: FaceGraph, frame: Frame, elapsed: float) -> Observation:
        image = self._converter.decode(frame.image)
        size = image.width, image.height
        if size != self._size:
            self._forget(size)
        mesh = self._follow(graph, self._converter.rgb(image), frame.media_time)
        face = None if mesh is None else _measured(mesh, size)
        points = None if mesh is None else mesh.points
        return Observation(
            media_time=frame.media_time,
            elapsed=elapsed,
            face_count=(face is not None) + len(self._others),
            quality=quality.rate(self._converter.luma(image), points, face),
            face=face,
            second_inter_ocular_px=max(self._others, default=None),
        )

    def _forget(self, size: Size) -> None:
        self._size = size
        self._region = None
        self._others = []
        self._looked_at = None

    def _follow(self, graph: FaceGraph, rgb: Rgb, time: float) -> Mesh | None:
        """The student's face where it was, or else where the detector finds one."""
        mesh = None if self._region is None else graph.mesh(rgb, self._region)
        if mesh is not None and not mesh.is_face:
            mesh = None
        if mesh is None or self._is_time_to_look(time):
            self._looked_at = time
            mesh = self._look(graph, rgb, mesh)
        region = None if mesh is None else self._around(mesh)
        self._region = region if region is not None and region.plausible else None
        return mesh

    def _is_time_to_look(self, time: float) -> bool:
        if self._looked_at is None:
            return True
        return not 0 <= time - self._looked_at < self._config.look_interval

    def _look(self, graph: FaceGraph, rgb: Rgb, known: Mesh | None) -> Mesh | None:
        """Find every face; the student's is returned, the others' sizes are kept."""
        faces = [] if known is None else [known]
        for region in graph.faces(rgb)[:MAX_FACES]:
            if any(region.overlaps(self._around(face)) for face in faces):
                continue
            face = graph.mesh(rgb, region)
            if face.is_face:
                faces.append(face)
        student = self._choose(faces, known)
        others = (_measured(face, self._size) for face in faces if face is not student)
        self._others = [other.inter_ocular_px for other in others if other is not None]
        return student

    def _choose(self, faces: list[Mesh], known: Mesh | None) -> Mesh | None:
        """The face that is known, else one where it was last, else the largest."""
        if not faces:
            return None
        largest = max(faces, key=self._height)
        if known is not None:
            return largest if self._height(largest) > TAKEOVER * self._height(known) else known
        last = self._region
        same = (face for face in faces if last is not None and last.overlaps(self._around(face)))
        return next(same, largest)

    def _around(self, mesh: Mesh) -> Region:
        return Region.around(mesh.points, self._size)

    def _height(self, mesh: Mesh) -> float:
        return self._around(mesh).height


def _measured(mesh: Mesh, size: Size) -> FaceMeasure | None:
    """``None`` where the points are no face's."""
    try:
        return measure(mesh.points, size)
    except ValueError:
        return None
