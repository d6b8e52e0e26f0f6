"""A network that lets no datagram out, for peers that know no ICE-TCP themselves.

What the peer sends by UDP to ``port`` goes over one TCP connection, framed as RFC 4571 has it, and
what comes back by UDP again.
"""

import asyncio
import re
from typing import Self, cast

from rtc_server.peer.ice.framing import Deframer, framed


class TcpBridge(asyncio.DatagramProtocol):
    """One student's way; made by :meth:`to`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._peer: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._pumping: asyncio.Task[None] | None = None
        self.frames = 0

    @classmethod
    async def to(cls, host: str, port: int) -> Self:
        """Connect."""
        made = cls(*await asyncio.open_connection(host, port))
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", 0))
        made._pumping = asyncio.create_task(made._pump())
        return made

    @classmethod
    async def across(cls, answer: str) -> tuple[Self, str]:
        """Take the passive candidate of an answer; the answer as a peer without TCP takes it."""
        found = re.search(r"tcp \d+ (\S+) (\d+) typ host tcptype passive", answer)
        assert found is not None, answer
        made = await cls.to(found[1], int(found[2]))
        others = re.sub(r"a=candidate:[^\r\n]*\r\n", "", answer)
        ours = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {made.port} typ host\r\n"
        return made, others.replace("a=ice-ufrag", ours + "a=ice-ufrag")

    @property
    def port(self) -> int:
        """By UDP, of 127.0.0.1."""
        assert self._transport is not None
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._peer = addr
        self.writer.write(framed(data))

    async def _pump(self) -> None:
        deframer = Deframer()
        while data := await self._reader.read(65536):
            for frame in deframer.feed(data):
                self.frames += 1
                if self._peer is not None and self._transport is not None:
                    self._transport.sendto(frame, self._peer)

    async def close(self) -> None:
        """Break the connection."""
        self.writer.close()
        if self._pumping is not None:
            self._pumping.cancel()
            await asyncio.gather(self._pumping, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()
