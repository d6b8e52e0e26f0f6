"""Settings are read once, checked all at once, and documented."""

import re
from pathlib import Path

import pytest

from rtc_server.base.config import IceServer
from signaling.machine import usable_cores
from signaling.settings import Settings, SettingsError, load
from signaling.settings import misfits as misfits_module
from signaling.settings.env_file import read_env_file

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def test_an_empty_environment_is_the_embedded_default() -> None:
    settings = load({})
    assert settings.host == "localhost"
    assert settings.port == 8080
    assert settings.workers() == usable_cores()
    assert settings.tracking_save_url is None
    assert settings.database_url.startswith("sqlite")


def test_all_problems_are_reported_at_once() -> None:
    environment = {
        "CAMERA_ENABLED": "1",
        "MODEL_NAME": "resnet",
        "PORT": "http",
        "ALLOWED_ORIGINS": "https://a.example/path",
        "ICE_PORT_RANGE": "9-8",
        "TRACKING_SAVE_URL": "ftp://site",
        "TLS_CERT": "/no/such/file",
        "HOST": "0.0.0.0",
        "DATABASE_URL": "oracle://db",
    }
    with pytest.raises(SettingsError) as caught:
        load(environment)
    lines = str(caught.value).splitlines()
    named = {word for line in lines for word in line.split(":")[0].split(", ")}
    assert named == {
        "CAMERA_ENABLED",
        "MODEL_NAME",
        "PORT",
        "ALLOWED_ORIGINS",
        "ICE_PORT_RANGE",
        "TRACKING_SAVE_URL",
        "TLS_CERT",
        "TLS_KEY",
        "AUTH_MODE",
        "DATABASE_URL",
    }


def test_the_deployed_environment_is_understood() -> None:
    settings = load(
        {
            "PYTHON_SERVICE_URL": "https://eyes.up.railway.app",
            "TRACKING_SAVE_URL": "https://site.up.railway.app/user/database/save.php",
            "CAMERA_ENABLED": "0",
            "ALLOWED_ORIGINS": "https://site.up.railway.app, https://Other.example/",
            "MAX_FRAME_KB": "512",
            "MAX_CLIENT_FPS": "10",
            "MODEL_NAME": "mediapipe-face-mesh",
            "ENABLE_BROWSER_EYE_STREAMING": "1",
        }
    )
    assert settings.allowed_origins == ("https://site.up.railway.app", "https://other.example")
    assert settings.worker_config().vision.max_frame_bytes == 512 * 1024


def test_php_endpoint_is_an_alias_that_the_new_name_outranks() -> None:
    assert load({"PHP_ENDPOINT": "http://a/x.php"}).tracking_save_url == "http://a/x.php"
    both = {"PHP_ENDPOINT": "http://a/x.php", "TRACKING_SAVE_URL": "http://b/x.php"}
    assert load(both).tracking_save_url == "http://b/x.php"


@pytest.mark.parametrize(
    "text",
    [
        '[{"urls": "stun:stun.example.org"}]',
        '{"iceServers": [{"urls": ["stun:stun.example.org"]}]}',
        '{"ice_servers": [{"url": "stun:stun.example.org"}]}',
    ],
)
def test_ice_servers_come_in_three_shapes(text: str) -> None:
    assert load({"ICE_SERVERS": text}).ice_servers == (IceServer(("stun:stun.example.org",)),)


@pytest.mark.parametrize(
    "text", ["stun:x", "3", '[{"urls": "http://x"}]', '[{"urls": "turn:x"}]', "[4]"]
)
def test_ice_servers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="ICE_SERVERS"):
        load({"ICE_SERVERS": text})


