"""What the rooms of the service get to know of the settings."""

from pathlib import Path
from urllib.parse import urlsplit

from rtc_server.base.config import (
    ForwardConfig,
    PeerConfig,
    SessionConfig,
    StoreConfig,
    VisionConfig,
    WorkerConfig,
)
from rtc_server.store.address import read_address
from rtc_server.store.condition import place_of
from signaling.access.auth import AuthConfig, AuthMode
from signaling.access.tokens import TokenConfig
from signaling.http.certificate import Certificate
from signaling.ice.directory import IceConfig
from signaling.machine import usable_cores
from signaling.settings.fields import Fields
from signaling.settings.parsing import origin_of


class Settings(Fields):
    """All settings, and the configurations that follow from them."""

    @property
    def scheme(self) -> str:
        """``https`` where the service itself has a certificate."""
        return "http" if self.tls_cert is None else "https"

    def address(self, port: int) -> str:
        """Where people reach the service that listens on ``port``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.python_service_url or f"{self.scheme}://{host}:{port}"

    def summary(self, file: Path | None) -> str:
        """In one line: which file was read, where it listens, which store, who gets in."""
        source = "the environment alone" if file is None else f"{file} and the environment"
        host = f"[{self.host}]" if ":" in self.host else self.host
        who = {
            AuthMode.LOOPBACK: "programs of this machine",
            AuthMode.OPEN: "anyone",
            AuthMode.TOKEN: "who has a token of the site",
        }[self.auth_config().mode]
        pages = ", ".join(self.allowed_origins) or "its own"
        return (
            f"settings of {source}; listens on {host}:{self.port}; "
            f"store: {place_of(read_address(self.database_url).url)}; "
            f"gets in: {who}; pages: {pages}"
        )

    @property
    def public_path(self) -> str:
        """What a proxy takes off the paths before it passes them on, as ``/eyes``; or nothing."""
        return urlsplit(self.python_service_url or "").path.rstrip("/")

    def certificate(self) -> Certificate | None:
        """TLS by ``TLS_CERT`` and ``TLS_KEY``; ``None`` behind a proxy."""
        if self.tls_cert is None or self.tls_key is None:
            return None
        return Certificate(self.tls_cert, self.tls_key)

    def page_connects(self) -> tuple[str, ...]:
        """Origins beside their own that the served pages may call."""
        return () if self.python_service_url is None else (origin_of(self.python_service_url),)

    def auth_config(self) -> AuthConfig:
        """Who may start a session, and how it is told."""
        tokens = self._token_config()
        mode = AuthMode.LOOPBACK if tokens is None else AuthMode.TOKEN
        given = None if self.auth_mode is None else AuthMode(self.auth_mode)
        return AuthConfig(mode=given or mode, tokens=tokens, proxies=self.trusted_proxies)

    def log_key(self) -> str | None:
        """A secret of this installation that students' names in the log are made with."""
        secret = self.session_token_secret or self.tracking_save_secret
        return None if secret is None else secret.get_secret_value()

    def _token_config(self) -> TokenConfig | None:
        audience = (self.session_token_audience or self.python_service_url or "").rstrip("/")
        if self.session_token_secret is not None:
            return TokenConfig("HS256", self.session_token_secret.get_secret_value(), audience)
        if self.session_token_public_key is not None:
            return TokenConfig("EdDSA", self.session_token_public_key, audience)
        return None

    def worker_config(self) -> WorkerConfig:
        """What a media worker needs of all this."""
        return WorkerConfig(
            peer=self._peer_config(),
            vision=VisionConfig(
                model_name=self.model_name, max_frame_bytes=self.max_frame_kb * 1024
            ),
            session=SessionConfig(
                max_fps=self.max_client_fps,
                reconnect_grace=self.reconnect_grace_seconds,
                max_duration=self.max_duration_seconds,
                max_pixels=self.max_video_pixels,
                cut_off_bitrate=1000 * self.max_video_kbps,
                require_consent=self.require_consent,
                idle_timeout=self.idle_timeout_seconds,
            ),
            store=StoreConfig(database_url=self.database_url),
            forward=self.forward_config(),
            drain=self.drain_seconds,
            memory_limit_mb=self.media_worker_memory_mb,
        )

    def workers(self) -> int:
        """How many media workers run: ``MEDIA_WORKERS``, or one a core."""
        return self.media_workers or usable_cores()

    def forward_config(self) -> ForwardConfig:
        """Where and how summaries are delivered."""
        secret = self.tracking_save_secret
        return ForwardConfig(
            save_url=self.tracking_save_url,
            save_mode=self.tracking_save_mode,
            secret=None if secret is None else secret.get_secret_value(),
            uncertain=self.tracking_uncertain,
        )

    def ice_config(self) -> IceConfig:
        """Where ICE servers come from, for both sides."""
        secret, token = self.turn_secret, self.ice_servers_token
        return IceConfig(
            static=self.ice_servers,
            turn_urls=self.turn_urls,
            turn_secret=None if secret is None else secret.get_secret_value(),
            turn_ttl=self.turn_ttl_seconds,
            provider_url=self.ice_servers_url,
            provider_token=None if token is None else token.get_secret_value(),
            provider_method=self.ice_servers_method,
        )

    def _peer_config(self) -> PeerConfig:
        return PeerConfig(
            ice_transport_policy=self.ice_transport_policy,
            ice_addresses=self.ice_addresses,
            ice_port_range=self.ice_port_range,
            ice_udp_port=self.ice_udp_port,
            ice_tcp_port=self.ice_tcp_port,
            ice_tcp_public=self.ice_tcp_public,
            ice_public_address=self.ice_public_address,
            connect_timeout=self.connect_timeout_seconds,
            max_pixels=self.max_video_pixels,
        )
