"""``rtc-server token``: a session token as the site mints them, for trying out."""

from typing import Annotated

import typer

from rtc_server.base.clock import SystemClock
from signaling.access.tokens import STAFF, TokenConfig, mint
from signaling.commands.configured import EnvFile, configured


def token(
    user: Annotated[str, typer.Option(help="The student's id: a decimal number.")] = "1",
    module: Annotated[str | None, typer.Option(help="The module.")] = None,
    section: Annotated[str | None, typer.Option(help="The section, where there is one.")] = None,
    staff: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option(help="A staff token; with --module for that one only.")
    ] = False,
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Print a token signed with SESSION_TOKEN_SECRET: five minutes, or twelve hours for staff."""
    if not (user.isascii() and user.isdecimal()):
        raise typer.BadParameter("--user takes a decimal number")
    if module is None and not staff:
        raise typer.BadParameter("a student's token needs --module")
    claims = _staff(user, module) if staff else _student(user, module, section)
    typer.echo(mint(_config(), claims, SystemClock()))


def _student(user: str, module: str | None, section: str | None) -> dict[str, object]:
    return {"sub": user, "module_id": module, "section_id": section}


def _staff(user: str, module: str | None) -> dict[str, object]:
    limit = {} if module is None else {"module_ids": [module]}
    return {"sub": user, "role": STAFF, **limit}


def _config() -> TokenConfig:
    config = configured().auth_config().tokens
    if config is None or config.algorithm != "HS256":
        typer.echo("Set SESSION_TOKEN_SECRET: tokens are signed with it.", err=True)
        raise typer.Exit(2)
    return config