def test_a_wildcard_origin_is_refused() -> None:
    with pytest.raises(SettingsError, match="name each origin"):
        load({"ALLOWED_ORIGINS": "*"})


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"ICE_UDP_PORT": "50000", "ICE_PORT_RANGE": "50001-50100"}, "set one of them"),
        ({"ICE_UDP_PORT": "65535", "MEDIA_WORKERS": "2"}, "2 do not fit"),
        ({"ICE_UDP_PORT": "70000"}, "ICE_UDP_PORT: "),
        ({"ICE_TCP_PORT": "8080"}, "ICE_TCP_PORT: PORT is the same"),
        ({"ICE_TCP_PUBLIC": "proxy.example.net:1"}, "ICE_TCP_PUBLIC: set ICE_TCP_PORT"),
        ({"ICE_TCP_PORT": "50000", "ICE_TCP_PUBLIC": "proxy"}, "must look like proxy.example.net"),
        ({"ICE_TCP_PORT": "50000", "ICE_TCP_PUBLIC": "2001:db8::1:9"}, "must look like"),
    ],
)
def test_ports_that_cannot_be_had_are_refused(environment: dict[str, str], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load(environment)


def test_an_empty_value_takes_back_the_one_port_of_the_image() -> None:
    settings = load({"ICE_UDP_PORT": "", "ICE_PORT_RANGE": "50001-50100"})
    assert settings.worker_config().peer.ice_udp_port is None


PROXY = {
    "RAILWAY_TCP_PROXY_DOMAIN": "roundhouse.proxy.example.net",
    "RAILWAY_TCP_PROXY_PORT": "23456",
    "RAILWAY_TCP_APPLICATION_PORT": "50000",
}


def test_railways_tcp_proxy_is_found_by_itself() -> None:
    peer = load(PROXY).worker_config().peer
    assert peer.ice_tcp_port == 50000
    assert peer.ice_tcp_public == ("roundhouse.proxy.example.net", 23456)


@pytest.mark.parametrize(
    ("environment", "public"),
    [
        (PROXY | {"ICE_TCP_PUBLIC": "tcp.example.org:443"}, ("tcp.example.org", 443)),
        (PROXY | {"ICE_TCP_PORT": "50001"}, None),  # that proxy leads to another port
        ({"ICE_TCP_PORT": "1", "ICE_TCP_PUBLIC": "[2001:db8::1]:443"}, ("2001:db8::1", 443)),
        ({"ICE_TCP_PORT": "50000"}, None),
    ],
)
def test_what_is_said_outranks_what_railway_tells(
    environment: dict[str, str], public: tuple[str, int] | None
) -> None:
    assert load(environment).worker_config().peer.ice_tcp_public == public


def test_each_worker_of_a_machine_has_its_own_port() -> None:
    config = load({"ICE_UDP_PORT": "50000"}).worker_config()
    assert [config.at_place(n).peer.ice_udp_port for n in (0, 3)] == [50000, 50003]
    assert load({}).worker_config().at_place(3).peer.ice_udp_port is None


RAILWAY = {"RAILWAY_ENVIRONMENT_ID": "e", "RAILWAY_VOLUME_MOUNT_PATH": "/data"}


@pytest.mark.parametrize(
    "environment",
    [
        {"RAILWAY_ENVIRONMENT_ID": "e"},
        {"RAILWAY_ENVIRONMENT_ID": "e", "DATABASE_URL": "sqlite:////data/rtc.db"},
        RAILWAY | {"DATABASE_URL": "sqlite:///data/rtc.db"},
        RAILWAY | {"DATABASE_URL": "sqlite:////elsewhere/rtc.db"},
    ],
)
def test_sqlite_outside_a_volume_is_refused_on_railway(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="volume"):
        load(environment)


@pytest.mark.parametrize("url", ["sqlite:////data/rtc.db", "postgresql://db/rtc"])
def test_what_lasts_is_fine_on_railway(url: str) -> None:
    assert load(RAILWAY | {"DATABASE_URL": url}).database_url == url


CLUSTER = {"PLACEMENT": "ray", "DATABASE_URL": "postgresql://db/rtc"}


def test_a_cluster_is_found_by_its_head_or_by_this_machine() -> None:
    assert load(CLUSTER).ray_address == "auto"
    assert load(CLUSTER | {"RAY_ADDRESS": "10.0.0.1:6379"}).ray_address == "10.0.0.1:6379"
    for wrong in ("ray://10.0.0.1:10001", "10.0.0.1", "head:", ":6379"):
        with pytest.raises(SettingsError, match="RAY_ADDRESS"):
            load(CLUSTER | {"RAY_ADDRESS": wrong})


@pytest.mark.parametrize("url", ["", "sqlite:////data/rtc.db"])
def test_a_cluster_does_not_share_a_file_of_one_machine(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL: PLACEMENT=ray needs PostgreSQL"):
        load({"PLACEMENT": "ray", "DATABASE_URL": url})


@pytest.mark.parametrize("level", ["warning", "Warning", "WARNING"])
def test_the_log_level_may_be_written_either_way(level: str) -> None:
    assert load({"LOG_LEVEL": level}).log_level == "WARNING"


def test_a_cluster_without_ray_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misfits_module, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"PLACEMENT: Ray is not installed.*ray\.lock"):
        load(CLUSTER)
    assert load({"PLACEMENT": "local"}).placement == "local"


def test_secrets_do_not_show() -> None:
    settings = load({"TRACKING_SAVE_SECRET": "hush-hush"})
    assert "hush" not in repr(settings)
    assert "hush" not in repr(settings.worker_config())


def test_the_example_lists_every_setting_with_its_default() -> None:
    listed = dict(re.findall(r"^# ([A-Z_]+)=(\S*)", EXAMPLE.read_text(), re.MULTILINE))
    assert set(listed) == {name.upper() for name in Settings.model_fields}
    assert load(listed) == load({})


def test_every_line_of_the_example_can_be_uncommented(tmp_path: Path) -> None:
    text = re.sub(r"^# ([A-Z_]+=)", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    file = tmp_path / ".env"
    file.write_text(text)
    given = read_env_file(file)
    assert set(given) == {name.upper() for name in Settings.model_fields}
    assert load(given) == load({})
