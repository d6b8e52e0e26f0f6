"""The engine against MediaPipe's own calculators, which run in an environment of their own."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.bare import environment
from rtc_server.vision.landmarks import FaceModels
from rtc_server.vision.models import CHECKSUMS, FOLDER, MESH
from rtc_server.vision.region import Region
from scripts.face_models.__main__ import checksums, made
from scripts.face_models.mesh import points_read
from tests.fakes import pictures
from tests.fakes.student.shot import Shot
from tests.fakes.student.student import Student

WHOLE = Region(0.5, 0.5, 1.0, 1.0, 0.0)
SIDE = 192
IRISES = np.arange(468, 478)
LIDS = np.array(
    [
        *(33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173),
        *(263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398),
    ]
)
SHOTS = (
    *(Shot(yaw=yaw, pitch=pitch) for yaw in (-20, 0, 20) for pitch in (-15, 10)),
    *(Shot(roll=roll, noise=2) for roll in (-20, 8)),
    *(Shot(openness=openness, noise=2) for openness in (0.0, 0.3, 0.7)),
    *(Shot(distance_cm=cm) for cm in (36, 85)),
    *(Shot(gaze=gaze) for gaze in ((18.0, 0.0), (-18.0, 6.0), (0.0, -12.0))),
)

Points = NDArray[np.float32]
Picture = NDArray[np.uint8]
Ask = Callable[[list[Picture], list[Region]], tuple[Points, NDArray[np.float64]]]

pytestmark = pytest.mark.needs("bare")


@pytest.fixture
def original(tmp_path: Path) -> Ask:
    """What the original makes of RGB pictures of one size, each with a region."""

    def ask(shown: list[Picture], regions: list[Region]) -> tuple[Points, NDArray[np.float64]]:
        path = tmp_path / "asked.npz"
        rows = [(each.x, each.y, each.width, each.height, each.rotation) for each in regions]
        np.savez(path, pictures=np.array(shown), regions=np.array(rows))
        done = subprocess.run(
            [environment.python(), "-m", "benchmarks.bare.original"],
            input=f"{path}\n",
            cwd=environment.ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        with np.load(done.stdout.strip()) as found:
            return found["points"], found["presence"]

    return ask


@pytest.fixture
def models() -> Iterator[FaceModels]:
    models = FaceModels()
    yield models
    models.close()


@pytest.fixture(scope="module")
def student() -> list[Picture]:
    drawn = Student()
    return [drawn.render(shot) for shot in SHOTS]


def distances(a: Points, b: Points, size: tuple[int, int]) -> NDArray[np.float64]:
    """Pixels between two sets of points."""
    off: NDArray[np.float64] = np.linalg.norm((a - b)[..., :2] * size, axis=-1)
    return off


def around_face(models: FaceModels, picture: Picture) -> Picture:
    """The upright square that the model is to see of it."""
    seen = pictures.seen(picture)
    box = (models.faces(seen) or models.faces(seen, far=True))[0]
    region = Region.around(models.mesh(seen, box).points, (640, 480))
    half = region.width * 320
    x, y = region.x * 640, region.y * 480
    size = (SIDE, SIDE)
    part = (x - half, y - half, x + half, y + half)
    shown = Image.fromarray(picture).transform(
        size, Image.Transform.EXTENT, part, Image.Resampling.BILINEAR
    )
    return np.asarray(shown)


def by_cells(crop: Picture) -> tuple[Picture, NDArray[np.float32], NDArray[np.float32]]:
    """A crop whose pixels differ within a cell in their brightness alone, and its two inputs."""
    cells = crop.reshape(96, 2, 96, 2, 3).transpose(0, 2, 1, 3, 4).reshape(96, 96, 4, 3).astype(int)
    tint = (cells - cells[..., 1:2]).mean(axis=2).round().astype(int)
    green = cells[..., 1]
    rgb = np.clip(green[..., None] + tint[:, :, None], 0, 255)
    red, blue = tint[..., 0] / 255, tint[..., 2] / 255
    luma = green / 255 + (0.299 * red + 0.114 * blue)[..., None]
    chroma = np.stack(
        [
            (blue - 0.299 * red - 0.114 * blue) / (2 * 0.886),
            (red - 0.299 * red - 0.114 * blue) / (2 * 0.701),
        ],
        axis=-1,
    )
    whole = rgb.reshape(96, 96, 2, 2, 3).transpose(0, 2, 1, 3, 4).reshape(SIDE, SIDE, 3)
    return whole.astype(np.uint8), luma[None].astype(np.float32), chroma[None].astype(np.float32)


def test_the_file_is_the_original_network(
    original: Ask, student: list[Picture], models: FaceModels
) -> None:
    """On crops that need no sampling: what is left is the arithmetic of two runtimes."""
    crops = [around_face(models, picture) for picture in student]
    inputs = [by_cells(crop) for crop in crops]
    expected, presence = original([rgb for rgb, _, _ in inputs], [WHOLE] * len(inputs))
    for (_, luma, chroma), points, score in zip(inputs, expected, presence, strict=True):
        mesh = models.run(luma, chroma, WHOLE)
        off = distances(mesh.points, points, (SIDE, SIDE))
        assert off[LIDS].max() < 0.01
        assert np.max(off[IRISES]) < 0.01
        assert np.max(off[points_read()]) < 0.03
        assert mesh.presence == pytest.approx(score, abs=1e-4)


def test_what_is_seen_is_what_the_original_sees(
    original: Ask, student: list[Picture], models: FaceModels
) -> None:
    """From the frame on: cropped from its planes here, converted and cropped as RGB there."""
    seen = [pictures.seen(picture) for picture in student]
    regions = []
    for picture in seen:
        box = (models.faces(picture) or models.faces(picture, far=True))[0]
        regions.append(Region.around(models.mesh(picture, box).points, (640, 480)))
    expected, presence = original([picture.rgb for picture in seen], regions)
    found = [models.mesh(picture, region) for picture, region in zip(seen, regions, strict=True)]
    off = distances(np.array([mesh.points for mesh in found]), expected, (640, 480))
    assert off[:, LIDS].mean() < 0.1
    assert off[:, IRISES].mean() < 0.1
    assert np.max(off[:, LIDS].mean(axis=1)) < 0.2
    assert [mesh.presence for mesh in found] == pytest.approx(presence.tolist(), abs=0.01)


def test_the_committed_files_are_what_the_script_makes() -> None:
    folder = environment.python().parents[1]
    packages = next(folder.glob("lib/python3*/site-packages"))
    models = made(lambda name: (packages / name).read_bytes())
    assert {path: path.read_bytes() for path in models} == models
    assert (FOLDER / CHECKSUMS).read_text() == checksums(models)
    assert MESH in models
