"""Puts a profile together, sends a student through it, and looks at what the site got."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.browser.site_row import the_only_row
from tests.fakes.camera_file import write_face
from tests.network import filters
from tests.network.certificates import Certificates
from tests.network.front import BEHIND, FrontProcess
from tests.network.outcome import Outcome
from tests.network.profile import (
    HIDDEN_BEFORE,
    NO_UDP,
    OUTAGE,
    SECRET,
    VIDEO,
    Event,
    Front,
    Profile,
)
from tests.network.student import Happen, Recording, Tab, attend
from tests.network.topology import PAGE, SERVER, SERVER_GATE, TURN_HOST, Topology
from tests.servers.coturn import Coturn
from tests.servers.mariadb import MariaDb
from tests.servers.php import PhpSite, create_site_database
from tests.servers.service import ROOT, ServiceProcess

COMPONENTS = (
    "namespaces",
    "coturn",
    "chromium",
    "certutil",
    "openssl",
    "php",
    "mariadb",
)
"""Of ``tests/components.py``."""
CAMERA_FPS = 20
PROFILE_SECONDS = 120.0
"""After which a profile has failed, whatever it waits for."""
ROW_SECONDS = 10.0


class Lab:
    """What all profiles of a run share: camera, certificates, the built page, the database."""

    def __init__(self, seconds: float = 15.0) -> None:
        """``seconds``: that each session is measured."""
        self._seconds = seconds
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
            self._folder.chmod(0o755)
            self._certificates = Certificates(self._folder)
            self._camera = write_face(self._folder / "face.y4m", CAMERA_FPS)
            # a copy: whoever builds the page meanwhile does not disturb the run
            self._page = shutil.copytree(ROOT / "web" / "dist", self._folder / "page")
            self._database = undo.enter_context(MariaDb())
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def run(self, profile: Profile) -> Outcome:
        """One student's session in this network; what went wrong is in the outcome."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="profile-")))
            topology = stack.enter_context(Topology(folder, profile.families))
            _prepare(topology, profile, stack)
            if profile.turn_runs:
                self._start_turn(topology, stack)
            if profile.proxied_tcp is not None:
                words = ("forward", str(profile.proxied_tcp), SERVER.v4, str(VIDEO))
                _start_inside(topology.server_gate.call, FrontProcess(*words), stack)
            site = self._start_site(topology, stack)
            service = self._start_service(topology, profile, site, folder, stack)
            recording = self._attend(topology, profile)
            health = topology.server.call(service.get, "/readyz")["turn"]
            row = asyncio.run(the_only_row(site, ROW_SECONDS))
            service.stop()
            return Outcome(profile, recording, row, len(site.rows()), health)

    def _start_turn(self, topology: Topology, stack: ExitStack) -> None:
        certificates = self._certificates
        coturn = Coturn(
            TURN_HOST.v4,
            TURN_HOST.v6,
            port=3478,
            secret=SECRET,
            options=[
                "--tls-listening-port=443",
                f"--cert={certificates.certificate}",
                f"--pkey={certificates.key}",
            ],
        )
        _start_inside(topology.internet.call, coturn, stack)

    def _start_site(self, topology: Topology, stack: ExitStack) -> PhpSite:
        create_site_database(self._database)
        return _start_inside(topology.server.call, PhpSite(self._database), stack)

    def _start_service(
        self, topology: Topology, profile: Profile, site: PhpSite, folder: Path, stack: ExitStack
    ) -> ServiceProcess:
        inside = topology.server.call
        if profile.front is not Front.SERVICE:
            files = (self._certificates.certificate, self._certificates.key)
            _start_inside(inside, FrontProcess(profile.front.value, *files), stack)
        settings = {
            **(self._open_settings(profile) if profile.front is Front.SERVICE else _BEHIND),
            **profile.settings,
            "AUTH_MODE": "open",
            "ICE_ADDRESSES": "",
            "TRACKING_SAVE_URL": site.url,
            "WEB_ROOT": str(self._page),
            "SSL_CERT_FILE": str(self._certificates.authority),
        }
        return _start_inside(inside, ServiceProcess(folder, **settings), stack)

    def _open_settings(self, profile: Profile) -> dict[str, str]:
        certificates = self._certificates
        return {
            "HOST": "0.0.0.0" if profile.family == 4 else "::",
            "PORT": "443",
            "TLS_CERT": str(certificates.certificate),
            "TLS_KEY": str(certificates.key),
            "PYTHON_SERVICE_URL": f"https://{PAGE}",
        }

    def _attend(self, topology: Topology, profile: Profile) -> Recording:
        async def bounded() -> Recording:
            async with asyncio.timeout(PROFILE_SECONDS):
                return await attend(
                    f"https://{PAGE}",
                    self._camera,
                    self._certificates.home,
                    _happening(topology, profile),
                    self._seconds,
                    profile.browser,
                )

        return topology.campus.call(asyncio.run, bounded())


_HOST, _PORT = BEHIND
_BEHIND = {"HOST": _HOST, "PORT": str(_PORT), "PYTHON_SERVICE_URL": f"https://{PAGE}"}

Server = TypeVar("Server", bound=AbstractContextManager[Any])


def _start_inside(call: Callable[..., Any], server: Server, stack: ExitStack) -> Server:
    """Start a server in a namespace, and have it stopped with the others."""
    call(server.__enter__)
    stack.push(server.__exit__)
    return server


def _prepare(topology: Topology, profile: Profile, stack: ExitStack) -> None:
    page = SERVER_GATE if profile.symmetric_nats or profile.published else SERVER
    stack.enter_context(topology.name(page, profile.family))
    topology.campus_gate.nft(filters.campus_gate(profile))
    topology.server_gate.nft(filters.server_gate(profile))
    topology.internet.nft(filters.internet(profile))
    if profile.mtu is not None:
        topology.narrow(profile.mtu)


def _happening(topology: Topology, profile: Profile) -> Happen | None:
    """What happens in the middle of the session."""
    gate = topology.campus_gate

    async def wifi_change(_: Tab) -> None:
        topology.change_wifi()

    async def outage(_: Tab) -> None:
        gate.nft(filters.closed_gate())
        await asyncio.sleep(OUTAGE)
        gate.nft(filters.campus_gate(profile))

    async def udp_dies(_: Tab) -> None:
        gate.nft(filters.campus_gate(replace(profile, campus=NO_UDP)))

    async def hidden_outage(tab: Tab) -> None:
        await tab.evaluate("labShow('hidden')")
        await asyncio.sleep(HIDDEN_BEFORE)
        gate.nft(filters.closed_gate())
        await asyncio.sleep(OUTAGE / 2)
        await tab.evaluate("labShow('visible')")
        await asyncio.sleep(OUTAGE / 2)
        gate.nft(filters.campus_gate(profile))

    happens: dict[Event | None, Happen | None] = {
        None: None,
        Event.WIFI_CHANGE: wifi_change,
        Event.OUTAGE: outage,
        Event.UDP_DIES: udp_dies,
        Event.HIDDEN_OUTAGE: hidden_outage,
    }
    return happens[profile.event]
