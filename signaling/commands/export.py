"""``rtc-server export``: the sessions of a module as CSV, a row each, for a spreadsheet."""

import asyncio
import csv
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from rtc_server.base.errors import StoreError
from rtc_server.store import Store
from rtc_server.store.model import SessionRow
from signaling.commands.configured import EnvFile, configured

PAGE = 500
NAMED = ("session_id", "user_id", "module_id", "section_id", "client")
MEASURED = (
    *("elapsed", "focused_time", "unfocused_time", "unknown_time", "total_time"),
    *("focus_percentage", "focus_sessions", "unfocus_sessions", "blink_count", "blink_rate"),
    *("perclos", "attention_score", "detection_rate", "frames_processed"),
)
"""Of the summary; docs/metrics.md says what each is worth."""
COLUMNS = (*NAMED, "state", "started_at", "ended_at", "end_reason", *MEASURED)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to a spreadsheet."""


def export(
    module: Annotated[str, typer.Argument(help="The module's id.")],
    bom: Annotated[bool, typer.Option("--bom", help="Begin as Excel wants UTF-8 to.")] = False,  # noqa: FBT002 - typer's form
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Print the sessions of a module as CSV, the newest first: a row each, times in UTC."""
    config = configured().worker_config().store
    out = csv.writer(sys.stdout, lineterminator="\n")
    if bom:
        sys.stdout.write("\ufeff")
    out.writerow(COLUMNS)

    async def rows() -> None:
        store = await Store.open(config)
        try:
            before = None
            while page := await store.sessions.find(module_id=module, before=before, limit=PAGE):
                out.writerows(map(_row, page))
                before = page[-1].started_at
        finally:
            await store.close()

    try:
        asyncio.run(rows())
    except StoreError as error:
        typer.echo(f"The store is out of reach: {error}", err=True)
        raise typer.Exit(1) from None


def _row(row: SessionRow) -> list[Any]:
    named = [_text(getattr(row, name)) for name in NAMED]
    times = [_at(row.started_at), _at(row.ended_at)]
    summary = row.summary or {}
    measured = [summary.get(name, "") for name in MEASURED]
    return [*named, row.state.value, *times, row.end_reason or "", *measured]


def _text(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(FORMULA) else text


def _at(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
