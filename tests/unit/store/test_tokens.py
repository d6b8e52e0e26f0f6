"""A session token starts one session, whoever asks and however many at once."""

import asyncio
import secrets

import pytest

from rtc_server.store import Store
from rtc_server.store.tokens import KEPT_SECONDS
from tests.fakes.clock import HandClock


@pytest.fixture
def token_hash() -> str:
    return secrets.token_hex(32)


def in_five_minutes(clock: HandClock) -> float:
    return clock.now().timestamp() + 300


async def test_a_token_starts_one_session(store: Store, token_hash: str, clock: HandClock) -> None:
    assert await store.tokens.session_of(token_hash) is None
    assert await store.tokens.use(token_hash, "one", in_five_minutes(clock))
    assert not await store.tokens.use(token_hash, "two", in_five_minutes(clock))
    assert await store.tokens.session_of(token_hash) == "one"


async def test_of_processes_that_use_a_token_at_once_one_may(
    store: Store, other_store: Store, token_hash: str, clock: HandClock
) -> None:
    tried = [
        each.tokens.use(token_hash, str(number), in_five_minutes(clock))
        for number, each in enumerate([store, other_store] * 5)
    ]
    assert sorted(await asyncio.gather(*tried)) == [False] * 9 + [True]


async def test_a_token_of_which_nothing_came_may_be_used_again(
    store: Store, token_hash: str, clock: HandClock
) -> None:
    await store.tokens.use(token_hash, "one", in_five_minutes(clock))
    await store.tokens.free(token_hash, "another")
    assert not await store.tokens.use(token_hash, "two", in_five_minutes(clock))
    await store.tokens.free(token_hash, "one")
    assert await store.tokens.use(token_hash, "two", in_five_minutes(clock))


async def test_a_token_is_remembered_longer_than_any_session_lasts(
    store: Store, token_hash: str, clock: HandClock
) -> None:
    await store.tokens.use(token_hash, "one", in_five_minutes(clock))
    clock.seconds += 7200 + 300
    await store.tokens.use(secrets.token_hex(32), "two", in_five_minutes(clock))
    assert await store.tokens.session_of(token_hash) == "one"
    clock.seconds += KEPT_SECONDS
    await store.tokens.use(secrets.token_hex(32), "three", in_five_minutes(clock))
    assert await store.tokens.session_of(token_hash) is None
