"""Three minutes of sessions coming and going; ``make soak`` is the half hour."""

import pytest

from benchmarks.soak.run import soak

pytestmark = [
    pytest.mark.blocks("the service is another process, and its fixture waits for it"),
    pytest.mark.timeout(480),
]

SECONDS = 180.0
SETTLE = 60.0
AT_MOST = 3.0
"""Per cent of what was held after the first minute."""


def test_what_the_service_holds_does_not_grow() -> None:
    found = soak(SECONDS, 20.0, lambda _: None)
    growths = found.growths(SETTLE)
    assert sum(found.visits.values()) > 20
    assert found.visits.get("turned away", 0) < sum(found.visits.values()) / 3
    assert {name: value for name, value in growths.items() if value > AT_MOST} == {}, found.moments
