"""Session tokens: the JSON Web Tokens (RFC 7519) that the site mints for its students and staff.

The algorithm is that of the configured key, never the one that a token names.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated, Literal

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.types import Options
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from rtc_server.base.clock import Clock
from signaling.http.errors import Unauthorized
from signaling.http.request import Id

STUDENT_SECONDS = 300.0
STAFF_SECONDS = 12 * 3600.0
"""A dashboard stays open for a day's lessons; a student's token is only needed at the start."""
CLOCK_SKEW = 60.0
"""Seconds that the site's clock may be ahead of ours."""
ROUNDING = 5.0
MAX_LENGTH = 4096
TOLD = 100
"""Characters of an audience that are told: it names a service, and no secret."""
UNCHECKED: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""What PyJWT leaves to us."""
STAFF = "staff"

Algorithm = Literal["HS256", "EdDSA"]
Number = Annotated[int, Field(gt=-(10**20), lt=10**20)]
"""An id that the site writes as a number; no database has longer ones."""


@dataclass(frozen=True, slots=True)
class TokenConfig:
    """How tokens are signed, and for whom."""

    algorithm: Algorithm
    key: str
    """The shared secret, or the public key in PEM."""
    audience: str
    """The ``aud`` claim, with or without a slash at its end."""

    def __repr__(self) -> str:
        return f"TokenConfig({self.algorithm}, {self.audience})"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says that is signed for us; it may have expired."""

    token_hash: str
    """SHA-256 (hex) of the token's ``jti``."""
    user_id: str
    module_id: str | None
    section_id: str | None
    expires_at: float
    """UTC epoch seconds."""
    is_staff: bool = False
    module_ids: frozenset[str] | None = None
    """What staff is limited to."""


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True)

    sub: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | Annotated[int, Field(ge=0, lt=10**20)]
    aud: str | list[str]
    jti: Annotated[str, Field(min_length=1, max_length=256)]
    exp: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    iat: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    module_id: Id | Number | None = None
    section_id: Id | Literal[""] | Number | None = None
    role: str | None = None
    module_ids: list[Id | Number] | None = None


class TokenReader:
    """Checks tokens."""

    def __init__(self, config: TokenConfig, clock: Clock) -> None:
        """``clock`` is compared with the site's."""
        self._config = config
        self._clock = clock

    def read(self, token: str) -> Grant:
        """Check everything but whether ``token`` has expired; raises :class:`Unauthorized`."""
        if len(token) > MAX_LENGTH:
            raise _invalid("it is too long")
        try:
            claims = _Claims.model_validate(self._decoded(token))
        except ValidationError as error:
            name = ".".join(str(part) for part in error.errors()[0]["loc"][:1])
            raise _invalid(f"its {name} is missing or of another form") from None
        self._check_audience(claims)
        self._check_lifetime(claims)
        return _grant(claims)

    def check_fresh(self, grant: Grant) -> None:
        """Raise :class:`Unauthorized` when the token has expired."""
        if self._clock.now().timestamp() >= grant.expires_at:
            raise Unauthorized("The session token has expired.", code="token_expired")

    def _decoded(self, token: str) -> object:
        try:
            return jwt.decode(
                token,
                self._config.key,
                algorithms=[self._config.algorithm],
                leeway=CLOCK_SKEW,
                # Whether it has expired depends on what it is used for; sites write the audience
                # as they write the service's address, and many a student's id as a number.
                options=UNCHECKED,
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _invalid("it is not signed as it should be") from None

    def _check_audience(self, claims: _Claims) -> None:
        named = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if _spelling(self._config.audience) not in map(_spelling, named):
            raise _invalid(f"it is for another audience, {', '.join(named)[:TOLD]!a}")

    def _check_lifetime(self, claims: _Claims) -> None:
        now = self._clock.now().timestamp()
        issued = now if claims.iat is None else claims.iat
        if issued > now + CLOCK_SKEW:
            raise _invalid("it is from the future")
        longest = STAFF_SECONDS if claims.role == STAFF else STUDENT_SECONDS
        if claims.exp - issued > longest + ROUNDING:
            raise _invalid(f"it lasts longer than {longest:.0f} s")


def public_key(pem: str) -> str:
    r"""An Ed25519 public key in PEM, whose line ends may be written as ``\n``.

    Raises ``ValueError`` for anything else.
    """
    text = pem.replace("\\n", "\n")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        why = "must be an Ed25519 public key in PEM (BEGIN PUBLIC KEY)"
        raise ValueError(why)  # noqa: TRY004 - of a text, the type is right
    return text


def mint(config: TokenConfig, claims: dict[str, object], clock: Clock) -> str:
    """Sign a token as ``php/session_token.php`` does; the key must be a secret."""
    now = int(clock.now().timestamp())
    lifetime = STAFF_SECONDS if claims.get("role") == STAFF else STUDENT_SECONDS
    given = {
        "aud": config.audience,
        "iat": now,
        "exp": now + int(lifetime),
        "jti": secrets.token_hex(16),
    }
    return jwt.encode(given | claims, config.key, algorithm=config.algorithm)


def _grant(claims: _Claims) -> Grant:
    modules = claims.module_ids
    return Grant(
        token_hash=hashlib.sha256(claims.jti.encode()).hexdigest(),
        user_id=str(claims.sub),
        module_id=_text(claims.module_id),
        section_id=_text(claims.section_id),
        expires_at=claims.exp,
        is_staff=claims.role == STAFF,
        module_ids=None if modules is None else frozenset(map(str, modules)),
    )


def _spelling(audience: str) -> str:
    """An audience as all write it: an address without the scheme's port and a slash at its end."""
    try:
        url = URL(audience)
    except ValueError:
        return audience.rstrip("/")
    if url.scheme not in {"http", "https"} or not url.raw_host:
        return audience.rstrip("/")
    port = "" if url.is_default_port() else f":{url.port}"
    return f"{url.scheme}://{url.raw_host}{port}{url.raw_path.rstrip('/')}"


def _text(value: str | int | None) -> str | None:
    return None if value is None or value == "" else str(value)


def _invalid(why: str) -> Unauthorized:
    return Unauthorized(f"The session token is not valid: {why}.", code="token_invalid")
