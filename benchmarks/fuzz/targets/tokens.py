"""Session tokens: nobody without the key gets in, and nobody breaks the gate.

The first byte chooses: any text at all; claims signed with our key; a header of the attacker's
choice over good claims; claims signed with another key.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time

from benchmarks.fuzz.targets import Target
from rtc_server.base.clock import SystemClock
from signaling.access.tokens import STUDENT_SECONDS, TokenConfig, TokenReader
from signaling.http.errors import Unauthorized

KEY = secrets.token_hex(32)
AUDIENCE = "https://eyes.example.org"
READER = TokenReader(TokenConfig("HS256", KEY, AUDIENCE), SystemClock())
HEADER = b'{"alg":"HS256","typ":"JWT"}'
WORDS = (
    *('"alg":"none"', '"alg":"HS512"', '"crit":["x"]', '"kid":"../../dev/null"', '"b64":false'),
    *('"sub":"', '"jti":"', '"exp":', '"iat":', '"aud":', '"role":"staff"', '"module_ids":['),
    *("1e308", "NaN", "null", "true", "\\u0000", "99999999999999999999"),
)


def run(data: bytes) -> None:
    """Try to get in by one token."""
    how, rest = data[:1], data[1:]
    if how == b"c":
        _read(_signed(HEADER, rest, KEY))
    elif how == b"h":
        granted = _read(_signed(rest, _claims(), KEY))
        assert not granted or _algorithm(rest) == "HS256"
    elif how == b"k":
        assert not _read(_signed(HEADER, rest, "another key of thirty-two characters"))
    else:
        assert not _read(rest.decode("utf-8", "replace"))


def _read(token: str) -> bool:
    """Whether it gets in."""
    try:
        grant = READER.read(token)
    except Unauthorized as refused:
        assert refused.code in {"token_invalid", "token_expired"}
        return False
    assert grant.user_id.isdecimal()
    assert grant.is_staff or grant.expires_at <= time.time() + STUDENT_SECONDS + 60 + 10
    return True


def _signed(header: bytes, claims: bytes, key: str) -> str:
    head = f"{_base64(header)}.{_base64(claims)}"
    signature = hmac.new(key.encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{_base64(signature)}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims() -> bytes:
    now = int(time.time())
    claims = {"sub": "7", "module_id": "3", "aud": AUDIENCE, "iat": now, "exp": now + 300}
    return json.dumps(claims | {"jti": "a"}).encode()


def _algorithm(header: bytes) -> object:
    return json.loads(header).get("alg")


TARGET = Target(
    run,
    [
        b"c" + _claims(),
        b"c" + _claims().replace(b"}", b', "role": "staff", "module_ids": [3, "4"]}'),
        b"h" + HEADER,
        b"h" + b'{"alg":"none"}',
        b"k" + _claims(),
        b"t" + _signed(HEADER, b"{}", KEY).encode(),
    ],
    WORDS,
)
