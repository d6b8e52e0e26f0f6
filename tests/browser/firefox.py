"""A real Firefox, driven over WebDriver BiDi (W3C) as it speaks it itself: one WebSocket."""

import asyncio
import base64
import itertools
import json
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.pictures import astronaut, jpeg

PROGRAM = "firefox-esr"
START_SECONDS = 60.0
PREFERENCES = {
    # It starts no check towards loopback itself, but answers ours: we must know its address.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}
RECORDER = Path(__file__).with_name("recorder.js")
FACE = Path(__file__).with_name("face-camera.js")


class BidiError(Exception):
    """Firefox refused a command."""


class Firefox:
    """One tab of one browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._tab = ""

    async def open(self, url: str, recorder: Path = RECORDER, *, insecure: bool = False) -> None:
        """Open ``url`` with a face in front of the camera and every message written down.

        ``insecure``: whoever signed the certificate.
        """
        capabilities = {"alwaysMatch": {"acceptInsecureCerts": insecure}}
        await self._call("session.new", capabilities=capabilities)
        tree = await self._call("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]
        picture = base64.b64encode(jpeg(astronaut())).decode()
        await self._preload(recorder.read_text())  # noqa: ASYNC240 - a small file
        await self._preload(FACE.read_text().replace("PICTURE", picture))
        await self._call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the page has
        """The value of an expression that can be JSON, or of its promise."""
        answer = await self._call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] != "success":
            raise BidiError(answer["exceptionDetails"]["text"])
        return _value(answer["result"])

    async def click(self, hook: str) -> None:
        """Click on the element with this ``data-testid``."""
        await self.evaluate(f"document.querySelector('[data-testid={hook}]').click()")

    async def close(self) -> None:
        """Close the browser."""
        await self._call("browser.close")

    async def _preload(self, source: str) -> None:
        await self._call("script.addPreloadScript", functionDeclaration=f"() => {{ {source} }}")

    async def _call(self, method: str, **params: object) -> Any:  # noqa: ANN401
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == number:
                break
        if message["type"] == "error":
            raise BidiError(f"{method}: {message['message']}")
        return message["result"]


@asynccontextmanager
async def firefox() -> AsyncIterator[Firefox]:
    """A headless browser with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder)
        (profile / "user.js").write_text("".join(map(_preference, PREFERENCES.items())))
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *("--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"),
            env={"PATH": "/usr/bin:/bin", "HOME": folder},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        reading = None
        try:
            assert process.stderr is not None
            address = await asyncio.wait_for(_announced(process.stderr), START_SECONDS)
            reading = asyncio.create_task(process.stderr.read())
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(f"{address}/session", max_msg_size=0) as socket,
            ):
                browser = Firefox(socket)
                yield browser
                await browser.close()
            await asyncio.wait_for(process.wait(), 10)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            if reading is not None:
                await reading


async def _announced(stream: asyncio.StreamReader) -> str:
    async for line in stream:
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", line.decode())
        if found:
            return found[1]
    raise BidiError("Firefox ended before it listened")


def _preference(preference: tuple[str, bool]) -> str:
    name, value = preference
    return f'user_pref("{name}", {str(value).lower()});\n'


def _value(result: dict[str, Any]) -> Any:  # noqa: ANN401
    return json.loads(result["value"]) if result["type"] == "string" else None
