"""A recording to its metrics: rows as they come, the account at the end, little in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rtc_server.analysis.recording import Passed, Recording
from rtc_server.base.config import MetricsConfig
from rtc_server.metrics import wire
from rtc_server.metrics.message import metrics_message
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import SessionSummary


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a recording once all of it was seen."""

    duration: float
    """Seconds from its first to its last frame: the account adds up to it."""
    blinks: list[tuple[float, float]]
    """Start and end of each in seconds of media time, as in the rows."""
    summary: SessionSummary


class Sink(Protocol):
    """Where an analysis goes."""

    def begin(self, name: str) -> None:
        """A recording begins."""

    def take(self, row: wire.Metrics) -> None:
        """One analysed frame."""

    def end(self, outcome: Outcome) -> None:
        """The recording is over."""

    def close(self) -> None:
        """There are no more recordings."""


def analyse(
    recording: Recording, config: MetricsConfig, sinks: Sequence[Sink], passed: Passed
) -> Outcome:
    """Send every row and the outcome to the sinks; raises ``RecordingRefused``."""
    meter = Meter(config)
    shift = 0.0
    for sink in sinks:
        sink.begin(recording.name)
    for number, observation in enumerate(recording.observations(passed), start=1):
        shift = observation.media_time - observation.elapsed
        row = metrics_message(number, meter.observe(observation))
        for sink in sinks:
            sink.take(row)
    summary = meter.finish(recording.end)
    blinks = [(round(start + shift, 4), round(end + shift, 4)) for start, end in meter.blinks]
    outcome = Outcome(summary.elapsed, blinks, summary)
    for sink in sinks:
        sink.end(outcome)
    return outcome
