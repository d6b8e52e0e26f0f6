"""What the rooms of the service get to know of the settings."""

from ssl import Purpose, SSLContext, create_default_context
from urllib.parse import urlsplit

from rtc_server.base.config import (
    ForwardConfig,
    PeerConfig,
    SessionConfig,
    StoreConfig,
    VisionConfig,
    WorkerConfig,
)
from signaling.access.auth import AuthConfig, AuthMode
from signaling.access.tokens import TokenConfig
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

    @property
    def public_path(self) -> str:
        """What a proxy takes off the paths before it passes them on, as ``/eyes``; or nothing."""
        return urlsplit(self.python_service_url or "").path.rstrip("/")

    def ssl_context(self) -> SSLContext | None:
        """TLS by ``TLS_CERT`` and ``TLS_KEY``; ``None`` behind a proxy."""
        if self.tls_cert is None:
            return None
        context = create_default_context(Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.tls_cert, self.tls_key)
        return context

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
