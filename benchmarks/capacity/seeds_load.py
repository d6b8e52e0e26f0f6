"""The publishers of base64 JPEG over a WebSocket: ``python -m benchmarks.capacity.seeds_load``."""

import argparse
import asyncio
import base64
import json
from pathlib import Path

import aiohttp

from benchmarks.capacity.recording import Recording

PREFIX = "data:image/jpeg;base64,"


class Sender:
    """One publisher of pictures."""

    def __init__(self, recording: Recording, phase: float) -> None:
        """``phase``: seconds by which its frames come later than those of others."""
        self.answered = 0
        self.sent_bytes = 0
        self._recording = recording
        self._phase = phase

    async def run(self, http: aiohttp.ClientSession, url: str) -> None:
        """Send and take answers until cancelled."""
        async with http.ws_connect(url + "/ws/frames") as socket, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._answers(socket))
            tasks.create_task(self._pictures(socket))

    async def _answers(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for _ in socket:
            self.answered += 1

    async def _pictures(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        loop = asyncio.get_running_loop()
        texts = [PREFIX + base64.b64encode(jpeg).decode() for jpeg in self._recording.jpegs]
        began = loop.time() + self._phase
        number = 0
        while True:
            await asyncio.sleep(began + number / self._recording.fps - loop.time())
            body = json.dumps({"frame_id": number, "frame_base64": texts[number % len(texts)]})
            await socket.send_str(body)
            self.sent_bytes += len(body)
            number += 1


async def load(told: argparse.Namespace) -> None:
    """Publish, settle, measure; prints as ``benchmarks.capacity.load`` does."""
    recording = Recording.load(told.recording)
    senders = [
        Sender(recording, n / told.publishers / recording.fps) for n in range(told.publishers)
    ]
    async with aiohttp.ClientSession() as http:
        tasks = [asyncio.create_task(sender.run(http, told.url)) for sender in senders]
        await asyncio.sleep(told.settle)
        print("settled", flush=True)
        before = [(sender.answered, sender.sent_bytes) for sender in senders]
        await asyncio.sleep(told.seconds)
        measured = [
            {
                "latencies": [],
                "fps": (sender.answered - answered) / told.seconds,
                "bits": 8 * (sender.sent_bytes - sent) / told.seconds,
                "scale": 1.0,
            }
            for sender, (answered, sent) in zip(senders, before, strict=True)
        ]
        print(json.dumps(measured), flush=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--publishers", type=int, required=True)
    parser.add_argument("--settle", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    asyncio.run(load(parser.parse_args()))


if __name__ == "__main__":
    main()
