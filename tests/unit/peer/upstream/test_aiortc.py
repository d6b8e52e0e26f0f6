"""The private parts of aiortc and aioice that are replaced are where they were."""

import inspect

import aioice.ice
import pytest
from aiortc import RTCPeerConnection, RTCRtpReceiver, rtcrtpreceiver
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from rtc_server.peer.upstream import aiortc as upstream

OWNERS = {"RTCPeerConnection": RTCPeerConnection, "RTCRtpReceiver": RTCRtpReceiver}
NAMES = [value for key, value in vars(upstream).items() if key.isupper()]


@pytest.mark.parametrize("name", NAMES)
async def test_each_private_name_exists(name: str) -> None:
    transport = RTCDtlsTransport(
        RTCIceTransport(RTCIceGatherer(iceServers=[])), [RTCCertificate.generateCertificate()]
    )
    receiver = RTCRtpReceiver("video", transport)
    connection = RTCPeerConnection()
    owners = (receiver, connection, RTCRtpTransceiver)
    in_source = "self.__receiver" in inspect.getsource(RTCRtpTransceiver)
    assert any(hasattr(owner, name) for owner in owners) or (
        name == upstream.TRANSCEIVER_RECEIVER and in_source
    )


def test_the_decoder_thread_ends_with_an_empty_item_in_its_queue() -> None:
    source = inspect.getsource(rtcrtpreceiver.decoder_worker)
    assert (
        source.index("task = input_q.get()")
        < source.index("if task is None")
        < source.index("break")
    )
    assert "self.__decoder_queue," in inspect.getsource(RTCRtpReceiver.receive)


def test_media_are_unprotected_parsed_and_routed_as_the_lane_does_it() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    for step in (
        "self._rx_srtp.unprotect(data)",
        "RtpPacket.parse(data, self._rtp_header_extensions_map)",
        "self._rtp_router.route_rtp(packet)",
    ):
        assert step in source


def test_the_ice_agent_still_gathers_where_we_override_it() -> None:
    gathers = inspect.signature(aioice.ice.Connection.get_component_candidates).parameters
    assert list(gathers) == ["self", "component", "addresses", "timeout"]
    assert "get_component_candidates" in inspect.getsource(aioice.ice.Connection.gather_candidates)


async def test_the_ice_agent_still_keeps_the_pair_that_it_uses() -> None:
    assert aioice.ice.Connection(ice_controlling=True)._nominated == {}
    assert isinstance(inspect.getattr_static(aioice.ice.CandidatePair, "local_candidate"), property)
