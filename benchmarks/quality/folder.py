"""Where the recordings are, and what is in them."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtc_server.vision import tracks
from rtc_server.vision.tracks import Tracks

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording with its labelled blinks."""

    name: str
    tracks: Tracks
    blinks: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Photos:
    """One session of photos of a person who clicks on points of the screen."""

    name: str
    landmarks: NDArray[np.float32]
    size: tuple[int, int]
    targets: NDArray[np.float64]
    """(n, 2) cm from the centre of the screen that the file states, to the right and down."""
    screen: tuple[float, float]
    """Centimetres."""


def find_data(told: Path | None) -> Path | None:
    """``told``, else ``QUALITY_DATA``, else a ``data`` folder in a sibling of the repository."""
    if told is not None:
        return told
    if os.environ.get("QUALITY_DATA"):
        return Path(os.environ["QUALITY_DATA"])
    siblings = sorted(REPOSITORY.parent.glob("*/data"))
    return next((each for each in siblings if (each / "blink").is_dir()), None)


def clips(folder: Path) -> list[Clip]:
    """All labelled recordings of ``folder``."""
    return [_clip(path) for path in sorted((folder / "blink").glob("*.npz"))]


def _clip(path: Path) -> Clip:
    labels = json.loads(path.with_suffix(".json").read_text())["blinks"]
    return Clip(path.stem, tracks.load(path), [(float(a), float(b)) for a, b in labels])


CM_PER_PIXEL = 0.02
"""Assumed: the recordings do not tell the screens' density."""


def photos(folder: Path) -> list[Photos]:
    """All sessions of photos of ``folder``."""
    sessions: list[Photos] = []
    for path in sorted((folder / "gaze").glob("*.npz")):
        with np.load(path, allow_pickle=False) as file:
            sessions.extend(_sessions({name: file[name] for name in file.files}))
    return sessions


def _sessions(rows: dict[str, NDArray[np.generic]]) -> list[Photos]:
    names = np.char.add(np.char.add(rows["subject"].astype(str), "/"), rows["session"].astype(str))
    found = []
    for name in dict.fromkeys(names.tolist()):
        mine = names == name
        pixels = rows["target_px"][mine].astype(np.float64)
        told = rows["screen_px"][mine][0].astype(np.float64)
        width, height = rows["size"].astype(int).tolist()
        screen_cm = told * CM_PER_PIXEL
        found.append(
            Photos(
                name=name,
                landmarks=rows["landmarks"][mine].astype(np.float32),
                size=(width, height),
                targets=(pixels - told / 2) * CM_PER_PIXEL,
                screen=(float(screen_cm[0]), float(screen_cm[1])),
            )
        )
    return found
