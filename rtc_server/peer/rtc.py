"""aiortc's peer connection, built from our receiver and our ICE agent."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport

from rtc_server.base.clock import Clock
from rtc_server.base.config import PeerConfig
from rtc_server.media.source import Load
from rtc_server.peer.association import Association
from rtc_server.peer.dtls import DtlsTransport
from rtc_server.peer.ice.agent import IceAgent, fit_ice_agent
from rtc_server.peer.ice.sockets import IceSockets
from rtc_server.peer.loop_share import LoopShare
from rtc_server.peer.rtp.fast_path import RtpFastPath
from rtc_server.peer.rtp.receiver import VideoReceiver
from rtc_server.peer.upstream import aiortc as upstream

CUT_OFF_SECONDS = 0.5
"""For each part of a connection that is left without a socket."""

_MakeTransport = Callable[[], RTCDtlsTransport]
_MakeTransceiver = Callable[..., RTCRtpTransceiver]

CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA"
)
"""aiortc's, and the same for a DTLS server whose certificate is RSA."""


class Certificate(RTCCertificate):
    """aiortc's own, ECDSA on P-256; as a client it talks to RSA servers as well.

    It can go when aiortc offers these ciphers itself (issue 1434 there).
    """

    def _create_ssl_context(self, srtp_profiles: Any) -> Any:  # noqa: ANN401 - pyOpenSSL's, untyped
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context


class AnsweringConnection(RTCPeerConnection):
    """Answers one offer; its three factory methods put our parts in.

    Attributes:
        transport: the one DTLS transport that everything is bundled on, once there is one.

    """

    def __init__(
        self,
        config: PeerConfig,
        clock: Clock,
        heard: Callable[[], None],
        sockets: IceSockets | None,
        share: LoopShare,
    ) -> None:
        """``heard`` is called for each datagram of media or data, ``share`` counts them.

        ``sockets`` are the worker's.
        """
        # An empty list of servers, for aiortc's default is a public one; the agent has its own.
        super().__init__(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._peer_config = config
        self._sockets = sockets
        self._clock = clock
        self._heard = heard
        self._share = share
        self.transport: RTCDtlsTransport | None = None
        self._make_transport: _MakeTransport = getattr(self, upstream.CREATE_DTLS_TRANSPORT)
        self._make_transceiver: _MakeTransceiver = getattr(self, upstream.CREATE_TRANSCEIVER)
        self._make_association: Callable[[], None] = getattr(self, upstream.CREATE_SCTP_TRANSPORT)
        setattr(self, upstream.CERTIFICATES, [Certificate.generateCertificate()])
        setattr(self, upstream.CREATE_DTLS_TRANSPORT, self._create_transport)
        setattr(self, upstream.CREATE_SCTP_TRANSPORT, self._create_association)
        setattr(self, upstream.CREATE_TRANSCEIVER, self._create_transceiver)

    def video(self) -> VideoReceiver:
        """The receiver of the one video track; there once the offer is set."""
        return next(r for r in self.getReceivers() if isinstance(r, VideoReceiver))

    def load(self) -> Load:
        """What the peer asks of us so far."""
        share = self._share
        return Load(self.video().pixels, share.received_bytes, share.datagrams, share.seconds)

    @property
    def agent(self) -> IceAgent:
        """The ICE agent of the one transport; there once the offer is set."""
        if self.transport is None:
            raise RuntimeError("there is no transport yet")
        return cast("IceAgent", self.transport.transport._connection)

    def way(self) -> str | None:
        """``relay`` (a TURN server stands between), ``direct-tcp``, ``direct``; ``None`` before."""
        if self.transport is None:
            return None
        pairs = self.agent.pairs
        ends = [end for pair in pairs for end in (pair.local_candidate, pair.remote_candidate)]
        if any(end.type == "relay" for end in ends):
            return "relay"
        if any(end.transport == "tcp" for end in ends):
            return "direct-tcp"
        return "direct" if ends else None

    async def cut_off(self) -> None:
        """Take the sockets from under a close that did not end, then stop what stood on them."""
        if self.transport is None:
            return
        ice = self.transport.transport
        if isinstance(ice._connection, IceAgent):
            ice._connection.cut_off()
        for stop in (self.transport.stop, ice.stop):
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(CUT_OFF_SECONDS):
                    await stop()

    def act_as_dtls_server(self) -> None:
        """Answer ``actpass`` with ``passive``: the browser, which repeats sooner, begins."""
        if self.transport is not None:
            self.transport._set_role("server")

    def _create_transport(self) -> RTCDtlsTransport:
        made = self._make_transport()
        DtlsTransport.adopt(made)
        take = RtpFastPath(made, self._heard, self._share).take
        fit_ice_agent(made.transport, self._peer_config, take, self._sockets)
        self.transport = made
        return made

    def _create_association(self) -> None:
        self._make_association()
        if self.sctp is not None:
            Association.adopt(self.sctp, self._share)

    def _create_transceiver(
        self, direction: str, kind: str, sender_track: MediaStreamTrack | None = None
    ) -> RTCRtpTransceiver:
        made = self._make_transceiver(direction=direction, kind=kind, sender_track=sender_track)
        config = self._peer_config
        receiver = VideoReceiver(
            made.receiver.transport,
            self._clock,
            config.max_bitrate,
            config.max_pixels,
            self._share.refused,
        )
        receiver._set_rtcp_ssrc(made.sender._ssrc)
        setattr(made, upstream.TRANSCEIVER_RECEIVER, receiver)
        return made
