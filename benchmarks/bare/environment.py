"""Where the environment of the old engine is; imported by those who start its processes."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = "BARE_PYTHON"
"""An environment variable that names another Python with ``requirements/bare.lock`` in it."""


def python() -> Path:
    """Its interpreter, whether it is there or not."""
    return Path(os.environ.get(NAMED) or ROOT / ".venv-bare/bin/python")


def missing() -> str | None:
    """Why nothing can be held against it here, or nothing."""
    return None if python().exists() else "no .venv-bare (make bare)"
