"""The files in deploy/ for one server, held to settings, paths, ports and commands that exist."""

import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rtc_server.store.address import read_address
from signaling.app import make_app
from signaling.settings import Environment, Settings, load, resembling
from signaling.settings.env_file import read_env_file

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCS = ("README.md", *(f"docs/{name}.md" for name in ("on-your-server", "railway", "upgrade")))
COMPOSES = ("deploy/compose.yaml", "deploy/ray/compose.yaml")
OWN_IMAGE = re.compile(r"rtc-server(:ray|:\$\{RTC_VERSION:-local\}|-demo:local)")
COMPOSE_S_OWN = {"COMPOSE_PROFILES", "COTURN_EXTERNAL_IP", "CADDY_OPTIONS", "RTC_VERSION"}
"""Lines of ``deploy/env.example`` that are for the stack around the service."""
STACK_S_OWN = {"HOST", "PORT", "TRUSTED_PROXIES", "ICE_TCP_PORT"}
"""Settings that the stack has defaults of its own for."""
Part = dict[str, Any]


def compose(name: str = "deploy/compose.yaml") -> Part:
    found: Part = yaml.safe_load((ROOT / name).read_text())
    return found


def services() -> list[tuple[str, Part]]:
    return list(compose()["services"].items())


def service(name: str = "service") -> Part:
    found: Part = compose()["services"][name]
    return found


def settings_named() -> set[str]:
    """Every name of the list of settings."""
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^# ([A-Z_]+)=", text, re.MULTILINE))


def lines(name: str) -> set[str]:
    """The names that a file of settings has, with what is commented out."""
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", (DEPLOY / name).read_text(), re.MULTILINE))


