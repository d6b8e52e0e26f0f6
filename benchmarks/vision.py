"""What a frame costs in the vision room, beside the bare ``FaceMesh.process`` of the same run.

``python -m benchmarks.vision [--json]``: CPU milliseconds a frame, from the decoded YUV frame to
the observation, on the moving astronaut at 640x480 and ten frames a second of media time.
"""

import asyncio
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import TypeVar

from benchmarks.bare import environment
from benchmarks.capacity.process import Child
from benchmarks.capacity.recorder import record
from benchmarks.quality.figure import Figure
from rtc_server.base.config import VisionConfig
from rtc_server.media.frames import Converter
from rtc_server.media.source import Frame
from rtc_server.vision.crop import Crop
from rtc_server.vision.geometry import measure
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.observer import Observer
from rtc_server.vision.quality import rate
from rtc_server.vision.region import Region
from tests.fakes import pictures

SIZE = (640, 480)
PICTURES = 40
ROUNDS = 10
FPS = 10
CORE = 0
BARE = "bare FaceMesh.process"

T = TypeVar("T")


class Stopwatch:
    """CPU time of this process by name; the turns of the competitors alternate."""

    def __init__(self) -> None:
        """Start empty."""
        self.seconds: dict[str, list[float]] = {}

    def add(self, name: str, since: float) -> None:
        """Book what was spent since ``since``, a reading of the process's CPU clock."""
        self.seconds.setdefault(name, []).append(time.process_time() - since)

    def book(self, name: str, seconds: float) -> None:
        """What somebody else measured."""
        self.seconds.setdefault(name, []).append(seconds)

    def run(self, name: str, work: Callable[[], T]) -> T:
        """Do ``work`` and book what it spent."""
        since = time.process_time()
        result = work()
        self.add(name, since)
        return result

    def mean(self, name: str) -> float:
        """CPU seconds a turn."""
        return mean(self.seconds[name])

    def figures(self) -> list[Figure]:
        """The median of each, which a noisy machine moves least."""
        return [Figure(name, median(s) * 1e3, "CPU ms") for name, s in self.seconds.items()]


class Parts:
    """The steps of an observation, one by one."""

    def __init__(self) -> None:
        """Load the models."""
        self._models = FaceModels()
        config = VisionConfig()
        self._converter = Converter(config.max_frame_bytes, config.max_pixels)
        self._crop = Crop()
        self._region: Region | None = None

    def run(self, frame: Frame, watch: Stopwatch) -> None:
        """Take one frame through all of them."""
        image = self._converter.decode(frame.image)
        picture = self._converter.picture(image)
        watch.run("convert to RGB", lambda: picture.rgb)
        near = watch.run("detect, near", lambda: self._models.faces(picture))
        watch.run("detect, far", lambda: self._models.faces(picture, far=True))
        region = self._region or near[0]
        watch.run("crop", lambda: self._crop.take(picture, region))
        mesh = watch.run("mesh, with its crop", lambda: self._models.mesh(picture, region))
        self._region = watch.run("next region", lambda: Region.around(mesh.points, SIZE))
        face = watch.run("measure", lambda: measure(mesh.points, SIZE))
        watch.run("quality", lambda: rate(picture.luma, self._region, face))


async def compare(bare: Child) -> list[Figure]:
    """Take turns, so that whatever the machine does it does to all."""
    observer = Observer(VisionConfig())
    await observer.start()
    analyst, parts, watch = observer.analyst(), Parts(), Stopwatch()
    there = [
        pictures.video_frame(pictures.panned(2 * i, -i, 1 + 0.005 * i)) for i in range(PICTURES)
    ]
    images = there + there[::-1]
    for i in range(ROUNDS * PICTURES):
        image = images[i % len(images)]
        if i % FPS == 0:
            bare.tell(f"frames {FPS}")
            watch.book(BARE, float(bare.line()))
        frame = Frame(i / FPS, i / FPS, image)
        since = time.process_time()
        await analyst.observe(frame, frame.media_time)
        watch.add("observe", since)
        parts.run(frame, watch)
    await observer.close()
    ratio = watch.mean("observe") / watch.mean(BARE)
    mesh_ratio = watch.mean("mesh, with its crop") / watch.mean(BARE)
    return [
        *watch.figures(),
        Figure("mesh, mean, of bare FaceMesh", mesh_ratio, "x", at_most=1.0),
        Figure("observe, mean, of bare FaceMesh", ratio, "x", at_most=1.3),
    ]


def main() -> int:
    """Print the table, and JSON on request; 1 where a figure misses what it was to reach."""
    with tempfile.TemporaryDirectory(prefix="vision-") as folder:
        recording = record(FPS, (1.0,)).save(Path(folder) / "recording")
        python = environment.python()
        with Child("benchmarks.bare.process", [recording], CORE, python) as bare:
            bare.line()
            figures = asyncio.run(compare(bare))
    for figure in figures:
        print(f"{figure.name:34} {figure.value:8.3f} {figure.unit:8} {figure.to_reach}")
    if "--json" in sys.argv:
        results = [figure.as_json() for figure in figures]
        print(json.dumps({"machine": platform.platform(), "results": results}))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
