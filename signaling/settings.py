"""The service's settings: read from the environment once, checked all at once, frozen.

Names are those of the deployed service; ``.env.example`` lists every one with its default.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from ssl import Purpose, SSLContext, create_default_context
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from rtc_server.config import (
    ForwardConfig,
    IceServer,
    PeerConfig,
    SessionConfig,
    StoreConfig,
    VisionConfig,
    WorkerConfig,
)
from rtc_server.errors import RtcServerError, StoreError
from rtc_server.store.engine import database_url
from signaling.access.address import Network
from signaling.access.auth import AuthConfig, AuthMode
from signaling.access.tokens import TokenConfig, public_key
from signaling.cores import usable_cores
from signaling.ice.directory import IceConfig
from signaling.ice.servers import parse_ice_servers

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MIN_SECRET = 32
"""Characters of a secret for HS256 (RFC 7518, 3.2: as long as its hash)."""
MODELS = ("mediapipe-face-mesh",)


class SettingsError(RtcServerError):
    """The configuration has problems; the message has one line for each."""

    code = "bad_settings"


def _split(value: object) -> object:
    """Comma-separated text as a tuple; blanks are skipped."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _networks(value: object) -> object:
    """Addresses and networks, comma-separated; raises ``ValueError``."""
    words = _split(value)
    return tuple(map(ip_network, words)) if isinstance(words, tuple) else words


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """Every setting of the service; field names are the environment's, in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    # Where it listens
    host: str = "localhost"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    python_service_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allowed_origins: Words = ()
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    web_root: Path = Path("web/dist")

    # Who gets in
    auth_mode: Literal["open", "token"] | None = None
    session_token_secret: SecretStr | None = None
    session_token_public_key: str | None = None
    session_token_audience: str | None = None
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
    ice_transport_policy: Literal["all", "relay"] = "all"
    ice_addresses: Words = ()
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
        return tuple(_origin(origin) for origin in value)

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        try:
            database_url(value)
        except StoreError as error:
            raise ValueError(str(error)) from None
        return value

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
        for url in value:
            if not url.startswith(("turn:", "turns:")):
                raise ValueError(f"{url!r} is no turn: or turns: address")
        return value

    @field_validator("session_token_secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value) < MIN_SECRET:
            raise ValueError(f"must have at least {MIN_SECRET} characters")
        return value

    @field_validator("session_token_public_key")
    @classmethod
    def _is_public_key(cls, value: str | None) -> str | None:
        return None if value is None else public_key(value)

    @field_validator("tracking_save_url", "python_service_url", "ice_servers_url")
    @classmethod
    def _is_http_url(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("must be an http:// or https:// address")
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
        return _parse_port_range(value) if isinstance(value, str) else value

    @field_validator("ice_servers", mode="before")
    @classmethod
    def _servers(cls, value: object) -> object:
        return parse_ice_servers(value) if isinstance(value, str) else value

    @property
    def scheme(self) -> str:
        """``https`` where the service itself has a certificate."""
        return "http" if self.tls_cert is None else "https"

    def address(self, port: int) -> str:
        """Where people reach the service that listens on ``port``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.python_service_url or f"{self.scheme}://{host}:{port}"

    def ssl_context(self) -> SSLContext | None:
        """TLS by ``TLS_CERT`` and ``TLS_KEY``; ``None`` behind a proxy."""
        if self.tls_cert is None:
            return None
        context = create_default_context(Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.tls_cert, self.tls_key)
        return context

    def page_connects(self) -> tuple[str, ...]:
        """Origins beside their own that the served pages may call."""
        return () if self.python_service_url is None else (_origin_of(self.python_service_url),)

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
            ice_public_address=self.ice_public_address,
            connect_timeout=self.connect_timeout_seconds,
            max_pixels=self.max_video_pixels,
        )


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _origin(text: str) -> str:
    """``scheme://host[:port]`` without a path, as browsers send it; raises ``ValueError``."""
    if text == "*":
        raise ValueError("name each origin: '*' would let any site use this service")
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ValueError(f"{text!r} is no origin such as https://learn.example.org")
    return _origin_of(text)


