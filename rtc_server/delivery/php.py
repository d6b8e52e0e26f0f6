"""The site's PHP endpoint over HTTP; front process's loop. The only importer of httpx."""

import asyncio
import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from rtc_server.base.clock import Clock
from rtc_server.base.config import ForwardConfig
from rtc_server.base.errors import DeliveryError
from rtc_server.base.outbound import proxy_for, trusted
from rtc_server.delivery.outcome import (
    Accepted,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Unanswered,
)

_LONGEST_ANSWER = 64 * 1024
_ERROR_LENGTH = 200
_CLAIMS_SUCCESS = re.compile(r'"success"\s*:\s*true')
_GATEWAY_LOST_IT = frozenset({502, 504, 520, 524})
"""A gateway got no whole answer from PHP, which may have done its work (52x: Cloudflare's)."""
_INFLATED = {"gzip": 31, "x-gzip": 31, "deflate": 47}
"""Window bits by which zlib reads a content coding (RFC 9110, 8.4.1); 47: with a header or gzip."""
_KEY_HEADER = "X-Tracking-Key"
_SERVER_ERROR = 500
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True)
class Presence:
    """What answers at the endpoint's address."""

    status: int | None
    """Of the answer to OPTIONS; None: there was none."""
    knows_key: bool
    """Whether it says that it applies a record once however often it is posted."""
    error: str = ""
    """Why there was no answer."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the endpoint says of itself when it is asked without a record."""

    status: int | None
    """None: there was no answer."""
    code: str
    """Of a refusal of ours; empty where there is none."""
    message: str
    told: Mapping[str, Any] | None
    """``signed`` and ``once``; None: it is an endpoint that knows no such question."""


