"""Students in a process of their own: ``python -m benchmarks.publishing URL``.

Each publishes a moving face and notes when it handed a frame to aiortc's sender and when the
frame's metrics came back. Prints ``live`` once all are measured, then one JSON line.
"""

import argparse
import asyncio
import json

import aiohttp

from tests.fakes.face_track import face_track
from tests.fakes.publisher import Publisher, rtp_payload_type
from tests.fakes.whip import WhipClient

CONNECT_SECONDS = 20.0


class Student:
    """One publisher and its stopwatch."""

    def __init__(self, name: str, fps: float) -> None:
        """``name``: whose session it is."""
        self._name = name
        self._fps = fps
        self._track = face_track(fps)
        self._publisher = Publisher(self._track)
        self._publisher.connection.network = self._watch
        self._left: dict[int, float] = {}
        self._came: dict[int, float] = {}
        self._live = asyncio.Event()
        assert self._publisher.metrics_channel is not None
        self._publisher.metrics_channel.on("message", self._take)

    async def begin(self, whip: WhipClient) -> None:
        """Connect and wait for the first metrics."""
        await whip.publish(self._publisher, user_id=self._name)
        async with asyncio.timeout(CONNECT_SECONDS):
            await self._live.wait()

    async def end(self) -> None:
        """Say goodbye and wait for the account."""
        self._publisher.say({"v": 1, "type": "bye"})
        async with asyncio.timeout(CONNECT_SECONDS):
            await self._publisher.hears("summary")
        await self._publisher.close()

    def measured(self) -> dict[str, object]:
        """Seconds in the order of the frames; metrics a second."""
        handed = list(self._track.sent_at.values())
        came = sorted(self._came.items())
        arrivals = sorted(self._came.values())
        return {
            "latencies": [at - handed[index] for index, at in came],
            "sending": [self._left[index] - handed[index] for index, _ in came],
            "fps": (len(arrivals) - 1) / (arrivals[-1] - arrivals[0]),
        }

    def _watch(self, datagram: bytes) -> list[bytes]:
        """Note when a frame's last packet leaves the publisher."""
        if rtp_payload_type(datagram) is not None:
            self._left[len(self._track.sent_at) - 1] = asyncio.get_running_loop().time()
        return [datagram]

    def _take(self, text: str) -> None:
        at = asyncio.get_running_loop().time()
        message = json.loads(text)
        # The media clock starts with the first frame that the service decoded. Were the very
        # first one lost on the way, all latencies would come out a whole frame too long.
        self._came.setdefault(round(message["media_time"] * self._fps), at)
        self._live.set()


async def publish(url: str, count: int, seconds: float, fps: float) -> list[dict[str, object]]:
    """Let ``count`` students publish for so many seconds once all are live."""
    students = [Student(str(number + 1), fps) for number in range(count)]
    async with aiohttp.ClientSession() as http:
        whip = WhipClient(http, url)
        await asyncio.gather(*(student.begin(whip) for student in students))
        print("live", flush=True)
        await asyncio.sleep(seconds)
        measured = [student.measured() for student in students]
        await asyncio.gather(*(student.end() for student in students))
    return measured


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--publishers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--fps", type=float, default=10.0)
    told = parser.parse_args()
    measured = asyncio.run(publish(told.url, told.publishers, told.seconds, told.fps))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
