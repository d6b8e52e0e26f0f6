"""``rtc-server bench`` as an operator runs it: an estimate anywhere, benchmarks in a checkout."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bench(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".venv" / "bin" / "rtc-server", "bench", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_estimate_follows_from_what_was_measured(tmp_path: Path) -> None:
    done = bench(tmp_path, "--seconds", "0.5", "--json", MAX_CLIENT_FPS="5")
    assert done.returncode == 0, done.stderr
    figures = {each["name"]: each["value"] for each in json.loads(done.stdout)["results"]}
    assert figures["pictures analysed"] > 1
    ceiling = figures["sessions by analysis alone"]
    assert ceiling == pytest.approx(figures["pictures analysed"] / 5, rel=0.02)
    assert 1 <= figures["sessions with a third to spare"] <= max(1.0, ceiling)


def test_a_benchmark_gets_its_own_options(tmp_path: Path) -> None:
    done = bench(tmp_path, "capacity", "--no-such-option")
    assert (done.returncode, "unrecognized arguments" in done.stderr) == (2, True)


def test_a_benchmark_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    done = bench(tmp_path, "luck")
    assert done.returncode == 2
    assert "latency" in done.stderr


def test_wrong_settings_are_told_before_anything_is_measured(tmp_path: Path) -> None:
    done = bench(tmp_path, MAX_CLIENT_FPS="fast")
    assert (done.returncode, "MAX_CLIENT_FPS" in done.stderr) == (2, True)
