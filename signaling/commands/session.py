"""``rtc-server session``: one session's story, or a student's, for "I was there"."""

import asyncio
import time
from typing import Annotated

import typer

from rtc_server.base.errors import StoreError
from rtc_server.store import Store
from rtc_server.store.model import SessionRow
from signaling.access.pseudonym import Pseudonyms
from signaling.commands.configured import EnvFile, configured
from signaling.reports import records
from signaling.settings import Settings

MOST = 50
"""Sessions of a student that are told, the newest first."""
TIMES = ("focused_time", "unfocused_time", "unknown_time")


def session(
    who: Annotated[str, typer.Argument(help="A session's id (UUID), or a student's.")],
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Tell what is stored of a session or of a student's: states, times, causes, deliveries.

    The student's name in the log is told, too: grep for it, or for the session's id.
    """
    settings = configured()
    try:
        lines = asyncio.run(_story(settings, who))
    except StoreError as error:
        typer.echo(f"The store is out of reach: {error}", err=True)
        raise typer.Exit(1) from None
    if not lines:
        typer.echo("Nothing is stored under this id.", err=True)
        raise typer.Exit(1)
    typer.echo("\n".join(lines))


def erase(
    user: Annotated[str, typer.Argument(help="The student's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - typer's form
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Delete all that is stored here of a student, and print the SQL for the site's own rows."""
    settings = configured()
    if not yes:
        typer.confirm(f"Delete all that is stored of student {user}?", abort=True)
    try:
        erased = asyncio.run(_erase(settings, user))
    except StoreError as error:
        typer.echo(f"The store is out of reach: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{erased} sessions erased. On the site's database:")
    quoted = user if user.isascii() and user.isdecimal() else "'" + user.replace("'", "''") + "'"
    typer.echo(f"DELETE FROM eye_tracking_sessions WHERE user_id = {quoted};")  # noqa: S608 - to read


async def _erase(settings: Settings, user: str) -> int:
    store = await Store.open(settings.worker_config().store)
    try:
        return await store.retention.erase(user)
    finally:
        await store.close()


async def _story(settings: Settings, who: str) -> list[str]:
    store = await Store.open(settings.worker_config().store)
    try:
        row = await store.sessions.get(who)
        rows = [row] if row else await store.sessions.find(user_id=who, limit=MOST)
        names = Pseudonyms(settings.log_key())
        known = settings.log_key() is not None
        return [line for row in rows for line in await _lines(store, row, names, known=known)]
    finally:
        await store.close()


async def _lines(store: Store, row: SessionRow, names: Pseudonyms, *, known: bool) -> list[str]:
    told = await records.detail(store, row)
    section = "" if row.section_id is None else f", section {row.section_id}"
    lines = [
        f"session {row.session_id}",
        f"  student {row.user_id}, module {row.module_id}{section}, by {row.client}",
        f"  in the log: {names.of(row.user_id) if known else 'under a name of each start'}",
        f"  {row.state.value}; began {_at(row.started_at)}, last written {_at(row.updated_at)}",
    ]
    if row.ended_at is not None:
        lines.append(f"  ended {_at(row.ended_at)}: {row.end_reason}")
    summary = row.summary or {}
    times = [f"{name} {summary[name]}" for name in TIMES if name in summary]
    lines += [f"  {', '.join(times)} s"] if times else []
    causes = summary.get("unknown_by_cause") or summary.get("unknown")
    lines += [f"  unknown by cause: {causes}"] if isinstance(causes, dict) and causes else []
    for consent in told.consents:
        lines.append(f"  agreed to {consent.version}: {_at(consent.given_at)}")
    for each in told.deliveries:
        error = "" if each.last_error is None else f": {each.last_error}"
        lines.append(f"  record {each.seq}: {each.state.value}, {each.attempts} attempts{error}")
    return lines


def _at(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(seconds))
