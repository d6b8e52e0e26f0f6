"""A real browser, a camera with a real face, and the real site behind the real service."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.fakes.camera_file import write_face
from tests.servers.fixtures import mariadb, php_site
from tests.servers.php import PhpSite
from tests.servers.service import ServiceProcess

__all__ = ["mariadb", "php_site"]

CAMERA_FPS = 20

Serve = Callable[..., ServiceProcess]


@pytest.fixture(scope="session")
def camera() -> Iterator[Path]:
    """Ten seconds of a moving face, played over and over; 92 MB."""
    with tempfile.TemporaryDirectory(prefix="camera-") as folder:
        yield write_face(Path(folder) / "face.y4m", CAMERA_FPS)


@pytest.fixture
async def browser(camera: Path) -> AsyncIterator[Browser]:
    async with chromium(camera) as running:
        yield running


@pytest.fixture
def serve(tmp_path: Path, php_site: PhpSite) -> Iterator[Serve]:
    """Start the service with further settings; its summaries go to ``php_site``."""
    started: list[ServiceProcess] = []

    def start(**settings: str) -> ServiceProcess:
        service = ServiceProcess(tmp_path, TRACKING_SAVE_URL=php_site.url, **settings)
        started.append(service)
        service.start()
        return service

    yield start
    for service in started:
        service.stop()
