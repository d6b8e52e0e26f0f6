"""``python -m benchmarks.fuzz.child TARGET FOLDER RUNS SECONDS``: one target under atheris.

Then it replays what the fuzzer kept and measures the target alone: the fuzzer's own tables grow.
"""

import gc
import json
import sys
import time
from pathlib import Path

import atheris
import psutil

from benchmarks.fuzz.targets import INSTRUMENTED, Target, load

INPUT_SECONDS = 10
"""An input that takes longer is a hang."""
RSS_MB = 2048
PASSES = 6
REPLAYED = 20_000
"""Inputs a pass, those kept over and over."""


def main() -> None:
    """Fuzz, or with a fifth argument replay."""
    name, folder, runs, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if len(sys.argv) > 5:  # noqa: PLR2004 - the program and four arguments
        print(json.dumps(_replay(load(name), folder, runs)))
        return
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        target = load(name)
    _write(target, folder)
    count = 0
    started = time.monotonic()

    def counted(data: bytes) -> None:
        nonlocal count
        target.run(data)
        count += 1
        if count >= runs:
            spent = time.monotonic() - started
            (folder / "done.json").write_text(json.dumps({"inputs": count, "seconds": spent}))

    options = [
        f"-runs={runs}",
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_SECONDS}",
        f"-rss_limit_mb={RSS_MB}",
        f"-max_len={target.max_bytes}",
        f"-artifact_prefix={folder}/",
        *([f"-dict={folder / 'words'}"] if target.words else []),
        "-print_final_stats=0",
        str(folder / "corpus"),
    ]
    atheris.Setup([sys.argv[0], *options], counted)
    atheris.Fuzz()


def _write(target: Target, folder: Path) -> None:
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    lines = (
        '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"' for word in target.words
    )
    (folder / "words").write_text("\n".join(lines))


def _replay(target: Target, folder: Path, runs: int) -> dict[str, object]:
    """The memory after each pass over the kept inputs, in MiB; the slowest of them, in seconds."""
    kept = [file.read_bytes() for file in sorted((folder / "corpus").iterdir())]
    size = min(REPLAYED, runs)
    slowest = 0.0
    memory: list[float] = []
    for _ in range(PASSES):
        for number in range(size):
            started = time.perf_counter()
            target.run(kept[number % len(kept)])
            slowest = max(slowest, time.perf_counter() - started)
        gc.collect()
        memory.append(psutil.Process().memory_info().rss / 2**20)
    return {"memory": memory, "slowest": slowest, "kept": len(kept)}


if __name__ == "__main__":
    main()
