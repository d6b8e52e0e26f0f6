"""Every setting by itself: its name, its kind, its default, and what it may be."""

import re
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
)

from rtc_server.base.config import IceServer
from rtc_server.base.errors import StoreError
from rtc_server.peer.ice.server import checked_uri
from rtc_server.store.address import read_address
from signaling.access.address import Network
from signaling.access.tokens import public_key
from signaling.ice.servers import parse_ice_servers
from signaling.settings.parsing import (
    address_of,
    host_and_port,
    host_to_listen_on,
    method,
    networks,
    origin,
    port_range,
    service_url,
    split,
    upper_case,
)

MIN_SECRET = 32
"""Characters of a secret for HS256 (RFC 7518, 3.2: as long as its hash)."""
INSTALLATION = Path(__file__).resolve().parents[2]
"""The checkout or the image's folder; of an installed package its environment."""
if INSTALLATION.name == "site-packages":
    INSTALLATION = Path(sys.prefix)
MODELS = ("mediapipe-face-mesh",)

Words = Annotated[tuple[str, ...], BeforeValidator(split)]


def installed(path: Path) -> Path:
    """A path of the installation, wherever one stands."""
    return INSTALLATION / path


InstalledPath = Annotated[Path, AfterValidator(installed)]


class Fields(BaseModel):
    """Every setting of the service; field names are the environment's, in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    # Where it listens
    host: Annotated[str, AfterValidator(host_to_listen_on)] = "localhost"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    python_service_url: Annotated[str, AfterValidator(service_url)] | None = None
    tls_cert: InstalledPath | None = None
    tls_key: InstalledPath | None = None
    allowed_origins: Words = ()
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(networks)] = ()
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper_case)
    ] = "INFO"
    web_root: InstalledPath = Path("web/dist")

    # Who gets in
    auth_mode: Literal["open", "token"] | None = None
    session_token_secret: SecretStr | None = None
    session_token_public_key: str | None = None
    session_token_audience: str | None = None
    metrics_token: SecretStr | None = None
    max_sessions_per_user: Annotated[int, Field(ge=1)] = 3
    max_sessions_per_address: Annotated[int, Field(ge=1)] = 300
    max_offers_per_minute: Annotated[int, Field(ge=1)] = 600

    # What it takes
    camera_enabled: bool = False
    enable_browser_eye_streaming: bool = True
    max_frame_kb: Annotated[int, Field(ge=1, le=16384)] = 512
    max_client_fps: Annotated[float, Field(gt=0, le=30)] = 10.0
    max_sessions: Annotated[int, Field(ge=1)] = 200
    max_video_pixels: Annotated[int, Field(ge=640 * 480, le=7680 * 4320)] = 1920 * 1080
    max_video_kbps: Annotated[float, Field(ge=1000)] = 4000.0
    model_name: str = MODELS[0]

    # Where summaries go
    tracking_save_url: Annotated[
        str | None, Field(validation_alias=AliasChoices("tracking_save_url", "php_endpoint"))
    ] = None
    tracking_save_mode: Literal["summary", "upsert", "delta"] = "summary"
    tracking_save_secret: SecretStr | None = None
    tracking_uncertain: Literal["hold", "retry"] = "hold"
    database_url: str = "sqlite:///var/rtc-server.db"

    # How peers connect
    ice_servers: tuple[IceServer, ...] = ()
    turn_urls: Words = ()
    turn_secret: SecretStr | None = None
    turn_ttl_seconds: Annotated[float, Field(ge=60)] = 14400.0
    ice_servers_url: str | None = None
    ice_servers_token: SecretStr | None = None
    ice_servers_method: Annotated[
        Literal["auto", "GET", "POST", "PUT"], BeforeValidator(method)
    ] = "auto"
    ice_transport_policy: Literal["all", "relay"] = "all"
    ice_addresses: Words = ()
    ice_udp_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    ice_tcp_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    ice_tcp_public: Annotated[tuple[str, int], BeforeValidator(host_and_port)] | None = None
    ice_port_range: tuple[int, int] | None = None
    ice_public_address: str | None = None
    connect_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0

    # How long things last
    reconnect_grace_seconds: Annotated[float, Field(ge=0)] = 30.0
    idle_timeout_seconds: Annotated[float, Field(gt=0)] = 60.0
    max_duration_seconds: Annotated[float, Field(gt=0, le=7200)] = 7200.0
    drain_seconds: Annotated[float, Field(ge=0)] = 10.0
    retention_days: Annotated[float, Field(gt=0)] = 365.0
    require_consent: bool = False
    min_group_size: Annotated[int, Field(ge=3)] = 5
    media_workers: Annotated[int, Field(ge=0, le=256)] = 0
    media_worker_memory_mb: Annotated[int, Field(ge=0)] = 2048
    front_memory_mb: Annotated[int, Field(ge=0)] = 2048
    placement: Literal["local", "ray"] = "local"
    ray_address: str = "auto"

    @field_validator("camera_enabled")
    @classmethod
    def _no_camera_here(cls, value: bool) -> bool:  # noqa: FBT001 - pydantic calls it so
        if value:
            raise ValueError("the server never opens a camera: the browser does. Set it to 0")
        return value

    @field_validator("model_name")
    @classmethod
    def _known_model(cls, value: str) -> str:
        if value not in MODELS:
            raise ValueError(f"unknown model {value!r}; known: {', '.join(MODELS)}")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(origin, value))

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        try:
            read_address(value)
        except StoreError as error:
            raise ValueError(str(error)) from None
        kind, slashes, file = value.partition(":///")
        if not kind.startswith("sqlite") or not slashes or file.startswith(("/", ":", "file:")):
            return value
        return f"{kind}:///{installed(Path(file))}" if file else value

    @field_validator("ray_address")
    @classmethod
    def _is_ray_address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value != "auto" and not (host and "/" not in host and port.isdecimal()):
            raise ValueError("must be auto, or host:port of the cluster's head")
        return value

    @field_validator("turn_urls")
    @classmethod
    def _are_turn_urls(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        urls = tuple(map(checked_uri, value))
        if not all(url.startswith("turn") for url in urls):
            raise ValueError("takes turn: and turns: addresses; a stun: one belongs in ICE_SERVERS")
        return urls

    @field_validator("session_token_secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value) < MIN_SECRET:
            raise ValueError(f"must have at least {MIN_SECRET} characters")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _is_sendable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(
            r"[\w.~+/=-]{16,}", value.get_secret_value(), re.ASCII
        ):
            raise ValueError("must have at least 16 letters and digits")
        return value

    @field_validator("session_token_public_key")
    @classmethod
    def _is_public_key(cls, value: str | None) -> str | None:
        return None if value is None else public_key(value)

    @field_validator("tracking_save_url", "ice_servers_url")
    @classmethod
    def _is_http_url(cls, value: str | None) -> str | None:
        if value is not None:
            address_of(value)
        return value

    @field_validator("ice_addresses")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_address(address)) for address in value)

    @field_validator("ice_public_address")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else str(ip_address(value))

    @field_validator("ice_port_range", mode="before")
    @classmethod
    def _port_range(cls, value: object) -> object:
        return port_range(value) if isinstance(value, str) else value

    @field_validator("ice_servers", mode="before")
    @classmethod
    def _servers(cls, value: object) -> object:
        return parse_ice_servers(value) if isinstance(value, str) else value
