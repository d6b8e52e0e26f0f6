"""Remote ICE candidates: which are tried, and the fragments that bring later ones (RFC 8840)."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rtc_server.base.errors import OfferRefused

MAX_FRAGMENT_BYTES = 16 * 1024

_CANDIDATE = re.compile(
    r"(?P<foundation>[A-Za-z0-9+/]{1,32}) (?P<component>[1-9]\d{0,2}) (?P<protocol>[A-Za-z]{1,8}) "
    r"(?P<priority>\d{1,10}) (?P<address>\S{1,255}) (?P<port>\d{1,5}) "
    r"typ (?P<type>[a-z]{1,8})( .*)?",
    re.ASCII,
)
UFRAG = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
PASSWORD = re.compile(r"[A-Za-z0-9+/=_-]{22,256}")
_TYPES = frozenset({"host", "srflx", "relay"})


@dataclass(frozen=True, slots=True)
class CandidateRules:
    """What a remote candidate must be, lest the server sends packets wherever it is told to."""

    maximum: int = 20
    allow_loopback: bool = False

    def admit(self, value: str) -> str | None:
        """Reduce the value of an ``a=candidate:`` to what matters; None when it is not tried.

        Not tried are: TCP (the browser connects to us), RTCP components, mDNS and other names
        (resolving stalls the answer for a second; such a peer is found as peer-reflexive),
        link-local, multicast and unspecified addresses, and loopback unless the server itself
        is there.
        """
        match = _CANDIDATE.fullmatch(value.strip())
        if match is None or match["component"] != "1" or match["protocol"].lower() != "udp":
            return None
        if match["type"] not in _TYPES or not 0 < int(match["port"]) < 1 << 16:
            return None
        if not self._reaches(match["address"]):
            return None
        fields = ("foundation", "component", "protocol", "priority", "address", "port")
        return " ".join(match[field] for field in fields) + f" typ {match['type']}"

    def select(self, values: Iterable[str]) -> list[str]:
        """Admitted candidates without repetition, at most ``maximum``."""
        admitted = (candidate for value in values if (candidate := self.admit(value)))
        return list(dict.fromkeys(admitted))[: self.maximum]

    def _reaches(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if ip.is_loopback:
            return self.allow_loopback
        return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A parsed ``application/trickle-ice-sdpfrag``."""

    ufrag: str | None
    password: str | None
    candidates: tuple[str, ...]
    """Values of the ``a=candidate`` lines, not yet admitted."""
    ended: bool
    """``a=end-of-candidates`` was there."""

    @property
    def restarts(self) -> bool:
        """Whether it has what an ICE restart needs (RFC 8445, section 5.3)."""
        ufrag, password = UFRAG.fullmatch(self.ufrag or ""), PASSWORD.fullmatch(self.password or "")
        return ufrag is not None and password is not None


def parse_fragment(text: str) -> Fragment:
    """Parse an SDP fragment (RFC 8840 section 9); empty is valid.

    Raises :class:`OfferRefused` with code ``sdpfrag_malformed``.
    """
    if len(text) > MAX_FRAGMENT_BYTES:
        raise OfferRefused("The fragment is too large.", code="sdpfrag_malformed")
    lines = [line for line in text.splitlines() if line.strip()]
    if any(line[1:2] != "=" or not line[0].isalpha() for line in lines):
        raise OfferRefused("This is no SDP fragment.", code="sdpfrag_malformed")
    values = _attributes(lines)
    return Fragment(
        ufrag=next(iter(values.get("ice-ufrag", ())), None),
        password=next(iter(values.get("ice-pwd", ())), None),
        candidates=tuple(values.get("candidate", ())),
        ended="end-of-candidates" in values,
    )


def _attributes(lines: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.setdefault(name.strip(), []).append(value.strip())
    return found
