"""What strangers throw at the ports costs the sessions nothing."""

import asyncio
import re
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.process.conftest import Enrol, Serve
from tests.process.student import Student

pytestmark = pytest.mark.timeout(120)

SESSIONS = 4
SECONDS = 5.0
SILENT = 500
MIB = 1024 * 1024
FLOOD = """
import os, socket, struct, sys, time
port, until = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.connect(("127.0.0.1", port))
name = b"nobody12:them"
username = struct.pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4)
stun = struct.pack("!HHI", 1, len(username), 0x2112A442) + os.urandom(12) + username
kinds, sent, began = (stun, os.urandom(1000), b"\\x80" + os.urandom(99)), 0, time.monotonic()
while time.monotonic() < until:
    for _ in range(200):
        try:
            sock.send(kinds[sent % 3])
        except ConnectionRefusedError:
            pass
        sent += 1
    time.sleep(max(0.0, began + sent / 20_000 - time.monotonic()))
print(sent)
"""
"""20,000 datagrams a second: checks of nobody, noise, and media of no session."""


def free_port() -> int:
    """By UDP and by TCP, as far as one can know."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
    return port


@asynccontextmanager
async def flood(port: int) -> AsyncIterator[None]:
    """Datagrams and silent connections while this is entered."""
    sending = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FLOOD, str(port), str(SECONDS + 1), stdout=asyncio.subprocess.PIPE
    )
    async with AsyncExitStack() as stack:
        for _ in range(SILENT):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
        yield
        told, _ = await sending.communicate()
    assert int(told) > 0


async def rate(student: Student) -> float:
    """Metrics a second over ``SECONDS``."""
    while not student.publisher.metrics.empty():
        student.publisher.metrics.get_nowait()
    began, count = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        await student.metrics()
        count += 1
    return count / (time.monotonic() - began)


async def test_a_flood_of_strangers_takes_no_session_below_its_rate(
    prepare: Serve, students: Enrol
) -> None:
    port = free_port()
    settings = {"ICE_UDP_PORT": str(port), "ICE_TCP_PORT": str(port), "MEDIA_WORKERS": "1"}
    with prepare(**settings) as service:
        async with AsyncExitStack() as stack:
            everybody = [
                await stack.enter_async_context(students(service)) for _ in range(SESSIONS)
            ]
            for number, student in enumerate(everybody):
                await student.publish(user_id=str(number + 1))
            await asyncio.gather(*(student.metrics(10) for student in everybody))
            worker = service.workers()[0]
            before = worker.memory_info().rss
            alone = min(await asyncio.gather(*map(rate, everybody)))
            async with flood(port):
                rates = await asyncio.gather(*map(rate, everybody))
            grown = worker.memory_info().rss - before
            told = await asyncio.to_thread(service.text, "/metrics")
    # where the machine itself has no room for ten a second, half of what it had is enough
    assert min(rates) >= (9.0 if alone > 9.5 else 0.5 * alone), (alone, rates)
    assert grown < 32 * MIB
    unknown = re.search(r'rtc_datagrams_lost_total{cause="unknown",worker="0"} (\S+)', told)
    assert unknown is not None
    assert float(unknown[1]) > 1000
