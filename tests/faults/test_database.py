"""Databases as hosts hand them out: poolers, TLS, parameters of other drivers, files that go."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rtc_server.base.config import StoreConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import StoreError, StoreUnavailable
from rtc_server.store import DeliveryState, SessionState, Store
from rtc_server.store.address import read_address
from signaling.settings import SettingsError, load
from tests.fakes.rows import new_delivery, new_session
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgres import Postgres

# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h/d?sslmode=disable", {"ssl": "disable"}),
        ("postgres://u:p@h/d?sslmode=prefer", {"ssl": "prefer"}),
        ("postgres://u:p@h/d?connect_timeout=5", {"timeout": 5.0}),
        ("postgres://u:p@h/d?schema=eyes", {"server_settings": {"search_path": "eyes"}}),
        ("postgres://u:p@h/d?currentSchema=eyes", {"server_settings": {"search_path": "eyes"}}),
        ("postgres://u:p@h/d?pgbouncer=true&channel_binding=prefer", {"statement_cache_size": 0}),
        ("mysql://u:p@h/d?useSSL=false&characterEncoding=UTF-8", {"connect_timeout": 10}),
        ("mysql://u:p@h/d?connectTimeout=3000", {"connect_timeout": 3}),
    ],
)
def test_a_parameter_of_another_driver_means_the_same_here(
    url: str, expected: dict[str, object]
) -> None:
    assert expected.items() <= dict(read_address(url).connect).items()


@pytest.mark.parametrize(
    ("url", "checks", "names_host"),
    [
        ("postgres://u:p@h/d?sslmode=require", ssl.CERT_NONE, False),
        ("postgres://u:p@h/d?sslmode=verify-ca", ssl.CERT_REQUIRED, False),
        ("postgres://u:p@h/d?sslmode=verify-full", ssl.CERT_REQUIRED, True),
        ("postgres://u:p@h/d?ssl=true", ssl.CERT_NONE, False),
        ("mysql://u:p@h/d?ssl-mode=REQUIRED", ssl.CERT_NONE, False),
        ("mysql://u:p@h/d?ssl-mode=VERIFY_IDENTITY", ssl.CERT_REQUIRED, True),
        ("mysql://u:p@h/d?sslaccept=strict", ssl.CERT_REQUIRED, True),
        ("mysql://u:p@h/d?useSSL=true&verifyServerCertificate=true", ssl.CERT_REQUIRED, True),
    ],
)
def test_tls_is_as_strict_as_the_address_says(
    url: str,
    checks: ssl.VerifyMode,
    names_host: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    context = read_address(url).connect["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (checks, names_host)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:GEHEIM@h/d?sslmod=require",
        "postgres://u:GEHEIM@h/d?sslmode=sometimes",
        "postgres://u:GEHEIM@h/d?connect_timeout=soon",
        "postgres://u:GEHEIM@h/d?channel_binding=require",
        "postgres://u:GEHEIM@h/d?sslrootcert=/nowhere",
        "mysql://u:GEHEIM@h/d?serverTimezone=UTC",
        "sqlite:///var/x.db?sslmode=require",
        "postgres://u:GEHEIM@TEIL@127.0.0.1:1/d",
        "postgres://u:a@b:GEHEIM@127.0.0.1:1/d",
        "postgres://u:GEHEIM@[::1/d",
        "postgres://u:GEHEIM@h:port/d",
    ],
)
def test_what_means_nothing_here_is_a_problem_of_the_settings(url: str) -> None:
    with pytest.raises(SettingsError) as problem:
        load({"DATABASE_URL": url})
    assert "DATABASE_URL" in str(problem.value)
    assert len(str(problem.value).splitlines()) == 1
    assert not any(part in str(problem.value) for part in ("GEHEIM", "TEIL"))


@pytest.mark.parametrize(
    "password", ["GEHEIM", "GEHEIM%40TEIL", "p/GEHEIM", "p#GEHEIM", "p?GEHEIM", "p%GEHEIM:TEIL"]
)
@pytest.mark.blocks("asyncpg looks for a client certificate before it connects")
@pytest.mark.parametrize("kind", ["postgres", "mysql"])
async def test_no_error_holds_a_part_of_the_password(kind: str, password: str) -> None:
    with pytest.raises(StoreError) as refusal:
        await Store.open(StoreConfig(f"{kind}://u:{password}@127.0.0.1:1/d"))
    told = str(refusal.value)
    assert not any(part in told for part in ("GEHEIM", "TEIL"))


# ---------------------------------------------------------------- poolers


async def lesson(store: Store) -> str:
    """A session from its row to its delivered record."""
    new = new_session(expires_in=60.0)
    await store.sessions.create(new)
    for second in range(3):
        await store.sessions.checkpoint(
            new.session_id, 1, state=SessionState.LIVE, snapshot={"n": second}, expires_in=60.0
        )
    claim = await store.sessions.claim(new.session_id, "worker-2")
    assert claim.checkpoint == {"n": 2}
    await store.sessions.end(
        new.session_id, claim.row.epoch, EndReason.CLIENT_BYE, {"a": 1}, new_delivery(a=1)
    )
    return new.session_id


@pytest.fixture(scope="module")
def pooled(postgres: Postgres) -> Iterator[str]:
    postgres.execute("CREATE DATABASE pooled")
    with PgBouncer(postgres, "pooled") as bouncer:
        yield bouncer.url
    postgres.execute("DROP DATABASE pooled")


@pytest.mark.needs("pgbouncer")
async def test_behind_a_pooler_of_transactions_no_write_is_lost(pooled: str) -> None:
    stores = [await Store.open(StoreConfig(pooled)) for _ in range(3)]
    try:
        ids = await asyncio.gather(*(lesson(store) for store in stores for _ in range(8)))
        for session_id in ids:
            row = await stores[0].sessions.get(session_id)
            assert row is not None
            assert (row.state, row.summary) == (SessionState.ENDED, {"a": 1})
        assert (await stores[1].outbox.counts())[DeliveryState.PENDING] == len(ids)
        assert await stores[2].sessions.overdue() == []
    finally:
        for store in stores:
            await store.close()


# ---------------------------------------------------------------- files that go


@pytest.mark.parametrize("gone", ["s.db", "s.db-wal"])
async def test_a_file_that_is_deleted_while_it_is_used_is_noticed_within_a_second(
    tmp_path: Path, gone: str
) -> None:
    store = await Store.open(StoreConfig(f"sqlite:///{tmp_path}/s.db"))
    await store.sessions.create(new_session())
    await asyncio.to_thread((tmp_path / gone).unlink)
    async with asyncio.timeout(10):  # of a busy machine; it looks four times a second
        while store.up:  # as long as the service asks, which is four times a second
            with suppress(StoreUnavailable):
                await store.outbox.due_in()
            await asyncio.sleep(0.05)
    assert not store.up
    with pytest.raises(StoreUnavailable):
        await store.sessions.create(new_session())
    await store.close()


async def test_a_file_that_is_put_back_is_used_again(tmp_path: Path) -> None:
    store = await Store.open(StoreConfig(f"sqlite:///{tmp_path}/s.db"))
    new = new_session()
    await store.sessions.create(new)
    await asyncio.sleep(0.3)
    (tmp_path / "s.db").rename(tmp_path / "elsewhere.db")
    with pytest.raises(StoreUnavailable):
        await store.sessions.get(new.session_id)
    (tmp_path / "elsewhere.db").rename(tmp_path / "s.db")
    await asyncio.sleep(0.3)
    assert await store.sessions.get(new.session_id) is not None
    assert store.up
    await store.close()
