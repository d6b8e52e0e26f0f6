"""What a session keeps of its readings: one sample a second, for timeline and replay. Pure."""

from rtc_server.metrics.model import Reading
from rtc_server.store.model import Sample


class Diary:
    """Collects samples until they are written."""

    def __init__(self) -> None:
        """Nothing was noted yet."""
        self._samples: dict[int, Sample] = {}
        self._written = -1

    def note(self, elapsed: float, reading: Reading) -> None:
        """Keep the first reading of each second that is not written yet."""
        second = int(elapsed)
        if second > self._written and second not in self._samples:
            self._samples[second] = Sample(second, _data(reading))

    def pending(self) -> list[Sample]:
        """What is to be written, in order."""
        return list(self._samples.values())

    def written(self, samples: list[Sample]) -> None:
        """These are in the store now."""
        for sample in samples:
            self._samples.pop(sample.second, None)
            self._written = max(self._written, sample.second)


def _data(reading: Reading) -> dict[str, object]:
    pose = reading.head_pose
    return {
        "state": reading.state,
        "is_focused": reading.is_focused,
        "cause": reading.cause,
        "face_count": reading.face_count,
        "gaze_direction": reading.gaze_direction,
        "gaze_point": _rounded(reading.gaze_point),
        "calibrated": reading.calibrated,
        "head_pose": None if pose is None else _rounded((pose.yaw, pose.pitch, pose.roll)),
        "eye_openness": None if reading.eye_openness is None else round(reading.eye_openness, 2),
        "blinks": reading.blinks,
        "attention_score": (
            None if reading.attention_score is None else round(reading.attention_score, 2)
        ),
    }


def _rounded(values: tuple[float, ...] | None) -> list[float] | None:
    return None if values is None else [round(value, 2) for value in values]
