"""``rtc-server init``: five questions, then a file of settings and the two of the PHP site."""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from signaling.settings import SettingsError, load
from signaling.settings.env_file import read_env_file

PRIVATE = 0o600
FOR_THE_SITE = "for-the-site"
ENDPOINT = "/user/database/save_enhanced_tracking.php"

_PLAIN = re.compile(r"[\w.:/@,+=~-]*", re.ASCII)


def init(
    address: Annotated[
        str, typer.Option(prompt="Address of this service, as https://eyes.example.org")
    ],
    site: Annotated[
        str, typer.Option(prompt="Address of the learning site, as https://learn.example.org")
    ],
    endpoint: Annotated[
        str, typer.Option(prompt="Where the site takes summaries (empty: its usual place)")
    ] = "",
    turn: Annotated[
        str, typer.Option(prompt="Host of your TURN server (empty: none)", show_default=False)
    ] = "",
    database: Annotated[
        str, typer.Option(prompt="DATABASE_URL (empty: a file of this machine)")
    ] = "",
    folder: Annotated[Path, typer.Option(help="Where the files are written.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,  # noqa: FBT002 - typer's form
) -> None:
    """Ask five questions, make the secrets, and write .env and the site's two files.

    What is wrong with an answer is told before anything is written.
    """
    endpoint = endpoint or site.rstrip("/") + ENDPOINT
    settings = _settings(address, site, endpoint, turn, database)
    try:
        load(settings)
    except SettingsError as error:
        typer.echo(f"These answers need attention:\n{error}", err=True)
        raise typer.Exit(2) from None
    files = {
        folder / ".env": "".join(f"{name}={quoted(value)}\n" for name, value in settings.items()),
        folder / FOR_THE_SITE / "eye_config.php": _php(
            {
                "EYE_SERVICE_URL": address.rstrip("/"),
                "SESSION_TOKEN_SECRET": settings["SESSION_TOKEN_SECRET"],
            }
        ),
        folder / FOR_THE_SITE / "tracking_config.php": _php(
            {"TRACKING_SAVE_SECRET": settings["TRACKING_SAVE_SECRET"]},
            "    // 'TRACKING_DB_DSN' => 'mysql:host=localhost;dbname=site',\n"
            "    // 'TRACKING_DB_USER' => 'site',\n"
            "    // 'TRACKING_DB_PASSWORD' => '…',\n",
        ),
    }
    there = [str(path) for path in files if path.exists()]
    if there and not force:
        typer.echo(f"Already there: {', '.join(there)}. --force replaces them.", err=True)
        raise typer.Exit(1)
    for path, text in files.items():
        _write(path, text)
        typer.echo(f"{path} is written")
    read_env_file(folder / ".env")
    typer.echo(
        f"Copy {FOR_THE_SITE}/ beside the site's files of php/, set its database there, and look "
        "with: rtc-server check"
    )
    if turn:
        typer.echo("coturn takes use-auth-secret, and TURN_SECRET of .env as static-auth-secret.")


def _settings(address: str, site: str, endpoint: str, turn: str, database: str) -> dict[str, str]:
    """What differs from the defaults behind a proxy of this machine that ends TLS."""
    settings = {
        "HOST": "127.0.0.1",
        "PYTHON_SERVICE_URL": address,
        "ALLOWED_ORIGINS": site,
        "TRUSTED_PROXIES": "127.0.0.1",
        "SESSION_TOKEN_SECRET": secrets.token_urlsafe(33),
        "TRACKING_SAVE_URL": endpoint,
        "TRACKING_SAVE_SECRET": secrets.token_urlsafe(33),
    }
    if turn:
        host = turn if turn.startswith(("turn:", "turns:")) else f"turn:{turn}"
        settings["TURN_URLS"] = f"{host},{host}?transport=tcp" if "?" not in host else host
        settings["TURN_SECRET"] = secrets.token_urlsafe(33)
    if database:
        settings["DATABASE_URL"] = database
    return settings


def quoted(value: str) -> str:
    """A value as Docker Compose, systemd and this service read it alike."""
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value:
        return f"'{value}'"
    return '"' + re.sub(r'([\\"$])', r"\\\1", value) + '"'


def _php(values: dict[str, str], more: str = "") -> str:
    lines = []
    for name, value in values.items():
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"    '{name}' => '{escaped}',\n")
    return f"<?php\n\nreturn [\n{''.join(lines)}{more}];\n"


def _write(path: Path, text: str) -> None:
    """There are secrets in it: it is nobody else's from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
        file.write(text)
