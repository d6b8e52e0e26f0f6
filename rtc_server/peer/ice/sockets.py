"""What a worker's sessions share to be reached; lives as long as the worker."""

from dataclasses import dataclass

from rtc_server.base.config import PeerConfig
from rtc_server.base.stats import Stats
from rtc_server.peer.ice.mux import UdpMux


@dataclass(frozen=True, slots=True)
class IceSockets:
    """The ports of a worker that are not one session's own."""

    udp: UdpMux | None = None
    """``None``: each session opens UDP ports for itself."""

    @classmethod
    def open(cls, config: PeerConfig, stats: Stats) -> "IceSockets":
        """Those that ``config`` wants; raises :class:`RtcServerError` where a port is taken."""
        if config.ice_udp_port is None or config.ice_transport_policy == "relay":
            return cls()
        return cls(UdpMux(config.ice_addresses, config.ice_udp_port, stats.datagrams_lost))

    @property
    def udp_buffer(self) -> int:
        """Bytes that the kernel keeps for the UDP port; 0 where there is none."""
        return 0 if self.udp is None else self.udp.buffer

    def close(self) -> None:
        """Close them, once the sessions have ended."""
        if self.udp is not None:
            self.udp.close()
