"""The SDP guard: an offer passes as aiortc can read it, or is refused with a known code."""

from pathlib import Path

from aiortc.sdp import SessionDescription

from benchmarks.fuzz.targets import Target
from rtc_server.base.errors import OfferRefused
from rtc_server.peer.sdp.candidate import CandidateRules
from rtc_server.peer.sdp.guard import guard

OFFERS = Path(__file__).parents[3] / "tests" / "data" / "offers"
RULES = CandidateRules()
CODES = frozenset(
    {"sdp_too_large", "sdp_malformed", "sdp_too_many_media", "sdp_no_video", "sdp_no_codec"}
)
WORDS = (
    *("v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "m=audio 9 UDP/TLS/RTP/SAVPF 111"),
    *("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:0", "a=group:BUNDLE 0 1"),
    *("a=rtpmap:96 VP8/90000", "a=rtpmap:96 H264/90000", "a=fmtp:96 profile-level-id=42e01f"),
    *("a=rtcp-mux", "a=rtcp-mux-only", "a=sendonly", "a=inactive", "a=setup:actpass"),
    *("a=setup:active", "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx"),
    *("a=fingerprint:sha-256 00:11", "a=candidate:1 1 udp 1 192.0.2.1 9 typ host"),
    *("a=ssrc:1 cname:x", "a=ssrc-group:FID 1 2", "a=extmap:1 urn:x", "a=rtcp-fb:96 nack pli"),
    *("a=sctp-port:5000", "a=max-message-size:1", "a=bundle-only", "\r\n", "\u2028"),
)


def run(data: bytes) -> None:
    """Judge one offer, and answer it with aiortc's own section count."""
    try:
        offer = guard(data.decode("utf-8", "replace"), RULES)
    except OfferRefused as refused:
        assert refused.code in CODES, refused.code
        return
    parsed = SessionDescription.parse(offer.sdp)
    assert 1 <= len(parsed.media) <= 2  # noqa: PLR2004 - one video, one data
    assert sum(len(media.ice_candidates) for media in parsed.media) <= 2 * RULES.maximum
    answer = "v=0\r\na=group:BUNDLE 0\r\n" + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * len(offer.taken)
    assert offer.complete(answer, 600_000).count("\r\nm=") == len(offer.sections)


TARGET = Target(
    run,
    [file.read_bytes() for file in sorted(OFFERS.glob("*.sdp"))],
    WORDS,
    max_bytes=16 * 1024,
)
