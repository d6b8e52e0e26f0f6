"""Which photos of the benchmark calibrate."""

import numpy as np
import pytest

from benchmarks.quality.gazes import grids


def board(side: int) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for y in range(side) for x in range(side)]


@pytest.mark.parametrize(("side", "splits"), [(3, 1), (4, 4), (5, 1)])
def test_nine_photos_calibrate_with_each_choice_of_the_middle(side: int, splits: int) -> None:
    found = grids(np.array(board(side)))
    assert len(found) == splits
    assert all(len(photos) == len(set(photos)) == 9 for photos in found)


def test_the_corners_always_calibrate() -> None:
    corners = {0, 3, 12, 15}
    assert all(corners <= set(photos) for photos in grids(np.array(board(4))))


def test_few_targets_calibrate_once_each() -> None:
    assert grids(np.array(board(2)))[0] == [0, 1, 2, 3]
