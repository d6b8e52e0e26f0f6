"""What this service tells Prometheus of itself."""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from rtc_server.base.stats import SECONDS
from rtc_server.base.supervisor import TaskHealth
from rtc_server.delivery.site_health import SiteHealth
from rtc_server.ipc.messages import WorkerReport
from rtc_server.store.model import DeliveryState
from signaling.ice.watch import TurnHealth

WORKER = ("worker",)
TIMES = {
    "rtc_inference_seconds": ("inference", "A vision thread's time for a frame."),
    "rtc_vision_wait_seconds": ("waiting", "A frame's wait for a vision thread."),
    "rtc_end_to_end_seconds": (
        "end_to_end",
        "From a whole frame, not decoded yet, to its sent metrics.",
    ),
    "rtc_loop_lag_seconds": ("loop_lag", "How late a worker's event loop is."),
}
FRAMES = {
    "rtc_frames_received": ("received", "Frames and pictures that came whole."),
    "rtc_frames_measured": ("measured", "Frames of which metrics were sent."),
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is told, as of one moment."""

    workers: list[WorkerReport]
    outbox: Mapping[DeliveryState, int] | None
    """Records by state; ``None`` while the store is away."""
    aside: int
    """Ended sessions whose checkpoint could not be read."""
    outbox_age: float
    """Seconds that the oldest record waits; 0 where none does."""
    refusals: Mapping[str, int]
    turn: TurnHealth
    site: SiteHealth
    tasks: Mapping[str, TaskHealth]
    restarts: dict[str, int]
    """How often each task of this process was started again."""
    tcp: Mapping[str, int] = field(default_factory=dict)
    """WebRTC's TCP connections to this process, by what became of them."""


class Exposition(Collector):
    """Turns a snapshot into Prometheus' families."""

    def __init__(self, snapshot: Snapshot) -> None:
        """``snapshot``: what :meth:`collect` tells."""
        self._snapshot = snapshot

    def text(self) -> bytes:
        """In Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterable[Metric]:
        """Each family once, as the Prometheus client asks for them."""
        yield from self._workers()
        reporting = [report for report in self._snapshot.workers if report.told]
        yield _sessions(reporting)
        for name, (key, text) in FRAMES.items():
            yield _frames(reporting, name, key, text)
        yield _dropped(reporting)
        yield _refused(reporting)
        yield from _datagrams(reporting)
        yield _connections(reporting, self._snapshot.tcp)
        for name, (key, text) in TIMES.items():
            yield _times(reporting, name, key, text)
        yield from self._front()

    def _workers(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("rtc_worker_ready", "1: it takes sessions.", labels=WORKER)
        memory = GaugeMetricFamily("rtc_worker_memory_bytes", "RAM that it holds.", labels=WORKER)
        step = GaugeMetricFamily(
            "rtc_worker_overload_step",
            "0: full rate, 1-2: fewer frames, 3: refuses.",
            labels=WORKER,
        )
        for report in self._snapshot.workers:
            slot = [report.slot]
            ready.add_metric(slot, float(report.ready))
            memory.add_metric(slot, float(report.memory))
            step.add_metric(slot, float(report.told.get("step", 0)))
        yield from (ready, memory, step)

    def _front(self) -> Iterator[Metric]:
        told = self._snapshot
        store = GaugeMetricFamily("rtc_store_up", "1: the database answers.")
        store.add_metric([], float(told.outbox is not None))
        yield store
        if told.outbox is not None:
            records = GaugeMetricFamily("rtc_outbox_records", "By state.", labels=("state",))
            for state, number in told.outbox.items():
                records.add_metric([state.value], float(number))
            yield records
            age = GaugeMetricFamily("rtc_outbox_oldest_seconds", "Age of what waits longest.")
            age.add_metric([], told.outbox_age)
            yield age
            aside = GaugeMetricFamily("rtc_sessions_set_aside", "Their checkpoint is unreadable.")
            aside.add_metric([], float(told.aside))
            yield aside
        refusals = CounterMetricFamily("rtc_refusals", "By the error's code.", labels=("code",))
        for code, count in told.refusals.items():
            refusals.add_metric([code], float(count))
        yield refusals
        yield from _tasks(told.tasks, told.restarts | _worker_restarts(told.workers))
        yield _health("rtc_turn_health", TurnHealth, told.turn)
        yield _health("rtc_site_health", SiteHealth, told.site)


def _tasks(tasks: Mapping[str, TaskHealth], restarts: Mapping[str, int]) -> Iterator[Metric]:
    up = GaugeMetricFamily("rtc_task_up", "0: it failed within a minute.", labels=("task",))
    again = CounterMetricFamily("rtc_task_restarts", "Failures, by task.", labels=("task",))
    for name, health in tasks.items():
        up.add_metric([name], float(health is TaskHealth.OK))
    for name, number in restarts.items():
        again.add_metric([name], float(number))
    yield from (up, again)


def _worker_restarts(reports: list[WorkerReport]) -> dict[str, int]:
    return {
        f"{name}/{report.slot}": number
        for report in reports
        for name, number in report.told.get("restarts", {}).items()
    }


def _health(name: str, states: type[enum.StrEnum], now: enum.StrEnum) -> Metric:
    family = GaugeMetricFamily(name, "1: the state it is in.", labels=("state",))
    for state in states:
        family.add_metric([state.value], float(state is now))
    return family


def _sessions(reports: list[WorkerReport]) -> Metric:
    labels = ("worker", "state", "transport", "rung")  # rung: the older name
    family = GaugeMetricFamily("rtc_sessions", "Held sessions.", labels=labels)
    for report in reports:
        for state, transport, number in report.told["sessions"]:
            family.add_metric([report.slot, state, transport, transport], float(number))
    return family


def _frames(reports: list[WorkerReport], name: str, key: str, text: str) -> Metric:
    family = CounterMetricFamily(name, text, labels=WORKER)
    for report in reports:
        family.add_metric([report.slot], float(report.told["stats"][key]))
    return family


def _dropped(reports: list[WorkerReport]) -> Metric:
    labels = ("worker", "cause")
    family = CounterMetricFamily("rtc_frames_dropped", "By cause.", labels=labels)
    for report in reports:
        for cause, number in report.told["stats"]["dropped"].items():
            family.add_metric([report.slot, cause], float(number))
    return family


def _refused(reports: list[WorkerReport]) -> Metric:
    labels = ("worker", "code")
    text = "Frames, messages and publishers that a worker refused, by code."
    family = CounterMetricFamily("rtc_worker_refusals", text, labels=labels)
    for report in reports:
        for code, number in report.told["stats"]["refused"].items():
            family.add_metric([str(report.slot), code], float(number))
    return family


def _datagrams(reports: list[WorkerReport]) -> Iterator[Metric]:
    """Of the workers' shared UDP ports; nothing where each session has its own."""
    labels = ("worker", "cause")
    text = "Datagrams of no session, without room in the receive buffer, or not sent."
    lost = CounterMetricFamily("rtc_datagrams_lost", text, labels=labels)
    buffer = GaugeMetricFamily("rtc_udp_buffer_bytes", "Of a worker's UDP port.", labels=WORKER)
    for report in reports:
        for cause, number in report.told["stats"].get("datagrams_lost", {}).items():
            lost.add_metric([report.slot, cause], float(number))
        if size := report.told.get("udp_buffer", 0):
            buffer.add_metric([report.slot], float(size))
    yield from (lost, buffer)


def _connections(reports: list[WorkerReport], here: Mapping[str, int]) -> Metric:
    """The front process accepts them, or in a cluster each worker."""
    labels = ("process", "outcome")
    text = "TCP connections for WebRTC, by what became of them."
    family = CounterMetricFamily("rtc_ice_tcp_connections", text, labels=labels)
    for outcome, number in here.items():
        family.add_metric(["front", outcome], float(number))
    for report in reports:
        for outcome, number in report.told["stats"].get("tcp_connections", {}).items():
            family.add_metric([report.slot, outcome], float(number))
    return family


def _times(reports: list[WorkerReport], name: str, key: str, text: str) -> Metric:
    family = HistogramMetricFamily(name, text, labels=WORKER)
    for report in reports:
        times: dict[str, Any] = report.told["stats"][key]
        bounds = [*map(str, SECONDS), "+Inf"]
        buckets = zip(bounds, map(float, accumulate(times["counts"])), strict=True)
        family.add_metric([report.slot], list(buckets), times["total"])
    return family
