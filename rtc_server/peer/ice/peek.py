"""What the first bytes of a datagram or frame tell of whose it is; pure, in whichever process.

Only as much of STUN is read as it takes to find a session: who it is meant for. Whether it is
genuine the session's agent finds out, which knows the password.
"""

import struct

NOT_STUN = 4
"""From this first byte on a datagram is something else (RFC 7983, section 7)."""
HEADER = 20
MAX_USERNAME = 513
"""Bytes: two names of 256 characters at most, and a colon (RFC 8445, section 5.3)."""
_COOKIE = b"\x21\x12\xa4\x42"
_USERNAME = 0x0006
_ATTRIBUTE = struct.Struct("!HH")


def is_stun(data: bytes) -> bool:
    """Whether it can be nothing but a STUN message."""
    return len(data) >= HEADER and data[0] < NOT_STUN and data[4:8] == _COOKIE


def is_request(data: bytes) -> bool:
    """Whether a STUN message is a Binding request, a connectivity check among them."""
    return data[:2] == b"\x00\x01"


def is_answer(data: bytes) -> bool:
    """Whether a STUN message answers a request, well or not."""
    return bool(data[0] & 1)


def transaction_of(data: bytes) -> bytes:
    """The transaction that a STUN message belongs to."""
    return data[8:HEADER]


def local_ufrag(data: bytes) -> str | None:
    """Whose check this is: what comes before the colon of USERNAME (RFC 8445, section 7.2.2)."""
    at, end = HEADER, len(data)
    while at + 4 <= end:
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        at += 4
        if kind == _USERNAME:
            if length > MAX_USERNAME or at + length > end:
                return None
            name, colon, _ = data[at : at + length].partition(b":")
            return name.decode("ascii", "replace") if colon else None
        at += length + (-length % 4)
    return None
