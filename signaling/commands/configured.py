"""The settings as every command reads them: of the environment, over those of one file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from signaling.settings import Environment, Settings, SettingsError, read
from signaling.settings.env_file import NAMED_BY


def _use(file: Path | None) -> Path | None:
    if file is not None:
        os.environ[NAMED_BY] = str(file.absolute())
    return file


EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        callback=_use,
        is_eager=True,
        help="Read settings from it (RTC_ENV_FILE); else from ./.env, else /etc/rtc-server/env.",
    ),
]
"""An option that each command has; :func:`configured` obeys it."""


def configured() -> Settings:
    """The settings; ends the command with all that is wrong with them."""
    return configuration()[0]


def configuration() -> tuple[Settings, Environment]:
    """The settings and where they come from; ends the command with all that is wrong with them."""
    try:
        settings, found = read()
    except SettingsError as error:
        typer.echo(f"These settings need attention:\n{error}", err=True)
        raise typer.Exit(2) from None
    found.export()
    return settings, found
