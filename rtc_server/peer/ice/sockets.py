"""What a worker's sessions share to be reached; lives as long as the worker."""

from dataclasses import dataclass

from rtc_server.base.config import PeerConfig
from rtc_server.base.stats import Stats
from rtc_server.peer.ice.acceptor import Acceptor
from rtc_server.peer.ice.mux import UdpMux
from rtc_server.peer.ice.tcp import Credentials, TcpPorts


class Unheard:
    """Nobody else has to know of a session."""

    def opened(self, ufrag: str, password: str) -> None:
        """Nobody has to know that a session can be reached."""

    def closed(self, ufrag: str) -> None:
        """Nobody has to know that it no longer can."""


@dataclass(frozen=True, slots=True)
class IceSockets:
    """The ports of a worker that are not one session's own."""

    udp: UdpMux | None = None
    """``None``: each session opens UDP ports for itself."""
    tcp: TcpPorts | None = None
    """``None``: nobody connects by TCP."""
    acceptor: Acceptor | None = None
    """Where this process itself listens for TCP, not the front process."""

    @classmethod
    async def open(
        cls, config: PeerConfig, stats: Stats, credentials: Credentials | None = None
    ) -> "IceSockets":
        """Those that ``config`` wants; raises :class:`RtcServerError` where a port is taken.

        ``credentials``: the front process, which accepts TCP; without it this process does.
        """
        if config.ice_transport_policy == "relay":
            return cls()
        lost, udp = stats.datagrams_lost, None
        if config.ice_udp_port is not None:
            udp = UdpMux(config.ice_addresses, config.ice_udp_port, lost)
        if config.ice_tcp_port is None:
            return cls(udp)
        port = config.ice_tcp_port
        tcp = TcpPorts(port, config.ice_tcp_public, credentials or Unheard(), lost)
        await tcp.start()
        if credentials is not None:
            return cls(udp, tcp)
        acceptor = Acceptor(
            config.ice_addresses,
            port,
            tcp.password_of,
            tcp.take,
            stats.tcp_connections,
            proxied=config.ice_tcp_public is not None,
        )
        tcp.port = acceptor.port  # 0: the system chose it
        return cls(udp, tcp, acceptor)

    @property
    def udp_buffer(self) -> int:
        """Bytes that the kernel keeps for the UDP port; 0 where there is none."""
        return 0 if self.udp is None else self.udp.buffer

    async def close(self) -> None:
        """Close them, once the sessions have ended."""
        if self.acceptor is not None:
            self.acceptor.close()
        if self.tcp is not None:
            await self.tcp.close()
        if self.udp is not None:
            self.udp.close()
