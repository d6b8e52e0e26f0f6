"""The files in deploy/ for a cluster, held to settings, ports, commands and options that exist."""

import functools
import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from signaling.app import make_app
from signaling.settings import Settings, load

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERAY = DEPLOY / "ray" / "kuberay.yaml"
COMPOSE = DEPLOY / "ray" / "compose.yaml"
GIVEN = {
    "DATABASE_URL": "postgresql://database/rtc",
    "SESSION_TOKEN_SECRET": "s" * 32,
    "TRACKING_SAVE_SECRET": "another",
}
"""What the secret of the cluster holds."""
NODES_OWN = {"WORKERS"}
"""Variables of a machine's start command alone."""
IMAGE = "rtc-server:ray"
Part = dict[str, Any]


@functools.cache
def kubernetes() -> dict[str, Part]:
    """The documents by their kind."""
    documents = yaml.safe_load_all(KUBERAY.read_text())
    return {document["kind"]: document for document in documents}


@functools.cache
def compose() -> Part:
    found: Part = yaml.safe_load(COMPOSE.read_text())
    return found


def groups() -> list[Part]:
    spec = kubernetes()["RayCluster"]["spec"]
    return [spec["headGroupSpec"], *spec["workerGroupSpecs"]]


def pod(part: Part) -> Part:
    found: Part = part["template"]["spec"]
    return found


def containers() -> list[Part]:
    """Every container of ours, on Kubernetes and by compose, as Kubernetes writes it."""
    parts = [*groups(), kubernetes()["Deployment"]["spec"]]
    composed = [
        {"name": f"compose-{name}", "env": as_list(service["environment"]), **service}
        for name, service in compose()["services"].items()
        if service["image"] == IMAGE
    ]
    return [*(each for part in parts for each in pod(part)["containers"]), *composed]


def as_list(environment: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in environment.items()]


def variables(container: Part) -> dict[str, str]:
    """Its environment; what is only known in the cluster or to the operator stands for itself."""
    return {each["name"]: plain(each.get("value", "")) for each in container["env"]}


def plain(value: str) -> str:
    """``${NAME:-default}`` is its default, ``${NAME:?}`` nothing."""
    return re.sub(r"\$\{\w+(?::-([^}]*)|:\?)\}", lambda match: match[1] or "", value)


def front_doors() -> list[Part]:
    return [each for each in containers() if "PLACEMENT" in variables(each)]


def scripts() -> list[str]:
    """Every shell script in a command, the variables of compose as the shell sees them."""
    commands = [each["command"] for each in containers() if "command" in each]
    hooks = [
        each["lifecycle"]["preStop"]["exec"]["command"]
        for each in containers()
        if "lifecycle" in each
    ]
    return [command[-1].replace("$$", "$") for command in [*commands, *hooks]]


def ray_calls() -> list[tuple[str, list[str]]]:
    """Each call of Ray's command: what it does, and its options."""
    words = [shlex.split(line) for script in scripts() for line in re.split("&&|;", script)]
    calls = [line[line.index("ray") + 1 :] for line in words if "ray" in line]
    return [(command, options) for command, *options in calls]


@functools.cache
def options_of(command: str) -> set[str]:
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("ray")), command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"RAY_USAGE_STATS_ENABLED": "0"},
    ).stdout
    return set(re.findall(r"--[a-z-]+", shown))


@pytest.mark.parametrize("container", containers(), ids=lambda each: each["name"])
def test_every_variable_is_a_setting_or_ray_s(container: Part) -> None:
    assert container["image"] == IMAGE
    ours = {name for name in variables(container) if not name.startswith("RAY_")} - NODES_OWN
    assert {name.lower() for name in ours} <= set(Settings.model_fields)


@pytest.mark.parametrize("container", front_doors(), ids=lambda each: each["name"])
def test_a_front_door_s_variables_make_valid_settings(container: Part) -> None:
    needed = {
        "RAY_ADDRESS": "head:6379",
        "PYTHON_SERVICE_URL": "https://eyes.example.org",
        "ALLOWED_ORIGINS": "https://learn.example.org",
        "TRACKING_SAVE_URL": "https://learn.example.org/save.php",
        **GIVEN,
    }
    given = {name: value for name, value in variables(container).items() if value}
    settings = load(needed | given)
    assert settings.placement == "ray"
    assert settings.port == 8080
    assert settings.ray_address.endswith(":6379")


@pytest.mark.parametrize("container", containers(), ids=lambda each: each["name"])
def test_nobody_is_told_on_and_nobody_joins_without_the_token(container: Part) -> None:
    given = variables(container)
    assert given["RAY_USAGE_STATS_ENABLED"] == "0"
    assert given["RAY_AUTH_MODE"] == "token"
    from_secret = [source["secretRef"]["name"] for source in container.get("envFrom", ())]
    assert "RAY_AUTH_TOKEN" in given or from_secret == ["rtc-server"]


