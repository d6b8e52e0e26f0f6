"""The TURN probe against a real coturn: what serves, what refuses, what is silent."""

import socket
from collections.abc import Iterator

import pytest

from rtc_server.base.config import IceServer
from rtc_server.peer.ice.turn_probe import TurnAnswer, probe_turn
from tests.eventually import eventually
from tests.servers.coturn import Coturn

SECONDS = 5.0


@pytest.fixture(scope="module")
def coturn() -> Iterator[Coturn]:
    with Coturn(options=["--no-tls", "--verbose"]) as server:
        yield server


@pytest.mark.needs("coturn")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_server_that_serves_gets_its_address_back(coturn: Coturn, transport: str) -> None:
    (server,) = coturn.servers(transport)
    given_back = coturn.log.count("lifetime=0")
    assert await probe_turn(server, SECONDS) is TurnAnswer.SERVES
    await eventually(
        lambda: coturn.log.count("lifetime=0") > given_back, SECONDS, "the address given back"
    )


@pytest.mark.needs("coturn")
async def test_a_wrong_secret_is_refused(coturn: Coturn) -> None:
    (server,) = coturn.servers("udp", secret="another")
    assert await probe_turn(server, SECONDS) is TurnAnswer.REFUSES


@pytest.mark.needs("coturn")
async def test_a_server_without_tls_is_silent_to_tls(coturn: Coturn) -> None:
    server = IceServer((f"turns:127.0.0.1:{coturn.port}?transport=tcp",), "user", "secret")
    assert await probe_turn(server, 1.0) is TurnAnswer.SILENT


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_where_nobody_listens_it_is_silent(transport: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        url = f"turn:127.0.0.1:{bound.getsockname()[1]}?transport={transport}"
        answer = await probe_turn(IceServer((url,), "user", "secret"), 0.3)
    assert answer is TurnAnswer.SILENT


async def test_a_stun_server_is_no_turn_server() -> None:
    assert await probe_turn(IceServer(("stun:127.0.0.1:3478",)), 0.3) is None
