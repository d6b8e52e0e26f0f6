"""Whether a TURN server would serve a session: it is asked for an address, which is given back."""

import asyncio
import enum
import ssl
from typing import Any

from aioice import stun
from aioice.turn import TurnTransport, create_turn_endpoint

from rtc_server.base.config import IceServer
from rtc_server.peer.ice.server import server_arguments

LIFETIME = 60
"""Seconds after which the server itself forgets an address that could not be given back."""


class TurnAnswer(enum.Enum):
    """What came of it."""

    SERVES = "serves"
    REFUSES = "refuses the credentials"
    SILENT = "does not answer"
    UNTRUSTED = "shows a certificate that is not trusted here (SSL_CERT_FILE)"


class _Relayed(asyncio.DatagramProtocol):
    """Wants no datagrams; knows when the address is given back."""

    def __init__(self) -> None:
        self.given_back = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.given_back.set()


async def probe_turn(server: IceServer, seconds: float) -> TurnAnswer | None:
    """Ask at the first URI of ``server`` that peers can use; None where there is none.

    Takes ``seconds`` at most for each of asking and giving back.
    """
    found = server_arguments([server])
    if "turn_server" not in found:
        return None
    try:
        async with asyncio.timeout(seconds):
            transport, relayed = await _allocate(found)
    except ssl.SSLCertVerificationError:
        return TurnAnswer.UNTRUSTED
    except stun.TransactionFailed:
        return TurnAnswer.REFUSES
    except (stun.TransactionError, OSError, TimeoutError):
        return TurnAnswer.SILENT
    await _give_back(transport, relayed, seconds)
    return TurnAnswer.SERVES


async def _allocate(found: dict[str, Any]) -> tuple[TurnTransport, _Relayed]:
    return await create_turn_endpoint(
        _Relayed,
        server_addr=found["turn_server"],
        username=found["turn_username"],
        password=found["turn_password"],
        lifetime=LIFETIME,
        ssl=found["turn_ssl"] or None,
        transport=found["turn_transport"],
    )


async def _give_back(transport: TurnTransport, relayed: _Relayed, seconds: float) -> None:
    transport.close()
    try:
        async with asyncio.timeout(seconds):
            await relayed.given_back.wait()
    except TimeoutError:
        return  # its lifetime ends it
