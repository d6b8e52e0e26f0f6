"""``FaceMesh.process`` and nothing else.

``python -m benchmarks.bare.process RECORDING``: a line on standard input with a number of
seconds; the answer is the CPU seconds that a second of it cost, at the pace of one session, its
frames decoded beforehand. ``frames N`` on a line: the CPU seconds of one of N in a row.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bare.face_mesh import bare_face_mesh
from benchmarks.capacity.recording import Recording, Rgb, decoded


def main() -> None:
    """Answer until standard input ends."""
    recording = Recording.load(Path(sys.argv[1]))
    pictures = decoded(recording.scales[1.0])
    with bare_face_mesh(refine_landmarks=True, max_num_faces=1) as mesh:
        mesh.process(pictures[0])
        print("ready", flush=True)
        for line in sys.stdin:
            in_a_row = line.startswith("frames")
            frames = int(line.split()[1]) if in_a_row else round(float(line) * recording.fps)
            spent = _spent(mesh, pictures, frames, None if in_a_row else recording.fps)
            print(spent / frames * (1 if in_a_row else recording.fps), flush=True)


def _spent(mesh: Any, pictures: Sequence[Rgb], frames: int, fps: float | None) -> float:  # noqa: ANN401
    """CPU seconds of so many pictures, one after the other or at their pace."""
    began, spent = time.monotonic(), 0.0
    for number in range(frames):
        if fps is not None:
            time.sleep(max(0.0, began + number / fps - time.monotonic()))
        before = time.process_time()
        mesh.process(pictures[number % len(pictures)])
        spent += time.process_time() - before
    return spent


if __name__ == "__main__":
    main()
