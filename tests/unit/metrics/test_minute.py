"""The benchmark's scripted minute, at any rate."""

import pytest

from benchmarks.quality import minute


@pytest.mark.parametrize("fps", [6.0, 10.0, 15.0, 30.0])
def test_the_account_of_the_minute_is_right_within_a_second(fps: float) -> None:
    off, found = minute.error(minute.account(fps))
    assert off <= 1.0
    assert found == len({each.cause for each in minute.SCRIPT})
