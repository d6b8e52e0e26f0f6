"""Offers as other stacks write them, each a small change of a real one: served, not refused."""

import re
from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription

from rtc_server.peer.sdp.candidate import CandidateRules
from rtc_server.peer.sdp.guard import guard
from rtc_server.peer.sdp.offer import Offer

OFFERS = Path(__file__).parents[1] / "data" / "offers"
OFFER = (OFFERS / "chrome_video_data.sdp").read_bytes().decode()
VP8 = "a=rtpmap:96 VP8/90000\r\n"
M_LINE = re.search(r"m=video[^\r\n]*", OFFER)[0]  # type: ignore[index]
HEAD, VIDEO, DATA = re.split(r"(?m)^(?=m=)", OFFER)


def with_line(line: str) -> str:
    return OFFER.replace(VP8, f"{VP8}a={line}\r\n")


def without_rtpmap(*names: str) -> str:
    return re.sub(rf"a=rtpmap:\d+ ({'|'.join(names)})/90000\r\n", "", OFFER)


def second_video(port: int, direction: str) -> str:
    other = VIDEO.replace("a=mid:0", "a=mid:9").replace("a=sendonly", f"a={direction}")
    return HEAD + VIDEO + re.sub(r"m=video \d+", f"m=video {port}", other) + DATA


def answer_to(passed: Offer) -> str:
    own = passed.sdp.replace("a=sendonly", "a=recvonly").replace("actpass", "passive")
    return passed.complete(own, None)


