"""Whether 200 live sessions stay fluid: what the dashboard's script takes of each frame.

``python -m benchmarks.dashboard [--sessions N] [--seconds S] [--json]``: the service's own routes,
page and live board serve a scripted class, whose every session moves once a second, to a real
Chromium, which is scrolled and filtered meanwhile. Chromium's own trace says when script ran on
the page's main thread: all between two frames counts for the later one, what came over the
network as well. CPU time is what the page takes; wall time also holds what other programs took
from it meanwhile.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.quality.figure import Figure
from benchmarks.report import report
from signaling.app import make_routes
from signaling.settings import load
from tests.browser.chromium import FLAGS, PROGRAM
from tests.fakes.classroom import Classroom
from tests.fakes.front import Front, front_of

FRAME_MS = 16.0
ROOT = Path(__file__).parents[1]
CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
    "v8.execute",
]
SCRIPT = {
    "EvaluateScript",
    "EventDispatch",
    "FireAnimationFrame",
    "FunctionCall",
    "RunMicrotasks",
    "TimerFire",
    "v8.callFunction",
    "v8.compile",
    "V8.GC_MC_BACKGROUND_MARKING",
    "MajorGC",
    "MinorGC",
}
FRAME = "Commit"
"""The page hands a frame to the compositor."""
RUNNING = "running"
"""The page's mark between the sessions' appearing and their running."""

LOADED = "loadEventEnd"
"""The page is there; its sessions are not yet."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds of script in each frame, in order."""

    cpu: list[float]
    wall: list[float]


def main(arguments: list[str]) -> int:
    """Measure, print, and say whether everything reaches what it is to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks.dashboard", description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0, help="of watching")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(arguments)
    events, shown = asyncio.run(watch(options.sessions, options.seconds))
    return report(figures(events, shown, options.sessions), as_json=options.json)


async def watch(sessions: int, seconds: float) -> tuple[list[Event], int]:
    """Chromium's trace of a page that watches the class, and how many strips it showed."""
    with tempfile.TemporaryDirectory(prefix="dashboard-") as folder:
        async with _front(Path(folder), sessions) as front, _chromium() as browser:
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await browser.start_tracing(page=page, categories=CATEGORIES)
            await page.goto(str(front.http.make_url("/dashboard")))
            await page.locator(".strip-card").nth(sessions - 1).wait_for(state="attached")
            await asyncio.sleep(2.0)
            await page.evaluate(f"performance.mark({RUNNING!r})")
            await _use(page, seconds)
            shown = await page.locator(".strip-card[data-account]").count()
            trace = json.loads(await browser.stop_tracing())
    return trace["traceEvents"], shown


@asynccontextmanager
async def _front(folder: Path, sessions: int) -> AsyncIterator[Front]:
    app = make_routes(load({"WEB_ROOT": str(ROOT / "web" / "dist")}))
    async with front_of(app, folder) as front:
        room = await Classroom.open(front.store, sessions)
        moving = asyncio.create_task(_move(front, room))
        try:
            yield front
        finally:
            moving.cancel()
            with suppress(asyncio.CancelledError):
                await moving


async def _move(front: Front, room: Classroom) -> None:
    while True:
        front.placement.statuses_now = room.pass_time(1.0)
        await asyncio.sleep(1.0)


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=PROGRAM, headless=True, args=FLAGS
        )
        try:
            yield browser
        finally:
            await browser.close()


async def _use(page: Page, seconds: float) -> None:
    """Scroll through the class, and look at one section of it now and then."""
    section = page.locator("#filter-section")
    for step in range(int(seconds * 2)):
        await page.mouse.wheel(0, 500 if step % 20 < 10 else -500)  # noqa: PLR2004 - down, then up
        if step % 8 == 4:  # noqa: PLR2004 - every four seconds
            await section.select_option(("1", "2", "")[step // 8 % 3])
        await asyncio.sleep(0.5)


def figures(events: Iterable[Event], shown: int, sessions: int) -> list[Figure]:
    """The rows of the table."""
    main_thread = _main_thread(events)
    (mark,) = (event["ts"] for event in main_thread if event["name"] == RUNNING)
    loaded = max(event["ts"] for event in main_thread if event["name"] == LOADED)
    appearing = [event for event in main_thread if loaded <= event["ts"] < mark]
    running = [event for event in main_thread if event["ts"] >= mark]
    rows = [Figure(f"strips shown of {sessions} sessions", shown, "", at_least=sessions)]
    for phase, wanted in (("appearing", appearing), ("running", running)):
        frames = script_of_frames(wanted)
        worst = max(frames.cpu)
        slow = float(np.percentile(frames.wall, 99))
        rows += [
            Figure(f"script a frame while {phase}, worst, CPU", worst, "ms", at_most=FRAME_MS),
            Figure(f"script a frame while {phase}, 99th, wall", slow, "ms", at_most=FRAME_MS),
            Figure(f"script a frame while {phase}, worst, wall", max(frames.wall), "ms"),
            Figure(f"frames with script while {phase}", len(frames.cpu), ""),
        ]
    return rows


def _main_thread(events: Iterable[Event]) -> list[Event]:
    """What happened on the page's main thread, in order of time."""
    by_thread: dict[tuple[int, int], list[Event]] = {}
    for event in events:
        if "ts" in event and event.get("ph") in {"X", "I", "R", "n"}:
            by_thread.setdefault((event["pid"], event["tid"]), []).append(event)
    page = next(each for each in by_thread.values() if RUNNING in {event["name"] for event in each})
    return sorted(page, key=lambda event: event["ts"])


def script_of_frames(events: list[Event]) -> Frames:
    """Script between each two frames; frames without any are left out.

    ``events``: of one thread, in order of time. What runs inside other script counts once.
    """
    starts = [event["ts"] for event in events if event["name"] == FRAME]
    edges = [0.0, *starts, float("inf")]
    outermost: list[Event] = []
    end = 0.0
    for event in events:
        if event["name"] in SCRIPT and event["ph"] == "X" and event["ts"] >= end:
            outermost.append(event)
            end = event["ts"] + event.get("dur", 0)
    cpu, wall = [], []
    for begin, finish in pairwise(edges):
        inside = [event for event in outermost if begin <= float(event["ts"]) < finish]
        if inside:
            cpu.append(sum(_spent(event, "tdur") for event in inside))
            wall.append(sum(_spent(event, "dur") for event in inside))
    return Frames(cpu, wall)


def _spent(event: Event, clock: str) -> float:
    """Milliseconds by the trace's ``tdur`` (CPU) or ``dur`` (wall)."""
    microseconds: float = event[clock] if clock in event else event.get("dur", 0.0)
    return microseconds / 1e3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
