"""The guard: what of an offer reaches aiortc, and the answer to the whole of it.

aiortc starts a decoder thread for each m-line without a limit, raises half a dozen kinds of
exceptions on odd input, resolves mDNS names while the caller waits, and needs what newer
specifications leave out (transport attributes of bundle-only sections, directions). So aiortc
sees a rewritten offer of at most two sections, one video and one data, made of lines that were
looked at. Audio is answered ``inactive``: nothing is sent, nothing is decoded, and there is no
transceiver for it.
"""

import re
from dataclasses import replace

from aiortc.codecs import CODECS, is_rtx
from aiortc.rtcpeerconnection import find_common_codecs
from aiortc.sdp import SessionDescription

from rtc_server.base.errors import OfferRefused
from rtc_server.peer.sdp.attributes import (
    one_layer,
    readable_data,
    readable_formats,
    readable_media,
)
from rtc_server.peer.sdp.candidate import PASSWORD, UFRAG, CandidateRules
from rtc_server.peer.sdp.offer import DIRECTIONS, Offer, Section, malformed

MAX_BYTES = 64 * 1024
MAX_LINES = 2000
MAX_SECTIONS = 4

MALFORMED = (AssertionError, AttributeError, LookupError, StopIteration, TypeError, ValueError)
"""What aiortc raises on input that it did not expect."""

_SENDING = frozenset({"sendrecv", "sendonly"})
_ROLES = frozenset({"actpass", "active", "passive"})
_MID = re.compile(r"[!-~]{0,64}")
_DIGESTS = frozenset({"sha-256", "sha-384", "sha-512"})
_H264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"


def guard(text: str, rules: CandidateRules) -> Offer:
    """Check an offer and rewrite it for aiortc.

    Raises :class:`OfferRefused` with code ``sdp_too_large``, ``sdp_malformed``,
    ``sdp_too_many_media``, ``sdp_no_video`` or ``sdp_no_codec``, and nothing else.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise OfferRefused("The offer is larger than 64 KB.", code="sdp_too_large")
    session, sections = _parse(text)
    _inherit_direction(session, sections)
    _count(sections)
    video = _video(sections)
    data = _data(sections)
    taken = [section for section in sections if section is video or section is data]
    group = _group(session, sections)
    if len(taken) > 1 and any(section not in group for section in taken):
        raise malformed("Video and data must be bundled (RFC 8843).")
    together = group if video in group else taken
    common = _transport([section.attributes for section in [*together, *taken]] + [session])
    common += _candidates(together, rules)
    kept = [_rewritten(section, common) for section in taken]
    formats: dict[str, str] = {}
    lite = any(key == "ice-lite" for key, _ in session)
    if not _has_codec(sdp := _assemble(kept, lite=lite)):
        formats = _disguise_h264(kept[taken.index(video)])
        if not _has_codec(sdp := _assemble(kept, lite=lite)):
            raise OfferRefused("Only VP8 and H264 can be decoded here.", code="sdp_no_codec")
    return Offer(
        sdp=sdp,
        sections=tuple(sections),
        taken=tuple(section.mid for section in taken),
        bundled=tuple(section.mid for section in group),
        ufrag=dict(common)["ice-ufrag"],
        setup=dict(common)["setup"],
        formats=formats,
        layer=one_layer(video),
    )


def _parse(text: str) -> tuple[list[tuple[str, str]], list[Section]]:
    """Attributes of the session, and the sections."""
    lines = text.lstrip("\ufeff\r\n").rstrip("\0").splitlines()
    if not lines or lines[0].strip() != "v=0" or len(lines) > MAX_LINES:
        raise malformed("This is no SDP.")
    session: list[tuple[str, str]] = []
    sections: list[Section] = []
    for raw in lines:
        line = raw.rstrip()
        if line.startswith("m="):
            sections.append(Section.parse(line))
        elif line.startswith("a="):
            key, _, value = line[2:].partition(":")
            (sections[-1].attributes if sections else session).append((key, value))
    return session, sections


def _count(sections: list[Section]) -> None:
    """What an offer may ask for; what it has given up, or only wants to get, is no matter."""
    offered = [section for section in sections if section.offered]
    videos = [s for s in offered if s.kind == "video" and s.direction in _SENDING]
    channels = [section for section in offered if section.kind == "application"]
    if len(offered) > MAX_SECTIONS or len(videos) > 1 or len(channels) > 1:
        raise OfferRefused("At most one section of each kind.", code="sdp_too_many_media")
    mids = [section.mid for section in offered]
    if len(set(mids)) != len(mids) or not all(_MID.fullmatch(s.mid) for s in sections):
        raise malformed("The sections' mids are missing or not unique.")


def _inherit_direction(session: list[tuple[str, str]], sections: list[Section]) -> None:
    """A section without a direction has the session's, else sendrecv (RFC 8866 section 6.7)."""
    default = next((key for key, _ in session if key in DIRECTIONS), "sendrecv")
    for section in sections:
        if section.kind != "application" and not section.direction:
            section.attributes.append((default, ""))


