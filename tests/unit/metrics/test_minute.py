"""The benchmark's scripted minute, at any rate."""

import pytest

from benchmarks.quality import minute


@pytest.mark.parametrize("uneven", [False, True], ids=["steady", "uneven"])
@pytest.mark.parametrize("fps", minute.FPS)
def test_the_account_of_the_minute_is_right_within_a_second(fps: float, *, uneven: bool) -> None:
    off, found = minute.error(minute.account(minute.times(fps, uneven=uneven)))
    assert off <= 1.0
    assert found == len({each.cause for each in minute.SCRIPT})
