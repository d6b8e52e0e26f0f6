"""What a stranger sends over HTTP costs little, is told in a line, and shuts nobody else out."""

import asyncio
import json
import shutil
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest

from signaling.http.connections import IN_THE_MAKING, LEAST, NO_MEMORY, TOO_MANY, Connections
from signaling.http.streams import MOST_OF_ADDRESS
from tests.eventually import eventually, until
from tests.fakes.site import TOKEN_SETTINGS
from tests.servers.service import ServiceProcess

pytestmark = pytest.mark.timeout(120)

SECRET = "SECRETSECRET"
ODD = {
    "version": f"GET /whip/{SECRET} HTTP/9.9\r\nHost: a\r\n\r\n".encode(),
    "method": f"F({SECRET}) /whip HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "unknown method": SECRET.encode()
    + b" /whip HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "header": f"GET /healthz HTTP/1.1\r\nAuthorization: Bearer {SECRET}\0\r\n\r\n".encode(),
    "length of a header": b"GET /healthz HTTP/1.1\r\nX: " + SECRET.encode() * 2000 + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + SECRET.encode() * 9,
    "chunk": b"POST /api/attach HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n" + SECRET.encode() + b"\r\n",
    "gzip": b"POST /api/attach HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Encoding: gzip\r\nContent-Length: 12\r\nConnection: close\r\n\r\n" + SECRET.encode(),
    "two lengths": b"POST /api/attach HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "path": f"GET /api/users/%00{SECRET}/export HTTP/1.1\r\nHost: localhost\r\n"
    "Connection: close\r\n\r\n".encode(),
    "resume": f"POST /whip?session_id=%00&x={SECRET} HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Length: 3\r\nContent-Type: application/sdp\r\nConnection: close\r\n"
    "Resume-Token: ".encode()
    + b"\xff\xfe\r\n\r\nv=0",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("strangers")) as running:
        yield running


def port_of(service: ServiceProcess) -> int:
    port = urlsplit(service.url).port
    assert port is not None
    return port


def ask(service: ServiceProcess, request: bytes) -> bytes:
    """The answer to these very bytes."""
    with socket.create_connection(("127.0.0.1", port_of(service)), timeout=10) as made:
        made.sendall(request)
        answer = b""
        with suppress(OSError):
            while part := made.recv(65536):
                answer += part
    return answer


@pytest.mark.parametrize("name", ODD)
def test_an_odd_request_is_a_4xx_and_one_line_without_a_secret(
    service: ServiceProcess, name: str
) -> None:
    before = len(service.log)
    answer = ask(service, ODD[name])
    assert answer.split(b" ", 2)[1][:1] == b"4"
    time.sleep(0.1)
    told = service.log[before:]
    assert SECRET not in told
    assert "Traceback" not in told
    assert len(told.splitlines()) <= 2
    assert len(told) < 600


def test_many_of_them_are_told_in_a_few_lines(service: ServiceProcess) -> None:
    before = len(service.log)
    for _ in range(500):
        ask(service, ODD["version"])
        ask(service, b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert len(service.log) - before < 20_000
    assert service.ready()


class Idle:
    """A connection; whether it waits is up to the test."""

    def __init__(self, *, idle: bool = True) -> None:
        self.is_idle = idle
        self.gone = False

    def let_go(self) -> None:
        self.gone = True


def test_an_idle_connection_gives_way_and_a_busy_one_does_not() -> None:
    refused: list[str] = []
    connections = Connections(20, refused=refused.append)
    busy = [Idle(idle=False) for _ in range(5)]
    idle = [Idle() for _ in range(15)]
    for number, each in enumerate([*busy, *idle]):
        assert connections.enter(each, f"10.0.0.{number}")
    for number in range(15):
        assert connections.enter(Idle(idle=False), f"10.0.1.{number}")
        assert len(connections) == 20
    assert all(each.gone for each in idle)
    assert not any(each.gone for each in busy)
    assert not connections.enter(Idle(), "10.0.2.1")
    connections.leave(busy[0])
    assert connections.enter(Idle(), "10.0.2.1")
    assert set(refused) == {TOO_MANY}


def test_an_address_has_no_more_than_its_share() -> None:
    connections = Connections(100)
    for _ in range(50):
        assert connections.enter(Idle(idle=False), "203.0.113.9")
    assert not connections.enter(Idle(idle=False), "203.0.113.9")
    assert connections.enter(Idle(idle=False), "203.0.113.10")


def test_a_front_process_that_has_grown_lets_nobody_in() -> None:
    refused: list[str] = []
    assert not Connections(100, 1, refused=refused.append).enter(Idle(), "203.0.113.9")
    assert refused == [NO_MEMORY]


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="no prlimit")
def test_descriptors_do_not_run_out_and_a_worker_is_replaced(tmp_path: Path) -> None:
    through = ("prlimit", "--nofile=128:128")
    with ServiceProcess(tmp_path, through=through) as service, ExitStack() as open_ones:
        for _ in range(150):
            made = socket.create_connection(("127.0.0.1", port_of(service)), timeout=5)
            open_ones.callback(made.close)
            made.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(service.ready, 5, "another client is answered")
        assert psutil.Process(service.pid).num_fds() <= 128 - LEAST
        killed = service.workers()[0]
        killed.kill()
        until(lambda: _others(service, killed.pid), 40, "another worker was started")
        until(service.ready, 40, "and takes sessions")
        assert len(service.log) < 100_000


