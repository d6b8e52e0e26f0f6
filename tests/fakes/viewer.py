"""Whoever looks at a peer's pictures, one after the other."""

import asyncio
from contextlib import suppress
from weakref import WeakKeyDictionary

import av
from aiortc.mediastreams import MediaStreamError

from rtc_server.base.errors import FrameRefused
from rtc_server.media.source import Undecoded
from rtc_server.peer.connection import Peer

KEPT = 4


class Viewer:
    """Decodes what it is shown when it is asked to; the oldest picture goes where too many wait."""

    def __init__(self) -> None:
        self._pictures: asyncio.Queue[Undecoded | None] = asyncio.Queue()

    def offer(self, image: Undecoded, stamp: float) -> None:
        del stamp
        while self._pictures.qsize() >= KEPT:
            self._pictures.get_nowait()
        self._pictures.put_nowait(image)

    def end(self) -> None:
        self._pictures.put_nowait(None)

    async def recv(self) -> av.VideoFrame:
        """The next whole picture; raises ``MediaStreamError`` at the end."""
        while (picture := await self._pictures.get()) is not None:
            with suppress(FrameRefused):
                return await asyncio.to_thread(picture.decode)
        raise MediaStreamError


_VIEWERS: WeakKeyDictionary[Peer, Viewer] = WeakKeyDictionary()


def viewer(peer: Peer) -> Viewer:
    """The one viewer of this peer, from the first call on."""
    if peer not in _VIEWERS:
        _VIEWERS[peer] = Viewer()
        peer.show(_VIEWERS[peer])
    return _VIEWERS[peer]
