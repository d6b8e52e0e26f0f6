"""``FaceMesh.process`` and nothing else, at the pace of one session.

``python -m benchmarks.capacity.bare RECORDING``: a line on standard input with a number of
seconds; the answer is the CPU seconds that a second of it cost, its frames decoded beforehand.
"""

import sys
import time
from pathlib import Path

from benchmarks.capacity.recording import Recording, decoded
from tests.fakes.bare_face_mesh import bare_face_mesh


def main() -> None:
    """Answer until standard input ends."""
    recording = Recording.load(Path(sys.argv[1]))
    pictures = decoded(recording.scales[1.0])
    with bare_face_mesh(refine_landmarks=True, max_num_faces=1) as mesh:
        mesh.process(pictures[0])
        print("ready", flush=True)
        for line in sys.stdin:
            frames = round(float(line) * recording.fps)
            began, spent = time.monotonic(), 0.0
            for number in range(frames):
                time.sleep(max(0.0, began + number / recording.fps - time.monotonic()))
                before = time.process_time()
                mesh.process(pictures[number % len(pictures)])
                spent += time.process_time() - before
            print(spent * recording.fps / frames, flush=True)


if __name__ == "__main__":
    main()
