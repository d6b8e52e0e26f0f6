"""The messages on the wire: one source, one fixture each, one committed schema."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rtc_server.metrics import wire

ROOT = Path(__file__).parents[3]
FIXTURES = sorted((ROOT / "tests/data/messages").glob("*.json"))
SCHEMA = ROOT / "docs/schema/messages.schema.json"
SERVER = frozenset({"hello", "attached", "metrics", "advice", "notice", "summary", "pong"})
CLIENT = frozenset(
    {"attach", "consent", "ping", "visibility", "pause", "resume", "calibrate", "bye"}
)


def load(path: Path) -> dict[str, Any]:
    """The fixture as a dictionary."""
    message: dict[str, Any] = json.loads(path.read_text())
    return message


def of(kinds: frozenset[str]) -> list[Path]:
    """The fixtures of these message types."""
    return [path for path in FIXTURES if load(path)["type"] in kinds]


def name(path: Path) -> str:
    """What the test report calls a fixture."""
    return path.stem


def types_in(side: object) -> set[str]:
    """The message types that one side of the schema knows."""
    assert isinstance(side, dict)
    return set(side["discriminator"]["mapping"])


def test_every_message_of_the_schema_has_a_fixture() -> None:
    schema = wire.json_schema()
    assert types_in(schema["server"]) == SERVER
    assert types_in(schema["client"]) == CLIENT
    assert {load(path)["type"] for path in FIXTURES} == SERVER | CLIENT


@pytest.mark.parametrize("path", of(SERVER), ids=name)
def test_a_server_message_survives_the_round_trip(path: Path) -> None:
    message = wire.decode_server(path.read_text())
    assert json.loads(wire.encode(message)) == load(path)


@pytest.mark.parametrize("path", of(CLIENT), ids=name)
def test_a_client_message_says_what_its_fixture_says(path: Path) -> None:
    message = wire.decode_client(path.read_text())
    assert message.model_dump(exclude_unset=True) == load(path)


@pytest.mark.parametrize("path", FIXTURES, ids=name)
def test_a_message_stays_under_the_limit(path: Path) -> None:
    compact = json.dumps(load(path), separators=(",", ":"))
    assert len(compact.encode()) < wire.MAX_MESSAGE_BYTES


@pytest.mark.parametrize("path", FIXTURES, ids=name)
def test_another_version_is_refused(path: Path) -> None:
    text = json.dumps(load(path) | {"v": 2})
    decode = wire.decode_server if path in of(SERVER) else wire.decode_client
    with pytest.raises(ValidationError):
        decode(text)


@pytest.mark.parametrize(
    ("path", "field"),
    [(path, field) for path in of(SERVER) for field in load(path) if field not in {"v", "type"}],
    ids=lambda part: part.stem if isinstance(part, Path) else part,
)
def test_a_server_message_without_one_of_its_fields_is_refused(path: Path, field: str) -> None:
    message = load(path)
    del message[field]
    with pytest.raises(ValidationError):
        wire.decode_server(json.dumps(message))


def test_a_field_that_a_newer_client_adds_is_ignored() -> None:
    message = wire.decode_client('{"v": 1, "type": "ping", "t": 1.5, "battery": 0.4}')
    assert message == wire.Ping(t=1.5)


@pytest.mark.parametrize(
    "text",
    [
        '{"v": 1, "type": "ping", "t": NaN}',
        '{"v": 1, "type": "ping", "t": Infinity}',
        '{"v": 1, "type": "ping"}',
        '{"v": 1, "type": "visibility", "state": "gone"}',
        '{"v": 1, "type": "calibrate", "point": {"x": 1.2, "y": 0}}',
        '{"v": 1, "type": "consent", "version": ""}',
        '{"v": 1, "type": "summary"}',
        "[]",
        "bye",
        "",
    ],
)
def test_what_no_client_may_send_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        wire.decode_client(text)


def test_a_messages_metrics_add_up_in_the_fixtures() -> None:
    summary = load(ROOT / "tests/data/messages/summary.json")
    accounts = summary["focused_time"] + summary["unfocused_time"] + summary["unknown_time"]
    assert accounts == pytest.approx(summary["elapsed"])
    assert sum(summary["unknown_by_cause"].values()) == pytest.approx(summary["unknown_time"])
    assert sum(summary["unfocused_by_cause"].values()) == pytest.approx(summary["unfocused_time"])


def test_the_committed_schema_is_the_one_of_the_models() -> None:
    committed = json.loads(SCHEMA.read_text())
    assert committed == json.loads(json.dumps(wire.json_schema())), "run `npm run types` in web/"
