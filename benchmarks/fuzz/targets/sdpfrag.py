"""Trickled candidates: at most twenty, none that points into this machine or its network.

And ICE restarts: what counts as one has a name and a password that ICE knows.
"""

import ipaddress

from benchmarks.fuzz.targets import Target
from rtc_server.base.errors import OfferRefused
from rtc_server.peer.sdp.candidate import PASSWORD, UFRAG, CandidateRules, parse_fragment

RULES = CandidateRules()
SEED = (
    b"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n"
    b"a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n"
    b"a=candidate:3471623853 1 udp 2122194687 2001:db8::1 61765 typ srflx raddr 0.0.0.0 rport 0\r\n"
    b"a=candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\n"
    b"a=end-of-candidates\r\n"
)
WORDS = (
    *("a=candidate:", "a=end-of-candidates", "a=ice-ufrag:", "a=ice-pwd:", "1 1 udp 1 "),
    *(" typ host", " typ srflx", " typ relay", "127.0.0.1", "::1", "::ffff:127.0.0.1", "224.0.0.1"),
    *("169.254.1.1", "fe80::1%eth0", "ff02::1", "0.0.0.0", "192.0.2.1", "x.local"),
)


def run(data: bytes) -> None:
    """Read one fragment, and choose from its candidates."""
    try:
        fragment = parse_fragment(data.decode("utf-8", "replace"))
    except OfferRefused as refused:
        assert refused.code == "sdpfrag_malformed"
        return
    if fragment.restarts:
        assert UFRAG.fullmatch(fragment.ufrag or "")
        assert PASSWORD.fullmatch(fragment.password or "")
    chosen = RULES.select(fragment.candidates)
    assert len(chosen) <= RULES.maximum
    for candidate in chosen:
        address = ipaddress.ip_address(candidate.split()[4])
        address = getattr(address, "ipv4_mapped", None) or address
        inside = address.is_loopback or address.is_link_local or address.is_multicast
        assert not inside, candidate


TARGET = Target(run, [SEED, b""], WORDS)
