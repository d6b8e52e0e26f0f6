"""The guard lets real offers through, and refuses the rest with a code and nothing else."""

import re
from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import example, given
from hypothesis import strategies as st

from rtc_server.base.errors import OfferRefused
from rtc_server.peer.sdp.candidate import CandidateRules
from rtc_server.peer.sdp.guard import MAX_BYTES, guard
from rtc_server.peer.sdp.offer import Offer

OFFERS = Path(__file__).parents[3] / "data" / "offers"
CODES = {"sdp_too_large", "sdp_malformed", "sdp_too_many_media", "sdp_no_video", "sdp_no_codec"}
RULES = CandidateRules()


def offer(name: str) -> str:
    return (OFFERS / f"{name}.sdp").read_bytes().decode()


def seen(text: str, rules: CandidateRules = RULES) -> SessionDescription:
    """What aiortc gets to see."""
    return SessionDescription.parse(guard(text, rules).sdp)


def refusal(text: str) -> str:
    with pytest.raises(OfferRefused) as refused:
        guard(text, RULES)
    return refused.value.code


def section(text: str, kind: str) -> str:
    return next(part for part in text.split("\r\nm=") if part.startswith(kind))


GOOD = [path.stem for path in sorted(OFFERS.glob("*.sdp")) if "vp9" not in path.stem]


@pytest.mark.parametrize("name", GOOD)
def test_offers_of_real_publishers_pass(name: str) -> None:
    media = seen(offer(name)).media
    assert [m.kind for m in media] in (["video"], ["video", "application"])
    for m in media:
        assert m.ice is not None
        assert m.dtls is not None
        assert m.ice.usernameFragment
        assert m.dtls.fingerprints
        assert not m.ice_candidates_complete


def test_nothing_but_vp9_and_av1_is_refused() -> None:
    assert refusal(offer("chrome_vp9")) == "sdp_no_codec"


def test_audio_is_kept_from_aiortc_and_answered_inactive() -> None:
    passed = guard(offer("chrome_audio_first"), RULES)
    assert "m=audio" not in passed.sdp
    answer = passed.complete(own_answer(passed.sdp), None)
    kinds = [part.split()[0] for part in answer.split("\r\nm=")[1:]]
    assert kinds == ["audio", "video", "application"]
    assert "a=group:BUNDLE 0 1 2\r\n" in answer
    audio = section(answer, "audio")
    assert audio.startswith("audio 9 UDP/TLS/RTP/SAVPF 111\r\n")
    for line in (
        "a=inactive",
        "a=mid:0",
        "a=rtcp-mux",
        "a=setup:passive",
        "a=rtpmap:111 opus/48000/2",
    ):
        assert f"\r\n{line}\r\n" in audio + "\r\n"
    SessionDescription.parse(answer)


def test_audio_outside_the_bundle_is_refused_in_the_answer() -> None:
    text = offer("chrome_audio_first").replace("BUNDLE 0 1 2", "BUNDLE 1 2")
    passed = guard(text, RULES)
    answer = passed.complete(own_answer(passed.sdp), None)
    assert section(answer, "audio").startswith("audio 0 ")
    assert "a=group:BUNDLE 1 2\r\n" in answer


def test_an_offer_without_a_bundle_gets_an_answer_without_one() -> None:
    text = offer("chrome_h264").replace("a=group:BUNDLE 0\r\n", "")
    passed = guard(text, RULES)
    assert "BUNDLE" not in passed.complete(own_answer(passed.sdp), None)


@pytest.mark.parametrize(
    "parameters",
    [
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f",
        "packetization-mode=0;profile-level-id=4d0028",
        "",
    ],
)
def test_h264_of_any_profile_is_taken_and_answered_as_offered(parameters: str) -> None:
    offered = f"a=fmtp:106 {parameters}\r\n" if parameters else ""
    text = re.sub(r"a=fmtp:106 [^\r]*\r\n", offered, offer("ffmpeg_audio_video"))
    passed = guard(text, RULES)
    assert "profile-level-id=42e01f" in passed.sdp
    answered = re.findall(r"a=fmtp:106 [^\r]*\r\n", passed.complete(own_answer(passed.sdp), None))
    assert answered == ([offered] if parameters else [])


def own_answer(sdp: str) -> str:
    """What aiortc makes of the rewritten offer, near enough."""
    return sdp.replace("a=sendonly", "a=recvonly").replace("a=setup:actpass", "a=setup:passive")


def test_the_answer_caps_the_video() -> None:
    passed = guard(offer("chrome_video_data"), RULES)
    answer = passed.complete(own_answer(passed.sdp), 1_000_000)
    assert "b=AS:1000\r\nb=TIAS:1000000\r\n" in section(answer, "video")
    assert "b=" not in section(answer, "application").replace("a=group", "")


