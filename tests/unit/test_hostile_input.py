"""What ``make fuzz`` feeds for minutes, for a moment: hypothesis on the same targets."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import targets


@pytest.mark.parametrize("name", targets.NAMES)
def test_no_input_is_a_fault(name: str) -> None:
    target = targets.load(name)
    seeds = st.sampled_from(sorted(target.seeds))
    words = st.sampled_from([word.encode() for word in target.words])

    @st.composite
    def spoilt(draw: st.DrawFn) -> bytes:
        """Good input with some of it gone, and something else in its place."""
        data = draw(seeds)
        for _ in range(draw(st.integers(1, 4))):
            start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
            data = data[:start] + draw(words | st.binary(max_size=8)) + data[start + length :]
        return data

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=256) | seeds | spoilt())
    def feed(data: bytes) -> None:
        target.run(data)

    feed()


@pytest.mark.parametrize("name", targets.NAMES)
def test_a_target_takes_its_seeds(name: str) -> None:
    target = targets.load(name)
    assert len(target.seeds) > 1
    for seed in target.seeds:
        assert len(seed) <= target.max_bytes
        target.run(seed)
