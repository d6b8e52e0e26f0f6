"""A student is measured from behind the networks that the service exists for.

All profiles, and for longer: ``make network``.
"""

from collections.abc import Iterator

import pytest

from tests.network.lab import COMPONENTS, Lab
from tests.network.profile import (
    BEHIND_A_TCP_PROXY,
    HTTPS_ONLY,
    NO_TURN_UDP_BLOCKED,
    OPEN,
    RELAY_BOTH_SIDES,
    TEN_SECONDS_OUT,
    UDP_BLOCKED,
    Profile,
)

pytestmark = [
    pytest.mark.needs(*COMPONENTS),
    pytest.mark.timeout(180),
]
SECONDS = 5.0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(SECONDS) as made:
        yield made


@pytest.mark.parametrize(
    "profile",
    [
        OPEN,
        UDP_BLOCKED,
        HTTPS_ONLY,
        RELAY_BOTH_SIDES,
        TEN_SECONDS_OUT,
        NO_TURN_UDP_BLOCKED,
        BEHIND_A_TCP_PROXY,
    ],
    ids=lambda profile: profile.name,
)
def test_a_student_is_measured_through(lab: Lab, profile: Profile) -> None:
    assert lab.run(profile).problems() == []
