"""Frozen settings of each room, parsed and checked elsewhere, never read at import."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class IceServer:
    """One entry of ``RTCPeerConnection``'s ``iceServers`` (W3C WebRTC, RTCIceServer)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class PeerConfig:
    """How a peer connection is answered and watched."""

    ice_servers: tuple[IceServer, ...] = ()
    ice_transport_policy: str = "all"
    """``all`` or ``relay`` (W3C WebRTC, RTCIceTransportPolicy)."""
    ice_addresses: tuple[str, ...] = ()
    """Local addresses that host candidates use; empty: all but loopback."""
    ice_port_range: tuple[int, int] | None = None
    ice_public_address: str | None = None
    """Announced instead of the host address (1:1 NAT, containers)."""
    gather_timeout: float = 3.0
    """Seconds that STUN and TURN servers may take before the answer goes without them."""
    max_remote_candidates: int = 20
    max_bitrate: int | None = 1_000_000
    """Bits per second that the answer asks the publisher to stay below."""
    connect_timeout: float = 30.0
    """Seconds from the answer to a connected transport."""
    ping_interval: float = 2.0
    ping_timeout: float = 6.0
    """Seconds without anything from the client until the peer counts as lost."""


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """What the vision room runs on."""

    threads: int = 1
    model_name: str = "mediapipe-face-mesh"
    max_pixels: int = 1920 * 1080
    max_frame_bytes: int = 512 * 1024


@dataclass(frozen=True, slots=True)
class MetricsConfig:
    """Time constants and thresholds of the measurement, each with its unit."""

    horizontal_fov: float = 60.0
    """Degrees that the camera sees across the image, where nothing better is known."""
    max_gap: float = 1.0
    """Seconds between frames beyond which the gap is wholly unknown."""
    placing_slack: float = 0.5
    """Seconds that a frame may be placed before its arrival."""

    focus_dwell: float = 1.0
    unfocus_dwell: float = 2.0
    closed_dwell: float = 1.0
    no_face_dwell: float = 1.5
    unknown_dwell: float = 1.0
    """Seconds that a state must last until it is settled, from where it began."""
    glimpse: float = 0.3
    """Seconds of the settled state that end what was pending against it."""
    pending_majority: float = 0.6
    """Share of the pending time that a state needs to be settled."""
    max_pending: float = 10.0
    """Seconds after which the stronger side wins in any case."""
    min_session: float = 3.0
    """Seconds of one state that count as a session of it."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """The life of a session, in seconds."""

    max_fps: float = 10.0
    reconnect_grace: float = 30.0
    max_duration: float = 7200.0
    """The sites' dashboards ignore longer rows."""
    idle_timeout: float = 60.0
    """A connected source that sends no frame for so long is ended."""
    checkpoint_interval: float = 10.0
    lease: float = 30.0
    """A session that its worker has not written for so long, plus the grace, is ended by others."""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where sessions, checkpoints and the outbox are kept."""

    database_url: str = "sqlite+aiosqlite:///var/sessions.db"


@dataclass(frozen=True, slots=True)
class ForwardConfig:
    """Where summaries go and how patiently."""

    save_url: str | None = None
    save_mode: Literal["summary", "upsert", "delta"] = "summary"
    """``summary``, ``upsert`` or ``delta``."""
    secret: str | None = field(default=None, repr=False)
    uncertain: str = "hold"
    """``hold`` or ``retry``: a POST that was sent but never answered."""
    timeout: float = 10.0
    """Seconds for each phase of a POST: connecting, sending, waiting for the answer."""
    concurrency: int = 4
    """POSTs at a time."""
    poll: float = 0.25
    """Seconds after which the outbox is looked at again: other processes write it too."""
    lease: float = 60.0
    """Seconds after which another forwarder takes over what this one did not settle."""


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """Everything a media worker needs; handed to the child process as a whole."""

    peer: PeerConfig = PeerConfig()
    vision: VisionConfig = VisionConfig()
    metrics: MetricsConfig = MetricsConfig()
    session: SessionConfig = SessionConfig()
    store: StoreConfig = StoreConfig()
    forward: ForwardConfig = ForwardConfig()
    drain: float = 10.0
    """Seconds that a worker may take to end its sessions on SIGTERM."""
