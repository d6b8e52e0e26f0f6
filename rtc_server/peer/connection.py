"""One WebRTC peer: its offer is answered; a video track and two channels come out of it."""

import asyncio
import enum
import logging
from collections.abc import Callable

from aioice import Candidate
from aiortc import RTCDataChannel, RTCIceCandidate, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

from rtc_server.base.aio import TaskSet
from rtc_server.base.clock import Clock
from rtc_server.base.config import PeerConfig
from rtc_server.base.end_reason import EndReason
from rtc_server.base.errors import ConnectTimeout, OfferRefused
from rtc_server.media.source import Load, PictureSink
from rtc_server.peer.channel import Inbox, LatestOutbox, ReliableOutbox
from rtc_server.peer.ice.agent import is_loopback
from rtc_server.peer.ice.sockets import IceSockets
from rtc_server.peer.loop_share import LoopShare
from rtc_server.peer.rtc import AnsweringConnection
from rtc_server.peer.sdp.candidate import CandidateRules, Fragment, parse_fragment
from rtc_server.peer.sdp.guard import MALFORMED, guard
from rtc_server.peer.sdp.offer import Offer, malformed, restarted

CUT_OFF = "close_cut_off"
"""What a connection is counted as that could not be closed in time."""
FLUSH_TIMEOUT = 3.0
"""As long as a client waits for its summary: on a lossy network it is sent more than once."""
FLUSH_STEP = 0.01
MAX_RESTARTS = 20
"""Names of the other side that are remembered, so that a late fragment is told from a restart."""
REFUSALS = (*MALFORMED, InternalError, InvalidAccessError, InvalidStateError, OperationError)

log = logging.getLogger(__name__)


