"""Where the recordings are, and what is in them."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rtc_server.analysis import landmark_file as tracks
from rtc_server.analysis.landmark_file import Tracks

T = TypeVar("T")

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


UNREADABLE = (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile)


def clips(folder: Path) -> list[Clip]:
    """All labelled recordings of ``folder``; what cannot be read is skipped with a word."""
    return _each(folder / "blink", _clip)


def _each(folder: Path, read: Callable[[Path], Iterable[T]]) -> list[T]:
    found: list[T] = []
    for path in sorted(folder.glob("*.npz")):
        try:
            found += read(path)
        except UNREADABLE as error:
            print(f"{path}: skipped, {type(error).__name__}: {error}")
    if not found:
        print(f"nothing to measure in {folder}: its figures are skipped")
    return found


def _clip(path: Path) -> list[Clip]:
    labels = json.loads(path.with_suffix(".json").read_text())["blinks"]
    return [Clip(path.stem, tracks.load(path), [(float(a), float(b)) for a, b in labels])]


CM_PER_PIXEL = 0.02
"""Assumed: the recordings do not tell the screens' density."""


def photos(folder: Path) -> list[Photos]:
    """All sessions of photos of ``folder``; what cannot be read is skipped with a word."""
    return _each(folder / "gaze", _load)


def _load(path: Path) -> list[Photos]:
    with np.load(path, allow_pickle=False) as file:
        rows = {name: file[name] for name in file.files}
    count = len(rows["landmarks"])
    rows["size"] = np.broadcast_to(rows["size"], (count, 2))
    seen = np.isfinite(rows["landmarks"]).all(axis=(1, 2))
    if not seen.all():
        print(f"{path}: {count - int(seen.sum())} photos of {count} show no face")
    return _sessions({name: values[seen] for name, values in rows.items()})


def _sessions(rows: dict[str, NDArray[np.generic]]) -> list[Photos]:
    names = np.char.add(np.char.add(rows["subject"].astype(str), "/"), rows["session"].astype(str))
    return [_session(name, rows, names == name) for name in dict.fromkeys(names.tolist())]


def _session(name: str, rows: dict[str, NDArray[np.generic]], mine: NDArray[np.bool_]) -> Photos:
    pixels = rows["target_px"][mine].astype(np.float64)
    told = rows["screen_px"][mine][0].astype(np.float64)
    width, height = rows["size"][mine][0].astype(int).tolist()
    screen_cm = told * CM_PER_PIXEL
    return Photos(
        name=name,
        landmarks=rows["landmarks"][mine].astype(np.float32),
        size=(width, height),
        targets=(pixels - told / 2) * CM_PER_PIXEL,
        screen=(float(screen_cm[0]), float(screen_cm[1])),
    )
