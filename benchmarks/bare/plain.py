"""The common way: an aiortc server as its examples have it, with FaceMesh in a thread pool.

``python -m benchmarks.bare.plain`` prints its address. It answers ``POST /whip``, reads
``track.recv()`` in a loop, hands ten frames a second to a ``FaceMesh`` of the session's own and
sends what it found over the publisher's ``metrics`` channel.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import aioice.ice
import av
from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from benchmarks.bare.address import serve
from benchmarks.bare.face_mesh import bare_face_mesh, landmarks

FPS = 10.0

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: ARG005
"""aioice's own list leaves out loopback, where the publishers of a benchmark are."""


class PlainSession:
    """One publisher."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        """``threads`` are shared by all."""
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._threads = threads
        self._mesh = bare_face_mesh(refine_landmarks=True, max_num_faces=1)
        self._channel: RTCDataChannel | None = None
        self._reading: asyncio.Task[None] | None = None
        self.connection.on("datachannel", self._opened)
        self.connection.on("track", self._began)

    async def answer(self, sdp: str) -> str:
        """The answer, on loopback."""
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return self.connection.localDescription.sdp

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label == "metrics":
            self._channel = channel

    def _began(self, track: MediaStreamTrack) -> None:
        self._reading = asyncio.ensure_future(self._read(track))

    async def _read(self, track: MediaStreamTrack) -> None:
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, av.VideoFrame)
            assert frame.time is not None
            if frame.time < due - 0.25 / FPS:
                continue
            due = max(due + 1 / FPS, frame.time)
            found = await loop.run_in_executor(self._threads, self._look, frame)
            self._tell({"media_time": frame.time, **found})

    def _look(self, frame: av.VideoFrame) -> dict[str, Any]:
        faces = self._mesh.process(frame.to_ndarray(format="rgb24")).multi_face_landmarks
        return {"nose": None if not faces else landmarks(faces[0])[1].tolist()}

    def _tell(self, message: dict[str, Any]) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(json.dumps(message))


def make_app() -> web.Application:
    """One route."""
    sessions: list[PlainSession] = []
    threads = ThreadPoolExecutor()

    async def whip(request: web.Request) -> web.Response:
        session = PlainSession(threads)
        sessions.append(session)
        answer = await session.answer(await request.text())
        headers = {"Location": "/whip/1", "Session-Id": str(uuid4()), "Resume-Token": "-"}
        return web.Response(
            status=201, text=answer, headers=headers, content_type="application/sdp"
        )

    app = web.Application()
    app.router.add_post("/whip", whip)
    return app


if __name__ == "__main__":
    asyncio.run(serve(make_app()))
