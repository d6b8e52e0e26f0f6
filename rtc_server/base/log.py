"""Log lines: one event a line on standard error, JSON where nobody looks at a terminal."""

import logging
import sys
from contextlib import AbstractContextManager

import structlog

from rtc_server.base.log_throttle import LogThrottle

SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)
QUIET = ("aioice", "aiortc", "aiohttp.access", "alembic", "httpx", "httpcore", "aiosqlite")
"""Libraries that log addresses, candidates or URLs at INFO."""


def about_session(session_id: str) -> AbstractContextManager[None]:
    """Give every line that is logged inside, and by tasks begun inside, its ``session_id``."""
    return structlog.contextvars.bound_contextvars(session_id=session_id)


def configure_logging(level: str) -> None:
    """Format every record of the process alike, from ``level`` on."""
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler()
    handler.addFilter(LogThrottle())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
