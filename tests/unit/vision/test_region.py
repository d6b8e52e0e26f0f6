import math

import numpy as np
import pytest
from numpy.typing import NDArray

from rtc_server.vision.region import MARGIN, Region


def a_face(x: float, y: float, side: float, roll: float = 0.0) -> NDArray[np.float32]:
    """(478, 3) points in a 640x480 picture: a disc whose eye corners lie on a line."""
    angles = np.linspace(0, 2 * math.pi, 478, endpoint=False)
    points = np.zeros((478, 3), np.float32)
    points[:, 0] = x + side / 2 * np.cos(angles) / 640
    points[:, 1] = y + side / 2 * np.sin(angles) / 480
    for index, sign in ((33, -1), (263, 1)):
        points[index, :2] = (
            x + sign * 0.3 * side * math.cos(roll) / 640,
            y + sign * 0.3 * side * math.sin(roll) / 480,
        )
    return points


def test_it_is_a_square_of_pixels_around_the_face() -> None:
    region = Region.around(a_face(0.4, 0.6, 120), (640, 480))
    assert [region.x, region.y] == pytest.approx([0.4, 0.6], abs=1e-3)
    assert region.width * 640 == pytest.approx(MARGIN * 120, rel=1e-3)
    assert region.height * 480 == pytest.approx(MARGIN * 120, rel=1e-3)


@pytest.mark.parametrize("roll", [-1.2, -0.3, 0.0, 0.5, 1.4])
def test_it_turns_with_the_head(roll: float) -> None:
    region = Region.around(a_face(0.5, 0.5, 100, roll), (640, 480))
    assert region.rotation == pytest.approx(roll, abs=1e-4)


def test_the_same_face_overlaps_itself_and_not_its_neighbour() -> None:
    here = Region.around(a_face(0.3, 0.5, 100), (640, 480))
    near = Region.around(a_face(0.34, 0.53, 110), (640, 480))
    beside = Region.around(a_face(0.3 + 110 / 640, 0.5, 100), (640, 480))
    assert here.overlaps(near)
    assert near.overlaps(here)
    assert not here.overlaps(beside)


@pytest.mark.parametrize(
    "region",
    [
        Region(1.2, 0.5, 0.3, 0.4, 0.0),
        Region(0.5, -0.1, 0.3, 0.4, 0.0),
        Region(0.5, 0.5, 0.3, 0.001, 0.0),
        Region(0.5, 0.5, 5.0, 6.0, 0.0),
        Region(math.nan, 0.5, 0.3, 0.4, 0.0),
    ],
)
def test_a_region_where_no_face_can_be_is_not_plausible(region: Region) -> None:
    assert not region.plausible


def test_a_face_at_the_edge_is_plausible() -> None:
    assert Region(0.02, 0.5, 0.3, 0.4, 0.0).plausible
