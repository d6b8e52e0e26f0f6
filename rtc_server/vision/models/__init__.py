"""The face models as files: what they are called and where they lie.

Made by ``python -m scripts.face_models`` from MediaPipe 0.10.21 (Apache-2.0, see NOTICE beside
them), and part of the source: nothing is fetched or made when the service starts.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
MESH = FOLDER / "face_mesh.tflite"
NEAR = FOLDER / "face_detection_near.tflite"
FAR = FOLDER / "face_detection_far.tflite"
CHECKSUMS = "SHA256SUMS"
