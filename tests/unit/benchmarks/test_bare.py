import ast
from pathlib import Path

import pytest

from benchmarks.bare import environment

OURS = {"benchmarks", "rtc_server", "scripts", "signaling", "tests"}
SHARED = ("benchmarks.bare", "benchmarks.capacity.recording")
MODULES = [
    *(environment.ROOT / "benchmarks/bare").glob("*.py"),
    environment.ROOT / "benchmarks/capacity/recording.py",
]


def imported(path: Path) -> set[str]:
    """Every module that the file names in an import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_old_environment_needs_nothing_of_the_service(path: Path) -> None:
    ours = {name for name in imported(path) if name.split(".")[0] in OURS}
    assert {name for name in ours if not name.startswith(SHARED)} == set()
