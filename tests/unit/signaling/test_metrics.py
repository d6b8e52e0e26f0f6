"""/metrics: what it says, to whom, and that dashboard and alerts name nothing else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from rtc_server.base.stats import Stats
from rtc_server.base.supervisor import TaskHealth
from rtc_server.delivery.site_health import SiteHealth
from rtc_server.ipc.messages import WorkerReport
from rtc_server.store.model import DeliveryState
from signaling.app import make_routes
from signaling.ice.watch import TurnHealth
from signaling.reports.prometheus import Exposition, Snapshot
from signaling.settings import load
from tests.fakes.front import Front, front_of

DEPLOY = Path(__file__).parents[3] / "deploy"
NAMING = [DEPLOY / "grafana" / "rtc-server.json", DEPLOY / "prometheus" / "alerts.yml"]


@pytest.fixture
def app() -> web.Application:
    return make_routes(load({"SESSION_TOKEN_SECRET": "s" * 32, "SESSION_TOKEN_AUDIENCE": "eyes"}))


@pytest.fixture
async def front(app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(app, tmp_path) as front:
        yield front


@pytest.fixture
def open_app() -> web.Application:
    return make_routes(load({}))


@pytest.fixture
async def open_front(open_app: web.Application, tmp_path: Path) -> AsyncIterator[Front]:
    async with front_of(open_app, tmp_path) as front:
        yield front


def busy() -> Snapshot:
    """Everything at least once."""
    stats = Stats(received=12, measured=9)
    stats.dropped.update(pace=2, newer=1)
    stats.refused.update(frame_corrupt=3)
    stats.datagrams_lost.update(unknown=7)
    stats.tcp_connections.update(silent=2)
    for seconds in (0.003, 0.02, 7.0):
        stats.end_to_end.add(seconds)
    told = {
        "step": 1,
        "sessions": [["live", "webrtc", 3]],
        "stats": stats.as_body(),
        "udp_buffer": 4096,
    }
    return Snapshot(
        workers=[
            WorkerReport("0", ready=True, memory=1024, told=told),
            WorkerReport("1", ready=False, memory=0, told={}),
        ],
        outbox=dict.fromkeys(DeliveryState, 2),
        outbox_age=4.5,
        aside=1,
        refusals={"overloaded": 5},
        turn=TurnHealth.OK,
        site=SiteHealth.FAILED,
        tasks={"reaper": TaskHealth.OK, "forwarder": TaskHealth.RESTARTING},
        restarts={"reaper": 0, "forwarder": 2},
        tcp={"handed": 6},
    )


def samples(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """By name, then by the values of the labels in the order of their names."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[
                tuple(value for _, value in sorted(sample.labels.items()))
            ] = sample.value
    return found


def test_what_the_workers_counted_comes_out() -> None:
    told = samples(Exposition(busy()).text().decode())
    assert told["rtc_sessions"] == {("webrtc", "live", "webrtc", "0"): 3}
    assert told["rtc_worker_ready"] == {("0",): 1, ("1",): 0}
    assert told["rtc_frames_received_total"] == {("0",): 12}
    assert told["rtc_frames_dropped_total"] == {("pace", "0"): 2, ("newer", "0"): 1}
    assert told["rtc_worker_refusals_total"] == {("frame_corrupt", "0"): 3}
    assert told["rtc_datagrams_lost_total"] == {("unknown", "0"): 7}
    assert told["rtc_ice_tcp_connections_total"] == {("handed", "front"): 6, ("silent", "0"): 2}
    assert told["rtc_udp_buffer_bytes"] == {("0",): 4096}
    assert told["rtc_refusals_total"] == {("overloaded",): 5}
    assert told["rtc_outbox_oldest_seconds"] == {(): 4.5}
    assert told["rtc_turn_health"][("ok",)] == 1
    assert told["rtc_site_health"] == {("none",): 0, ("unknown",): 0, ("ok",): 0, ("failed",): 1}


def test_histograms_are_cumulative_and_end_with_everything() -> None:
    buckets = samples(Exposition(busy()).text().decode())["rtc_end_to_end_seconds_bucket"]
    assert buckets["0.005", "0"] == 1
    assert buckets["0.025", "0"] == 2
    assert buckets["1.0", "0"] == 2
    assert buckets["+Inf", "0"] == 3


def test_a_store_that_is_away_is_told() -> None:
    snapshot = Snapshot([], None, 0, 0.0, {}, TurnHealth.NONE, SiteHealth.NONE, {}, {})
    told = samples(Exposition(snapshot).text().decode())
    assert told["rtc_store_up"] == {(): 0}
    assert "rtc_outbox_records" not in told


@pytest.mark.parametrize("path", NAMING, ids=lambda path: path.name)
def test_every_metric_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\brtc_\w+", path.read_text()))
    assert len(named) > 5
    assert named <= set(samples(Exposition(busy()).text().decode()))


async def test_this_machine_reads_it_without_a_token(open_front: Front) -> None:
    response = await open_front.http.get("/metrics")
    assert response.status == 200
    assert samples(await response.text())["rtc_store_up"] == {(): 1}


async def test_where_tokens_are_needed_another_machine_brings_one_of_staff(front: Front) -> None:
    assert (await front.http.get("/metrics")).status == 200
    response = await front.http.get("/metrics", headers={"Host": "eyes.example.org"})
    assert response.status == 401
