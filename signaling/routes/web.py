"""The pages, as the web client's build left them."""

from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from signaling.app_keys import SETTINGS
from signaling.openapi.operation import Content, Who, operation

PAGES = {
    "/": ("index.html", "The capture page: a student's lesson with the camera."),
    "/check": ("check.html", "The connection test: which way a student's pictures can travel."),
    "/dashboard": ("dashboard.html", "The dashboard, for staff: who learns now, and how it went."),
    "/docs": ("docs.html", "This document, for people."),
}


def add(app: web.Application, root: Path) -> None:
    """Serve ``root``: its pages, hashed files under ``/assets``, the library under ``/lib``."""
    for path, (file, text) in PAGES.items():
        app.router.add_get(path, _page(file, text))
    for name in ("assets", "lib"):
        if (root / name).is_dir():
            app.router.add_static(f"/{name}", root / name)


def _page(file: str, text: str) -> Handler:
    @operation(Who.ANYONE, {200: Content("text/html")})
    async def page(request: web.Request) -> web.StreamResponse:
        path = request.app[SETTINGS].web_root / file
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    page.__doc__ = text
    return page
