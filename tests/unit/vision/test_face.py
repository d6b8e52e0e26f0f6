"""Which faces are believed: a new one must be surer than one that is followed."""

from typing import cast

import numpy as np
import pytest

from rtc_server.media.frames import Picture
from rtc_server.vision.face import see
from rtc_server.vision.landmarks import FaceModels, Mesh
from rtc_server.vision.region import Region
from tests.fakes import pictures
from tests.fakes.drawn_face import SIZE, DrawnFace

SOMEWHERE = Region(0.5, 0.5, 0.4, 0.5, 0.0)


class ModelsThatSee:
    """A mesh model that is so sure of a face."""

    def __init__(self, presence: float) -> None:
        self._presence = presence

    def mesh(self, _picture: Picture, _region: Region) -> Mesh:
        return Mesh(DrawnFace().landmarks().astype(np.float32), self._presence)


@pytest.mark.parametrize(
    ("presence", "followed", "new"),
    [(0.5, False, False), (0.72, True, False), (0.998, True, True)],
)
def test_the_back_of_a_head_is_no_new_face(presence: float, *, followed: bool, new: bool) -> None:
    models = cast("FaceModels", ModelsThatSee(presence))
    black = pictures.seen(pictures.black())
    assert (see(models, black, SOMEWHERE, SIZE) is not None) is followed
    assert (see(models, black, SOMEWHERE, SIZE, new=True) is not None) is new
