"""What is replaced in aiortc and aioice still works the way that we rely on."""

import inspect

import aioice.ice
from aiortc import RTCRtpReceiver, rtcrtpreceiver
from aiortc.rtcdtlstransport import RTCDtlsTransport


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