class PeerState(enum.Enum):
    """The life of a peer, in this order."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


class Peer:
    """The answering side of one connection with one publisher.

    Attributes:
        state: where the peer is in its life.
        lost: done, with the reason, when the other side is gone for good.

    """

    def __init__(
        self,
        config: PeerConfig,
        clock: Clock,
        *,
        name: str = "-",
        refused: Callable[[str], None] = lambda _: None,
        sockets: IceSockets | None = None,
    ) -> None:
        """``name`` is what log lines call the peer; must be made inside a running event loop.

        ``refused`` hears why a message of the client is dropped, or the client itself. ``sockets``
        are the worker's.
        """
        self.state = PeerState.NEW
        self.lost: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._config = config
        self._clock = clock
        self._name = name
        self._refused = refused
        at_home = any(is_loopback(address) for address in config.ice_addresses)
        self._rules = CandidateRules(config.max_remote_candidates, allow_loopback=at_home)
        self._heard_at = clock.monotonic()
        share = LoopShare(clock, refused, self._held_the_loop)
        self._connection = AnsweringConnection(config, clock, self._heard, sockets, share)
        self._connection.on("connectionstatechange", self._connection_changed)
        self._connection.on("datachannel", self._channel_opened)
        self._offer: Offer | None = None
        self._candidates = 0
        self._ufrags: list[str] = []
        self._restarting = asyncio.Lock()  # one after the other: the newest is the one that counts
        """The other side's, the present one last."""
        self._settled = asyncio.Event()
        self._metrics = LatestOutbox()
        self._control = ReliableOutbox()
        self._inbox = Inbox(clock, refused)
        self._tasks = TaskSet()
        self._closing: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ signaling

    async def answer(self, offer_sdp: str) -> str:
        """Answer the offer, with all candidates; call once.

        Raises :class:`OfferRefused`; the peer is then of no further use and must be closed.
        """
        offer = self._offer = guard(offer_sdp, self._rules)
        self._ufrags = [offer.ufrag]
        self._candidates = offer.sdp.count("a=candidate:") // len(offer.taken)
        self._to(PeerState.CONNECTING)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            if offer.setup == "actpass":
                self._connection.act_as_dtls_server()
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except REFUSALS as error:
            raise malformed("The offer cannot be answered.") from error
        answer = self._connection.localDescription.sdp
        self._check_candidates(answer)
        self._heard()
        return offer.complete(answer, self._config.max_bitrate)

    async def add_candidates(self, fragment: str, *, restart: bool = False) -> str | None:
        """Take a trickle ICE fragment (RFC 8840); an empty one is fine.

        With ``restart`` one with new credentials restarts ICE (RFC 9725, section 4.3.3): the
        fragment that answers it is returned, and the connection goes on as it is until the new
        way carries. Raises :class:`OfferRefused` with code ``sdpfrag_malformed``;
        ``ice_restart_unsupported`` when it belongs to other ICE credentials and is no restart;
        ``precondition_failed`` when it belongs to those before a restart. The peer goes on.
        """
        parsed = parse_fragment(fragment)
        if self._offer is None or self.state is PeerState.CLOSED:
            return None
        if parsed.ufrag in (None, self._ufrags[-1]):
            await self._try(self._offer, parsed)
            return None
        if restart and parsed.restarts and self.state is PeerState.CONNECTED:
            async with self._restarting:
                return await self._restart(self._offer, parsed)
        if parsed.ufrag in self._ufrags:
            raise OfferRefused("ICE was restarted since.", code="precondition_failed")
        raise OfferRefused(
            'An ICE restart says If-Match: "*", brings a password, and comes once connected.',
            code="ice_restart_unsupported",
        )

    async def _restart(self, offer: Offer, asked: Fragment) -> str:
        """Have a second ICE agent look for a way, and tell where it is."""
        admitted = self._rules.select(asked.candidates)
        try:
            agent = await self._connection.agent.restart(
                asked.ufrag or "", asked.password or "", map(Candidate.from_sdp, admitted)
            )
        except ConnectionError:
            raise OfferRefused("No address is left.", code="ice_no_candidate") from None
        self._ufrags = [*self._ufrags, asked.ufrag or ""][-MAX_RESTARTS:]
        self._candidates = len(admitted)
        return restarted(offer, agent.local_username, agent.local_password, agent.local_candidates)

    async def _try(self, offer: Offer, parsed: Fragment) -> None:
        """Try further addresses of the other side, as many as there is room for."""
        room = self._rules.maximum - self._candidates
        for value in self._rules.select(parsed.candidates)[: max(0, room)]:
            self._candidates += 1
            await self._add_candidate(offer, value)

    async def _add_candidate(self, offer: Offer, value: str) -> None:
        candidate: RTCIceCandidate = candidate_from_sdp(value)
        candidate.sdpMid = offer.taken[0]
        await self._connection.addIceCandidate(candidate)

    def _check_candidates(self, answer: str) -> None:
        """Without a candidate nobody can reach this answer; aiortc does not mind."""
        if self._config.ice_transport_policy == "relay" and " typ relay" not in answer:
            raise OfferRefused("No TURN server gave this server an address.", code="ice_no_relay")
        if "a=candidate:" not in answer and self._config.ice_port_range is not None:
            raise OfferRefused("No port of ICE_PORT_RANGE is free.", code="ice_no_port")
        if "a=candidate:" not in answer:
            raise OfferRefused("This server has no address to offer.", code="ice_no_candidate")

    # ------------------------------------------------------------ life

    async def connected(self) -> None:
        """Wait until media can arrive; raises :class:`ConnectTimeout` when it never does."""
        try:
            async with asyncio.timeout(self._config.connect_timeout):
                await self._settled.wait()
        except TimeoutError:
            raise ConnectTimeout from None
        if self.state is not PeerState.CONNECTED:
            raise ConnectTimeout("The connection failed before it was there.")

    @property
    def way(self) -> str:
        """``direct``, ``direct-tcp`` or ``relay`` (by TURN); ``webrtc`` before that is known."""
        return self._connection.way() or "webrtc"

    @property
    def load(self) -> Load:
        """What the video asks of us so far."""
        return self._connection.load()

    def show(self, sink: PictureSink) -> None:
        """Show the pictures of the video to ``sink``; call after ``answer``."""
        self._connection.video().show(sink)

    async def close(self) -> None:
        """Close, or cut off what cannot be closed in time; any task may ask, and ask again."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name=f"close {self._name}")
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._to(PeerState.CLOSED)
        self._lose()
        await self._tasks.close()
        try:
            async with asyncio.timeout(self._config.close_timeout):
                await self._connection.close()
        except TimeoutError:
            log.warning("peer %s did not close in time: cut off", self._name)
            self._refused(CUT_OFF)
            await self._connection.cut_off()

    # ------------------------------------------------------------ messages

    def send_metrics(self, text: str) -> None:
        """Send what may be lost; while the channel is full or not there the newest is kept."""
        self._metrics.send(text)

    def send_control(self, text: str) -> None:
        """Send what must arrive, in order; waits (bounded) for the channel to open."""
        self._control.send(text)

    async def receive(self) -> str:
        """Wait for the client's next control message; waits for ever once the peer is lost."""
        return await self._inbox.receive()

    async def flush(self) -> None:
        """Wait, at most ``FLUSH_TIMEOUT``, until the client has what was sent on ``control``."""
        for _ in range(int(FLUSH_TIMEOUT / FLUSH_STEP)):
            if self.state is not PeerState.CONNECTED or self.lost.done() or self._delivered():
                return
            await asyncio.sleep(FLUSH_STEP)

    def _delivered(self) -> bool:
        """Whether SCTP holds nothing that is unsent or unacknowledged."""
        sctp = self._connection.sctp
        on_the_way = sctp is not None and bool(sctp._outbound_queue or sctp._sent_queue)
        return self._control.empty and not on_the_way

    # ------------------------------------------------------------ what aiortc tells

    def _heard(self) -> None:
        self._heard_at = self._clock.monotonic()

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if channel.label == "metrics":
            self._metrics.attach(channel)
        elif channel.label == "control":
            channel.on("message", self._inbox.take)
            self._control.attach(channel)
        else:
            channel.close()

    def _connection_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and self.state is PeerState.CONNECTING:
            self._to(PeerState.CONNECTED)
            self._heard()
            self._settled.set()
            self._tasks.start(self._watch(), f"watch {self._name}")
        elif state in ("failed", "closed"):
            self._lose()

    async def _watch(self) -> None:
        """Notice a peer of whom nothing comes any more: no media, no reports, no ping.

        ICE consent takes 30 s for that. A page in the background that still sends is alive.
        """
        while True:
            silent = self._clock.monotonic() - self._heard_at
            if silent >= self._config.ping_timeout:
                break
            await asyncio.sleep(min(1.0, self._config.ping_timeout - silent))
        self._lose()

    def _held_the_loop(self, seconds: float) -> None:
        """Let go of a peer whose datagram cost too much: the others of this worker waited."""
        log.warning("peer %s held the loop for %.0f ms: closed", self._name, 1e3 * seconds)
        self._lose()

    def _lose(self) -> None:
        if not self.lost.done():
            self.lost.set_result(EndReason.PEER_LOST)
        self._settled.set()

    def _to(self, state: PeerState) -> None:
        if state is not self.state:
            log.info("peer %s: %s → %s", self._name, self.state.value, state.value)
            self.state = state
