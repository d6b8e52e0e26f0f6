"""Frozen settings of each room, parsed and checked elsewhere, never read at import."""

from dataclasses import dataclass, field, replace
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
    ice_udp_port: int | None = None
    """The one UDP port of this worker; 0 lets the system choose it."""
    ice_tcp_port: int | None = None
    """The one TCP port of this machine, or of this worker where workers listen themselves."""
    ice_tcp_public: tuple[str, int] | None = None
    """Name and port of a proxy that leads to it, announced in its place."""
    ice_public_address: str | None = None
    """Announced instead of the host address (1:1 NAT, containers)."""
    gather_timeout: float = 1.0
    """Seconds that STUN and TURN servers may take before the answer goes without them."""
    relay_timeout: float = 3.0
    """The same where ``ice_transport_policy`` leaves no other way."""
    max_remote_candidates: int = 20
    max_bitrate: int | None = 600_000
    """Bits per second that answer and feedback ask the publisher to stay below."""
    max_pixels: int = 1920 * 1080
    """Larger pictures of a video are not decoded."""
    connect_timeout: float = 30.0
    """Seconds from the answer to a connected transport."""
    close_timeout: float = 3.0
    """For closing; longer it takes only where a TURN server does not answer: it is cut off then."""
    ping_timeout: float = 6.0
    """Seconds without anything from the client until the peer counts as lost."""


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """What the vision room runs on."""

    threads: int = 1
    """Frames that are analysed at once; each thread has its own models, 30 MB."""
    model_name: str = "mediapipe-face-mesh"
    max_pixels: int = 1920 * 1080
    """A larger JPEG is refused, a larger video frame scaled down."""
    max_frame_bytes: int = 512 * 1024
    """Of a JPEG."""
    look_interval: float = 1.0
    """Seconds of media time between two looks for other faces."""
    quality_interval: float = 0.5
    """Seconds of media time between two ratings of light, noise and sharpness."""


@dataclass(frozen=True, slots=True)
class MetricsConfig:
    """Time constants and thresholds of the measurement, each with its unit."""

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

    mirrored: bool = False
    """The client flips its picture: the student's right is on the image's right."""
    screen_cm: tuple[float, float] = (34.0, 20.0)
    """Width and height of the screen, where nothing better is known: a laptop's."""
    camera_above_screen_cm: float = 1.0

    min_inter_ocular_px: float = 16.0
    """Pixels between the outer corners of the eyes below which nothing is said."""
    min_lids_px: float = 24.0
    """The same for lids: blinks, openness, closures."""
    min_gaze_px: float = 45.0
    """The same for the gaze; below it the eyes are taken to go where the head goes."""
    max_disagreement: float = 0.15
    """Misfit of the rigid face over the inter-ocular distance: beyond it the mesh is torn."""
    dark_image: float = 0.14
    """Mean luminance 0-1 of the whole image below which noise or a flat face mean low light."""
    dark_noise: float = 0.03
    """Standard deviation 0-1 of the sensor noise."""
    dark_contrast: float = 0.1
    """P90 - P10 of the luminance inside the face, 0-1: codecs take noise away, not contrast."""
    min_contrast: float = 0.03
    """The same below which nothing is seen of a face in any picture: a silhouette."""
    alive_within: float = 30.0
    """Seconds without a blink or a saccade after which a face is none of a living person."""
    second_face_share: float = 0.4
    """A second face counts from this share of the first one's size on."""

    openness_window: float = 8.0
    """Seconds of which the person's open eye is learnt."""
    closed_openness: float = 0.2
    gaze_openness: float = 0.4
    """Below it the iris is not seen, and the gaze is held for ``gaze_hold`` seconds."""
    gaze_hold: float = 0.5
    perclos_window: float = 60.0
    perclos_min_closure: float = 0.5
    """Seconds: shorter closures are blinks."""
    min_observed: float = 15.0
    """Observed seconds before a rate is told."""

    neutral_window: float = 60.0
    """Seconds of which the neutral pose and the gaze's centre are the middle."""
    neutral_seed: float = 3.0
    """Seconds at first, and after a change, that are taken without asking whether away."""
    reseed_absence: float = 5.0
    reseed_size_change: float = 0.25
    direction_x: float = 7.0
    direction_y: float = 3.5
    """Degrees from the centre of the gaze; the eyes' part in y comes out small."""
    direction_hysteresis: float = 1.0
    direction_dwell: float = 0.2

    screen_half_x: float = 18.0
    screen_half_y: float = 12.0
    """Degrees from the centre of the gaze that count as on the screen."""
    gaze_sigma: float = 6.0
    head_sigma_yaw: float = 20.0
    head_sigma_pitch: float = 15.0
    attention_tau: float = 1.0
    """Seconds of smoothing of the score that is told."""
    verdict_tau: float = 0.25
    """Seconds of smoothing of the score that the ledger judges."""
    focus_enter: float = 0.6
    focus_leave: float = 0.4
    calibration_time: float = 1.0
    """Seconds that a calibration step collects."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """The life of a session, in seconds."""

    max_fps: float = 10.0
    reconnect_grace: float = 30.0
    max_duration: float = 7200.0
    """The sites' dashboards ignore longer rows."""
    idle_timeout: float = 60.0
    """A connected source that sends no frame for so long is ended."""
    max_pixels: int = 1920 * 1080
    """A publisher of larger pictures is told to scale down, then cut off."""
    cut_off_bitrate: float = 4_000_000.0
    """Bits a second; the same for a publisher that sends more for seconds on end."""
    require_consent: bool = False
    """No frame is analysed before the student's consent is written."""
    checkpoint_interval: float = 10.0
    lease: float = 15.0
    """A session that its worker has not written for so long, plus the grace, is ended by others."""
    store_retry: float = 1.0
    """After which a store that was away is asked again."""
    overuse_interval: float = 1.0
    """Between two looks at what a publisher sends."""


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
    interval: float = 30.0
    """Seconds between the records of a running session, in ``upsert`` and ``delta`` mode."""
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
    memory_limit_mb: int = 0
    """MiB beyond which a worker hands its sessions over and is replaced; 0: no limit."""

    def at_place(self, number: int) -> "WorkerConfig":
        """The same for the worker with this number on its machine, from 0: it has its own port."""
        port = self.peer.ice_udp_port
        if not port:
            return self
        return replace(self, peer=replace(self.peer, ice_udp_port=port + number))
