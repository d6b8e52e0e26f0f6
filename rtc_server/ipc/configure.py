"""The settings of a worker as its ``configure`` call carries them."""

import json
from typing import Any

from pydantic import TypeAdapter

from rtc_server.base.config import WorkerConfig

_CONFIG = TypeAdapter(WorkerConfig)


def dump_config(config: WorkerConfig) -> dict[str, Any]:
    """``config`` as JSON values."""
    body: dict[str, Any] = json.loads(_CONFIG.dump_json(config))
    return body


def load_config(body: dict[str, Any]) -> WorkerConfig:
    """The settings that :func:`dump_config` wrote."""
    return _CONFIG.validate_python(body)
