"""Makes ``rtc_server/vision/models``: ``python -m scripts.face_models WHEEL``.

``WHEEL``: mediapipe 0.10.21 for any platform, the last release with the models in it. The mesh is
made anew (see ``mesh.py``), the detectors are copied; the same wheel gives the same bytes.
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

from rtc_server.vision.models import CHECKSUMS, FAR, FOLDER, MESH, NEAR
from scripts.face_models.mesh import lean_mesh

MODULES = "mediapipe/modules"
ORIGINAL = f"{MODULES}/face_landmark/face_landmark_with_attention.tflite"
DETECTORS = {
    NEAR: f"{MODULES}/face_detection/face_detection_short_range.tflite",
    FAR: f"{MODULES}/face_detection/face_detection_full_range_sparse.tflite",
}


def made(read: Callable[[str], bytes]) -> dict[Path, bytes]:
    """Every model by the path that it belongs to; ``read`` gives a file of the wheel."""
    detectors = {path: read(name) for path, name in DETECTORS.items()}
    return {MESH: lean_mesh(read(ORIGINAL)), **detectors}


def checksums(models: dict[Path, bytes]) -> str:
    """What ``sha256sum --check`` reads, in the models' folder."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {path.name}\n" for path, data in models.items())
    return "".join(sorted(lines, key=lambda line: line.split()[1]))


def main(arguments: list[str]) -> int:
    """Make and write them."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with ZipFile(arguments[0]) as wheel:
        models = made(wheel.read)
    for path, data in models.items():
        path.write_bytes(data)
        print(f"{path.name}: {len(data)} bytes")
    (FOLDER / CHECKSUMS).write_text(checksums(models))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