def unit() -> dict[str, dict[str, str]]:
    """The unit's sections; of a name that is given several times the last."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in (DEPLOY / "systemd" / "rtc-server.service").read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section[name] = value
    return found


def turnserver() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "coturn" / "turnserver.conf").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def firewall(protocol: str) -> list[tuple[int, int]]:
    """The ports that are let in, each as its first and last."""
    text = (DEPLOY / "firewall" / "rtc-server.nft").read_text()
    found = []
    for ports in re.findall(rf"^\s+{protocol} dport (\{{[^}}]+\}}|\S+) accept", text, re.MULTILINE):
        for each in ports.strip("{} ").split(","):
            first, _, last = each.strip().partition("-")
            found.append((int(first), int(last or first)))
    return found


def is_let_in(protocol: str, port: int) -> bool:
    return any(first <= port <= last for first, last in firewall(protocol))


def deployment() -> Part:
    documents = yaml.safe_load_all((DEPLOY / "kubernetes" / "rtc-server.yaml").read_text())
    return {document["kind"]: document for document in documents}


@pytest.mark.parametrize("name", COMPOSES)
def test_every_image_is_of_one_version(name: str) -> None:
    for each in compose(name)["services"].values():
        pinned = re.fullmatch(r"[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)?", each["image"])
        assert pinned or OWN_IMAGE.fullmatch(each["image"]), each["image"]
    (base,) = re.findall(r"^FROM (\S+)", (DEPLOY / "demo/Dockerfile").read_text(), re.MULTILINE)
    assert re.fullmatch(r"php:\d+\.\d+\.\d+-[\w-]+", base)


@pytest.mark.parametrize(("name", "each"), services(), ids=[name for name, _ in services()])
def test_every_container_is_watched_bounded_and_closed(name: str, each: Part) -> None:
    assert each["healthcheck"]["test"][0] == "CMD"
    assert each["restart"] == "unless-stopped"
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert set(each.get("cap_add", ())) <= {"NET_BIND_SERVICE"}
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert each["mem_limit"]
    assert each["pids_limit"]
    assert {"max-size", "max-file"} <= set(each["logging"]["options"])
    if each.get("network_mode") != "host":
        assert all(port.startswith("127.0.0.1:") for port in each.get("ports", ())), name


def test_every_setting_reaches_the_service() -> None:
    assert service()["env_file"] == ".env"
    assert set(service()["environment"]) == STACK_S_OWN
    for name, value in service()["environment"].items():
        assert re.fullmatch(rf"\$\{{{name}:?-[\d.]+\}}", value), "what .env says counts"


def test_the_stack_s_settings_exist_and_are_valid(tmp_path: Path) -> None:
    named = lines("env.example") - COMPOSE_S_OWN
    assert {name.removesuffix("_FILE") for name in named} <= settings_named()
    given = read_env_file(DEPLOY / "env.example")
    for name in [name for name in given if name.endswith("_FILE")]:
        secret = tmp_path / name
        secret.write_text("s" * 64)
        given[name] = str(secret)
    own = {
        name: value.partition("-")[2].rstrip("}")
        for name, value in service()["environment"].items()
    }
    settings = load({"ICE_UDP_PORT": "50000", **given, **own})
    assert settings.turn_urls
    assert settings.ice_tcp_port == settings.ice_udp_port
    assert resembling(Environment(dict.fromkeys(COMPOSE_S_OWN, "x"), None)) == []


def test_every_secret_is_made_and_handed_out(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    script.write_text((DEPLOY / "secrets.sh").read_text())
    for _ in range(2):  # the second time changes nothing
        made = subprocess.run(["/bin/sh", str(script)], check=True, capture_output=True, text=True)
    assert made.stdout == ""
    folder = tmp_path / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert {f"secrets/{name}" for name in written} == {
        each["file"] for each in compose()["secrets"].values()
    }
    assert all(len(value) >= 64 for value in written.values())
    assert len(set(written.values())) == len(written)
    address = read_address(written["database_url"]).url
    assert address.password == written["database_password"]
    assert address.username == service("database")["environment"]["POSTGRES_USER"]
    assert address.database == service("database")["environment"]["POSTGRES_DB"]
    handed = {secret for _, each in services() for secret in each.get("secrets", ())}
    assert handed == set(written)


def test_what_a_container_reads_as_a_secret_is_handed_to_it() -> None:
    for name, each in services():
        read = set(re.findall(r"/run/secrets/(\w+)", str(each)))
        assert read <= set(each.get("secrets", ())), name
    example = (DEPLOY / "env.example").read_text()
    assert set(re.findall(r"/run/secrets/(\w+)", example)) == set(service()["secrets"])


def test_what_is_mounted_exists() -> None:
    volumes = set(compose()["volumes"])
    for _, each in services():
        for mount in each["volumes"]:
            source = mount.split(":")[0]
            exists = (DEPLOY / source).exists() if source.startswith(".") else source in volumes
            assert exists, mount
            assert not source.startswith(".") or mount.endswith(":ro")
        if isinstance(each.get("build"), str):
            assert (DEPLOY / each["build"] / "Dockerfile").is_file()


def test_the_stack_stops_after_the_service_has_drained() -> None:
    drain = load({}).drain_seconds
    assert drain < int(service()["stop_grace_period"].removesuffix("s"))
    assert drain < int(unit()["Service"]["TimeoutStopSec"])
    pod = deployment()["Deployment"]["spec"]["template"]["spec"]
    assert drain < pod["terminationGracePeriodSeconds"]


def test_coturn_takes_the_service_s_credentials_and_no_private_peer() -> None:
    given = turnserver()
    assert "use-auth-secret" in given
    assert "static-auth-secret" not in given, "the secret is added where it runs"
    denied = set(given["denied-peer-ip"])
    for network in ("10.0.0.0-10.255.255.255", "172.16.0.0-172.31.255.255", "::-::1"):
        assert network in denied
    for prefix in ("127.", "192.168.", "169.254.", "100.64.", "fc00::", "fe80::"):
        assert any(each.startswith(prefix) for each in denied)
    command = service("coturn")["entrypoint"][-1]
    assert "static-auth-secret=$$(cat /run/secrets/turn_secret)" in command
    started = command.partition("exec turnserver ")[2].split()
    assert "-n" not in started, "it would read no file"
    assert "/tmp/turnserver.conf" in started


@pytest.mark.parametrize("outer", ["", "203.0.113.7/10.0.0.5"])
def test_coturn_s_secret_goes_into_a_file_of_its_own(tmp_path: Path, outer: str) -> None:
    (tmp_path / "turn_secret").write_text("hush")
    stub = tmp_path / "turnserver"
    stub.write_text('#!/bin/sh\necho "$@"\n')
    stub.chmod(0o755)
    script = service("coturn")["entrypoint"][-1].replace("$$", "$")
    for inside, here in (
        ("/etc/rtc/", f"{DEPLOY}/coturn/"),
        ("/run/secrets/", f"{tmp_path}/"),
        ("/tmp/turnserver", f"{tmp_path}/made"),
    ):
        script = script.replace(inside, here)
    started = subprocess.run(
        ["/bin/sh", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "COTURN_EXTERNAL_IP": outer},
    )
    made = tmp_path / "made.conf"
    given = made.read_text().splitlines()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert "static-auth-secret=hush" in given
    assert [line for line in given if line.startswith("external-ip=")] == (
        [f"external-ip={outer}"] if outer else []
    )
    assert "use-auth-secret" in given
    assert "hush" not in started.stdout
    assert f"-c {made}" in started.stdout


def test_the_firewall_lets_in_what_the_files_listen_on() -> None:
    given = turnserver()
    relays = int(given["min-port"][0]), int(given["max-port"][0])
    assert relays in firewall("udp")
    own = load({"ICE_UDP_PORT": "50000", "ICE_TCP_PORT": "50000"})
    assert own.ice_udp_port is not None
    assert own.ice_tcp_port is not None
    assert relays[1] < own.ice_udp_port
    assert is_let_in("udp", own.ice_udp_port)
    assert is_let_in("tcp", own.ice_tcp_port)
    for protocol in ("tcp", "udp"):
        assert is_let_in(protocol, int(given["listening-port"][0]))
    assert all(is_let_in("tcp", port) for port in (22, 80, 443))
    assert not any(is_let_in("tcp", port) for port in (own.port, 5432, 8081))


def test_the_unit_starts_what_exists_as_nobody_of_importance() -> None:
    given = unit()["Service"]
    python, *arguments = given["ExecStart"].split()
    assert python == f"{given['WorkingDirectory']}/.venv/bin/python"
    assert arguments == ["-m", "signaling"]
    assert (ROOT / "signaling" / "__main__.py").is_file()
    assert given["User"] == given["Group"] == "rtc-server"
    assert int(given["LimitNOFILE"]) >= 65536
    assert given["KillMode"] == "mixed"
    assert given["Type"] != "notify", "the service tells systemd nothing"
    assert "WatchdogSec" not in given
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "ProtectKernelTunables"):
        assert given[name] == "yes"
    assert given["ProtectSystem"] == "strict"


def test_the_unit_s_settings_exist_are_valid_and_writable() -> None:
    path = DEPLOY / "systemd" / "env.example"
    given = read_env_file(path)
    assert set(given) <= settings_named()
    secrets = {name for name, value in given.items() if not value}
    settings = load(given | dict.fromkeys(secrets, "s" * 64))
    folder = f"/var/lib/{unit()['Service']['StateDirectory']}"
    assert read_address(settings.database_url).url.database == f"{folder}/rtc-server.db"


def test_nginx_passes_upgrades_streams_and_addresses_on() -> None:
    text = (DEPLOY / "nginx" / "rtc-server.conf").read_text()
    text = re.sub(r"#.*", "", text)
    assert text.count("{") == text.count("}")
    given = dict(
        re.findall(r"^\s+(proxy_(?!set)\w+|client_max_body_size)\s+(\S+);", text, re.MULTILINE)
    )
    assert given["proxy_http_version"] == "1.1"
    assert given["proxy_buffering"] == "off"
    assert given["proxy_read_timeout"] == "1h"
    largest = load({}).max_frame_kb * 1024 * 4 / 3
    assert int(given["client_max_body_size"].removesuffix("m")) * 1024 * 1024 > largest
    headers = set(re.findall(r"proxy_set_header (\S+)", text))
    assert headers == {"Upgrade", "Connection", "Host", "X-Forwarded-For", "X-Forwarded-Proto"}
    assert f"server 127.0.0.1:{load({}).port};" in text


def test_caddy_knows_the_service_s_port() -> None:
    text = (DEPLOY / "caddy" / "Caddyfile").read_text()
    assert text.count("{") == text.count("}")
    assert f"reverse_proxy 127.0.0.1:{{$PORT:{load({}).port}}}" in text
    used = set(re.findall(r"\{\$([A-Z_]+)", text))
    assert used == set(service("caddy")["environment"])
    (published,) = service("site")["ports"]
    host, inner = published.rsplit(":", 1)
    assert f"reverse_proxy {host}\n" in text
    assert f"-S 0.0.0.0:{inner} " in service("site")["entrypoint"][-1]


def test_the_pod_asks_for_routes_and_ports_that_exist() -> None:
    kinds = deployment()
    template = kinds["Deployment"]["spec"]["template"]
    pod = template["spec"]
    (container,) = pod["containers"]
    routes = {resource.canonical for resource in make_app(load({})).router.resources()}
    (port,) = container["ports"]
    assert port["containerPort"] == load({}).port
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] in routes
        assert container[probe]["httpGet"]["port"] == port["name"]
    (outer,) = kinds["Service"]["spec"]["ports"]
    assert outer["targetPort"] == port["name"]
    labels = template["metadata"]["labels"]
    assert kinds["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert kinds["Service"]["spec"]["selector"] == labels
    mounted = {each["name"] for each in container["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}


def test_the_pod_is_one_unprivileged_and_gets_every_setting() -> None:
    spec = deployment()["Deployment"]["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"]["type"] == "Recreate"
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    (user,) = re.findall(r"useradd --uid (\d+)", (ROOT / "Dockerfile").read_text())
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["envFrom"] == [{"secretRef": {"name": "rtc-server"}}]
    assert "env" not in container, "it would hide what the secret says"
    assert re.fullmatch(r"rtc-server:\d+\.\d+\.\d+", container["image"])


@pytest.mark.parametrize("name", DOCS)
def test_every_link_and_path_of_the_pages_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", text)
    paths = re.findall(
        r"\b((?:deploy|php|docs)/[\w./-]+\.(?:md|yaml|service|conf|nft|sh|php|example))", text
    )
    assert links
    base = (ROOT / name).parent
    assert not {link for link in links if not (base / link).exists()}
    assert not {path for path in paths if not (ROOT / path).exists()}


@pytest.mark.parametrize("name", DOCS)
def test_every_setting_of_the_pages_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    assigned = set(re.findall(r"\b([A-Z][A-Z_]{3,})=", text))
    around = COMPOSE_S_OWN | {"RTC_ENV_FILE", "PHP_ENDPOINT", "RAILWAY_RUN_UID"}
    assert {each.removesuffix("_FILE") for each in assigned - around} <= settings_named()


def test_railway_s_page_names_what_the_service_reads() -> None:
    text = (ROOT / "docs" / "railway.md").read_text()
    sources = (ROOT / "signaling" / "settings").glob("*.py")
    read = {
        name.upper()
        for path in sources
        for name in re.findall(r'"(railway_\w+)"', path.read_text())
    }
    assert read
    assert read <= set(re.findall(r"RAILWAY_\w+", text))
    railway = {
        "PORT": "4321",
        "DATABASE_URL": "postgres://rtc:secret@postgres.railway.internal:5432/railway",
        "RAILWAY_ENVIRONMENT_ID": "e",
        "RAILWAY_PUBLIC_DOMAIN": "eyes.up.railway.app",
        "RAILWAY_TCP_PROXY_DOMAIN": "proxy.rlwy.net",
        "RAILWAY_TCP_PROXY_PORT": "23456",
        "RAILWAY_TCP_APPLICATION_PORT": "50000",
        "HOST": "0.0.0.0",
        "SESSION_TOKEN_SECRET": "s" * 64,
    }
    settings = load(railway)
    assert settings.python_service_url == "https://eyes.up.railway.app"
    assert settings.ice_tcp_public == ("proxy.rlwy.net", 23456)
    assert settings.ice_tcp_port == 50000
    on_a_volume = railway | {"DATABASE_URL": "", "RAILWAY_VOLUME_MOUNT_PATH": "/data"}
    assert load(on_a_volume).database_url == "sqlite:////data/rtc-server.db"


def test_the_page_s_backup_of_sqlite_has_what_was_written_last(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "upgrade.md").read_text()
    (script,) = re.findall(r'python -c "\n(.*?)"\'\n', text, re.DOTALL)
    file, copy = tmp_path / "rtc-server.db", tmp_path / "backup.db"
    writer = sqlite3.connect(file)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE kept (n INTEGER)")
    writer.execute("INSERT INTO kept VALUES (7)")
    writer.commit()
    writer.execute("INSERT INTO kept VALUES (8)")  # and one more is under way
    code = "\n".join(line.strip() for line in script.replace('\\"', '"').splitlines())
    code = code.replace("/data", str(tmp_path))
    subprocess.run([sys.executable, "-c", code], check=True)
    writer.close()
    saved = sqlite3.connect(copy)
    assert saved.execute("SELECT n FROM kept").fetchall() == [(7,)]
    saved.close()


def test_make_has_what_the_pages_call() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in DOCS:
        called = re.findall(r"\bmake ([a-z]+)\b(?= &&|$)", (ROOT / name).read_text(), re.MULTILINE)
        assert set(called) <= targets


def test_settings_of_both_examples_are_fields() -> None:
    known = {name.upper() for name in Settings.model_fields}
    assert settings_named() <= known
