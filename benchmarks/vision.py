"""What a frame costs in the vision room, beside the bare ``FaceMesh.process`` of the same run.

``python -m benchmarks.vision [--json]``: CPU milliseconds a frame, from the decoded YUV frame to
the observation, on the moving astronaut at 640x480 and ten frames a second of media time.
"""

import asyncio
import json
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import mean, median
from typing import TypeVar

from benchmarks.quality.figure import Figure
from rtc_server.base.config import VisionConfig
from rtc_server.media.frames import RgbConverter
from rtc_server.media.source import Frame
from rtc_server.vision.geometry import measure
from rtc_server.vision.landmarks import FaceGraph
from rtc_server.vision.observer import Observer
from rtc_server.vision.quality import rate
from rtc_server.vision.region import Region
from tests.fakes import pictures
from tests.fakes.bare_face_mesh import bare_face_mesh

SIZE = (640, 480)
PICTURES = 40
ROUNDS = 10
FPS = 10

T = TypeVar("T")


class Stopwatch:
    """CPU time of this process by name; the turns of the competitors alternate."""

    def __init__(self) -> None:
        """Start empty."""
        self.seconds: dict[str, list[float]] = {}

    def add(self, name: str, since: float) -> None:
        """Book what was spent since ``since``, a reading of the process's CPU clock."""
        self.seconds.setdefault(name, []).append(time.process_time() - since)

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
        self._graph = FaceGraph()
        config = VisionConfig()
        self._converter = RgbConverter(config.max_frame_bytes, config.max_pixels)
        self._region: Region | None = None

    def run(self, frame: Frame, watch: Stopwatch) -> None:
        """Take one frame through all of them."""
        image = self._converter.decode(frame.image)
        rgb = watch.run("convert to RGB", lambda: self._converter.rgb(image))
        near = watch.run("detect, near", lambda: self._graph.faces(rgb))
        watch.run("detect, far", lambda: self._graph.faces(rgb, far=True))
        region = self._region or near[0]
        mesh = watch.run("mesh", lambda: self._graph.mesh(rgb, region))
        self._region = watch.run("next region", lambda: Region.around(mesh.points, SIZE))
        face = watch.run("measure", lambda: measure(mesh.points, SIZE))
        watch.run("quality", lambda: rate(self._converter.luma(image), self._region, face))


async def compare() -> list[Figure]:
    """Take turns, so that whatever the machine does it does to all."""
    observer = Observer(VisionConfig())
    await observer.start()
    analyst, parts, watch = observer.analyst(), Parts(), Stopwatch()
    face_mesh = bare_face_mesh(refine_landmarks=True, max_num_faces=1)
    there = [
        pictures.video_frame(pictures.panned(2 * i, -i, 1 + 0.005 * i)) for i in range(PICTURES)
    ]
    images = there + there[::-1]
    for i in range(ROUNDS * PICTURES):
        image = images[i % len(images)]
        rgb = image.to_ndarray(format="rgb24")
        watch.run("bare FaceMesh.process", partial(face_mesh.process, rgb))
        frame = Frame(i / FPS, i / FPS, image)
        since = time.process_time()
        await analyst.observe(frame, frame.media_time)
        watch.add("observe", since)
        parts.run(frame, watch)
    await observer.close()
    ratio = watch.mean("observe") / watch.mean("bare FaceMesh.process")
    mesh_ratio = watch.mean("mesh") / watch.mean("bare FaceMesh.process")
    return [
        *watch.figures(),
        Figure("mesh, mean, of bare FaceMesh", mesh_ratio, "x", at_most=1.0),
        Figure("observe, mean, of bare FaceMesh", ratio, "x", at_most=1.3),
    ]


def main() -> int:
    """Print the table, and JSON on request; 1 where a figure misses what it was to reach."""
    figures = asyncio.run(compare())
    for figure in figures:
        print(f"{figure.name:34} {figure.value:8.3f} {figure.unit:8} {figure.to_reach}")
    if "--json" in sys.argv:
        results = [figure.as_json() for figure in figures]
        print(json.dumps({"machine": platform.platform(), "results": results}))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
