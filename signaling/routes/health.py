"""``/healthz``: the process lives (fields of the old service). ``/readyz``: it takes sessions."""

from aiohttp import web

from signaling.keys import PLACEMENT, SETTINGS, TURN


def add(app: web.Application) -> None:
    """Add both probes."""
    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", ready)


async def health(request: web.Request) -> web.Response:
    """Answer 200 as long as the process lives."""
    settings = request.app[SETTINGS]
    return web.json_response(
        {
            "status": "ok",
            "camera_enabled": settings.camera_enabled,
            "model": settings.model_name,
            "browser_streaming_enabled": settings.enable_browser_eye_streaming,
        }
    )


async def ready(request: web.Request) -> web.Response:
    """Answer 200 once a media worker takes sessions, 503 before and while stopping.

    ``turn`` says whether a TURN server can be used; without one most students still connect.
    """
    is_ready = request.app[PLACEMENT].ready()
    body = {"ready": is_ready, "turn": request.app[TURN].health}
    return web.json_response(body, status=200 if is_ready else 503)
