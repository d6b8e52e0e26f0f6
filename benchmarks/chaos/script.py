"""What a student does in a session, and what of it the service has acknowledged."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle

import numpy as np

from tests.fakes.camera_file import SensorNoise, moving_face
from tests.fakes.face_track import face_track
from tests.fakes.pictures import jpeg

FPS = 4.0
MAX_GAP = 1.0
"""Seconds between two pictures beyond which it is not known what was between them."""
FACES = 20
GREY = 140


@dataclass(frozen=True, slots=True)
class Scene:
    """So many seconds before the camera, or away from it."""

    seconds: float
    present: bool


def lesson(chance: random.Random) -> tuple[Scene, ...]:
    """A short session: at the screen, perhaps away for a while, and back."""
    scenes = [Scene(chance.uniform(4.0, 9.0), present=True)]
    if chance.random() < 0.5:  # noqa: PLR2004 - every second student
        scenes.append(Scene(chance.uniform(3.0, 5.0), present=False))
        scenes.append(Scene(chance.uniform(3.0, 5.0), present=True))
    return tuple(scenes)


def pictures(present: bool) -> Iterator[bytes]:  # noqa: FBT001 - the only thing to say
    """JPEGs of a face before a hand-held camera, or of an empty wall; endless."""
    return cycle(_faces() if present else _walls())


def prepare() -> None:
    """Draw all pictures now: that takes seconds."""
    _faces()
    _walls()
    face_track()


@cache
def _faces() -> tuple[bytes, ...]:
    frames = moving_face(FPS, seconds=FACES / FPS)
    return tuple(jpeg(frame) for frame in frames)


@cache
def _walls() -> tuple[bytes, ...]:
    sensor = SensorNoise(2.0)
    shade = np.linspace(GREY - 40, GREY + 40, 640).astype(np.uint8)  # lit from one side
    wall = np.broadcast_to(shade[None, :, None], (480, 640, 3)).copy()
    return tuple(jpeg(sensor.on(wall)) for _ in range(4))


@dataclass(slots=True)
class Account:
    """The seconds that a session is owed, counted on the client's side."""

    present: float = 0.0
    away: float = 0.0
    changes: int = 0
    """How often the student left the camera or came back."""
    losses: int = 0
    """How often the connection broke: each may cost what came after the last checkpoint."""
    elapsed: float = 0.0
    """From the first picture that was answered to the last."""
    frames: int = 0
    byes: list[tuple[float, float]] = field(default_factory=list)
    """Seconds from the first picture that was answered, and from the first that was sent, to
    each bye: answers may get lost, and byes too."""
    _first: float | None = field(default=None, repr=False)
    _sent: float | None = field(default=None, repr=False)
    _last: float = field(default=0.0, repr=False)
    _was_present: bool | None = field(default=None, repr=False)

    @property
    def seen(self) -> float:
        """Seconds that were measured."""
        return self.present + self.away

    def send(self, at: float) -> None:
        """A picture is sent at ``at`` (monotonic s)."""
        self._sent = at if self._sent is None else self._sent

    def add(self, at: float, *, present: bool) -> None:
        """A picture that was sent at ``at`` (monotonic s) has been answered."""
        self.frames += 1
        if self._first is None:
            self._first = self._last = at
        step = at - self._last
        if step <= MAX_GAP:
            self.present += step * present
            self.away += step * (not present)
        self.changes += self._was_present not in (None, present)
        self._was_present = present
        self._last = at
        self.elapsed = at - self._first

    def bye(self, at: float) -> None:
        """The student said bye at ``at``."""
        if self._first is not None:
            sent = self._first if self._sent is None else self._sent
            self.byes.append((at - self._first, at - sent))
