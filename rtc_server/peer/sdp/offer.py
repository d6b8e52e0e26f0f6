"""An offer that passed the guard, and the answer to the whole of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from aioice import Candidate

from rtc_server.base.errors import OfferRefused

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})

_M_LINE = re.compile(
    r"m=(?P<kind>[a-z]{1,16}) +(?P<port>\d{1,5})(/1)? +(?P<profile>[A-Za-z0-9/]{1,32}) +"
    r"(?P<formats>[!-~]+( +[!-~]+)*)"
)
_SHARED = ("c=", "a=candidate:", "a=end-of-candidates", "a=ice-", "a=fingerprint:", "a=setup:")
"""Beginnings of the lines of an answer's section that its whole bundle has in common."""


def malformed(message: str) -> OfferRefused:
    """Return the refusal of what is no SDP, or not for us."""
    return OfferRefused(message, code="sdp_malformed")


@dataclass(slots=True)
class Section:
    """One m-line and its attributes."""

    kind: str
    port: int
    profile: str
    formats: str
    attributes: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def parse(cls, line: str) -> "Section":
        """Parse an ``m=`` line."""
        match = _M_LINE.fullmatch(line)
        if match is None:
            raise malformed("An m-line cannot be read.")
        formats = " ".join(match["formats"].split())
        return cls(match["kind"], int(match["port"]), match["profile"].upper(), formats)

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [value for key, value in self.attributes if key == name]

    def value(self, name: str) -> str | None:
        """Return the first value of an attribute."""
        return next(iter(self.values(name)), None)

    @property
    def mid(self) -> str:
        """The section's identification (RFC 5888)."""
        return self.value("mid") or ""

    @property
    def direction(self) -> str:
        """The section's own direction; an empty string when it names none."""
        return next((key for key, _ in self.attributes if key in DIRECTIONS), "")

    @property
    def offered(self) -> bool:
        """Whether the offerer wants it; port 0 with ``bundle-only`` is no refusal (RFC 8843)."""
        return self.port != 0 or self.value("bundle-only") is not None

    def text(self) -> str:
        """Lines as SDP, with CRLF."""
        lines = [f"m={self.kind} {self.port} {self.profile} {self.formats}", "c=IN IP4 0.0.0.0"]
        lines += [f"a={key}:{value}" if value else f"a={key}" for key, value in self.attributes]
        return "".join(line + "\r\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that passed the guard."""

    sdp: str
    """What aiortc gets."""
    sections: tuple[Section, ...]
    """All sections of the offer, in order."""
    taken: tuple[str, ...]
    """The mids that aiortc answers; the first one carries the transport."""
    bundled: tuple[str, ...]
    """The mids of the offer's BUNDLE group, in its order."""
    ufrag: str
    setup: str
    """The DTLS role that the offer leaves to us: ``actpass``, ``active`` or ``passive``."""
    formats: dict[str, str] = field(default_factory=dict)
    """H264 formats that aiortc sees as its own: payload type → ``fmtp`` parameters as offered."""
    layer: tuple[str, ...] = ()
    """Attributes of the answer's video that ask for one layer of a simulcast."""

    def complete(self, answer: str, max_bitrate: int | None) -> str:
        """Return aiortc's answer with the sections that it did not see, and a cap for the video."""
        head, *bodies = re.split(r"(?m)^(?=m=)", answer)
        own = dict(zip(self.taken, bodies, strict=True))
        pattern = own[self.taken[0]]
        texts = [
            own[s.mid] if s.offered and s.mid in own else self._declined(s, pattern)
            for s in self.sections
        ]
        head = re.sub(r"(?m)^a=group:BUNDLE[^\r\n]*\r\n", lambda _: self._group(), head)
        texts = [self._one_layer(self._as_offered(text)) for text in texts]
        return head + "".join(_capped(text, max_bitrate) for text in texts)

    def _one_layer(self, section: str) -> str:
        """Ask for one layer of a simulcast (RFC 8853 section 5.3.2)."""
        if not section.startswith("m=video") or "a=rtpmap:" not in section:
            return section
        return section + "".join(f"a={line}\r\n" for line in self.layer)

    def _as_offered(self, section: str) -> str:
        """Put the offered H264 parameters back."""
        for payload_type, parameters in self.formats.items():
            ours = rf"(?m)^a=fmtp:{re.escape(payload_type)} [^\r\n]*\r\n"
            offered = f"a=fmtp:{payload_type} {parameters}\r\n" if parameters else ""
            section = re.sub(ours, offered.replace("\\", r"\\"), section)
        return section

    def _group(self) -> str:
        offered = [section for section in self.sections if section.offered]
        kept = {s.mid for s in offered if s.mid in self.taken or self._keeps_bundled(s)}
        mids = [mid for mid in self.bundled if mid in kept]
        return f"a=group:BUNDLE {' '.join(mids)}\r\n" if mids else ""

    def _keeps_bundled(self, section: Section) -> bool:
        return section.kind == "audio" and section.offered and section.mid in self.bundled

    def _declined(self, section: Section, pattern: str) -> str:
        """Answer a section that is not used: audio as inactive, the rest as refused (port 0)."""
        if not self._keeps_bundled(section):
            refused = [("inactive", ""), ("mid", section.mid)]
            return replace(section, port=0, attributes=refused).text()
        m_line, *lines = pattern.splitlines()
        chosen = section.formats.split()[0]
        own = [f"m=audio {m_line.split()[1]} {section.profile} {chosen}"]
        own += [line for line in lines if line.startswith(_SHARED)]
        own += ["a=inactive", f"a=mid:{section.mid}", "a=rtcp-mux"]
        own += [f"a=rtpmap:{v}" for v in section.values("rtpmap") if v.split()[:1] == [chosen]]
        return "".join(line + "\r\n" for line in own)


def restarted(offer: Offer, ufrag: str, password: str, candidates: Iterable[Candidate]) -> str:
    """The fragment that answers an ICE restart (RFC 9725, section 4.3.3): our new way in."""
    mid = offer.taken[0]
    kind = next(section.kind for section in offer.sections if section.mid == mid)
    lines = [f"a=group:BUNDLE {' '.join(offer.bundled)}"] if offer.bundled else []
    lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF 0", f"a=mid:{mid}"]
    lines += [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{password}"]
    lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in candidates]
    return "".join(line + "\r\n" for line in [*lines, "a=end-of-candidates"])


def _capped(section: str, max_bitrate: int | None) -> str:
    """Ask the video's sender to stay below ``max_bitrate`` bits per second (RFC 3890, RFC 8866)."""
    if max_bitrate is None or not section.startswith("m=video"):
        return section
    cap = f"b=AS:{max_bitrate // 1000}\r\nb=TIAS:{max_bitrate}\r\n"
    return re.sub(r"(?m)^(c=[^\r\n]*\r\n)", lambda match: match[1] + cap, section, count=1)
