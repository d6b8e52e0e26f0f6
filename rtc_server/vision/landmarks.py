"""MediaPipe's face models as functions of a picture: the only importer of mediapipe.

The graph keeps nothing between two frames: the caller carries the region of the face. So one graph
a thread serves any number of sessions, where a ``FaceMesh`` costs each of them 76 ms and 27 MB.
It has what ``FaceLandmarkFrontCpu`` has, less its loops, gates and switches, and runs in the thread
that calls: an executor of its own costs five context switches a frame.
"""

import importlib.util
import math
import os
import struct
import sys
import threading
from dataclasses import dataclass
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtc_server.vision.graph import GRAPH, OUTPUTS
from rtc_server.vision.region import Region

PRESENCE = 0.6225
"""From this score on there is a face: FaceMesh compares the same score before the logistic
function with its ``min_tracking_confidence`` of 0.5."""

_RECT = struct.Struct("<BfBfBfBfBf")
"""``NormalizedRect`` on the wire: five tagged floats (mediapipe/framework/formats/rect.proto)."""
_X, _Y, _HEIGHT, _WIDTH, _ROTATION = 0x0D, 0x15, 0x1D, 0x25, 0x2D

_LANDMARK_BYTES, _FIRST, _NEXT = 17, 3, 5
"""A landmark of a ``NormalizedLandmarkList`` on the wire: its length, where the first of three
floats lies, and how far apart they are. Reading it as Python objects costs 0.5 ms."""

_LOADING = threading.Lock()

Rgb = NDArray[np.uint8]
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


class FaceGraph:
    """The face models, ready to run. For one thread at a time."""

    def __init__(self) -> None:
        """Load the models: about 0.1 s and 30 MB."""
        self._mediapipe = _bindings()
        self._packets: dict[str, Any] = {}
        self._time = 0
        self._graph = self._mediapipe.calculator_graph.CalculatorGraph(graph_config=GRAPH)
        for stream in OUTPUTS:
            self._graph.observe_output_stream(stream, self._packets.__setitem__)
        self._graph.start_run({})

    def mesh(self, rgb: Rgb, region: Region) -> Mesh:
        """The face in ``region`` of a contiguous (height, width, 3) picture, or what looks like it.

        The picture is read where it lies: it must not change meanwhile.
        """
        self._run(image=self._image(rgb), region=self._rect(region))
        getter = self._mediapipe._packet_getter  # noqa: SLF001
        message = getter._get_serialized_proto(self._packets["landmarks"])  # noqa: SLF001
        score = getter.get_float(self._packets["presence"])
        return Mesh(_points(message), 1 / (1 + math.exp(-max(score, -50.0))))

    def faces(self, rgb: Rgb, *, far: bool = False) -> list[Region]:
        """Where the detector sees faces, the largest first; some are none.

        It sees them from an eighth of the picture's width on, also turned upside down; ``far``:
        from a twentieth on, at three times the cost, and upright.
        """
        name = "far" if far else "near"
        self._run(**{f"{name}_scene": self._image(rgb)})
        packet = self._packets.get(f"{name}_faces")
        if packet is None:
            return []
        rects = self._mediapipe._packet_getter._get_serialized_proto_list(packet)  # noqa: SLF001
        return sorted(map(_region, rects), key=lambda region: -region.height)

    def close(self) -> None:
        """Give the models back. Idempotent."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None

    def _run(self, **packets: Any) -> None:  # noqa: ANN401 - MediaPipe has no types
        self._packets.clear()
        self._time += 1
        for stream, packet in packets.items():
            self._graph.add_packet_to_input_stream(stream, packet.at(self._time))
        self._graph.wait_until_idle()

    def _image(self, rgb: Rgb) -> Any:  # noqa: ANN401
        srgb = self._mediapipe.image_frame.ImageFormat.SRGB
        creator = self._mediapipe._packet_creator  # noqa: SLF001 - the public one copies
        return creator._create_image_frame_from_pixel_data(srgb, rgb, False)  # noqa: SLF001, FBT003

    def _rect(self, region: Region) -> Any:  # noqa: ANN401
        creator = self._mediapipe._packet_creator  # noqa: SLF001
        return creator._create_proto("mediapipe.NormalizedRect", _message(region))  # noqa: SLF001


def _message(region: Region) -> bytes:
    return _RECT.pack(
        *(_X, region.x, _Y, region.y),
        *(_HEIGHT, region.height, _WIDTH, region.width, _ROTATION, region.rotation),
    )


def _region(message: bytes) -> Region:
    _, x, _, y, _, height, _, width, _, rotation = _RECT.unpack_from(message)
    return Region(x, y, width, height, rotation)


def _points(message: bytes) -> Points:
    count = len(message) // _LANDMARK_BYTES
    return np.ndarray((count, 3), "<f4", message, _FIRST, (_LANDMARK_BYTES, _NEXT)).copy()


def _bindings() -> ModuleType:
    """MediaPipe's C++ core alone: its ``__init__`` imports OpenCV, matplotlib and all solutions.

    Under a lock: it cannot be loaded twice, and every thread of a pool asks for it at once.
    """
    with _LOADING:
        return _loaded_bindings()


def _loaded_bindings() -> ModuleType:
    os.environ.setdefault("GLOG_minloglevel", "2")
    name = "mediapipe.python._framework_bindings"
    if name not in sys.modules:
        folder = _folder()
        path = next(folder.joinpath("python").glob("_framework_bindings.*"))
        loader = ExtensionFileLoader(name, str(path))
        spec = importlib.util.spec_from_loader(name, loader)
        if spec is None:
            raise ImportError(name)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        module.resource_util.set_resource_dir(str(folder.parent))
        sys.modules[name] = module
    return sys.modules[name]


def _folder() -> Path:
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise ImportError("mediapipe")
    return Path(spec.origin).parent
