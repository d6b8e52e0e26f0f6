"""The pages, as the web client's build left them."""

from pathlib import Path

from aiohttp import web

from signaling.keys import SETTINGS

PAGES = {"/": "index.html", "/check": "check.html"}


def add(app: web.Application, root: Path) -> None:
    """Serve ``root``: its pages, hashed files under ``/assets``, the library under ``/lib``."""
    for path in PAGES:
        app.router.add_get(path, page)
    for name in ("assets", "lib"):
        if (root / name).is_dir():
            app.router.add_static(f"/{name}", root / name)


async def page(request: web.Request) -> web.StreamResponse:
    """Send the page of this path."""
    file = request.app[SETTINGS].web_root / PAGES[request.path]
    return web.FileResponse(file, headers={"Cache-Control": "no-cache"})
