"""The mesh as MediaPipe's own calculators make it: ``python -m benchmarks.bare.original``.

Reads names of ``.npz`` files from standard input, each with ``pictures`` (n, height, width, 3) RGB
and ``regions`` (n, 5: x, y, width, height, rotation); writes ``points`` (n, 478, 3) and
``presence`` (n,) beside each, and then the name of that file.
"""

import math
import struct
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bare.graph import GRAPH, OUTPUTS

_RECT = struct.Struct("<BfBfBfBfBf")
"""``NormalizedRect`` on the wire: five tagged floats (mediapipe/framework/formats/rect.proto)."""
_X, _Y, _HEIGHT, _WIDTH, _ROTATION = 0x0D, 0x15, 0x1D, 0x25, 0x2D
_LANDMARK_BYTES, _FIRST, _NEXT = 17, 3, 5
"""A landmark of a ``NormalizedLandmarkList`` on the wire: its length, where the first of three
floats lies, and how far apart they are."""


class Original:
    """The graph, one picture after the other."""

    def __init__(self) -> None:
        """Load the model."""
        self._bindings = _bindings()
        self._packets: dict[str, Any] = {}
        self._time = 0
        self._graph = self._bindings.calculator_graph.CalculatorGraph(graph_config=GRAPH)
        for stream in OUTPUTS:
            self._graph.observe_output_stream(stream, self._packets.__setitem__)
        self._graph.start_run({})

    def mesh(
        self, rgb: NDArray[np.uint8], region: tuple[float, ...]
    ) -> tuple[NDArray[np.float32], float]:
        """(478, 3) points and the presence of a face."""
        x, y, width, height, rotation = region
        rect = _RECT.pack(_X, x, _Y, y, _HEIGHT, height, _WIDTH, width, _ROTATION, rotation)
        creator, getter = self._bindings._packet_creator, self._bindings._packet_getter  # noqa: SLF001
        srgb = self._bindings.image_frame.ImageFormat.SRGB
        packets = {
            "image": creator._create_image_frame_from_pixel_data(srgb, rgb, False),  # noqa: FBT003, SLF001
            "region": creator._create_proto("mediapipe.NormalizedRect", rect),  # noqa: SLF001
        }
        self._time += 1
        for stream, packet in packets.items():
            self._graph.add_packet_to_input_stream(stream, packet.at(self._time))
        self._graph.wait_until_idle()
        message = getter._get_serialized_proto(self._packets["landmarks"])  # noqa: SLF001
        count = len(message) // _LANDMARK_BYTES
        points = np.ndarray((count, 3), "<f4", message, _FIRST, (_LANDMARK_BYTES, _NEXT)).copy()
        score = getter.get_float(self._packets["presence"])
        return points, 1 / (1 + math.exp(-max(score, -50.0)))


def _bindings() -> ModuleType:
    """MediaPipe's C++ core alone."""
    spec = find_spec("mediapipe")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    name = "mediapipe.python._framework_bindings"
    path = next(folder.joinpath("python").glob("_framework_bindings.*"))
    loader = ExtensionFileLoader(name, str(path))
    core = spec_from_loader(name, loader)
    assert core is not None
    module = module_from_spec(core)
    loader.exec_module(module)
    module.resource_util.set_resource_dir(str(folder.parent))
    sys.modules[name] = module
    return module


def main() -> None:
    """Answer until standard input ends."""
    original = Original()
    for line in sys.stdin:
        path = Path(line.strip())
        with np.load(path) as asked:
            pictures, regions = asked["pictures"], asked["regions"]
        found = [
            original.mesh(np.ascontiguousarray(picture), tuple(region.tolist()))
            for picture, region in zip(pictures, regions, strict=True)
        ]
        answer = path.with_suffix(".found.npz")
        np.savez(
            answer,
            points=np.array([points for points, _ in found]),
            presence=np.array([presence for _, presence in found]),
        )
        print(answer, flush=True)


if __name__ == "__main__":
    main()
