"""One worker a core, as far as the container lets it."""

import os
from pathlib import Path

import pytest

from signaling.machine import usable_cores


@pytest.mark.parametrize("text", ["max 100000\n", "6400000 100000\n", "?\n", None])
def test_without_a_tighter_quota_all_cores_count(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "cpu.max").write_text(text)
    assert usable_cores(tmp_path) == min(64, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("text", ["50000 100000\n", "100000 100000\n"])
def test_a_quota_counts_and_half_a_core_is_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert usable_cores(tmp_path) == 1
