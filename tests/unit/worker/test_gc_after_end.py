"""Ended sessions leave nothing behind."""

import asyncio
import gc
import weakref

import pytest

from rtc_server.worker.gc_after_end import GcAfterEnd


class Knot:
    """Holds itself, as a closed connection does."""

    def __init__(self) -> None:
        self.other = self


async def test_what_holds_itself_is_cleared_away_soon_after_the_end() -> None:
    gc.disable()  # only what is asked for
    try:
        garbage = GcAfterEnd(delay=0.02)
        knots = [weakref.ref(Knot()) for _ in range(3)]
        for _ in knots:
            garbage.expect()
        assert all(knot() is not None for knot in knots)
        await asyncio.sleep(0.2)
        assert all(knot() is None for knot in knots)
    finally:
        gc.enable()


async def test_many_ends_are_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: looks.append(1))
    garbage = GcAfterEnd(delay=0.02)
    for _ in range(10):
        garbage.expect()
    await asyncio.sleep(0.1)
    garbage.expect()
    await asyncio.sleep(0.1)
    assert len(looks) == 2
