"""``rtc-server bench``: what this machine carries; by name, the benchmarks of a checkout."""

import importlib.util
import json
import multiprocessing
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import BrokenBarrierError
from typing import Annotated, Any

import typer

from rtc_server.analysis.throughput import Sample, Throughput
from rtc_server.base.clock import SystemClock
from signaling.commands.configured import EnvFile, configured
from signaling.machine import usable_cores
from signaling.settings import Settings

SPARE = 1 / 3
"""Share of the machine that is left to network, store and system when sessions are counted."""
BUSY = 0.85
"""Share of the time below which the cores had other work too."""
START_SECONDS = 60.0
AS_THEY_ARE = {"allow_extra_args": True, "ignore_unknown_options": True}
"""The benchmark itself reads what follows its name."""


def bench(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="A benchmark of the repository; its own options may follow."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, help="That is measured.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002 - typer's form
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Estimate how many students this machine carries; with a name run that benchmark.

    The estimate needs nothing but the service: pictures are decoded, looked at and measured on
    every core for some seconds. The benchmarks need a checkout: latency, capacity, quality, ….
    """
    if name is None:
        settings = configured()
        _tell(_measure(seconds), settings, as_json=as_json)
    else:
        _run(name, [*context.args, *(["--json"] if as_json else [])])


def _tell(done: list[Throughput], settings: Settings, *, as_json: bool) -> None:
    rate = sum(each.rate for each in done)
    cost = sum(each.cpu for each in done) / sum(each.pictures for each in done)
    ceiling = rate / settings.max_client_fps
    sessions = max(1, int(ceiling * (1 - SPARE)))
    if as_json:
        figures = [
            ("pictures analysed", rate, "/s"),
            ("a picture", 1e3 * cost, "CPU ms"),
            ("sessions by analysis alone", ceiling, ""),
            ("sessions with a third to spare", sessions, ""),
        ]
        results = [{"name": n, "value": round(v, 2), "unit": unit} for n, v, unit in figures]
        machine = f"{platform.platform()}, {len(done)} cores"
        typer.echo(json.dumps({"machine": machine, "results": results}))
        return
    typer.echo(f"{len(done)} cores analyse {rate:.0f} pictures a second, {1e3 * cost:.1f} ms each.")
    typer.echo(
        f"At {settings.max_client_fps:g} a second: {ceiling:.0f} students by analysis alone;"
    )
    typer.echo(f"plan with {sessions}, which leaves a third for network, store and system.")
    if rate * cost < BUSY * len(done):
        typer.echo("Other programs were busy meanwhile: a quiet machine carries more.")
    if settings.max_sessions > sessions:
        most = settings.max_sessions
        typer.echo(f"MAX_SESSIONS={most} is more: beyond {sessions} everyone gets fewer pictures.")


def _measure(seconds: float) -> list[Throughput]:
    """Work on every core at the same time: what one does slows the others."""
    cores = usable_cores()
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(cores)
    with ProcessPoolExecutor(cores, spawn, _equip, (together,)) as pool:
        return list(pool.map(_work, [seconds] * cores))


_shared: dict[str, Any] = {}


def _equip(together: Any) -> None:  # noqa: ANN401 - typeshed's Barrier is a private class
    """Of a process: load what it needs, out of its time; without the library's C++ chatter."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    _shared["sample"] = Sample()
    _shared["sample"].run(0.0, SystemClock())
    _shared["together"] = together


def _work(seconds: float) -> Throughput:
    try:
        _shared["together"].wait(START_SECONDS)
    except BrokenBarrierError:
        raise RuntimeError("another process did not start") from None
    done: Throughput = _shared["sample"].run(seconds, SystemClock())
    return done


def _run(name: str, arguments: list[str]) -> None:
    """Become the benchmark, which has its own options, output and exit code."""
    known = _benchmarks()
    if name not in known:
        where = f"there are {', '.join(known)}" if known else "they are in the repository only"
        typer.echo(f"No benchmark {name!r} here: {where}.", err=True)
        raise typer.Exit(2)
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    os.execv(sys.executable, command)  # noqa: S606 - a module of ours, named by its file


def _benchmarks() -> list[str]:
    """Modules and packages of the checkout that can be run."""
    found = importlib.util.find_spec("benchmarks")
    folders = [] if found is None else found.submodule_search_locations or []
    runnable = {
        path.parent.name if path.name == "__main__.py" else path.stem
        for folder in folders
        for path in (*Path(folder).glob("*.py"), *Path(folder).glob("*/__main__.py"))
        if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8")
    }
    return sorted(runnable)
