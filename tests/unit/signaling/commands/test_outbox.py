"""``rtc-server outbox`` on a store with one record in each state."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rtc_server.base.config import StoreConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.store import DeliveryState, Store
from signaling.cli import app
from tests.fakes.rows import created, new_delivery


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a delivered, a buried, an uncertain and a waiting record."""
    address = f"sqlite:///{tmp_path}/sessions.db"
    monkeypatch.setenv("DATABASE_URL", address)
    asyncio.run(_filled(address))
    return address


async def _filled(url: str) -> None:
    store = await Store.open(StoreConfig(url))
    for _ in range(4):
        session_id = await created(store)
        await store.sessions.end(session_id, 1, EndReason.CLIENT_BYE, {}, new_delivery())
    delivered, buried, uncertain = await store.outbox.lease("forwarder", 30, 3)
    await store.outbox.delivered(delivered)
    await store.outbox.bury(buried, "400: no such user")
    await store.outbox.hold(uncertain, "sent before, never answered")
    await store.close()


def states(url: str) -> dict[DeliveryState, int]:
    async def counted() -> dict[DeliveryState, int]:
        store = await Store.open(StoreConfig(url))
        counts = await store.outbox.counts()
        await store.close()
        return counts

    return asyncio.run(counted())


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["outbox", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_the_list_shows_what_has_not_arrived_and_why() -> None:
    lines = run("list").splitlines()
    assert len(lines) == 4
    assert "buried" in lines[0]
    assert lines[0].endswith("400: no such user")
    assert "uncertain" in lines[1]
    assert "pending" in lines[2]
    assert lines[3] == "3 records"


def test_the_list_for_programs_is_json_without_ids_of_students() -> None:
    (line,) = run("list", "--state", "buried", "--json").splitlines()
    facts = json.loads(line)
    assert (facts["state"], facts["last_error"]) == ("buried", "400: no such user")
    assert "user_id" not in line


def test_one_record_is_sent_again_by_its_id(url: str) -> None:
    (line,) = run("list", "--state", "uncertain", "--json").splitlines()
    assert run("retry", str(json.loads(line)["id"])) == "1 records will be sent again\n"
    assert states(url)[DeliveryState.UNCERTAIN] == 0
    assert states(url)[DeliveryState.PENDING] == 2


def test_all_of_a_state_are_sent_again(url: str) -> None:
    assert run("retry", "--state", "buried").startswith("1 ")
    assert states(url)[DeliveryState.BURIED] == 0


def test_retry_wants_to_know_what(url: str) -> None:
    run("retry", code=2)
    assert states(url)[DeliveryState.PENDING] == 1


def test_only_what_was_delivered_long_ago_is_deleted(url: str) -> None:
    assert run("purge").startswith("0 ")
    assert run("purge", "--days", "0").startswith("1 ")
    assert states(url) == {
        DeliveryState.PENDING: 1,
        DeliveryState.LEASED: 0,
        DeliveryState.UNCERTAIN: 1,
        DeliveryState.DELIVERED: 0,
        DeliveryState.BURIED: 1,
    }


def test_what_waits_cannot_be_deleted(url: str) -> None:
    run("purge", "--state", "pending", "--days", "0", code=2)
    assert states(url)[DeliveryState.PENDING] == 1


def test_a_store_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////proc/nowhere/sessions.db")
    assert "out of reach" in run("list", code=1)
