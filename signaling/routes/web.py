"""The pages, as the web client's build left them."""

from pathlib import Path

from aiohttp import web

from signaling.keys import SETTINGS


def add(app: web.Application, root: Path) -> None:
    """Serve ``root``: ``index.html`` at ``/``, hashed files under ``/assets``, the library."""
    app.router.add_get("/", index)
    for name in ("assets", "lib"):
        if (root / name).is_dir():
            app.router.add_static(f"/{name}", root / name)


async def index(request: web.Request) -> web.StreamResponse:
    """Send the capture page."""
    page = request.app[SETTINGS].web_root / "index.html"
    return web.FileResponse(page, headers={"Cache-Control": "no-cache"})
