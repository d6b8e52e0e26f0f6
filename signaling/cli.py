"""The ``rtc-server`` command."""

import asyncio
import json
import logging
import signal
import sys
from contextlib import suppress

import typer
from aiohttp import web

from rtc_server.base.errors import RtcServerError
from rtc_server.base.log import configure_logging
from rtc_server.metrics import wire
from signaling.app import CERTIFICATE, make_app
from signaling.app import serve as serve_app
from signaling.commands import outbox
from signaling.commands.analyze import analyze
from signaling.commands.bench import AS_THEY_ARE, bench
from signaling.commands.check import check
from signaling.commands.configured import EnvFile, configuration
from signaling.commands.export import export
from signaling.commands.init import init
from signaling.commands.session import erase, session
from signaling.commands.token import token
from signaling.machine import keep_one_heap
from signaling.settings import resembling

STOPPING = (signal.SIGTERM, signal.SIGINT)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Eye tracking over WebRTC.")
app.command()(analyze)
app.command()(check)
app.command(context_settings=AS_THEY_ARE)(bench)
app.command()(init)
app.command()(token)
app.command()(session)
app.command()(erase)
app.command()(export)
app.add_typer(outbox.app, name="outbox")


@app.callback()
def _root() -> None:
    """Keep sub-commands even while there are few."""


@app.command()
def serve(
    env_file: EnvFile = None,  # noqa: ARG001 - its callback has used it
) -> None:
    """Run the service until SIGTERM or Ctrl-C."""
    settings, environment = configuration()
    print(settings.summary(environment.file), flush=True)  # noqa: T201 - for who started it
    for sentence in resembling(environment):
        print(sentence, file=sys.stderr)  # noqa: T201 - so is this
    configure_logging(settings.log_level)
    keep_one_heap()
    try:
        asyncio.run(_until_signal(make_app(settings)))
    except (OSError, RtcServerError) as error:
        print(f"The service cannot start: {error}", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1) from None


@app.command()
def schema() -> None:
    """Print the JSON Schema of all messages."""
    print(json.dumps(wire.json_schema(), indent=2))  # noqa: T201 - the command's output


def _say_where(address: str) -> None:
    print(f"Eye tracking on {address}", flush=True)  # noqa: T201 - for the person who started it


async def _until_signal(application: web.Application) -> None:
    """Serve until the first signal, in order; a second one ends the process at once.

    SIGHUP tells a service to read its certificate anew; of a terminal it says that it is closed.
    """
    serving = asyncio.ensure_future(serve_app(application, _say_where))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        serving.cancel()
        for number in STOPPING:
            loop.remove_signal_handler(number)

    def hang_up() -> None:
        certificate = application.get(CERTIFICATE)
        if sys.stdin.isatty():
            stop()
        elif certificate is not None:
            certificate.renew()

    for number in STOPPING:
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, hang_up)
    with suppress(asyncio.CancelledError):
        await serving
    logging.getLogger(__name__).info("stopped")