ODD = {
    "fmtp without parameters": with_line("fmtp:96"),
    "fmtp of blanks": with_line("fmtp:96 "),
    "fmtp of a format that is not there": with_line("fmtp:33 apt=96"),
    "fmtp that ends with a semicolon": with_line("fmtp:96 max-fr=30; max-fs=3600;"),
    "fmtp without names": with_line("fmtp:96 0-15"),
    "fmtp with a number that is none": with_line("fmtp:96 max-fr=fast;max-fs=3600"),
    "rtpmap that cannot be read": OFFER.replace(VP8, VP8 + "a=rtpmap:98 VP9/fast\r\n"),
    "encrypted extmap": with_line("extmap:15 urn:ietf:params:rtp-hdrext:encrypt urn:x"),
    "extmap with attributes": with_line("extmap:15 urn:x:y some more=words"),
    "extmap with a direction": with_line("extmap:15/recvonly urn:x:y"),
    "provisional extmap": with_line("extmap:4096 urn:x:y"),
    "extmap without a name": with_line("extmap:15"),
    "ssrc without a value": with_line("ssrc:1111 foo"),
    "ssrc without an attribute": with_line("ssrc:1111"),
    "ssrc-group of words": with_line("ssrc-group:FID one two"),
    "rtcp-fb without a kind": with_line("rtcp-fb:96"),
    "rtcp-fb for all formats": with_line("rtcp-fb:* nack"),
    "rtcp line without a host": with_line("rtcp:9"),
    "rtx whose formats were taken out": without_rtpmap("VP9", "AV1"),
    "RTX taken out, its fmtp left": without_rtpmap("rtx"),
    "an m-line of one format": OFFER.replace(M_LINE, "m=video 9 UDP/TLS/RTP/SAVPF 96"),
    "a static format without rtpmap": OFFER.replace(M_LINE, M_LINE + " 34"),
    "a format that looks like RTCP": OFFER.replace(M_LINE, M_LINE + " 72"),
    "a port count": OFFER.replace(M_LINE, re.sub(r"m=video (\d+)", r"m=video \1/1", M_LINE)),
    "two blanks": OFFER.replace("SAVPF ", "SAVPF  "),
    "a profile in lower case": OFFER.replace("UDP/TLS/RTP/SAVPF", "udp/tls/rtp/savpf"),
    "LF": OFFER.replace("\r\n", "\n"),
    "CR": OFFER.replace("\r\n", "\r"),
    "an empty line first": "\r\n" + OFFER,
    "a byte order mark": "\ufeff" + OFFER,
    "a NUL at the end": OFFER + "\0",
    "blanks at the ends of lines": OFFER.replace("\r\n", "  \r\n"),
    "a digest in upper case": OFFER.replace("fingerprint:sha-256", "fingerprint:SHA-256"),
    "an old digest beside": OFFER.replace(
        "a=fingerprint", "a=fingerprint:sha-1 AA:BB\r\na=fingerprint"
    ),
    "a refused video": second_video(0, "sendonly"),
    "an inactive video": second_video(9, "inactive"),
    "a video that is only received": second_video(9, "recvonly"),
    "a refused image without a mid": HEAD + VIDEO + "m=image 0 UDPTL t38\r\n" + DATA,
    "codecs in lower case": OFFER.replace("VP8/90000", "vp8/90000"),
    "messages of any size": re.sub(r"max-message-size:\d+", "max-message-size:0", OFFER),
    "messages of a size that is none": re.sub(
        r"max-message-size:\d+", "max-message-size:any", OFFER
    ),
    "an SCTP port that is none": OFFER.replace("sctp-port:5000", "sctp-port:webrtc"),
    "lines of newer specifications": with_line("cryptex") + "a=sctp-init:AQAAAAA=\r\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_what_is_not_needed_is_left_out(text: str) -> None:
    passed = guard(text, CandidateRules())
    media = SessionDescription.parse(passed.sdp).media
    assert [each.kind for each in media] == ["video", "application"]
    assert "VP8" in {codec.name.upper() for codec in media[0].rtp.codecs}
    answer = answer_to(passed)
    wanted = re.findall(r"(?m)^m=(\w+)", re.sub(r"\r\n?", "\n", text))
    assert re.findall(r"(?m)^m=(\w+)", answer) == wanted
    assert len(re.findall(r"(?m)^m=video [^0]", answer)) == 1


def test_only_formats_of_the_m_line_are_answered() -> None:
    passed = guard(ODD["an m-line of one format"], CandidateRules())
    video = SessionDescription.parse(passed.sdp).media[0]
    assert [codec.payloadType for codec in video.rtp.codecs] == [96]


def test_an_ice_lite_publisher_is_checked_by_us() -> None:
    text = OFFER.replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n")
    ice = SessionDescription.parse(guard(text, CandidateRules()).sdp).media[0].ice
    assert ice is not None
    assert ice.iceLite


def simulcast(line: str, *rids: str) -> str:
    lines = "".join(f"a=rid:{rid} send\r\n" for rid in rids)
    bare = re.sub(r"a=ssrc[^\r\n]*\r\n", "", OFFER)
    return bare.replace(VP8, f"{lines}a=simulcast:{line}\r\n{VP8}")


@pytest.mark.parametrize(
    ("line", "rids", "taken"),
    [
        ("send q;h;f", "qhf", "h"),
        ("send f;h;q", "qhf", "h"),
        ("send 1;2", "12", "2"),
        ("recv a;b send q;h;f", "qhf", "h"),
        ("send ~q;h,x;f", "qhf", "f"),
        ("send rid=q;h;f", "qhf", "h"),
        ("send f", "f", "f"),
    ],
)
def test_of_simulcast_the_middle_layer_is_taken(line: str, rids: str, taken: str) -> None:
    passed = guard(simulcast(line, *rids), CandidateRules())
    assert "rid" not in passed.sdp
    video = next(p for p in answer_to(passed).split("\r\nm=") if p.startswith("video"))
    assert f"a=rid:{taken} recv\r\na=simulcast:recv {taken}" in video
    assert video.count("a=rid:") == 1


@pytest.mark.parametrize("line", ["recv q;h", "send", "", "send x;y"])
def test_what_is_no_simulcast_is_answered_without(line: str) -> None:
    answer = answer_to(guard(simulcast(line, "q", "h"), CandidateRules()))
    assert "simulcast" not in answer
    assert "a=rid" not in answer
