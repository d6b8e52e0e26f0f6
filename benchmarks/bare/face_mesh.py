"""MediaPipe's own FaceMesh, without the libraries that it only draws with."""

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def bare_face_mesh(**options: Any) -> Any:  # noqa: ANN401 - MediaPipe has no types
    """A ``FaceMesh`` as the old services made it."""
    for name in ("mediapipe", "mediapipe.python", "mediapipe.python.solutions"):
        if name not in sys.modules:
            sys.modules[name] = _package_without_init(name)
    module = importlib.import_module("mediapipe.python.solutions.face_mesh")
    return module.FaceMesh(**options)


def landmarks(face: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """(n, 3) of one of its faces."""
    return np.array([(point.x, point.y, point.z) for point in face.landmark])


def _package_without_init(name: str) -> ModuleType:
    parent, _, last = name.rpartition(".")
    if parent:
        folder = Path(sys.modules[parent].__path__[0]) / last
    else:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    return package
