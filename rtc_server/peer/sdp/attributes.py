"""The attribute lines of an offer's section that aiortc can read; the rest is left out.

aiortc unpacks lines by position and looks formats up without asking whether they are there, so a
word more or less in a line that nobody needs would refuse the whole offer.
"""

import re
from collections.abc import Callable, Iterator

from rtc_server.peer.sdp.offer import DIRECTIONS, Section

Attribute = tuple[str, str]

_RTPMAP = re.compile(r"(?P<type>\d{1,3})\s+(?P<name>[^\s/]{1,32})/(?P<clock>\d{1,7})(/\d{1,2})?")
_FMTP = re.compile(r"(?P<type>\d{1,3})\s+(?P<parameters>\S.*)")
_FEEDBACK = re.compile(r"(?P<type>\d{1,3}|\*)\s+(?P<kind>\S.*)")
_EXTENSION = re.compile(r"(?P<id>\d{1,3})(/[a-z]+)?\s+(?P<uri>\S+)(\s.*)?")
_SSRC = re.compile(r"(?P<ssrc>\d{1,10})\s+(?P<name>cname|msid|mslabel|label):(?P<value>.*)")
_SSRC_GROUP = re.compile(r"(?P<kind>\S+)(?P<ssrcs>(\s+\d{1,10})+)")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

_RTCP_TYPES = range(72, 77)
"""Payload types that would look like RTCP (RFC 5761 section 4)."""
_PAYLOAD_TYPES = frozenset(range(128)) - frozenset(_RTCP_TYPES)
_EXTENSION_IDS = range(1, 256)
_ENCRYPTED = "urn:ietf:params:rtp-hdrext:encrypt"
_RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
_NUMERIC = frozenset(
    {"apt", "max-fr", "max-fs", "maxplaybackrate", "minptime", "packetization-mode", "stereo"}
)
"""Parameters of a format that aiortc takes for numbers."""
_PORT = range(1, 1 << 16)
_MOST_BYTES = 1 << 31


def readable_media(section: Section) -> Iterator[Attribute]:
    """Attributes of an audio or video section, except those of its transport."""
    formats = frozenset(readable_formats(section))
    for key, value in section.attributes:
        if key in DIRECTIONS:
            yield key, ""
        elif key in _READERS and (text := _READERS[key](value, formats)) is not None:
            yield key, text


def readable_data(section: Section) -> Iterator[Attribute]:
    """Attributes of a section of data channels: one port, in the new form or in the old."""
    for value in section.values("mid")[:1]:
        yield "mid", value
    ports = [value for value in section.values("sctp-port") if _is_number(value, _PORT)]
    maps = [value for value in section.values("sctpmap") if re.fullmatch(r"\d{1,5}\s+\S.*", value)]
    if maps and not ports:
        yield "sctpmap", maps[0]
    else:
        yield "sctp-port", ports[0] if ports else "5000"
    for value in section.values("max-message-size"):
        if _is_number(value, range(_MOST_BYTES)):
            yield "max-message-size", value


def readable_formats(section: Section) -> list[str]:
    """Payload types of the m-line that an ``rtpmap`` tells the codec of."""
    named = (_RTPMAP.fullmatch(value) for value in section.values("rtpmap"))
    known = {found["type"] for found in named if found is not None}
    listed = (word for word in section.formats.split() if _is_number(word, _PAYLOAD_TYPES))
    return [word for word in listed if word in known]


def _codec(value: str, formats: frozenset[str]) -> str | None:
    found = _RTPMAP.fullmatch(value)
    if found is None or found["type"] not in formats:
        return None
    return f"{found['type']} {found['name']}/{found['clock']}"


def _parameters(value: str, formats: frozenset[str]) -> str | None:
    """An ``fmtp`` line without the parameters that are none."""
    found = _FMTP.fullmatch(value)
    if found is None or found["type"] not in formats:
        return None
    words = (word.strip() for word in found["parameters"].split(";"))
    kept = [word for word in words if word and _is_parameter(word)]
    return f"{found['type']} {';'.join(kept)}" if kept else None


def _feedback(value: str, formats: frozenset[str]) -> str | None:
    found = _FEEDBACK.fullmatch(value)
    if found is None or found["type"] not in formats | {"*"}:
        return None
    return f"{found['type']} {' '.join(found['kind'].split())}"


def _extension(value: str, _: frozenset[str]) -> str | None:
    found = _EXTENSION.fullmatch(value)
    if found is None or int(found["id"]) not in _EXTENSION_IDS or found["uri"] == _ENCRYPTED:
        return None
    return f"{found['id']} {found['uri']}"


def _ssrc(value: str, _: frozenset[str]) -> str | None:
    found = _SSRC.fullmatch(value)
    return None if found is None else f"{found['ssrc']} {found['name']}:{found['value']}"


def _ssrc_group(value: str, _: frozenset[str]) -> str | None:
    found = _SSRC_GROUP.fullmatch(value)
    return None if found is None else " ".join(value.split())


_READERS: dict[str, Callable[[str, frozenset[str]], str | None]] = {
    "mid": lambda value, _: value,
    "rtcp-mux": lambda _, __: "",
    "rtpmap": _codec,
    "fmtp": _parameters,
    "rtcp-fb": _feedback,
    "extmap": _extension,
    "ssrc": _ssrc,
    "ssrc-group": _ssrc_group,
}


def _is_parameter(word: str) -> bool:
    name, _, value = word.partition("=")
    return name not in _NUMERIC or _NUMBER.fullmatch(value) is not None


def _is_number(text: str, allowed: range | frozenset[int]) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12 and int(text) in allowed  # noqa: PLR2004


def one_layer(section: Section) -> tuple[str, ...]:
    """What the answer says to get one layer of a simulcast (RFC 8853); nothing where there is none.

    Of three the middle one, of two the larger: browsers list them from the smallest up. A face
    needs no more, and the smallest, which is sent when the answer is silent, has too little.
    """
    extensions = (_EXTENSION.fullmatch(value) for value in section.values("extmap"))
    ids = [found["id"] for found in extensions if found and found["uri"] == _RID]
    layers = _layers(section)
    if not ids or not layers:
        return ()
    rid = layers[len(layers) // 2]
    return (f"extmap:{ids[0]} {_RID}", f"rid:{rid} recv", f"simulcast:recv {rid}")


def _layers(section: Section) -> list[str]:
    """The ``rid`` of each stream that is sent: its first alternative that is not paused (``~``)."""
    rids = (value.split() for value in section.values("rid"))
    offered = {words[0] for words in rids if words[1:2] == ["send"]}
    found = re.search(r"(?:^|\s)send\s+(?:rid=)?(\S+)", section.value("simulcast") or "")
    streams = found[1].split(";") if found else []
    active = (next((r for r in s.split(",") if r in offered), None) for s in streams)
    return [rid for rid in active if rid is not None]
