"""``rtc-server check``: whether the service would run here, and with whom it can talk."""

import asyncio
import json
from typing import Annotated

import typer

from signaling.checks.checkup import checkup
from signaling.checks.finding import Finding, Verdict
from signaling.commands.configured import EnvFile

COLOURS = {
    Verdict.OK: typer.colors.GREEN,
    Verdict.NOTE: typer.colors.YELLOW,
    Verdict.FAILED: typer.colors.RED,
}


def check(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002 - typer's form
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Check settings, pages, store, TURN, the site's endpoint and the model; a line each.

    Changes and stores nothing, and prints no secret. Exit code 1: something failed; a note is
    no failure.
    """
    findings = asyncio.run(_found(show=not as_json))
    ok = all(finding.verdict is not Verdict.FAILED for finding in findings)
    if as_json:
        told = [finding.as_json() for finding in findings]
        typer.echo(json.dumps({"ok": ok, "findings": told}))
    raise typer.Exit(0 if ok else 1)


async def _found(*, show: bool) -> list[Finding]:
    findings = []
    async for finding in checkup():
        findings.append(finding)
        if show:
            _print(finding)
    return findings


def _print(finding: Finding) -> None:
    verdict = typer.style(f"{finding.verdict.value:<7}", fg=COLOURS[finding.verdict])
    typer.echo(f"{verdict} {finding.name:<9} {finding.text}")
