"""The guards of conftest themselves: a guard that never fires guards nothing."""

from pathlib import Path

import blockbuster
import pytest

import rtc_server
from tests import components


async def test_product_code_that_blocks_the_event_loop_fails_the_test() -> None:
    inside = Path(rtc_server.__file__).with_name("made_up.py")
    code = compile("import time; time.sleep(0.001)", inside, "exec")
    with pytest.raises(blockbuster.BlockingError):
        exec(code, {})


@pytest.mark.blocks("this is what the test is about")
async def test_the_guard_can_be_told_to_let_one_test_block() -> None:
    inside = Path(rtc_server.__file__).with_name("made_up.py")
    there: dict[str, float] = {}
    exec(compile("import time; time.sleep(0.001); awake = 1.0", inside, "exec"), there)
    assert there["awake"]


def test_an_unknown_real_part_is_an_error_and_not_a_skip() -> None:
    with pytest.raises(KeyError):
        components.missing("no such part")


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert components.COMPONENTS["coturn"]() == "no turnserver"