class PhpEndpoint:
    """``save_enhanced_tracking.php``, ours or an old one, at ``TRACKING_SAVE_URL``."""

    def __init__(self, config: ForwardConfig, clock: Clock) -> None:
        """Raises :class:`DeliveryError` when ``config`` names no HTTP address."""
        self._url = _checked(config.save_url)
        self._secret = config.secret
        self._clock = clock
        # The phases are timed one by one; the whole is bounded too, against dripping answers.
        self._longest = 2 * config.timeout
        self._client = httpx.AsyncClient(
            timeout=config.timeout,
            follow_redirects=False,
            # A kept connection that the server closes meanwhile looks like "sent, never
            # answered". A record in a while is no reason to keep one.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            verify=trusted(),
            proxy=proxy_for(str(self._url)),
            trust_env=False,  # the two lines above say it, for all that goes out
        )

    async def post(self, record: Mapping[str, Any], key: str) -> Outcome:
        """Post ``record`` under the idempotency ``key``; failures are values, not exceptions."""
        body = json.dumps(record, allow_nan=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        headers |= self._signature(body)
        try:
            async with asyncio.timeout(self._longest):
                return await self._exchange(body, headers)
        except _NEVER_SENT as error:
            return NotSent(_told(error))
        except (httpx.HTTPError, TimeoutError) as error:
            return Unanswered(_told(error))

    async def knows_key(self) -> bool | None:
        """Ask whether the endpoint applies a record once however often it is posted.

        None: it cannot be reached now.
        """
        presence = await self.look()
        if presence.status is None or presence.status >= _SERVER_ERROR:
            return None
        return presence.knows_key

    async def look(self) -> Presence:
        """Ask what is there, with a request that stores nothing."""
        try:
            async with asyncio.timeout(self._longest):
                response = await self._client.options(self._url)
        except (httpx.HTTPError, TimeoutError) as error:
            return Presence(None, knows_key=False, error=_told(error))
        return Presence(response.status_code, knows_key=_KEY_HEADER in response.headers)

    async def health(self) -> Health:
        """Ask, signed, whether a record would be stored; an endpoint of ours asks its database.

        One that does not know the question gets a record without any field, which it refuses.
        """
        body = b"{}"
        headers = {"Content-Type": "application/json", "X-Tracking-Check": "health"}
        headers |= self._signature(body)
        try:
            async with asyncio.timeout(self._longest):
                response = await self._client.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            return Health(None, "", _told(error), None)
        answer = _parsed(response.content[:_LONGEST_ANSWER]) or {}
        code, told = answer.get("code"), answer.get("health")
        return Health(
            response.status_code,
            code if isinstance(code, str) else "",
            _message(response.content[:_LONGEST_ANSWER]),
            told if isinstance(told, dict) else None,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        request = self._client.stream("POST", self._url, content=body, headers=headers)
        async with request as response:
            raw = bytearray()
            async for chunk in response.aiter_raw():
                raw += chunk
                if len(raw) > _LONGEST_ANSWER:
                    break
            coding = response.headers.get("Content-Encoding", "")
            return self._judge(response, _decoded(bytes(raw[:_LONGEST_ANSWER]), coding))

    def _judge(self, response: httpx.Response, answer: bytes | None) -> Outcome:
        if answer is None:
            if response.is_success:
                return Unanswered("the answer is encoded in a way that nobody asked for")
            answer = b""
        if response.is_success:
            return _judge_success(answer)
        if response.is_redirect:
            error = f"{response.status_code}: it redirects; TRACKING_SAVE_URL must be final"
            return Refused(error)
        error = f"{response.status_code}: {_message(answer)}"
        if response.status_code in _GATEWAY_LOST_IT or _CLAIMS_SUCCESS.search(_text(answer)):
            return Unanswered(error)
        after = _seconds(response.headers.get("Retry-After"), self._clock.now())
        return Rejected(response.status_code, error, after)

    def _signature(self, body: bytes) -> dict[str, str]:
        if self._secret is None:
            return {}
        timestamp = str(int(self._clock.now().timestamp()))
        signed = timestamp.encode() + b"." + body
        digest = hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"X-Timestamp": timestamp, "X-Signature": f"v1={digest}"}


def _checked(url: str | None) -> httpx.URL:
    try:
        parsed = httpx.URL(url or "")
    except httpx.InvalidURL as error:
        raise DeliveryError(str(error)) from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise DeliveryError("TRACKING_SAVE_URL must be an http or https address")
    return parsed


def _decoded(raw: bytes, coding: str) -> bytes | None:
    """The answer as it was before a server encoded it all the same; ``None``: not readable."""
    name = coding.strip().lower()
    if name in {"", "identity"}:
        return raw
    if name not in _INFLATED:
        return None
    for bits in (_INFLATED[name], -zlib.MAX_WBITS):
        with suppress(zlib.error):  # "deflate" is sent with and without its header
            return zlib.decompressobj(bits).decompress(raw, _LONGEST_ANSWER)
    return None


def _judge_success(answer: bytes) -> Outcome:
    if not answer.strip():
        return Unanswered("an empty answer")  # json_encode has failed, after the row was written
    parsed = _parsed(answer)
    if parsed is None:
        # PHP prints its warnings before the JSON; the record may well be stored.
        if _CLAIMS_SUCCESS.search(_text(answer)):
            return Unanswered("the answer claims success but is no JSON object")
        return Refused("the answer is no JSON object")
    if parsed.get("success") is True:
        return Accepted()
    return Refused(f"success: false: {_message(answer)}")


def _parsed(answer: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(_text(answer))
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _text(answer: bytes) -> str:
    return answer.decode("utf-8-sig", errors="replace")  # some editors begin PHP files with a BOM


def _message(answer: bytes) -> str:
    message = (_parsed(answer) or {}).get("message")
    return _storable(message) if isinstance(message, str) else "no message"


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """``Retry-After`` in both its forms (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError, TypeError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    try:
        return max(0.0, (aware - now).total_seconds())
    except OverflowError:  # a time zone that leads out of the calendar
        return None


def _told(error: Exception) -> str:
    return _storable(f"{type(error).__name__}: {error}")


def _storable(told: str) -> str:
    """What others say, as every database takes it: none takes a lone surrogate, some no NUL."""
    return "".join(each if each.isprintable() else "\ufffd" for each in told[:_ERROR_LENGTH])
