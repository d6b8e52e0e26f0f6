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
from rtc_server.peer.sdp.candidate import CandidateRules
from rtc_server.peer.sdp.offer import DIRECTIONS, Offer, Section, malformed

MAX_BYTES = 64 * 1024
MAX_LINES = 2000
MAX_SECTIONS = 4

MALFORMED = (AssertionError, AttributeError, LookupError, StopIteration, TypeError, ValueError)
"""What aiortc raises on input that it did not expect."""

_SENDING = frozenset({"sendrecv", "sendonly"})
_ROLES = frozenset({"actpass", "active", "passive"})
_UFRAG = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_MID = re.compile(r"[!-~]{0,64}")
_ONCE = ("audio", "video", "application")
_PWD = re.compile(r"[A-Za-z0-9+/=_-]{22,256}")
_MEDIA = frozenset({"mid", "rtpmap", "fmtp", "rtcp-fb", "extmap", "ssrc", "ssrc-group", "rtcp-mux"})
_DATA = frozenset({"mid", "sctp-port", "max-message-size", "sctpmap"})
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
    _count(sections)
    _inherit_direction(session, sections)
    video = _video(sections)
    data = _data(sections)
    taken = [section for section in sections if section is video or section is data]
    group = _group(session, sections)
    if len(taken) > 1 and any(section not in group for section in taken):
        raise malformed("Video and data must be bundled (RFC 8843).")
    together = group if video in group else taken
    common = _transport([section.attributes for section in [*together, *taken]] + [session])
    common += _candidates(together, rules)
    kept = [replace(section, port=9, attributes=_checked(section) + common) for section in taken]
    formats: dict[str, str] = {}
    if not _has_codec(sdp := _assemble(kept)):
        formats = _disguise_h264(kept[taken.index(video)])
        if not _has_codec(sdp := _assemble(kept)):
            raise OfferRefused("Only VP8 and H264 can be decoded here.", code="sdp_no_codec")
    return Offer(
        sdp=sdp,
        sections=tuple(sections),
        taken=tuple(section.mid for section in taken),
        bundled=tuple(section.mid for section in group),
        ufrag=dict(common)["ice-ufrag"],
        setup=dict(common)["setup"],
        formats=formats,
    )


def _parse(text: str) -> tuple[list[tuple[str, str]], list[Section]]:
    """Attributes of the session, and the sections."""
    lines = text.splitlines()
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
    kinds = [section.kind for section in sections]
    if len(kinds) > MAX_SECTIONS or any(kinds.count(kind) > 1 for kind in _ONCE):
        raise OfferRefused("At most one section of each kind.", code="sdp_too_many_media")
    mids = [section.mid for section in sections]
    if len(set(mids)) != len(mids) or not all(_MID.fullmatch(mid) for mid in mids):
        raise malformed("The sections' mids are missing or not unique.")


def _inherit_direction(session: list[tuple[str, str]], sections: list[Section]) -> None:
    """A section without a direction has the session's, else sendrecv (RFC 8866 section 6.7)."""
    default = next((key for key, _ in session if key in DIRECTIONS), "sendrecv")
    for section in sections:
        if section.kind != "application" and not section.direction:
            section.attributes.append((default, ""))


def _video(sections: list[Section]) -> Section:
    video = next((s for s in sections if s.kind == "video" and s.offered), None)
    if video is None or video.direction not in _SENDING:
        raise OfferRefused("The offer sends no video.", code="sdp_no_video")
    return video


def _data(sections: list[Section]) -> Section | None:
    channels = (s for s in sections if s.kind == "application" and s.profile.endswith("DTLS/SCTP"))
    return next((section for section in channels if section.offered), None)


def _group(session: list[tuple[str, str]], sections: list[Section]) -> list[Section]:
    """Sections of the BUNDLE group, in its order: the first one's transport is the common one."""
    groups = (value.split() for key, value in session if key == "group")
    mids = next((words[1:] for words in groups if words[:1] == ["BUNDLE"]), [])
    named = {section.mid: section for section in sections if section.mid}
    return [named[mid] for mid in dict.fromkeys(mids) if mid in named]


def _transport(sources: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Transport attributes that hold for everything taken: the first source that has them."""
    names = ("ice-ufrag", "ice-pwd", "setup")
    ufrag, pwd, role = (next(iter(_first(sources, name)), "") for name in names)
    if not _UFRAG.fullmatch(ufrag) or not _PWD.fullmatch(pwd) or role not in _ROLES:
        raise malformed("ICE credentials or the DTLS role are missing.")
    prints = [("fingerprint", value) for value in _first(sources, "fingerprint")]
    if not any(value.partition(" ")[0].lower() in _DIGESTS for _, value in prints):
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


def _checked(section: Section) -> list[tuple[str, str]]:
    """Attributes of the section that aiortc needs, except those of the transport."""
    known = _DATA if section.kind == "application" else _MEDIA | DIRECTIONS
    kept = [(key, value) for key, value in section.attributes if key in known]
    if section.kind == "application":
        has_port = section.value("sctp-port") or section.value("sctpmap")
        return kept if has_port else [*kept, ("sctp-port", "5000")]
    if section.value("rtcp-mux") is None:
        if section.value("rtcp-mux-only") is None:
            raise malformed("RTCP must be multiplexed.")
        kept.append(("rtcp-mux", ""))
    return kept


def _assemble(sections: list[Section]) -> str:
    mids = " ".join(section.mid for section in sections)
    head = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
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
