"""Whether the face model can be loaded and run on this machine."""

import av
import numpy as np

from rtc_server.base.clock import SystemClock
from rtc_server.media.frames import Converter
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.region import Region
from signaling.checks.finding import Finding, Verdict

NAME = "model"
SIZE = (480, 640)
WHOLE = Region(0.5, 0.5, 1.0, 1.0, 0.0)


def check_model(name: str) -> Finding:
    """Load it and look at a grey picture, in which there is no face."""
    clock = SystemClock()
    began = clock.monotonic()
    return _loaded(name, began, clock)


def _loaded(name: str, began: float, clock: SystemClock) -> Finding:
    try:
        models = FaceModels()
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return Finding(NAME, Verdict.FAILED, f"{name} cannot be loaded: {type(error).__name__}")
    try:
        return _run(name, models, began, clock)
    except RuntimeError as error:
        return Finding(NAME, Verdict.FAILED, f"{name} does not run: {type(error).__name__}")
    finally:
        models.close()


def _run(name: str, models: FaceModels, began: float, clock: SystemClock) -> Finding:
    frame = av.VideoFrame.from_ndarray(np.full(SIZE, 128, np.uint8), format="gray")
    grey = Converter(0, frame.width * frame.height).picture(frame)
    faces, mesh = models.faces(grey), models.mesh(grey, WHOLE)
    if faces or mesh.is_face:
        return Finding(NAME, Verdict.FAILED, f"{name} sees a face in a grey picture")
    milliseconds = 1e3 * (clock.monotonic() - began)
    return Finding(NAME, Verdict.OK, f"{name} is loaded and runs ({milliseconds:.0f} ms)")
