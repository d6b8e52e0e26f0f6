"""The association repeats sooner than aiortc's own, and backs off."""

import pytest
from aiortc import RTCSctpTransport
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport

from rtc_server.peer.association import RTO_MAX, RTO_MIN, SETUP_PAUSE, Association
from rtc_server.peer.loop_share import LoopShare
from tests.fakes.clock import HandClock


@pytest.fixture
async def association() -> RTCSctpTransport:
    ice = RTCIceTransport(RTCIceGatherer(iceServers=[]))
    made = RTCSctpTransport(RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()]))
    Association.adopt(made, LoopShare(HandClock()))
    return made


async def test_the_first_repetition_comes_soon(association: RTCSctpTransport) -> None:
    assert association._rto == SETUP_PAUSE


@pytest.mark.parametrize(
    ("round_trip", "least", "most"),
    [(0.001, RTO_MIN, RTO_MIN), (0.4, 0.4, 1.2), (60.0, RTO_MAX, RTO_MAX)],
)
async def test_then_what_was_measured_counts(
    association: RTCSctpTransport, round_trip: float, least: float, most: float
) -> None:
    for _ in range(5):
        association._update_rto(round_trip)
    assert least <= association._rto <= most
