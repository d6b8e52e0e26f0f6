"""A worker that several front processes share, with a worker behind it that answers by itself."""

import asyncio
from collections.abc import Callable

import pytest

from rtc_server.base.config import PeerConfig, WorkerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.cluster import actor as actor_module
from rtc_server.cluster.actor import WorkerActor
from rtc_server.ipc.rpc import Body, Handler, Json, dump_config, result

CONFIG = dump_config(WorkerConfig(peer=PeerConfig(ice_public_address="192.0.2.1")))


class ScriptedWorker:
    """Takes every call; lets go of what it holds when it is drained."""

    def __init__(
        self, name: str, let_go: Callable[[str, EndReason], None], tell: Callable[[str, str], None]
    ) -> None:
        self.name, self.let_go, self.tell = name, let_go, tell
        self.calls: list[tuple[str, Body]] = []
        names = ("configure", "open", "frame", "say", "watch", "ping", "end")
        self.handlers: dict[str, Handler] = {name: self._handler(name) for name in names}
        self.handlers["drain"] = self._drain

    def _handler(self, method: str) -> Handler:
        async def handle(body: Body, payload: bytes) -> Body:
            self.calls.append((method, body))
            return {"size": len(payload)}

        return handle

    async def _drain(self, _body: Body, _payload: bytes) -> None:
        self.let_go("s", EndReason.DRAINED)


@pytest.fixture
def inner() -> list[ScriptedWorker]:
    """The worker behind the shared one, once that was made."""
    return []


@pytest.fixture(autouse=True)
def _no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ICE_ADDRESSES", "ICE_PUBLIC_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, inner: list[ScriptedWorker]) -> WorkerActor:
    def make(*parts: object) -> ScriptedWorker:
        inner.append(ScriptedWorker(*parts))  # type: ignore[arg-type] # as it is called
        return inner[-1]

    monkeypatch.setattr(actor_module, "Worker", make)
    monkeypatch.setattr(actor_module, "configure_logging", lambda _: None)
    return WorkerActor("slot", "INFO")


async def ask(worker: WorkerActor, front: str, method: str, *pieces: bytes, **body: object) -> Json:
    return result(await worker.call(front, method, body, *pieces))


async def heard(worker: WorkerActor, front: str) -> list[object]:
    events: list[object] = (await ask(worker, front, "hear", seconds=0.0))["events"]
    return events


def opening(offer: str | None) -> Body:
    return {"request": {"identity": {"session_id": "s"}, "offer": offer}}


async def test_each_start_has_a_name_of_its_own_in_the_slot(worker: WorkerActor) -> None:
    assert worker.name.startswith("slot.")
    assert worker.name != WorkerActor("slot", "INFO").name


async def test_the_first_front_process_configures_it(
    worker: WorkerActor, inner: list[ScriptedWorker]
) -> None:
    asked = [ask(worker, front, "configure", config=CONFIG) for front in ("a", "b")]
    assert await asyncio.gather(*asked) == [{"name": worker.name, "same": True}] * 2
    other = dump_config(WorkerConfig(drain=1.0))
    assert not (await ask(worker, "c", "configure", config=other))["same"]
    assert [method for method, _ in inner[0].calls] == ["configure"]


async def test_its_machine_s_own_addresses_are_taken(
    worker: WorkerActor, inner: list[ScriptedWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICE_ADDRESSES", "10.0.0.7, 10.1.0.7")
    monkeypatch.setenv("ICE_PUBLIC_ADDRESS", "198.51.100.7")
    told = await ask(worker, "a", "configure", config=CONFIG)
    assert told["same"]
    ((_, body),) = inner[0].calls
    config = body["config"]
    assert config["peer"]["ice_addresses"] == ["10.0.0.7", "10.1.0.7"]
    assert config["peer"]["ice_public_address"] == "198.51.100.7"


async def test_the_front_s_own_addresses_are_not_taken(
    worker: WorkerActor, inner: list[ScriptedWorker]
) -> None:
    await ask(worker, "a", "configure", config=CONFIG)
    ((_, body),) = inner[0].calls
    config = body["config"]
    assert config["peer"]["ice_public_address"] is None


async def test_a_picture_comes_in_pieces(worker: WorkerActor) -> None:
    assert await ask(worker, "a", "frame", b"123", b"45", session_id="s") == {"size": 5}


async def test_whoever_hands_on_pictures_hears_the_session(
    worker: WorkerActor, inner: list[ScriptedWorker]
) -> None:
    await ask(worker, "a", "open", **opening(None))
    inner[0].tell("s", "hello")
    await ask(worker, "b", "say", session_id="s", text="ping")
    inner[0].tell("s", "pong")
    assert await heard(worker, "a") == [("message", "s", "hello"), ("message", "s", "pong")]
    assert await heard(worker, "b") == [("message", "s", "pong")]


async def test_a_peer_s_session_is_heard_only_where_it_is_watched(
    worker: WorkerActor, inner: list[ScriptedWorker]
) -> None:
    await ask(worker, "a", "open", **opening("v=0"))
    inner[0].tell("s", "1")
    for front in ("b", "c"):
        await ask(worker, front, "watch", session_id="s", on=True)
    inner[0].tell("s", "2")
    await ask(worker, "b", "watch", session_id="s", on=False)
    inner[0].tell("s", "3")
    assert await heard(worker, "a") == []
    assert await heard(worker, "b") == [("message", "s", "2")]
    assert await heard(worker, "c") == [("message", "s", "2"), ("message", "s", "3")]
    await ask(worker, "c", "watch", session_id="s", on=False)
    watched = [body["on"] for method, body in inner[0].calls if method == "watch"]
    assert watched == [True, True, False]


async def test_a_drained_session_is_left_and_not_over(
    worker: WorkerActor, inner: list[ScriptedWorker]
) -> None:
    assert await heard(worker, "a") == []
    inner[0].let_go("r", EndReason.CLIENT_BYE)
    await ask(worker, "a", "drain")
    assert await heard(worker, "a") == [("ended", "r", ""), ("left", "s", "")]


async def test_placing_a_session_is_told_at_once(worker: WorkerActor) -> None:
    asking = asyncio.ensure_future(ask(worker, "b", "hear", seconds=60.0))
    await asyncio.sleep(0)
    await ask(worker, "a", "open", **opening("v=0"))
    told = await asyncio.wait_for(asking, 5.0)
    assert told["events"] == []
    assert told["memory"] > 0
