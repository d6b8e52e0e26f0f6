"""``rtc-server outbox``: what waits for the site, what was given up, and sending it again."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from rtc_server.base.errors import StoreError
from rtc_server.store import Delivery, DeliveryState, Store
from signaling.commands.configured import EnvFile, configured

T = TypeVar("T")
DAY = 86400.0
PAGE = 500
GIVEN_UP = (DeliveryState.BURIED, DeliveryState.UNCERTAIN)
SETTLED = (DeliveryState.DELIVERED, *GIVEN_UP)

app = typer.Typer(no_args_is_help=True, help="Records on their way to the site.")

States = Annotated[
    list[DeliveryState] | None, typer.Option("--state", help="Only these; may be repeated.")
]


@app.command("list")
def list_records(
    state: States = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,  # noqa: FBT002 - typer's form
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """List records, the oldest first; without --state all that are not delivered."""
    wanted = tuple(state or [each for each in DeliveryState if each != DeliveryState.DELIVERED])
    found = _with_store(lambda store: _all(store, wanted))
    for delivery in found:
        typer.echo(json.dumps(_facts(delivery)) if as_json else _line(delivery))
    if not as_json:
        typer.echo(f"{len(found)} records")


@app.command()
def retry(
    ids: Annotated[list[int] | None, typer.Argument(help="The ids that list shows.")] = None,
    state: States = None,
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Send records again: these ids, or all that are --state buried or uncertain.

    An uncertain one may have arrived: look in the site's database first.
    """
    if not ids and not state:
        raise typer.BadParameter("name ids, or a --state")

    async def resend(store: Store) -> int:
        given_up = await _all(store, tuple(state)) if state else []
        return await store.outbox.resend([*(ids or []), *(each.id for each in given_up)])

    typer.echo(f"{_with_store(resend)} records will be sent again")


@app.command()
def purge(
    state: States = None,
    days: Annotated[float, typer.Option(help="Settled longer ago than this.")] = 30.0,
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Delete settled records; without --state the delivered ones."""
    wanted = tuple(state or [DeliveryState.DELIVERED])
    if not set(wanted) <= set(SETTLED):
        raise typer.BadParameter(f"only {', '.join(SETTLED)} records can be deleted")
    before = time.time() - days * DAY
    purged = _with_store(lambda store: store.outbox.purge(wanted, before))
    typer.echo(f"{purged} records deleted")


@app.command("aside")
def list_aside() -> None:
    """List sessions whose checkpoint could not be read: their totals may lack something."""
    found = _with_store(lambda store: store.sessions.aside(PAGE))
    for row in found:
        typer.echo(f"{row.session_id}  {row.end_reason}  student {row.user_id}")
    typer.echo(f"{len(found)} sessions")


async def _all(store: Store, states: tuple[DeliveryState, ...]) -> list[Delivery]:
    found: list[Delivery] = []
    while True:
        after = found[-1].id if found else 0
        page = await store.outbox.find(states, after=after, limit=PAGE)
        found += page
        if len(page) < PAGE:
            return found


def _with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    config = configured().worker_config().store

    async def run() -> T:
        store = await Store.open(config)
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreError as error:
        typer.echo(f"The outbox is out of reach: {error}", err=True)
        raise typer.Exit(1) from None


def _facts(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "state": delivery.state,
        "session_id": delivery.session_id,
        "seq": delivery.seq,
        "mode": delivery.mode,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
        "last_error": delivery.last_error,
    }


def _line(delivery: Delivery) -> str:
    made = time.strftime("%Y-%m-%d %H:%M", time.gmtime(delivery.created_at))
    return (
        f"{delivery.id:>6}  {delivery.state:<9}  {made}Z  {delivery.idempotency_key}"
        f"  {delivery.attempts} attempts  {delivery.last_error or ''}"
    ).rstrip()
