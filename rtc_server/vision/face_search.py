"""Looking for faces that nobody follows yet: seldom, for it costs half of what following does."""

from collections.abc import Iterable

from rtc_server.media.frames import Picture
from rtc_server.media.pace import Due
from rtc_server.vision.face import Face, Size, see
from rtc_server.vision.landmarks import FaceModels

MAX_FACES = 4
"""More faces make no difference."""

FAR_LOOKS = 8
"""The detector for far faces costs three times the other: every so many looks will do. A second
face matters from 40 % of the student's size on, and that large the near one mostly sees it."""


class FaceSearch:
    """Knows when to look again, and lets the mesh model confirm what a detector takes for a face.

    Times are seconds of the media clock.
    """

    def __init__(self, interval: float) -> None:
        """``interval``: seconds between two looks while there is a face."""
        self._interval = interval
        self._near = Due()
        self._far = Due()

    def is_due(self, time: float) -> bool:
        """Whether it is time to look even where nothing was lost."""
        return self._near.has_come(time)

    def look(
        self, models: FaceModels, picture: Picture, size: Size, time: float, known: Iterable[Face]
    ) -> list[Face]:
        """Every face in the picture; those that are known, and were seen in it, come first."""
        faces = list(known)
        self._near.put(time, self._interval)
        self._confirm(models, picture, size, faces, far=False)
        if self._far.has_come(time):
            self._confirm(models, picture, size, faces, far=True)
            self._far.put(time, self._interval * (FAR_LOOKS if faces else 1))
        return faces

    @staticmethod
    def _confirm(
        models: FaceModels, picture: Picture, size: Size, faces: list[Face], *, far: bool
    ) -> None:
        """Add the detector's faces that are not there yet."""
        for region in models.faces(picture, far=far):
            if len(faces) >= MAX_FACES or any(face.is_at(region) for face in faces):
                continue
            face = see(models, picture, region, size, new=True)
            if face is not None and not any(face.is_at(other.region) for other in faces):
                faces.append(face)