def _video(sections: list[Section]) -> Section:
    videos = (s for s in sections if s.kind == "video" and s.offered)
    video = next((section for section in videos if section.direction in _SENDING), None)
    if video is None:
        raise OfferRefused("The offer sends no video.", code="sdp_no_video")
    return video


def _data(sections: list[Section]) -> Section | None:
    channels = (s for s in sections if s.kind == "application" and s.profile.endswith("DTLS/SCTP"))
    return next((section for section in channels if section.offered), None)


def _group(session: list[tuple[str, str]], sections: list[Section]) -> list[Section]:
    """Sections of the BUNDLE group, in its order: the first one's transport is the common one."""
    groups = (value.split() for key, value in session if key == "group")
    mids = next((words[1:] for words in groups if words[:1] == ["BUNDLE"]), [])
    named = {section.mid: section for section in sections if section.mid and section.offered}
    return [named[mid] for mid in dict.fromkeys(mids) if mid in named]


def _transport(sources: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Transport attributes that hold for everything taken: the first source that has them."""
    names = ("ice-ufrag", "ice-pwd", "setup")
    ufrag, pwd, role = (next(iter(_first(sources, name)), "") for name in names)
    if not UFRAG.fullmatch(ufrag) or not PASSWORD.fullmatch(pwd) or role not in _ROLES:
        raise malformed("ICE credentials or the DTLS role are missing.")
    told = (value.split() for value in _first(sources, "fingerprint"))
    words = [pair for pair in told if len(pair) == 2 and pair[0].lower() in _DIGESTS]  # noqa: PLR2004
    prints = [("fingerprint", f"{digest.lower()} {value}") for digest, value in words]
    if not prints:
        raise malformed("A certificate fingerprint is missing.")
    return [("ice-ufrag", ufrag), ("ice-pwd", pwd), ("setup", role), *prints]


def _first(sources: list[list[tuple[str, str]]], name: str) -> list[str]:
    for attributes in sources:
        values = [value.strip() for key, value in attributes if key == name]
        if values:
            return values
    return []


def _candidates(together: list[Section], rules: CandidateRules) -> list[tuple[str, str]]:
    """Candidates of the whole bundle, for aiortc may look at any of its sections.

    ``end-of-candidates`` is left out: after it aioice does not wait for a peer whose address only
    its packets tell.
    """
    values = (value for section in together for value in section.values("candidate"))
    return [("candidate", value) for value in rules.select(values)]


def _rewritten(section: Section, common: list[tuple[str, str]]) -> Section:
    formats = section.formats
    if section.kind == "video":
        formats = " ".join(readable_formats(section)) or "0"
    return replace(section, port=9, formats=formats, attributes=_checked(section) + common)


def _checked(section: Section) -> list[tuple[str, str]]:
    """Attributes of the section that aiortc needs, except those of the transport."""
    if section.kind == "application":
        return list(readable_data(section))
    if section.value("rtcp-mux") is None and section.value("rtcp-mux-only") is None:
        raise malformed("RTCP must be multiplexed.")
    kept = [attribute for attribute in readable_media(section) if attribute[0] != "rtcp-mux"]
    return [*kept, ("rtcp-mux", "")]


def _assemble(sections: list[Section], *, lite: bool) -> str:
    """``lite``: the other side answers checks and makes none (RFC 8445, section 2.5)."""
    mids = " ".join(section.mid for section in sections)
    head = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    head += ["a=ice-lite"] if lite else []
    return "".join(line + "\r\n" for line in head) + "".join(section.text() for section in sections)


def _disguise_h264(video: Section) -> dict[str, str]:
    """Give every H264 format the parameters that aiortc knows; returns the offered ones.

    aiortc takes the baseline profiles in packetization mode 1 only; FFmpeg, which decodes, and
    its depacketizer take all.
    """
    rtpmaps = (value.split() for value in video.values("rtpmap"))
    types = {words[0] for words in rtpmaps if words[1:] and words[1].upper().startswith("H264/")}
    fmtps = (value.partition(" ") for value in video.values("fmtp"))
    offered = dict.fromkeys(types, "") | {pt: text for pt, _, text in fmtps if pt in types}
    video.attributes = [
        (key, value)
        for key, value in video.attributes
        if key != "fmtp" or value.partition(" ")[0] not in types
    ] + [("fmtp", f"{pt} {_H264}") for pt in offered]
    return offered


def _has_codec(sdp: str) -> bool:
    """Parse as aiortc will, and look for a video codec in common."""
    try:
        parsed = SessionDescription.parse(sdp)
        video = next(media for media in parsed.media if media.kind == "video")
        common = find_common_codecs(CODECS["video"], video.rtp.codecs)
    except MALFORMED as error:
        raise malformed("The offer cannot be read.") from error
    return not all(is_rtx(codec) for codec in common)