@pytest.mark.parametrize("container", front_doors(), ids=lambda each: each["name"])
def test_every_setting_reaches_a_front_door(container: Part) -> None:
    whole = container.get("env_file") or container.get("envFrom")
    assert whole in (".env", [{"secretRef": {"name": "rtc-server"}}])
    of_the_file = {"PLACEMENT", "RAY_ADDRESS", "HOST", "PORT", "MAX_SESSIONS"}
    ours = {name for name in variables(container) if not name.startswith("RAY_")}
    assert ours <= of_the_file, "what stands here hides what .env says"
    for each in container["env"]:
        if "env_file" in container and each["name"] in of_the_file - {"PLACEMENT"}:
            assert each["value"].startswith(f"${{{each['name']}:")


def test_no_secret_is_written_down() -> None:
    secret = {"RAY_AUTH_TOKEN", *GIVEN}
    for container in containers():
        written = {name for name, value in variables(container).items() if value}
        assert not written & secret


def test_ray_knows_the_commands_and_options() -> None:
    calls = ray_calls()
    assert {command for command, _ in calls} == {"start", "drain-node"}
    for command, options in calls:
        names = {option.partition("=")[0] for option in options if option.startswith("--")}
        assert names
        assert names <= options_of(command)
    for group in groups():
        assert {f"--{name}" for name in group["rayStartParams"]} <= options_of("start")


def test_machines_offer_the_resource_that_workers_take() -> None:
    source = (ROOT / "rtc_server" / "cluster" / "ray_cluster.py").read_text()
    (resource,) = re.findall(r'^RESOURCE = "(\w+)"$', source, re.MULTILINE)
    offers = [text for text in (KUBERAY, COMPOSE) if resource in text.read_text()]
    assert len(offers) == 2
    (workers,) = kubernetes()["RayCluster"]["spec"]["workerGroupSpecs"]
    assert resource in workers["rayStartParams"]["resources"]
    assert "resources" not in kubernetes()["RayCluster"]["spec"]["headGroupSpec"]["rayStartParams"]


def test_the_version_is_the_locked_one() -> None:
    (locked,) = re.findall(
        r"^ray==(\S+)", (ROOT / "requirements" / "ray.lock").read_text(), re.MULTILINE
    )
    assert kubernetes()["RayCluster"]["spec"]["rayVersion"] == locked


def test_the_service_that_is_started_exists() -> None:
    modules = {module for script in scripts() for module in re.findall(r"python -m (\w+)", script)}
    assert modules == {"signaling"}
    assert importlib.util.find_spec("signaling.__main__")


def test_probes_ask_for_routes_and_ports_that_exist() -> None:
    (front,) = pod(kubernetes()["Deployment"]["spec"])["containers"]
    routes = {resource.canonical for resource in make_app(load({})).router.resources()}
    for probe in ("readinessProbe", "livenessProbe"):
        assert front[probe]["httpGet"]["path"] in routes
    for container in containers():
        ports = {port["containerPort"] for port in container.get("ports", ())}
        for probe in ("readinessProbe", "livenessProbe"):
            asked = container.get(probe, {}).get("tcpSocket", {}).get("port")
            assert asked is None or asked in ports
    (http,) = front["ports"]
    assert str(http["containerPort"]) == variables(front)["PORT"]
    (port,) = kubernetes()["Service"]["spec"]["ports"]
    assert port["targetPort"] == http["name"]


def test_selectors_find_what_they_are_for() -> None:
    labels = kubernetes()["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        kubernetes()["Deployment"]["spec"]["selector"]["matchLabels"],
        kubernetes()["Service"]["spec"]["selector"],
    ):
        assert selector.items() <= labels.items()
    cluster = kubernetes()["RayCluster"]
    wanted = kubernetes()["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
    assert wanted["ray.io/cluster"] == cluster["metadata"]["name"]
    assert wanted["ray.io/group"] == cluster["spec"]["workerGroupSpecs"][0]["groupName"]


def test_a_machine_has_time_to_empty_itself() -> None:
    drain = load({}).drain_seconds
    (workers,) = kubernetes()["RayCluster"]["spec"]["workerGroupSpecs"]
    (container,) = pod(workers)["containers"]
    (waits,) = re.findall(r"sleep (\d+)", container["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert drain < int(waits) < pod(workers)["terminationGracePeriodSeconds"]
    front = pod(kubernetes()["Deployment"]["spec"])
    assert drain < front["terminationGracePeriodSeconds"]
    for container in containers():
        grace = container.get("stop_grace_period")
        assert grace is None or drain < int(grace.removesuffix("s"))
