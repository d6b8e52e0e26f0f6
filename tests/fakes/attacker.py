"""``python -m tests.fakes.attacker NAME URL SECONDS``: one kind of attack on the service at URL.

A process of its own, so that it takes no time from the students of the test. Ends by itself.
"""

import asyncio
import io
import random
import re
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import aiohttp
from google_crc32c import value as crc32c
from PIL import Image

from tests.fakes.h264_bits import key_picture, picture_set, sequence_set
from tests.fakes.publisher import ManualTrack, Publisher
from tests.fakes.sctp_peer import data
from tests.fakes.whip import WhipClient

Attack = Callable[[str, float], Awaitable[None]]
IDS = {"user_id": "666", "module_id": "9", "section_id": "9"}


async def chunks_out_of_order(url: str, seconds: float) -> None:
    """Chunks behind one that never comes."""
    async with _connected(url, Publisher(fps=5)) as publisher:
        sctp = publisher.connection.sctp
        assert sctp is not None
        base = sctp._local_tsn
        number = 0
        for _ in _ticks(seconds, 200):
            body = b"".join(data(base + number + step, b"x") for step in range(2, 60))
            number += 58
            head = struct.pack(
                "!HHL", sctp._local_port, sctp._remote_port, sctp._remote_verification_tag
            )
            sound = head + struct.pack("<L", crc32c(head + bytes(4) + body)) + body
            await sctp.transport._send_data(sound)
            await asyncio.sleep(1 / 200)


async def repairs_of_strangers(url: str, seconds: float) -> None:
    """Retransmissions, each of another source."""
    async with _connected(url, Publisher(fps=5)) as publisher:
        payload_type = _payload_type(publisher, "rtx")
        for number in _ticks(seconds, 1000):
            ssrc = random.getrandbits(32)
            await _send_rtp(publisher, payload_type, ssrc, number, bytes(4))


async def tiny_packets_with_a_hole(url: str, seconds: float) -> None:
    """Many packets of a few bytes, one of them never."""
    async with _connected(url, Publisher(ManualTrack())) as publisher:
        payload_type, ssrc = _payload_type(publisher, "VP8"), publisher.sender._ssrc
        for number in _ticks(seconds, 3000):
            sequence = number + (number > 5)
            await _send_rtp(publisher, payload_type | 0x80, ssrc, sequence, b"\x10\x00")


async def hidden_size(url: str, seconds: float) -> None:
    """H264 of 16384 x 8192 that does not look so."""
    publisher = Publisher(ManualTrack())
    publisher.prefer("H264")
    units = [sequence_set(16384, 8192, references=16, offsets=255), picture_set(), key_picture(500)]
    async with _connected(url, publisher):
        payload_type = _payload_type(publisher, "H264")
        sequence = 0
        for _ in _ticks(seconds, 10):
            for unit in units:
                sequence += 1
                last = 0x80 if unit is units[-1] else 0
                plain = unit[4:1100]
                await _send_rtp(
                    publisher, payload_type | last, publisher.sender._ssrc, sequence, plain
                )
            await asyncio.sleep(0.1)


async def wide_pictures(url: str, seconds: float) -> None:
    """JPEGs of a side that ends MediaPipe."""
    made = io.BytesIO()
    Image.new("L", (32767, 1)).save(made, "JPEG")
    async with aiohttp.ClientSession() as http:
        message = {"v": 1, "type": "attach", **IDS}
        async with http.post(f"{url}/api/attach", json=message) as answer:
            frames = url + (await answer.json())["resource"] + "/frames"
        for _ in _ticks(seconds, 5):
            headers = {"Content-Type": "image/jpeg"}
            async with http.post(frames, data=made.getvalue(), headers=headers):
                await asyncio.sleep(0.2)


async def many_messages(url: str, seconds: float) -> None:
    """Calibration points and versions of consent without end."""
    async with _connected(url, Publisher()) as publisher:
        for number in _ticks(seconds, 40):
            at = {"x": number % 97 / 97, "y": number % 89 / 89}
            publisher.say({"v": 1, "type": "calibrate", "point": at})
            publisher.say({"v": 1, "type": "consent", "version": f"of {number}"})
            await asyncio.sleep(1 / 40)


async def idle_connections(url: str, seconds: float) -> None:
    """Connections that say nothing, or begin a web socket and a message and do not go on."""
    port = urlsplit(url).port
    hello = (
        b"GET /ws/frames HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    begun = b"\x01\xff" + struct.pack("!Q", 600_000) + bytes(4) + b" " * 500_000
    writers = []
    for number in range(300):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        if number % 3 == 0:
            writer.write(hello + begun)
        elif number % 3 == 1:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        writers.append(writer)
    await asyncio.sleep(seconds)
    for writer in writers:
        writer.close()


async def wrong_requests(url: str, seconds: float) -> None:
    """Wrong secrets, handshakes and what is no request."""
    port = urlsplit(url).port
    async with aiohttp.ClientSession() as http:
        for number in _ticks(seconds, 100):
            with suppress(aiohttp.ClientError, OSError):
                resume = {"v": 1, "type": "attach", "session_id": "x", "resume_token": "y"}
                async with http.post(f"{url}/api/attach", json=resume):
                    pass
                async with http.get(f"{url}/socket.io/?EIO=4&transport=polling&t={number}"):
                    pass
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"FOO / HTTP/9.9\r\n\r\n")
                writer.close()
            await asyncio.sleep(0.01)


ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        chunks_out_of_order,
        repairs_of_strangers,
        tiny_packets_with_a_hole,
        hidden_size,
        wide_pictures,
        many_messages,
        idle_connections,
        wrong_requests,
    )
}


@asynccontextmanager
async def _connected(url: str, publisher: Publisher) -> AsyncIterator[Publisher]:
    async with aiohttp.ClientSession() as http:
        await WhipClient(http, url).publish(publisher, **IDS)
        async with asyncio.timeout(20):
            await publisher.hears("hello")
        try:
            yield publisher
        finally:
            await publisher.kill()


def _ticks(seconds: float, a_second: int) -> range:
    return range(int(seconds * a_second))


def _payload_type(publisher: Publisher, codec: str) -> int:
    found = re.search(rf"a=rtpmap:(\d+) {codec}", publisher.connection.localDescription.sdp)
    assert found is not None
    return int(found[1])


async def _send_rtp(
    publisher: Publisher, second_byte: int, ssrc: int, sequence: int, payload: bytes
) -> None:
    head = struct.pack(
        "!BBHLL", 0x80, second_byte, sequence & 0xFFFF, 90 * sequence & 0xFFFFFFFF, ssrc
    )
    await publisher.connection.transports[0]._send_rtp(head + payload)
    if sequence % 20 == 0:
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    name, url, seconds = sys.argv[1:]
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()
    with suppress(ConnectionError, aiohttp.ClientError):
        asyncio.run(ATTACKS[name](url, float(seconds)))  # type: ignore[arg-type]