def test_sections_of_a_bundle_inherit_the_transport_they_leave_out() -> None:
    video, data = seen(offer("firefox_max_bundle")).media
    assert video.ice is not None
    assert data.ice is not None
    assert data.dtls is not None
    assert data.ice.usernameFragment == video.ice.usernameFragment == "7a1c8e5d"
    assert data.dtls.role == "auto"


def test_candidates_of_the_whole_bundle_stand_in_each_section() -> None:
    rules = CandidateRules(allow_loopback=True)
    for media in seen(offer("chrome_video_data"), rules).media:
        ports = {c.port for c in media.ice_candidates}
        assert ports == {40980, 47586, 56958, 46410, 40773, 41204, 48613, 57013}
        assert {c.protocol for c in media.ice_candidates} == {"udp"}


def test_an_offer_without_candidates_passes() -> None:
    assert all(not m.ice_candidates for m in seen(offer("ffmpeg_audio_video")).media)


def test_directions_are_inherited_from_the_session() -> None:
    text = offer("chrome_h264").replace("a=sendonly\r\n", "")
    assert seen(text).media[0].direction == "sendrecv"
    assert refusal(text.replace("t=0 0\r\n", "t=0 0\r\na=recvonly\r\n")) == "sdp_no_video"


def test_rtcp_mux_only_is_enough() -> None:
    text = offer("chrome_h264").replace("a=rtcp-mux\r\n", "a=rtcp-mux-only\r\n")
    assert seen(text).media[0].rtcp_mux


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("v=0", "v=1", "sdp_malformed"),
        ("m=video 40980", "m=video forty", "sdp_malformed"),
        ("a=ice-pwd:", "a=ice-pass:", "sdp_malformed"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5", "sdp_malformed"),
        ("a=setup:actpass", "a=setup:holdconn", "sdp_malformed"),
        ("a=setup:actpass\r\n", "", "sdp_malformed"),
        ("a=rtcp-mux\r\n", "", "sdp_malformed"),
        ("a=group:BUNDLE 0 1\r\n", "", "sdp_malformed"),
        ("a=mid:1", "a=mid:0", "sdp_malformed"),
        ("a=sendonly", "a=recvonly", "sdp_no_video"),
        ("a=sendonly", "a=inactive", "sdp_no_video"),
        ("m=video 40980", "m=video 0", "sdp_no_video"),
        ("m=application", "m=video", "sdp_too_many_media"),
        ("\r\nm=app", "\r\nm=text 9 A 1" * 3 + "\r\nm=app", "sdp_too_many_media"),
    ],
)
def test_what_cannot_be_answered_is_refused(old: str, new: str, code: str) -> None:
    text = offer("chrome_video_data")
    assert old in text
    assert refusal(text.replace(old, new)) == code


def test_an_offer_of_more_than_64_kilobytes_is_refused() -> None:
    text = offer("chrome_video_data")
    assert refusal(text + "a=x:" + "é" * (MAX_BYTES // 2)) == "sdp_too_large"


def test_a_hundred_video_sections_are_refused() -> None:
    text = offer("chrome_h264")
    head, body = text.split("m=video", 1)
    assert refusal(head + ("m=video" + body) * 15) == "sdp_too_many_media"


@given(st.text())
@example("")
@example("v=0")
@example("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    assert refusal(text) in CODES


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real offer with lines lost, doubled, swapped or spoilt."""
    lines = offer(draw(st.sampled_from([*GOOD, "chrome_vp9"]))).split("\r\n")
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        spoilt = draw(st.text(st.characters(codec="utf-8"), max_size=8))
        cut = draw(st.integers(0, 40))
        lines[at : at + 1] = draw(
            st.sampled_from(
                [
                    [],
                    [lines[at], lines[at]],
                    [lines[other]],
                    [lines[at][:cut] + spoilt + lines[at][cut:]],
                    [lines[at][:cut]],
                    [lines[at].partition(":")[0] + ":" + spoilt],
                ]
            )
        )
        lines = lines or [""]
    return "\r\n".join(lines)


@given(mutated())
def test_a_spoilt_offer_passes_whole_or_is_refused(text: str) -> None:
    outcome = judged(text)
    if isinstance(outcome, OfferRefused):
        assert outcome.code in CODES
    else:
        assert len(SessionDescription.parse(outcome.sdp).media) <= 2


def judged(text: str) -> Offer | OfferRefused:
    try:
        return guard(text, RULES)
    except OfferRefused as refused:
        return refused
