"""The files that build and deploy, held to the settings, paths and commands that exist."""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from signaling.app import make_app
from signaling.settings import Settings, load

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PYTHONS_OWN = re.compile(r"PATH|PYTHON[A-Z]+")


def dockerfile() -> list[tuple[str, str]]:
    """Every instruction with its arguments, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    return [(name, arguments) for name, arguments in lines]


def arguments_of(instruction: str) -> list[str]:
    return [arguments for name, arguments in dockerfile() if name == instruction]


def final_stage() -> list[tuple[str, str]]:
    instructions = dockerfile()
    start = max(at for at, (name, _) in enumerate(instructions) if name == "FROM")
    return instructions[start:]


def image_environment() -> dict[str, str]:
    pairs = [
        word.split("=", 1)
        for name, arguments in final_stage()
        if name == "ENV"
        for word in shlex.split(arguments)
    ]
    return dict(pairs)


def copied_from_the_tree() -> list[str]:
    copies = [shlex.split(arguments) for arguments in arguments_of("COPY")]
    return [source for words in copies if "--from" not in words[0] for source in words[:-1]]


def pins(lock: Path) -> dict[str, str]:
    """Each pinned requirement with its environment marker, and its version."""
    found = re.findall(r"^([a-z0-9-]+)==(\S+)( ; [^\\\n]+)?", lock.read_text(), re.MULTILINE)
    return {name + marker.strip(): version for name, version, marker in found}


def routes() -> set[str]:
    return {resource.canonical for resource in make_app(load({})).router.resources()}


def railway() -> dict[str, dict[str, object]]:
    configuration: dict[str, dict[str, object]] = json.loads((ROOT / "railway.json").read_text())
    return configuration


def test_every_variable_of_the_image_is_a_setting() -> None:
    names = {name for name in image_environment() if not PYTHONS_OWN.fullmatch(name)}
    assert names
    assert {name.lower() for name in names} <= set(Settings.model_fields)


def test_the_image_refuses_to_run_without_a_word_on_authentication() -> None:
    with pytest.raises(Exception, match="AUTH_MODE"):
        load(image_environment())


def test_the_image_s_environment_makes_valid_settings() -> None:
    settings = load(image_environment() | {"AUTH_MODE": "open"})
    exposed = {port for ports in arguments_of("EXPOSE") for port in ports.split()}
    assert exposed == {str(settings.port), f"{settings.ice_udp_port}/udp"}


@pytest.mark.parametrize("source", copied_from_the_tree())
def test_what_the_image_copies_is_there_and_not_ignored(source: str) -> None:
    allowed = [
        line.removeprefix("!").rstrip("/")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    assert (ROOT / source).exists()
    assert any(source == path or source.startswith(f"{path}/") for path in allowed)


def test_stages_are_copied_only_from_earlier_ones() -> None:
    seen: set[str] = set()
    for name, arguments in dockerfile():
        if name == "FROM" and " AS " in arguments:
            seen.add(arguments.rsplit(" AS ", 1)[1])
        for stage in re.findall(r"--from=(\S+)", arguments) if name == "COPY" else ():
            assert stage in seen


def test_the_image_installs_locked_and_hashed() -> None:
    installs = [line for line in arguments_of("RUN") if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line and "--no-deps" in line for line in installs)


def test_the_image_does_not_run_as_root() -> None:
    users = [arguments for name, arguments in final_stage() if name == "USER"]
    assert users
    assert users[-1] not in {"root", "0"}


def test_the_image_s_command_exists() -> None:
    (command,) = arguments_of("CMD")
    python, option, module = json.loads(command)
    assert (python, option) == ("python", "-m")
    assert importlib.util.find_spec(f"{module}.__main__")


def test_the_health_check_asks_for_a_route_that_exists() -> None:
    (check,) = arguments_of("HEALTHCHECK")
    python, script = json.loads(check[check.index("[") :])
    (path,) = re.findall(r'request\("GET", "([^"]+)"\)', (ROOT / script).read_text())
    assert python == "python"
    assert path in routes()


def test_railway_builds_the_dockerfile_and_asks_for_a_route_that_exists() -> None:
    configuration = railway()
    assert configuration["build"]["builder"] == "DOCKERFILE"
    assert (ROOT / str(configuration["build"]["dockerfilePath"])).is_file()
    assert configuration["deploy"]["healthcheckPath"] in routes()
    assert configuration["deploy"]["restartPolicyType"] in {"ALWAYS", "ON_FAILURE"}


def test_railway_waits_longer_than_the_service_drains() -> None:
    # Railway's parser takes numbers only; text fails the deployment.
    draining = railway()["deploy"]["drainingSeconds"]
    assert isinstance(draining, int)
    assert draining > load(image_environment() | {"AUTH_MODE": "open"}).drain_seconds


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"\n(?=\S)", text)
    unhashed = [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert unhashed == []


def test_direct_dependencies_are_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=~! ]", wanted, maxsplit=1)[0] for wanted in project["dependencies"]}
    assert names <= {re.split("[; ]", name)[0] for name in pins(ROOT / "requirements/run.lock")}


def test_the_tests_run_with_the_service_s_own_versions() -> None:
    run, dev = (pins(ROOT / f"requirements/{name}.lock") for name in ("run", "dev"))
    assert run.items() <= dev.items()


def test_a_cluster_runs_with_the_service_s_own_versions_and_ray() -> None:
    run, ray = (pins(ROOT / f"requirements/{name}.lock") for name in ("run", "ray"))
    assert run.items() <= ray.items()
    assert "ray" in ray
    assert "ray" not in run


def test_what_mediapipe_names_and_nobody_needs_stays_out() -> None:
    heavy = {"sounddevice", "opencv-contrib-python", "matplotlib", "protobuf", "ml-dtypes", "tqdm"}
    assert heavy.isdisjoint(pins(ROOT / "requirements/run.lock"))


def web_packages() -> dict[str, dict[str, dict[str, str]]]:
    lock: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads(
        (ROOT / "web/package-lock.json").read_text()
    )
    return lock["packages"]


def test_the_web_lock_names_the_packages_of_every_platform() -> None:
    # npm ci refuses a lock that was written beside node_modules and so lacks the others.
    locked = {path.rpartition("node_modules/")[2] for path in web_packages()}
    wanted = {
        name for entry in web_packages().values() for name in entry.get("optionalDependencies", {})
    }
    assert wanted <= locked


def test_the_web_lock_has_no_addresses_but_hashes() -> None:
    locked = [entry for path, entry in web_packages().items() if path]
    assert locked
    assert all("integrity" in entry and "resolved" not in entry for entry in locked)


def test_ci_runs_what_a_person_runs() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_scripts_that_make_calls_can_be_run() -> None:
    called = set(re.findall(r"scripts/[\w.-]+", (ROOT / "Makefile").read_text()))
    assert called
    assert [script for script in called if not os.access(ROOT / script, os.X_OK)] == []


def test_a_machine_without_a_fitting_python_is_told_which_one() -> None:
    answer = subprocess.run(
        ["/bin/sh", "scripts/python.sh"],
        cwd=ROOT,
        env={"PATH": "/nonexistent", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "Python from 3.11 to 3.14" in answer.stderr


def test_no_registry_is_named_in_the_tree() -> None:
    hosts = [".".join(words) for words in (("pypi", "org"), ("pythonhosted", "org"))]
    hosts += [".".join(words) for words in (("registry", "npmjs"), ("deb", "debian", "org"))]
    found = subprocess.run(
        ["git", "grep", "-lF", *(f"-e{host}" for host in hosts)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, "")
