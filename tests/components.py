"""The real parts of the machine that tests drive, and why one of them is not there."""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from benchmarks.bare import environment
from tests.servers.small_disk import SmallDisk

Check = Callable[[], str | None]
"""Says what is missing, or nothing."""


def _programs(*names: str) -> Check:
    def check() -> str | None:
        missing = [name for name in names if shutil.which(name) is None]
        return f"no {', '.join(missing)}" if missing else None

    return check


def _php() -> str | None:
    if shutil.which("php") is None:
        return "no php"
    loaded = subprocess.run(
        ["php", "-m"], capture_output=True, text=True, check=True
    ).stdout.split()
    missing = {"curl", "pdo_mysql"} - set(loaded)
    return f"php without {', '.join(sorted(missing))}" if missing else None


def postgres_program(name: str) -> Path | None:
    """Where Debian keeps a PostgreSQL program that is not on the path, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    on_path = shutil.which(name)
    return found[0] if found else Path(on_path) if on_path else None


def _pgbouncer() -> str | None:
    there = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    return _postgres() if there else "no pgbouncer"


def _postgres() -> str | None:
    return None if postgres_program("initdb") and postgres_program("postgres") else "no postgres"


def _namespaces() -> str | None:
    missing = _programs("ip", "nft")()
    if missing:
        return missing
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode:
        return "network namespaces are not allowed here"
    subprocess.run(["ip", "netns", "delete", name], check=True)
    return None


def _small_disk() -> str | None:
    if os.geteuid() != 0:
        return "mounting a disk needs root"
    try:
        with SmallDisk(1):
            return None
    except subprocess.CalledProcessError:
        return "mounting is not allowed here"


def _gstreamer() -> str | None:
    """Its plugins, and its bindings in Debian's own Python."""
    missing = _programs("gst-inspect-1.0")()
    if missing:
        return missing
    elements = ["webrtcbin", "nicesrc", "dtlsdec", "srtpdec", "vp8enc", "x264enc", "jpegdec"]
    for element in elements:
        if subprocess.run(
            ["gst-inspect-1.0", element], capture_output=True, check=False
        ).returncode:
            return f"GStreamer without {element}"
    bindings = "import gi; gi.require_version('GstWebRTC', '1.0')"
    found = subprocess.run(
        ["/usr/bin/python3", "-c", bindings], capture_output=True, check=False
    ).returncode
    return "no bindings of GStreamer in Debian's Python" if found else None


COMPONENTS: dict[str, Check] = {
    "bare": environment.missing,
    "certutil": _programs("certutil"),
    "chromium": _programs("chromium"),
    "coturn": _programs("turnserver"),
    "firefox": _programs("firefox-esr"),
    "gstreamer": _gstreamer,
    "mariadb": _programs("mariadbd", "mariadb-install-db"),
    "namespaces": _namespaces,
    "node": _programs("node", "npm"),
    "openssl": _programs("openssl"),
    "pgbouncer": _pgbouncer,
    "php": _php,
    "postgres": _postgres,
    "small disk": _small_disk,
}


@functools.cache
def missing(component: str) -> str | None:
    """Why ``component`` cannot be used here, or nothing; raises ``KeyError`` for one unknown."""
    return COMPONENTS[component]()
