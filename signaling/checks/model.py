"""Whether the face model can be loaded and run on this machine."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from rtc_server.base.clock import SystemClock
from rtc_server.vision.landmarks import FaceGraph
from rtc_server.vision.region import Region
from signaling.checks.finding import Finding, Verdict

NAME = "model"
PICTURE = (480, 640, 3)
WHOLE = Region(0.5, 0.5, 1.0, 1.0, 0.0)


def check_model(name: str) -> Finding:
    """Load it and look at a grey picture, in which there is no face."""
    clock = SystemClock()
    began = clock.monotonic()
    with _hushed():
        return _loaded(name, began, clock)


def _loaded(name: str, began: float, clock: SystemClock) -> Finding:
    try:
        graph = FaceGraph()
    except (ImportError, OSError, RuntimeError, StopIteration) as error:
        return Finding(NAME, Verdict.FAILED, f"{name} cannot be loaded: {type(error).__name__}")
    try:
        return _run(name, graph, began, clock)
    except RuntimeError as error:
        return Finding(NAME, Verdict.FAILED, f"{name} does not run: {type(error).__name__}")
    finally:
        graph.close()


def _run(name: str, graph: FaceGraph, began: float, clock: SystemClock) -> Finding:
    grey = np.full(PICTURE, 128, np.uint8)
    faces, mesh = graph.faces(grey), graph.mesh(grey, WHOLE)
    if faces or mesh.is_face:
        return Finding(NAME, Verdict.FAILED, f"{name} sees a face in a grey picture")
    milliseconds = 1e3 * (clock.monotonic() - began)
    return Finding(NAME, Verdict.OK, f"{name} is loaded and runs ({milliseconds:.0f} ms)")


@contextmanager
def _hushed() -> Iterator[None]:
    """Without MediaPipe's C++ lines on standard error, which no setting silences."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
