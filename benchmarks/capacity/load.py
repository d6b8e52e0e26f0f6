"""The publishers of a run, in a process of their own: ``python -m benchmarks.capacity.load``.

Prints ``settled`` when all are measured and had time to obey the first advices, and when the
measuring is over one JSON line.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.capacity.recording import Recording
from benchmarks.capacity.tape import TapeTrack
from tests.fakes.publisher import Publisher
from tests.fakes.whip import WhipClient

CONNECT_SECONDS = 30.0


class Student:
    """One publisher that obeys advice, or does not, and its stopwatch."""

    def __init__(self, name: str, recording: Recording, phase: float, *, obeys: bool) -> None:
        """``name``: whose session it is."""
        self._name = name
        self._fps = recording.fps
        self._obeys = obeys
        self._track = TapeTrack(recording, phase)
        self._publisher = Publisher(self._track)
        self._publisher.prefer("VP8")
        self._came: dict[int, float] = {}
        self._live = asyncio.Event()
        self._from = 0.0
        self._bytes_before = 0
        self._hearing: asyncio.Task[None] | None = None
        assert self._publisher.metrics_channel is not None
        self._publisher.metrics_channel.on("message", self._take)

    async def begin(self, whip: WhipClient) -> None:
        """Connect and wait for the first metrics."""
        await whip.publish(self._publisher, user_id=self._name)
        self._hearing = asyncio.create_task(self._obey(), name=f"advice for {self._name}")
        async with asyncio.timeout(CONNECT_SECONDS):
            await self._live.wait()

    def start_measuring(self) -> None:
        """From here on it counts."""
        self._from = asyncio.get_running_loop().time()
        self._bytes_before = self._track.sent_bytes

    def measured(self) -> dict[str, Any]:
        """Latencies in seconds, metrics a second, bits a second, and the scale obeyed."""
        lasted = asyncio.get_running_loop().time() - self._from
        sent = self._track.sent_at
        latencies = [
            at - sent[number]
            for number, at in self._came.items()
            if number < len(sent) and sent[number] >= self._from
        ]
        return {
            "latencies": latencies,
            "fps": len([at for at in self._came.values() if at >= self._from]) / lasted,
            "bits": 8 * (self._track.sent_bytes - self._bytes_before) / lasted,
            "scale": self._track.scale,
        }

    async def end(self) -> None:
        """Say goodbye."""
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
        self._publisher.say({"v": 1, "type": "bye"})
        await self._publisher.close()

    async def _obey(self) -> None:
        while True:
            advice = await self._publisher.hears("advice")
            if self._obeys:
                self._track.scale = advice["scale_down_by"]

    def _take(self, text: str) -> None:
        at = asyncio.get_running_loop().time()
        message = json.loads(text)
        self._came.setdefault(round(message["media_time"] * self._fps), at)
        self._live.set()


async def run(told: argparse.Namespace) -> list[dict[str, Any]]:
    """Publish, settle, measure."""
    recording = Recording.load(told.recording)
    students = [
        Student(str(n + 1), recording, n / told.publishers / recording.fps, obeys=told.obey)
        for n in range(told.publishers)
    ]
    async with aiohttp.ClientSession() as http:
        whip = WhipClient(http, told.url)
        for student in students:
            await student.begin(whip)
        await asyncio.sleep(told.settle)
        print("settled", flush=True)
        for student in students:
            student.start_measuring()
        await asyncio.sleep(told.seconds)
        measured = [student.measured() for student in students]
        print(json.dumps(measured), flush=True)
        await asyncio.gather(*(student.end() for student in students))
    return measured


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("recording", type=Path)
    parser.add_argument("--publishers", type=int, required=True)
    parser.add_argument("--settle", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--obey", action="store_true")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
