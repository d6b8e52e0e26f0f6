"""How much one client may ask for."""

from collections import Counter, OrderedDict
from dataclasses import dataclass

from rtc_server.base.clock import Clock
from rtc_server.base.errors import RtcServerError
from rtc_server.base.identity import Identity
from signaling.http.errors import LimitReached

Place = tuple[str, str, str | None]
"""Student, module and section: one session at a time."""

MAX_ADDRESSES = 10_000
"""Addresses whose offers are counted at once; the longest silent one is forgotten."""
SECONDS_TO_LEAVE = 30.0
"""After that long a session of the same student or address may well have ended."""


class TokenBucket:
    """``rate`` a second on average, ``burst`` at once."""

    def __init__(self, clock: Clock, rate: float, burst: float) -> None:
        """Start full."""
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = clock.monotonic()

    def take(self) -> float:
        """Take one token: 0 when there was one, else the seconds until there will be."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate

    def give_back(self) -> None:
        """Put a token back."""
        self._tokens = min(self._burst, self._tokens + 1.0)


class OfferRate:
    """Offers a minute, by address, or by whatever else tells who makes them."""

    def __init__(
        self,
        clock: Clock,
        per_minute: int,
        message: str = "Too many offers from this address.",
        code: str = "too_many_offers",
    ) -> None:
        """Up to ``per_minute`` may come at once: a class starts with the bell."""
        self._clock = clock
        self._per_minute = per_minute
        self._told = message, code
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, address: str) -> None:
        """Count an offer; raises :class:`LimitReached` for one too many."""
        bucket = self._buckets.pop(address, None)
        if bucket is None:
            bucket = TokenBucket(self._clock, self._per_minute / 60.0, self._per_minute)
        self._buckets[address] = bucket
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        wait = bucket.take()
        if wait:
            message, code = self._told
            raise LimitReached(message, code=code, retry_after=wait)

    def give_back(self, address: str) -> None:
        """An offer that was counted was none."""
        if address in self._buckets:
            self._buckets[address].give_back()

    def of_one(self, message: str, code: str) -> "OfferRate":
        """As many a minute, of something else, refused in other words."""
        return OfferRate(self._clock, self._per_minute, message, code)


@dataclass(frozen=True, slots=True)
class _Present:
    place: Place
    address: str
    until: float


class SessionQuota:
    """The sessions of this process, by student and by address."""

    def __init__(
        self, clock: Clock, per_user: int, per_address: int, longest_session: float
    ) -> None:
        """A session counts until it ends; after ``longest_session`` s it ended elsewhere."""
        self._clock = clock
        self._per_user = per_user
        self._per_address = per_address
        self._longest = longest_session
        self._present: dict[str, _Present] = {}

    def enter(self, identity: Identity, address: str) -> None:
        """Count a session that begins; raises :class:`LimitReached` when it is one too many.

        One that takes the place of an older one of the same student and section is none more.
        """
        now = self._clock.monotonic()
        self._present = {key: one for key, one in self._present.items() if one.until > now}
        place = _place(identity)
        others = [one for one in self._present.values() if one.place != place]
        if len({one.place for one in others if one.place[0] == place[0]}) >= self._per_user:
            raise _too_many("of this student", "too_many_sessions_of_user")
        if len({one.place for one in others if one.address == address}) >= self._per_address:
            raise _too_many("from this address", "too_many_sessions_from_address")
        self._present[identity.session_id] = _Present(place, address, now + self._longest)

    def leave(self, session_id: str) -> None:
        """This session has ended, or nothing came of it."""
        self._present.pop(session_id, None)


class Refusals:
    """How often what was refused, by the error's code."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._counts: Counter[str] = Counter()

    def count(self, error: RtcServerError) -> None:
        """Count one refusal."""
        self.count_code(error.code)

    def count_code(self, code: str) -> None:
        """Count one refusal that has no error of ours."""
        self._counts[code] += 1

    def counts(self) -> dict[str, int]:
        """Refusals since the process started."""
        return dict(self._counts)


def _place(identity: Identity) -> Place:
    return identity.user_id, identity.module_id, identity.section_id


def _too_many(whose: str, code: str) -> LimitReached:
    message = f"Too many sessions {whose} at once."
    return LimitReached(message, code=code, retry_after=SECONDS_TO_LEAVE)
