"""How the dashboard's benchmark reads Chromium's trace."""

from typing import Any

from benchmarks.dashboard import script_of_frames


def event(name: str, ts: float, dur: float = 0, tdur: float | None = None) -> dict[str, Any]:
    cpu = {} if tdur is None else {"tdur": tdur}
    return {"name": name, "ph": "X", "ts": ts, "dur": dur, **cpu}


def test_script_counts_for_the_frame_that_follows_it_and_once() -> None:
    frames = script_of_frames(
        [
            event("RunMicrotasks", 1000, 2000, 1500),
            event("FireAnimationFrame", 5000, 4000, 3000),
            event("FunctionCall", 5100, 3000, 2500),  # inside the one before
            event("Layout", 9500, 9000, 9000),  # no script
            event("Commit", 19000, 10),
            event("Commit", 30000, 10),  # a frame without script
            event("EventDispatch", 31000, 500, 400),
            event("Commit", 40000, 10),
            event("TimerFire", 41000, 700),  # no frame followed it
        ]
    )
    assert frames.cpu == [4.5, 0.4, 0.7]
    assert frames.wall == [6.0, 0.5, 0.7]
