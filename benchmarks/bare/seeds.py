"""The old services' way: base64 JPEG in JSON over a WebSocket, FaceMesh on each picture.

``python -m benchmarks.bare.seeds`` prints its address.
"""

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import numpy as np
from aiohttp import web
from PIL import Image

from benchmarks.bare.address import serve
from benchmarks.bare.face_mesh import bare_face_mesh, landmarks

PREFIX = "data:image/jpeg;base64,"


def look(mesh: Any, text: str) -> str:  # noqa: ANN401 - MediaPipe has no types
    """What one message's picture shows, as a message."""
    message = json.loads(text)
    jpeg = base64.b64decode(message["frame_base64"].removeprefix(PREFIX))
    rgb = np.asarray(Image.open(BytesIO(jpeg)).convert("RGB"))
    faces = mesh.process(rgb).multi_face_landmarks
    nose = None if not faces else landmarks(faces[0])[1].tolist()
    return json.dumps({"success": True, "frame_id": message["frame_id"], "nose": nose})


def make_app() -> web.Application:
    """One route."""
    threads = ThreadPoolExecutor()

    async def frames(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        mesh = bare_face_mesh(refine_landmarks=True, max_num_faces=1)
        loop = asyncio.get_running_loop()
        async for message in socket:
            await socket.send_str(await loop.run_in_executor(threads, look, mesh, message.data))
        return socket

    app = web.Application()
    app.router.add_get("/ws/frames", frames)
    return app


if __name__ == "__main__":
    asyncio.run(serve(make_app()))