def _parse_port_range(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    if not (dash and low.strip().isdecimal() and high.strip().isdecimal()):
        raise ValueError("must look like 50000-50100")
    first, last = int(low), int(high)
    if not 1024 <= first <= last <= 65535:  # noqa: PLR2004 - the unprivileged ports
        raise ValueError("must lie within 1024-65535, the smaller number first")
    return first, last


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings; raises :class:`SettingsError` with every problem, a line each."""
    given = {name.lower(): value.strip() for name, value in environment.items() if value.strip()}
    problems = list(_misfits(given))
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problems = [*_field_problems(error), *problems]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _misfits(given: Mapping[str, str]) -> Iterator[str]:
    """What is wrong between settings that are right each by itself."""
    if ("tls_cert" in given) != ("tls_key" in given):
        yield "TLS_CERT, TLS_KEY: set both or neither"
    for name in ("tls_cert", "tls_key"):
        if name in given and not _is_file(given[name]):
            yield f"{name.upper()}: there is no file {given[name]!r}"
    if ("turn_urls" in given) != ("turn_secret" in given):
        yield "TURN_URLS, TURN_SECRET: set both or neither"
    yield from _volatile_store(given)
    yield from _cluster_misfits(given)
    yield from _auth_misfits(given)


def _is_file(path: str) -> bool:
    """Whether there is one that can be seen, whatever the path is made of."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _auth_misfits(given: Mapping[str, str]) -> Iterator[str]:
    keys = given.keys() & {"session_token_secret", "session_token_public_key"}
    away = given.get("host", "localhost") not in LOOPBACK_HOSTS
    if away and not keys and "auth_mode" not in given:
        yield (
            "AUTH_MODE: HOST is not loopback; set SESSION_TOKEN_SECRET, or say AUTH_MODE=open "
            "to let anyone start a session"
        )
    if given.get("auth_mode") == "token" and not keys:
        yield "SESSION_TOKEN_SECRET: AUTH_MODE=token needs it, or SESSION_TOKEN_PUBLIC_KEY"
    if len(keys) > 1:
        yield "SESSION_TOKEN_SECRET, SESSION_TOKEN_PUBLIC_KEY: set one of them"
    if keys and not given.keys() & {"session_token_audience", "python_service_url"}:
        yield (
            "SESSION_TOKEN_AUDIENCE: say for whom the site mints tokens, or set PYTHON_SERVICE_URL"
        )


def _cluster_misfits(given: Mapping[str, str]) -> Iterator[str]:
    """What workers on several machines cannot do with."""
    if given.get("placement") != "ray":
        return
    url = given.get("database_url", Settings.model_fields["database_url"].default)
    if url.startswith("sqlite"):
        yield (
            "DATABASE_URL: PLACEMENT=ray needs PostgreSQL or MariaDB; SQLite is of one machine only"
        )
    if find_spec("ray") is None:
        yield "PLACEMENT: Ray is not installed; install requirements/ray.lock"


def _volatile_store(given: Mapping[str, str]) -> Iterator[str]:
    """On Railway a container's own disk is gone with the next deployment."""
    url = given.get("database_url", Settings.model_fields["database_url"].default)
    if "railway_environment_id" not in given or not url.startswith("sqlite"):
        return
    volume = given.get("railway_volume_mount_path")
    path = Path("/" + url.partition(":///")[2].lstrip("/"))
    if (
        volume is None
        or not url.partition(":///")[2].startswith("/")
        or Path(volume) not in path.parents
    ):
        yield "DATABASE_URL: SQLite on Railway must lie on a volume, or every deployment loses it"


def _field_problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else "SETTINGS"
        yield f"{name}: {problem['msg'].removeprefix('Value error, ')}"
