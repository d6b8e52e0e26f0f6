"""Tokens as the site mints them, and as nobody should accept them."""

import secrets
import time
from typing import Any

import jwt

SECRET = "a secret of thirty-two characters"
AUDIENCE = "https://eyes.example.org"
TOKEN_SETTINGS = {"SESSION_TOKEN_SECRET": SECRET, "SESSION_TOKEN_AUDIENCE": AUDIENCE}


def claims(**changes: object) -> dict[str, Any]:
    """What the site says of student 7 in section 2 of module 3; ``None`` leaves a claim out."""
    now = int(time.time())
    given = {
        "sub": "7",
        "module_id": "3",
        "section_id": "2",
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 300,
        "jti": secrets.token_hex(16),
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def token(secret: str = SECRET, /, **changes: object) -> str:
    return jwt.encode(claims(**changes), secret, algorithm="HS256")


def staff_token(**changes: object) -> str:
    return token(**{"sub": "1", "role": "staff", "section_id": None, **changes})


def expired_token(**changes: object) -> str:
    now = int(time.time())
    return token(**{"iat": now - 310, "exp": now - 10, **changes})


def forged_token(**changes: object) -> str:
    """Unsigned: ``alg`` is ``none``."""
    return jwt.encode(claims(**changes), "", algorithm="none")


def bearer(text: str | None) -> dict[str, str]:
    return {} if text is None else {"Authorization": f"Bearer {text}"}
