"""A face that was seen, and where to look for it in the next frame."""

from dataclasses import dataclass

from rtc_server.media.frames import Picture
from rtc_server.vision.landmarks import FaceModels, Points
from rtc_server.vision.region import Region

Size = tuple[int, int]
"""Width and height of the frame in pixels, whatever the model was shown."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one frame."""

    points: Points
    """(478, 3) normalised landmarks."""
    region: Region
    """Where it will be next, or near to it."""

    def is_at(self, region: Region) -> bool:
        """Whether ``region`` shows this face too."""
        return self.region.overlaps(region)


NEW_PRESENCE = 0.9
"""From this score on a face is one that nobody followed before: the back of a head gets 0.72 now
and then, a face that is just found 0.998."""


def see(
    models: FaceModels, picture: Picture, region: Region, size: Size, *, new: bool = False
) -> Face | None:
    """The face in a region of the picture, if the mesh model takes it for one.

    ``new``: no frame before has shown it.
    """
    mesh = models.mesh(picture, region)
    if not mesh.is_face or (new and mesh.presence < NEW_PRESENCE):
        return None
    around = Region.around(mesh.points, size)
    return Face(mesh.points, around) if around.plausible else None
