"""A student who was never filmed: pictures of the astronaut with exact truth."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from tests.fakes.camera_file import SensorNoise
from tests.fakes.student import body, eyes, head, skin
from tests.fakes.student.head import PIVOT, Surface
from tests.fakes.student.photo import Array, Picture
from tests.fakes.student.raster import cover
from tests.fakes.student.shot import Person, Shot

HORIZONTAL_FOV = 60.0
_BODY_BEHIND = 4.0
"""Centimetres behind the eyes where the flat body stands."""


class Student:
    """Draws shots for one camera. Not to be used by two threads at once.

    The head turns as a solid body about a point between the ears, seen by a pinhole camera; room
    and body stand still. What MediaPipe makes of it is MediaPipe's own work.
    """

    def __init__(self, size: tuple[int, int] = (640, 480), seed: int = 1) -> None:
        """``size``: width and height in pixels; ``seed``: of the noise."""
        self.size = size
        self.focal = size[0] / 2 / math.tan(math.radians(HORIZONTAL_FOV / 2))
        self._seed = seed
        self._sensors: dict[float, SensorNoise] = {}
        self._skin = np.delete(head.face().triangles, eyes.opening(), axis=0)

    def frame(self, **wish: Any) -> Picture:  # noqa: ANN401 - the fields of Shot
        """Draw the :class:`Shot` with these fields; (height, width, 3) RGB."""
        return self.render(Shot(**wish))

    def render(self, shot: Shot) -> Picture:
        """Draw one frame; (height, width, 3) RGB."""
        picture = body.room(self.size).astype(np.float32)
        for person in sorted(self._people(shot), key=lambda person: -person.distance_cm):
            self._draw_body(picture, person)
            self._draw_head(picture, person)
        return self._sensor(shot.noise).on(_exposed(picture, shot))

    def _people(self, shot: Shot) -> list[Shot]:
        others = [_plain(other) for other in shot.others]
        return [*others, shot] if shot.present else others

    def _draw_body(self, picture: NDArray[np.float32], shot: Shot) -> None:
        depth = shot.distance_cm + _BODY_BEHIND
        place = self._project(np.array([[shot.x_cm, shot.y_cm, depth]]))[0]
        scale = self.focal / depth
        cut = body.body((float(place[0]), float(place[1])), scale, self.size, shot.skin)
        lower = picture[cut.top :]
        lower += (cut.colours - lower) * cut.cover

    def _draw_head(self, picture: NDArray[np.float32], shot: Shot) -> None:
        corners, places = self._triangles(shot)
        seen = cover(corners, places, self.size)
        colours = skin.shown(seen.places, shot.skin, shot.openness)
        soft = _soft_edge(seen.pixels, self.size)
        flat = picture.reshape(-1, 3)
        flat[seen.pixels] += (colours - flat[seen.pixels]) * soft[:, None]

    def _triangles(self, shot: Shot) -> tuple[Array, Array]:
        """(m, 3, 2) pixels and atlas pixels, what is drawn first first."""
        look = shot.gaze_vector @ shot.rotation
        balls = eyes.eyeballs(look)
        face = head.face()
        lids = eyes.lids(shot.openness, look)
        layers = [
            (head.shell(), skin.head_places, True),
            (balls.whites, skin.white_places, False),
            (balls.irises, skin.iris_places, False),
            (Surface(lids.face, face.places, self._skin), skin.head_places, True),
            (lids.lashes, skin.lash_places, False),
        ]
        corners, places = [], []
        for surface, to_atlas, by_depth in layers:
            standing = _stand(surface.vertices, shot)
            order = surface.triangles
            if by_depth:
                order = order[np.argsort(-standing[order, 2].mean(axis=1), kind="stable")]
            corners.append(self._project(standing)[order])
            places.append(to_atlas(surface.places)[order])
        return np.concatenate(corners), np.concatenate(places)

    def _project(self, points: Array) -> Array:
        """(n, 2) pixels of (n, 3) camera centimetres."""
        width, height = self.size
        projected: Array = self.focal * points[:, :2] / points[:, 2:] + (width / 2, height / 2)
        return projected

    def _sensor(self, noise: float) -> SensorNoise:
        if noise not in self._sensors:
            self._sensors[noise] = SensorNoise(noise, self._seed)
        return self._sensors[noise]


def _plain(person: Person) -> Shot:
    return Shot(x_cm=person.x_cm, y_cm=person.y_cm, distance_cm=person.distance_cm)


def _stand(vertices: Array, shot: Shot) -> Array:
    """Head centimetres to camera centimetres."""
    place = np.array([shot.x_cm, shot.y_cm, shot.distance_cm])
    standing: Array = (vertices - PIVOT) @ shot.rotation.T + PIVOT + place
    return standing


def _soft_edge(pixels: NDArray[np.intp], size: tuple[int, int]) -> NDArray[np.float32]:
    """(n,) shares of the covered pixels: less at the rim."""
    width, height = size
    mask = np.zeros((height, width), np.float32)
    mask.reshape(-1)[pixels] = 1
    softened: NDArray[np.float32] = uniform_filter(mask, 3).reshape(-1)[pixels]
    return softened


def _exposed(picture: NDArray[np.float32], shot: Shot) -> Picture:
    """As the camera's tone curve gives it in this light."""
    factor = shot.light ** (1 / skin.CAMERA_GAMMA)
    levels = np.clip(np.arange(256) / 255 * factor, 0, 1) ** (1 / shot.gamma) * 255
    table = np.rint(levels).astype(np.uint8)
    exposed: Picture = table[np.clip(picture, 0, 255).astype(np.uint8)]
    return exposed
