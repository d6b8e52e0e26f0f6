"""Only candidates that may be tried are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.errors import OfferRefused
from rtc_server.peer.sdp.candidate import CandidateRules, parse_fragment

FRAGMENT = """a=ice-ufrag:EsAw\r
a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r
m=audio 9 UDP/TLS/RTP/SAVPF 0\r
a=mid:0\r
a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r
a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ srflx raddr 0.0.0.0 rport 0\r
a=end-of-candidates\r
"""


def candidate(address: str, protocol: str = "udp", kind: str = "host", port: int = 5000) -> str:
    return f"1 1 {protocol} 2122260223 {address} {port} typ {kind}"


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "10.1.2.3", "100.64.0.1", "2001:db8::5", "fd00::2"]
)
def test_hosts_of_the_internet_and_of_campus_networks_are_tried(address: str) -> None:
    assert CandidateRules().admit(candidate(address)) == candidate(address)


@pytest.mark.parametrize(
    "value",
    [
        candidate("127.0.0.1"),
        candidate("::1"),
        candidate("::ffff:127.0.0.1"),
        candidate("169.254.169.254"),
        candidate("fe80::1"),
        candidate("fe80::1%eth0"),
        candidate("224.0.0.251"),
        candidate("ff02::fb"),
        candidate("0.0.0.0"),
        candidate("255.255.255.255"),
        candidate("1b0d3f5c-6a7e-4e1b-9a56-0a2f7d1c9f11.local"),
        candidate("turn.example.org"),
        candidate("192.0.2.7", protocol="tcp"),
        candidate("192.0.2.7", kind="prflx"),
        candidate("192.0.2.7", port=0),
        candidate("192.0.2.7", port=65536),
        candidate("192.0.2.7").replace("1 1 udp", "1 2 udp"),
        "nonsense",
        "",
    ],
)
def test_all_others_are_not(value: str) -> None:
    assert CandidateRules().admit(value) is None


def test_loopback_is_tried_where_the_server_itself_is_there() -> None:
    rules = CandidateRules(allow_loopback=True)
    assert rules.admit(candidate("127.0.0.1"))
    assert rules.admit(candidate("::1"))


def test_no_more_than_the_maximum_are_tried_each_once() -> None:
    values = [candidate("192.0.2.7", port=5000 + n // 2) for n in range(100)]
    selected = CandidateRules(maximum=20).select(values)
    assert len(selected) == len(set(selected)) == 20


@given(st.text() | st.builds(candidate, st.ip_addresses().map(str), port=st.integers(0, 70_000)))
def test_what_is_admitted_of_any_text_is_admitted_again(value: str) -> None:
    rules = CandidateRules()
    admitted = rules.admit(value)
    assert admitted is None or rules.admit(admitted) == admitted


def test_a_fragment_gives_its_candidates_and_credentials() -> None:
    fragment = parse_fragment(FRAGMENT)
    assert fragment.ufrag == "EsAw"
    assert len(fragment.candidates) == 2
    assert fragment.ended


def test_an_empty_fragment_is_valid() -> None:
    fragment = parse_fragment("")
    assert (fragment.ufrag, fragment.candidates, fragment.ended) == (None, (), False)


@pytest.mark.parametrize("text", ["hello", "{}", "a=x\nnonsense", "a=x:" + "1" * 20_000])
def test_what_is_no_fragment_is_refused(text: str) -> None:
    with pytest.raises(OfferRefused) as refused:
        parse_fragment(text)
    assert refused.value.code == "sdpfrag_malformed"
