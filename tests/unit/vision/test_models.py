import hashlib

from rtc_server.vision.models import CHECKSUMS, FAR, FOLDER, MESH, NEAR


def test_every_model_has_its_checksum() -> None:
    told = dict(line.split()[::-1] for line in (FOLDER / CHECKSUMS).read_text().splitlines())
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.tflite")
    }
    assert told == there
    assert {path.name for path in (MESH, NEAR, FAR)} == set(there)


def test_the_models_come_with_their_licence() -> None:
    notice = (FOLDER / "NOTICE").read_text()
    assert "Copyright" in notice
    assert "MediaPipe" in notice
    assert "Apache License" in (FOLDER / "LICENSE").read_text()
