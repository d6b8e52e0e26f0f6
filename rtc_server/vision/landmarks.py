"""The face models as functions of a picture: the only importer of MediaPipe and LiteRT.

They keep nothing between two frames: the caller carries the region of the face. So one set of
models a thread serves any number of sessions, where a ``FaceMesh`` costs each of them 76 ms and
27 MB. Runs in the vision threads.
"""

import math
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtc_server.media.frames import Picture, Pixels
from rtc_server.vision import models
from rtc_server.vision.crop import SIDE, Crop, Floats
from rtc_server.vision.region import MARGIN, Region

PRESENCE = 0.6225
"""From this score on there is a face: FaceMesh compares the same score before the logistic
function with its ``min_tracking_confidence`` of 0.5."""

_NEAR_SCORE, _FAR_SCORE = 0.5, 0.6
"""What a detector must give a face: as MediaPipe's own graphs for the two models have it."""
_OVERLAP = 0.3
"""Of two boxes; the same."""
_RIGHT_EYE, _LEFT_EYE = 0, 1
"""Keypoints of a detection: the student's, so the right one is on the left of the picture."""

_ONLY_DRAWING_AND_SOUND = ("cv2", "matplotlib", "matplotlib.pyplot", "sounddevice")
"""What MediaPipe imports with its detectors, and they never use."""

_LOADING = threading.Lock()

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mesh:
    """What the mesh model found in a region."""

    points: Points
    """(478, 3): x and y in shares of the image, z in the scale of x; the last ten the irises."""
    presence: float
    """0-1: that there is a face at all."""

    @property
    def is_face(self) -> bool:
        """Whether the points mean anything."""
        return self.presence >= PRESENCE


class FaceModels:
    """The face models, ready to run. For one thread at a time."""

    def __init__(self) -> None:
        """Load the models: about 0.1 s and 30 MB."""
        self._crop = Crop()
        with _LOADING, _hushed():
            self._mesh = _interpreter(models.MESH)
            inputs = {each["name"]: each["index"] for each in self._mesh.get_input_details()}
            outputs = {each["name"]: each["index"] for each in self._mesh.get_output_details()}
            self._luma, self._chroma = inputs["luma"], inputs["chroma"]
            self._points, self._presence = outputs["points"], outputs["presence"]
            self._mediapipe = _mediapipe()
            self._near = self._detector(models.NEAR, _NEAR_SCORE)
            self._far = self._detector(models.FAR, _FAR_SCORE)
            self._warm_up()

    def mesh(self, picture: Picture, region: Region) -> Mesh:
        """The face in ``region`` of a picture, or what looks like it."""
        self._crop.take(picture, region)
        return self.run(self._crop.luma, self._crop.chroma, region)

    def run(self, luma: Floats, chroma: Floats, region: Region) -> Mesh:
        """The same where the crop is already taken; see :class:`~rtc_server.vision.crop.Crop`."""
        self._mesh.set_tensor(self._luma, luma)
        self._mesh.set_tensor(self._chroma, chroma)
        self._mesh.invoke()
        score = float(self._mesh.get_tensor(self._presence).item())
        points = _placed(self._mesh.get_tensor(self._points), region)
        return Mesh(points, 1 / (1 + math.exp(-max(score, -50.0))))

    def faces(self, picture: Picture, *, far: bool = False) -> list[Region]:
        """Where the detector sees faces, the largest first; some are none.

        It sees them from an eighth of the picture's width on, also turned upside down; ``far``:
        from a twentieth on, at three times the cost, and upright.
        """
        size = picture.width, picture.height
        found = (self._far if far else self._near).detect(self._image(picture.rgb))
        regions = (_region(each, *size) for each in found.detections)
        return sorted(regions, key=lambda region: -region.height)

    def close(self) -> None:
        """Give the models back. Idempotent."""
        with _LOADING, _hushed():  # they tell of their end, as of their beginning
            for detector in (self._near, self._far):
                if detector is not None:
                    detector.close()
            self._near = self._far = self._mesh = None

    def _detector(self, path: Path, score: float) -> Any:  # noqa: ANN401 - MediaPipe has no types
        tasks = self._mediapipe.tasks
        options = tasks.vision.FaceDetectorOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(path)),
            min_detection_confidence=score,
            min_suppression_threshold=_OVERLAP,
        )
        return tasks.vision.FaceDetector.create_from_options(options)

    def _image(self, rgb: Pixels) -> Any:  # noqa: ANN401
        image: Any = self._mediapipe.Image
        return image(image_format=self._mediapipe.ImageFormat.SRGB, data=rgb)

    def _warm_up(self) -> None:
        """Run once what loads only then, and writes about it."""
        self.run(self._crop.luma, self._crop.chroma, Region(0.5, 0.5, 1.0, 1.0, 0.0))
        nothing = self._image(np.zeros((SIDE, SIDE, 3), np.uint8))
        for detector in (self._near, self._far):
            detector.detect(nothing)


def _interpreter(path: Path) -> Any:  # noqa: ANN401 - LiteRT has no types
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - it writes to stderr

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def _placed(in_crop: Points, region: Region) -> Points:
    """The model's points, in pixels of the crop, in shares of the picture."""
    points = in_crop * np.float32(1 / SIDE)
    points[:, :2] -= np.float32(0.5)
    cosine, sine = math.cos(region.rotation), math.sin(region.rotation)
    matrix = np.array(
        [
            [cosine * region.width, sine * region.height, 0],
            [-sine * region.width, cosine * region.height, 0],
            [0, 0, region.width],
        ],
        np.float32,
    )
    placed: Points = (points @ matrix).astype(np.float32, copy=False)
    placed[:, 0] += np.float32(region.x)
    placed[:, 1] += np.float32(region.y)
    return placed


def _region(detection: Any, width: int, height: int) -> Region:  # noqa: ANN401
    """The region around a detection, upright by its eyes."""
    box, keypoints = detection.bounding_box, detection.keypoints
    right, left = keypoints[_RIGHT_EYE], keypoints[_LEFT_EYE]
    side = MARGIN * max(box.width, box.height)
    return Region(
        x=(box.origin_x + box.width / 2) / width,
        y=(box.origin_y + box.height / 2) / height,
        width=side / width,
        height=side / height,
        rotation=math.atan2((left.y - right.y) * height, (left.x - right.x) * width),
    )


def _mediapipe() -> ModuleType:
    """The package, with empty modules for what it imports and is not installed."""
    missing = [name for name in _ONLY_DRAWING_AND_SOUND if not _is_there(name)]
    for name in missing:
        sys.modules[name] = ModuleType(name)
    try:
        import mediapipe  # noqa: F401, PLC0415 - needs the above
    finally:
        for name in missing:
            del sys.modules[name]
    return sys.modules["mediapipe"]


def _is_there(name: str) -> bool:
    if name in sys.modules:
        return True
    package = name.partition(".")[0]
    return find_spec(package) is not None


@contextmanager
def _hushed() -> Iterator[None]:
    """Without what MediaPipe and LiteRT write about loading: fifty lines, for no setting less.

    Whatever else is written to standard error meanwhile is lost too: some tenths of a second,
    when a process starts.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
