"""What the dashboard's TypeScript says of sessions is what the service sends."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from rtc_server.base.config import MetricsConfig
from rtc_server.metrics.meter import Meter
from rtc_server.metrics.model import Observation
from rtc_server.session.recorder import SampleLog
from signaling.live.entry import LiveRound, LiveSession
from signaling.reports.comparison import Comparison, Group, Quartiles
from signaling.reports.records import SessionOverview
from signaling.routes.sessions import SessionPage

ROOT = Path(__file__).parents[3]
SOURCE = (ROOT / "web" / "src" / "pages" / "dashboard" / "stored.ts").read_text()
MEASURES = {"focus_percentage", "unknown_percentage", "blink_rate"}


def fields_of(name: str) -> set[str]:
    """The fields that ``stored.ts`` gives an interface of its own."""
    found = re.search(rf"(?:interface|type) {name}\b[^{{]*\{{(.*?)\n\}}", SOURCE, re.DOTALL)
    assert found is not None, f"stored.ts has no {name}"
    return set(re.findall(r"readonly (\w+)\??:", found[1]))


@pytest.mark.parametrize(
    "model", [LiveSession, LiveRound, SessionOverview, SessionPage, Comparison, Quartiles]
)
def test_a_message_has_the_same_fields_on_both_sides(model: type[BaseModel]) -> None:
    assert fields_of(model.__name__) == set(model.model_fields)


def test_a_group_has_the_same_measures_on_both_sides() -> None:
    assert fields_of("Group") | MEASURES == set(Group.model_fields)


def test_a_sample_has_what_the_recorder_keeps() -> None:
    samples = SampleLog()
    samples.note(0.0, Meter(MetricsConfig()).observe(Observation(0.0, 0.0, 0)))
    (sample,) = samples.pending()
    assert fields_of("Sample") == {"second", *sample.data}
