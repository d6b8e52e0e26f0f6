"""``rtc-server analyze``: recordings to numbers, without a network."""

import importlib
import math
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from rtc_server.analysis.analyse import Outcome, Sink, analyse
from rtc_server.analysis.recording import Recording, TrackRecording, VideoRecording
from rtc_server.analysis.report import CsvReport, JsonReport
from rtc_server.base.config import MetricsConfig, VisionConfig
from rtc_server.base.errors import RecordingRefused

STDOUT = Path("-")
UNFINISHED = ".part"


def _rate(text: str) -> float | None:
    """Frames a second; ``native`` and 0 stand for every frame."""
    if text == "native":
        return None
    try:
        fps = float(text)
    except ValueError:
        fps = math.nan
    if not 0 <= fps < math.inf:
        raise typer.BadParameter(f"{text} is no number of frames a second, nor 'native'")
    return fps or None


def analyze(
    videos: Annotated[
        list[Path] | None, typer.Argument(metavar="VIDEO...", help="Video files.")
    ] = None,
    tracks: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE.npz", help="Landmarks instead of a video; may be repeated."),
    ] = None,
    fps: Annotated[
        str, typer.Option(help="Frames a second to look at; 0 or 'native' for every frame.")
    ] = "10",
    json_out: Annotated[
        Path | None,
        typer.Option("--json", metavar="OUT", help="One object, or a list for several; - prints."),
    ] = None,
    csv_out: Annotated[
        Path | None, typer.Option("--csv", metavar="OUT", help="One row a frame; - prints.")
    ] = None,
    plot_out: Annotated[
        Path | None, typer.Option("--plot", metavar="OUT.png", help="Draw it.")
    ] = None,
) -> None:
    """Analyse video files: blinks, gaze, head, and where the time went.

    The way of a live session without the network: decoder, sampler, vision, metrics. No picture
    is written. Exit code 2: something could not be read or written, and what.
    """
    rate = _rate(fps)
    if json_out == csv_out == STDOUT:
        _refuse("--json - and --csv - cannot both be printed")
    try:
        recordings = _open(videos or [], tracks or [], rate)
        with ExitStack() as stack:
            sinks = _sinks(stack, rate, len(recordings), json_out, csv_out, plot_out)
            _run(recordings, sinks, quiet=STDOUT in (json_out, csv_out))
    except RecordingRefused as error:
        _refuse(str(error))
    except OSError as error:
        name = str(error.filename or "output").removesuffix(UNFINISHED)
        _refuse(f"{name}: {error.strerror}")


def _open(videos: list[Path], tracks: list[Path], fps: float | None) -> list[Recording]:
    """All of them, or every reason why not."""
    if not videos and not tracks:
        raise RecordingRefused("nothing to analyse: name a video, or --tracks FILE.npz")
    recordings: list[Recording] = []
    problems: list[str] = []
    for path in videos:
        try:
            recordings.append(VideoRecording(path, fps, VisionConfig()))
        except RecordingRefused as error:
            problems.append(str(error))
    for path in tracks:
        try:
            recordings.append(TrackRecording(path, fps))
        except RecordingRefused as error:
            problems.append(str(error))
    if problems:
        raise RecordingRefused("\n".join(problems))
    return recordings


def _sinks(
    stack: ExitStack,
    fps: float | None,
    count: int,
    json_out: Path | None,
    csv_out: Path | None,
    plot_out: Path | None,
) -> list[Sink]:
    sinks: list[Sink] = []
    if plot_out is not None:
        sinks.append(_plot(plot_out))
    if json_out is not None:
        file = stack.enter_context(_text(json_out))
        sinks.append(JsonReport(file, fps, several=count > 1))
    if csv_out is not None:
        sinks.append(CsvReport(stack.enter_context(_text(csv_out))))
    return sinks


def _plot(path: Path) -> Sink:
    """Drawing needs a library that the service itself does without."""
    try:
        plot = importlib.import_module("rtc_server.analysis.plot")
    except ImportError as error:
        why = "--plot needs matplotlib: pip install matplotlib (the extra 'plot')"
        raise RecordingRefused(why) from error
    if not path.parent.is_dir():
        raise RecordingRefused(f"{path}: no such folder")
    report: Sink = plot.PlotReport(path)
    return report


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    """A file that is there when it is whole; what is no plain file is written to as it is."""
    if path == STDOUT:
        yield sys.stdout
    elif path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    else:
        part = path.with_name(path.name + UNFINISHED)
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                yield file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _run(recordings: list[Recording], sinks: list[Sink], *, quiet: bool) -> None:
    """Analyse one after the other, with a bar on stderr and a table of all on stdout."""
    table = _table()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[speed]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:
        for recording in recordings:
            outcome = _analyse(recording, sinks, progress)
            table.add_row(recording.name, *_cells(outcome))
    for sink in sinks:
        sink.close()
    if not quiet:
        Console().print(table)


def _analyse(recording: Recording, sinks: list[Sink], progress: Progress) -> Outcome:
    # the file alone: a bar has one line, and a long path would be cut off at its end
    task = progress.add_task(Path(recording.name).name, total=recording.duration, speed="")

    def passed(seconds: float) -> None:
        progress.update(task, completed=seconds, speed=_speed(progress, task, seconds))

    outcome = analyse(recording, MetricsConfig(), sinks, passed)
    progress.update(task, total=outcome.duration, completed=outcome.duration)
    return outcome


def _speed(progress: Progress, task: TaskID, seconds: float) -> str:
    taken = next((each.elapsed for each in progress.tasks if each.id == task), None)
    return f"{seconds / taken:.1f} x real time" if taken else ""


def _table() -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("recording", overflow="fold")
    for heading in ("seconds", "blinks", "focused", "unfocused", "unknown", "focus"):
        table.add_column(heading, justify="right")
    return table


def _cells(outcome: Outcome) -> list[str]:
    summary = outcome.summary
    times = (summary.focused_time, summary.unfocused_time, summary.unknown_time)
    return [
        f"{outcome.duration:.1f}",
        str(len(outcome.blinks)),
        *(f"{seconds:.1f}" for seconds in times),
        f"{summary.focus_percentage:.0f} %",
    ]


def _refuse(message: str) -> None:
    for line in message.splitlines():
        print(f"rtc-server analyze: {line}", file=sys.stderr)  # noqa: T201 - for who called it
    raise typer.Exit(2)
