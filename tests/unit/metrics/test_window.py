"""Quantiles of the last seconds."""

from hypothesis import given
from hypothesis import strategies as st

from rtc_server.metrics.window import TimedWindow

steps = st.lists(st.tuples(st.floats(0, 3), st.floats(-9, 9)), min_size=1, max_size=60)


@given(steps, st.floats(0, 1))
def test_quantiles_are_those_of_the_samples_in_the_window(
    script: list[tuple[float, float]], share: float
) -> None:
    window, now, samples = TimedWindow(5.0), 0.0, []
    for step, value in script:
        now += step
        samples.append((now, value))
        window.add(now, value)
    kept = sorted(value for at, value in samples if at >= now - 5.0)
    assert len(window) == len(kept)
    assert window.quantile(share) == kept[min(int(share * len(kept)), len(kept) - 1)]


def test_a_cleared_window_is_empty() -> None:
    window = TimedWindow(5.0)
    window.add(1.0, 2.0)
    window.clear()
    assert len(window) == 0
