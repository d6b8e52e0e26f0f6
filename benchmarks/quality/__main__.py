"""``python -m benchmarks.quality [--data DIR] [--json]``: exit 1 when a figure misses."""

import argparse
import sys
from pathlib import Path

from benchmarks.quality import blinks, cost, folder, gazes, minute, synthetic, usable
from benchmarks.quality.figure import Figure
from benchmarks.quality.folder import Clip, Photos
from benchmarks.report import report


def main(arguments: list[str]) -> int:
    """Measure, print, and say whether everything reaches what it is to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks.quality", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with blink/ and gaze/")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args(arguments)
    clips, photos = recordings(folder.find_data(options.data))
    figures = [*recorded(clips, photos), *cost.figures(clips), *minute.figures()]
    figures += synthetic.figures()
    return report(figures, as_json=options.json)


def recordings(data: Path | None) -> tuple[list[Clip], list[Photos]]:
    """What the folder holds, or a word that there is nothing."""
    if data is None or not data.is_dir():
        print(f"no recordings ({data or 'give --data or QUALITY_DATA'}): their figures are skipped")
        return [], []
    return folder.clips(data), folder.photos(data)


def recorded(clips: list[Clip], photos: list[Photos]) -> list[Figure]:
    """The figures that need recordings."""
    figures = [*blinks.figures(clips), *usable.figures(clips)] if clips else []
    return [*figures, *gazes.figures(photos)] if photos else figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
