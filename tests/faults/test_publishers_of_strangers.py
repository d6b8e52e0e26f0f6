"""Publishers whose stacks work in another way than ours, connected for real."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest
from aioice import Connection, stun
from aioice.ice import CandidatePair, StunProtocol

from rtc_server.base.clock import SystemClock
from rtc_server.media.source import Undecoded
from rtc_server.peer.connection import Peer, PeerState
from tests.browser.chromium import chromium_without
from tests.fakes.publisher import LOOPBACK, FramesTrack, Publisher, moving_pictures

PUBLISH = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = canvas.getContext("2d");
  let number = 0;
  setInterval(() => {
    context.fillStyle = `hsl(${(number += 7) % 360} 80% 50%)`;
    context.fillRect(0, 0, 640, 480);
  }, 50);
  window.connection = new RTCPeerConnection();
  const [track] = canvas.captureStream(20).getTracks();
  connection.addTransceiver(track, {
    direction: "sendonly",
    sendEncodings: [
      { rid: "q", scaleResolutionDownBy: 4 },
      { rid: "h", scaleResolutionDownBy: 2 },
      { rid: "f" },
    ],
  });
  await connection.setLocalDescription();
  await new Promise((resolve) => {
    connection.onicegatheringstatechange = () =>
      connection.iceGatheringState === "complete" && resolve();
  });
  return connection.localDescription.sdp;
}"""
ACCEPT = '(sdp) => connection.setRemoteDescription({ type: "answer", sdp })'


class Widths:
    """Decodes what is shown and keeps how wide it is."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[int] = asyncio.Queue()

    def offer(self, image: Undecoded, stamp: float) -> None:  # noqa: ARG002 - a sink's signature
        self.seen.put_nowait(image.decode().width)

    def end(self) -> None:
        pass


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    made = Peer(dataclasses.replace(LOOPBACK), SystemClock())
    yield made
    await made.close()


@pytest.mark.needs("chromium")
@pytest.mark.timeout(90)
async def test_the_middle_layer_of_chromes_simulcast_comes(peer: Peer) -> None:
    widths = Widths()
    async with chromium_without(instead=["--allow-loopback-in-peer-connection"]) as browser:
        page = await browser.new_page()
        answer = await peer.answer(await page.evaluate(PUBLISH))
        peer.show(widths)
        await page.evaluate(ACCEPT, answer)
        seen = [await widths.seen.get() for _ in range(20)]
    assert set(seen) == {320}


class LiteAgent:
    """Turns an agent into one that answers checks, makes none and is always controlled."""

    def __init__(self, agent: Connection) -> None:
        self._agent = agent
        self._incoming, self._received = agent.check_incoming, agent.request_received
        agent.ice_controlling = False
        for name in ("check_start", "check_incoming", "request_received", "switch_role"):
            setattr(agent, name, getattr(self, name))

    async def check_start(self, pair: CandidatePair) -> None:
        self._agent.check_state(pair, CandidatePair.State.IN_PROGRESS)
        await asyncio.Event().wait()

    def check_incoming(
        self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        self._incoming(message, addr, protocol)
        for pair in self._agent._check_list:
            if pair.remote_addr == addr and pair.remote_nominated and not pair.nominated:
                pair.nominated = True
                self._agent.check_state(pair, CandidatePair.State.SUCCEEDED)
                self._agent.check_complete(pair)

    def request_received(
        self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        if "ICE-CONTROLLED" not in message.attributes:
            self._received(message, addr, protocol)

    def switch_role(self, *, ice_controlling: bool) -> None:
        pass


@pytest.mark.timeout(60)
async def test_a_publisher_with_a_lite_ice_agent_is_reached(peer: Peer) -> None:
    publisher = Publisher(FramesTrack(moving_pictures(), 10))
    try:
        offer = (await publisher.offer()).replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n")
        for transport in publisher.connection.transports:
            transport.transport._role_set = True
            LiteAgent(transport.transport._connection)
        answer = await peer.answer(offer)
        assert "ice-lite" not in answer
        await publisher.accept(answer)
        await peer.connected()
        assert peer.state is PeerState.CONNECTED
    finally:
        await publisher.close()
