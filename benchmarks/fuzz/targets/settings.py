"""Settings: any environment gives settings, or all of its problems at once."""

from pathlib import Path

from benchmarks.fuzz.targets import Target
from signaling.settings import Settings, SettingsError, load

EXAMPLE = Path(__file__).parents[3] / ".env.example"
NAMES = tuple(name.upper() for name in Settings.model_fields)


def run(data: bytes) -> None:
    """Load lines of ``NAME=value``; an environment holds no zero bytes."""
    lines = data.decode("utf-8", "replace").replace("\0", "").split("\n")
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    try:
        settings = load(environment)
    except SettingsError as error:
        assert str(error)
        return
    settings.worker_config()
    settings.ice_config()
    assert settings.auth_config().mode.value in {"open", "token", "loopback"}
    assert settings.address(1).startswith("http")


def _seeds() -> list[bytes]:
    lines = (line.lstrip("# ").partition(" #")[0] for line in EXAMPLE.read_text().splitlines())
    given = [line for line in lines if line.partition("=")[0] in NAMES]
    return ["\n".join(given).encode(), *(line.encode() for line in given)]


TARGET = Target(run, _seeds(), [f"{name}=" for name in NAMES], max_bytes=2048)
