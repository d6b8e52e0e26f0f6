"""A WebRTC peer as a session's transport; on the worker's loop."""

import logging
from collections.abc import Callable

from rtc_server.base.clock import Clock
from rtc_server.base.config import SessionConfig
from rtc_server.base.errors import FrameRefused
from rtc_server.base.stats import Stats
from rtc_server.media.sampler import Sampler
from rtc_server.media.source import Load
from rtc_server.peer.connection import Peer

log = logging.getLogger(__name__)


class WebRtcTransport:
    """Frames from the peer's video track, messages over its data channels."""

    def __init__(
        self,
        peer: Peer,
        clock: Clock,
        config: SessionConfig,
        tell: Callable[[str], None],
        stats: Stats,
    ) -> None:
        """``peer`` has answered its offer; ``tell`` reaches those who listen elsewhere."""
        self.watched = False
        """Whether somebody listens who has no data channel (server-sent events)."""
        self._peer = peer
        self._tell = tell
        self.frames = Sampler(clock, config.max_fps, stats)
        peer.show(self.frames)
        self.patience = config.idle_timeout
        self.lost = peer.lost

    @property
    def load(self) -> Load:
        """What the video asks of us."""
        return self._peer.load

    @property
    def way(self) -> str:
        """``direct`` or ``relay``; ``webrtc`` before it is connected."""
        return self._peer.way

    async def connected(self) -> None:
        """Wait for the transport; raises :class:`ConnectTimeout`."""
        await self._peer.connected()

    async def receive(self) -> str:
        """Wait for the client's next control message."""
        return await self._peer.receive()

    def send_metrics(self, text: str) -> None:
        """Send on the ``metrics`` channel: the newest wins."""
        self._peer.send_metrics(text)
        if self.watched:
            self._tell(text)

    def send_control(self, text: str) -> None:
        """Send on the ``control`` channel: reliable, in order."""
        self._peer.send_control(text)
        if self.watched:
            self._tell(text)

    async def add_candidates(self, fragment: str, *, restart: bool) -> str | None:
        """Take a trickle ICE fragment, or restart ICE; raises :class:`OfferRefused`."""
        return await self._peer.add_candidates(fragment, restart=restart)

    def refuse(self, error: FrameRefused) -> None:
        """A frame that is too large or broken: nobody waits for it."""
        log.debug("a frame was refused: %s", error.code)

    async def close(self) -> None:
        """Flush the control channel, then close track and peer."""
        await self._peer.flush()
        await self.frames.close()
        await self._peer.close()
