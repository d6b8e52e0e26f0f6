"""What every test gets: real parts or an honest word, and an event loop that nothing may block."""

import inspect
import os
from collections import Counter
from collections.abc import Iterator

import hypothesis
import pytest
from blockbuster import blockbuster_ctx

from tests import components

# A test that is slow on a busy machine is no failed test; pytest-timeout ends the ones that hang.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests may take longest come first: nobody waits for one at the end."""
    longest: Counter[object] = Counter()
    for item in items:
        for mark in item.iter_markers("timeout"):
            longest[item.path] = max(longest[item.path], int(mark.args[0]))
    items.sort(key=lambda item: -longest[item.path])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose real parts are missing here; in CI that is a failure."""
    needed = [name for mark in item.iter_markers("needs") for name in mark.args]
    reasons = [reason for name in needed if (reason := components.missing(name))]
    if not reasons:
        return
    sentence = "; ".join(dict.fromkeys(reasons))
    if IN_CI:
        pytest.fail(f"a real part is missing: {sentence}", pytrace=False)
    pytest.skip(sentence)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was missing, beside the count of the closing line."""
    # from the reports, which come from other processes too (--numprocesses)
    skipped = [report.longrepr for report in terminalreporter.getreports("skipped")]
    told = Counter(why[2].removeprefix("Skipped: ") for why in skipped if isinstance(why, tuple))
    for sentence, count in sorted(told.items()):
        terminalreporter.write_line(f"{count} skipped: {sentence}", yellow=True)


@pytest.fixture(autouse=True)
def _loop_is_never_blocked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail an asynchronous test in which the product blocks the event loop (mark: blocks)."""
    test = getattr(request.node, "function", None)
    if not inspect.iscoroutinefunction(test) or request.node.get_closest_marker("blocks"):
        yield
        return
    with blockbuster_ctx(["rtc_server", "signaling"]) as guard:
        guard.functions["os.path.abspath"].deactivate()  # SQLAlchemy asks where the file is
        for function in guard.functions.values():
            # Once, when the store is opened: Alembic has an event loop and thread of its own.
            function.can_block_in("rtc_server/store/migrate.py", "_upgrade")
            function.can_block_in("rtc_server/store/engine.py", "_make_folder")
        yield
