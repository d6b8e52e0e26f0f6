"""Addresses, ports and servers are the configured ones."""

import asyncio
import dataclasses
import socket
from collections.abc import Callable

import pytest
from aioice import Candidate
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.config import IceServer, PeerConfig
from rtc_server.peer.ice.agent import IceAgent, is_loopback
from rtc_server.peer.ice.server import parse_uri, server_arguments

LOOPBACK = PeerConfig(ice_addresses=("127.0.0.1",))


def agent(config: PeerConfig) -> IceAgent:
    return IceAgent(config, lambda _: False, "user", "password-of-22-characters".replace("-", "+"))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - aioice has no event for it
        await asyncio.sleep(0)


async def gathered(config: PeerConfig) -> list[Candidate]:
    made = agent(config)
    try:
        await made.gather_candidates()
        return made.local_candidates
    finally:
        await made.close()


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("stun:stun.example.org", ("stun", "stun.example.org", 3478, "udp")),
        ("stun:192.0.2.1:19302", ("stun", "192.0.2.1", 19302, "udp")),
        ("turn:turn.example.org:3478?transport=udp", ("turn", "turn.example.org", 3478, "udp")),
        ("turn:turn.example.org?transport=tcp", ("turn", "turn.example.org", 3478, "tcp")),
        ("turns:turn.example.org:443?transport=tcp", ("turns", "turn.example.org", 443, "tcp")),
        ("turns:turn.example.org", ("turns", "turn.example.org", 5349, "tcp")),
        ("turn:[2001:db8::1]:3478", ("turn", "2001:db8::1", 3478, "udp")),
    ],
)
def test_uris_are_taken_apart(uri: str, expected: tuple[str, str, int, str]) -> None:
    address = parse_uri(uri)
    assert address is not None
    assert dataclasses.astuple(address) == expected


@pytest.mark.parametrize(
    "uri",
    ["", "http://turn", "stun:a?transport=udp", "turns:a?transport=udp", "turn:a:99999", "stuns:a"],
)
def test_uris_that_aioice_cannot_use_are_left_out(uri: str) -> None:
    assert parse_uri(uri) is None
    assert server_arguments([IceServer((uri,))]) == {}


@given(st.text() | st.from_regex(r"(stun|turns?):[a-z.]{1,9}(:\d{1,6})?", fullmatch=True))
def test_any_uri_is_left_out_or_names_a_server(uri: str) -> None:
    address = parse_uri(uri)
    assert address is None or (address.host and 0 < address.port < 1 << 16)


def test_the_first_usable_server_of_each_kind_is_used_and_no_public_default() -> None:
    servers = [
        IceServer(("turns:first.example.org?transport=udp", "stun:a.example.org")),
        IceServer(("turn:b.example.org?transport=tcp", "turn:c.example.org"), "user", "secret"),
        IceServer(("stun:d.example.org",)),
    ]
    found = server_arguments(servers)
    assert found["stun_server"] == ("a.example.org", 3478)
    assert found["turn_server"] == ("b.example.org", 3478)
    assert (found["turn_username"], found["turn_password"]) == ("user", "secret")
    assert found["turn_transport"] == "tcp"
    assert agent(PeerConfig()).stun_server is None


async def test_host_candidates_are_on_the_chosen_addresses_loopback_included() -> None:
    candidates = await gathered(PeerConfig(ice_addresses=("127.0.0.1", "::1")))
    assert [c.host for c in candidates] == ["127.0.0.1", "::1"]


async def test_without_a_choice_loopback_is_left_out() -> None:
    assert not any(is_loopback(c.host) for c in await gathered(PeerConfig()))


async def test_ports_come_from_the_range_and_a_taken_one_is_passed_over() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        low = taken.getsockname()[1]
        config = dataclasses.replace(LOOPBACK, ice_port_range=(low, low + 2))
        first, second = agent(config), agent(config)
        await first.gather_candidates()
        await second.gather_candidates()
        ports = {c.port for a in (first, second) for c in a.local_candidates}
        assert len(ports) == 2
        assert ports <= {low + 1, low + 2}
        assert await gathered(config) == []
        await first.close()
        await second.close()


async def test_the_public_address_is_announced_in_place_of_the_host_of_its_family() -> None:
    config = PeerConfig(ice_addresses=("127.0.0.1", "::1"), ice_public_address="203.0.113.5")
    assert [c.host for c in await gathered(config)] == ["203.0.113.5", "::1"]


@pytest.mark.parametrize(
    ("policy", "timeouts", "types"),
    [
        ("all", {"gather_timeout": 0.2, "relay_timeout": 30}, ["host"]),
        ("relay", {"gather_timeout": 30, "relay_timeout": 0.2}, []),
    ],
)
async def test_a_server_that_does_not_answer_costs_the_timeout_only(
    policy: str, timeouts: dict[str, float], types: list[str]
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        uri = f"127.0.0.1:{silent.getsockname()[1]}"
        servers = (IceServer((f"stun:{uri}", f"turn:{uri}"), "user", "secret"),)
        config = PeerConfig(
            ice_addresses=("127.0.0.1",),
            ice_servers=servers,
            ice_transport_policy=policy,
            gather_timeout=timeouts["gather_timeout"],
            relay_timeout=timeouts["relay_timeout"],
        )
        candidates = await asyncio.wait_for(gathered(config), 3)
    assert [c.type for c in candidates] == types


async def test_relay_only_has_no_host_candidates() -> None:
    config = dataclasses.replace(LOOPBACK, ice_transport_policy="relay")
    assert await gathered(config) == []


async def test_closing_while_gathering_leaves_no_socket() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        servers = (IceServer((f"stun:127.0.0.1:{silent.getsockname()[1]}",)),)
        made = agent(dataclasses.replace(LOOPBACK, ice_servers=servers, gather_timeout=30))
        gathering = asyncio.create_task(made.gather_candidates())
        async with asyncio.timeout(5):
            await until(lambda: bool(made._protocols))
        transport = made._protocols[0].transport
        await made.close()
        gathering.cancel()
        await asyncio.gather(gathering, return_exceptions=True)
    assert transport.is_closing()
    assert made._protocols == []