def _others(service: ServiceProcess, pid: int) -> bool:
    return any(worker.pid != pid for worker in service.workers())


def unfinished(size: int) -> bytes:
    """All but the last byte of a message (RFC 6455 section 5.2), masked by zeros."""
    return b"\x01" + bytes([0x80 | 127]) + struct.pack("!Q", size) + bytes(4) + b" " * (size - 1)


async def test_strangers_on_web_sockets_are_few_and_have_one_deadline(tmp_path: Path) -> None:
    settings = {**TOKEN_SETTINGS, "IDLE_TIMEOUT_SECONDS": "5"}
    service = await asyncio.to_thread(ServiceProcess(tmp_path, **settings).__enter__)
    try:
        front = psutil.Process(service.pid)
        before = front.memory_info().rss
        async with aiohttp.ClientSession() as http:
            told = await asyncio.gather(*[_stranger(http, service) for _ in range(120)])
            open_ones = [each for each in told if isinstance(each, aiohttp.ClientWebSocketResponse)]
            assert len(open_ones) == MOST_OF_ADDRESS
            assert {each for each in told if isinstance(each, int)} == {503}
            assert front.memory_info().rss - before < 48 * 2**20
            began = time.monotonic()
            pings = asyncio.create_task(_ping(open_ones))
            await eventually(lambda: all(each.closed for each in open_ones), 20, "all are let go")
            assert time.monotonic() - began < 15
            pings.cancel()
            await asyncio.gather(pings, return_exceptions=True)
        assert await asyncio.to_thread(service.ready)
    finally:
        await asyncio.to_thread(service.stop)


async def _stranger(
    http: aiohttp.ClientSession, service: ServiceProcess
) -> aiohttp.ClientWebSocketResponse | int:
    try:
        made = await http.ws_connect(service.url + "/ws/frames")
    except aiohttp.WSServerHandshakeError as error:
        return error.status
    transport = made._response.connection.transport  # type: ignore[union-attr]
    assert transport is not None
    transport.write(unfinished(600_000))
    return made


async def _ping(open_ones: list[aiohttp.ClientWebSocketResponse]) -> None:
    """Answer pings for as long as the service asks: a pong must not buy time."""
    await asyncio.gather(*(_hear(each) for each in open_ones))


async def _hear(stranger: aiohttp.ClientWebSocketResponse) -> None:
    async for message in stranger:
        json.loads(message.data)


async def test_handshakes_of_engine_io_are_few(tmp_path: Path) -> None:
    service = await asyncio.to_thread(ServiceProcess(tmp_path, **TOKEN_SETTINGS).__enter__)
    try:
        async with aiohttp.ClientSession() as http:
            told = []
            for _ in range(150):
                async with http.get(f"{service.url}/socket.io/?EIO=4&transport=polling") as answer:
                    told.append(answer.status)
        assert told.count(200) <= 64
        assert set(told) == {200, 503}
    finally:
        await asyncio.to_thread(service.stop)


def test_a_handshake_that_asyncio_has_given_up_holds_no_place() -> None:
    connections = Connections(100)
    for _ in range(10 * IN_THE_MAKING):
        assert connections.expect(Idle())  # and nothing holds it any more
    kept = [Idle() for _ in range(IN_THE_MAKING)]
    assert all(connections.expect(each) for each in kept)
    assert not connections.expect(Idle())
