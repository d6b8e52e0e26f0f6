"""One socket serves all sessions of a worker, and nobody else."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from rtc_server.base.config import PeerConfig
from rtc_server.base.errors import RtcServerError
from rtc_server.base.stats import Stats
from rtc_server.peer.ice import peek
from rtc_server.peer.ice.agent import MAX_REMOTE, IceAgent
from rtc_server.peer.ice.mux import UdpMux
from rtc_server.peer.ice.sockets import IceSockets

CONFIG = PeerConfig(ice_addresses=("127.0.0.1",), ice_udp_port=0)
PASSWORD = "password+of+22+characters"
GARBAGE = (b"", b"\x00", b"\x00\x01", b"\x80" * 40, b"\x16\xfe\xfd" + bytes(60), bytes(1400))


def check(ufrag: str, password: str = PASSWORD) -> bytes:
    """A connectivity check of the controlling side."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes.update({"USERNAME": f"{ufrag}:them", "PRIORITY": 1, "ICE-CONTROLLING": 1})
    request.add_message_integrity(password.encode())
    return bytes(request)


class Room:
    """A worker's sockets, and agents behind them that keep what they get."""

    def __init__(self) -> None:
        self.stats = Stats()
        self.mux = UdpMux(CONFIG.ice_addresses, 0, self.stats.datagrams_lost)
        self.sockets = IceSockets(self.mux)
        self.got: dict[str, list[bytes]] = {}
        self._agents: list[IceAgent] = []

    async def agent(self, ufrag: str) -> IceAgent:
        """One that is asked and asks."""
        got = self.got[ufrag] = []

        def take(datagram: bytes) -> bool:
            got.append(datagram)
            return True

        made = IceAgent(CONFIG, take, ufrag, PASSWORD, self.sockets)
        made.remote_username, made.remote_password = "them", "their+password+of+22+letters"
        await made.gather_candidates()
        made._early_checks_done = True
        self._agents.append(made)
        return made

    async def close(self) -> None:
        for agent in self._agents:
            await agent.close()
        await self.sockets.close()


@pytest.fixture
async def room() -> Room:
    return Room()


@pytest.fixture
def student() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0)
        yield sock


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a socket has no event for it
            await asyncio.sleep(0.001)


async def answer_to(student: socket.socket) -> stun.Message:
    """The next answer, not a check of theirs."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(5):
        while True:
            message = stun.parse_message(await loop.sock_recv(student, 2000))
            if message.message_class is not stun.Class.REQUEST:
                return message


async def test_all_agents_are_reached_at_one_port_each_by_its_name(
    room: Room, student: socket.socket
) -> None:
    one, other = await room.agent("oneufrag"), await room.agent("otherufrag")
    assert {c.port for a in (one, other) for c in a.local_candidates} == {room.mux.port}
    student.connect(("127.0.0.1", room.mux.port))
    for ufrag in ("oneufrag", "otherufrag"):
        student.send(check(ufrag))
        assert (await answer_to(student)).message_class is stun.Class.RESPONSE
    student.send(b"\x80media")
    await until(lambda: bool(room.got["otherufrag"]))
    assert room.got == {"oneufrag": [], "otherufrag": [b"\x80media"]}  # the newer has the address
    assert room.stats.datagrams_lost == Counter()
    await room.close()


async def test_what_belongs_to_no_session_is_dropped_and_counted(
    room: Room, student: socket.socket
) -> None:
    await room.agent("oneufrag")
    student.connect(("127.0.0.1", room.mux.port))
    answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)
    sent = [*GARBAGE, check("nobody"), bytes(answer), bytes(3000)]
    for datagram in sent:
        student.send(datagram)
    await until(lambda: room.stats.datagrams_lost["unknown"] == len(sent))
    assert room.got == {"oneufrag": []}
    await room.close()


async def test_only_who_knows_the_password_gives_an_address_to_a_session(
    room: Room, student: socket.socket
) -> None:
    await room.agent("oneufrag")
    student.connect(("127.0.0.1", room.mux.port))
    student.send(check("oneufrag", "a+guess+of+twenty+two+chars"))
    assert (await answer_to(student)).error_code == 401
    student.send(b"\x80media")
    await until(lambda: room.stats.datagrams_lost["unknown"] == 1)
    assert room.got == {"oneufrag": []}
    await room.close()


async def test_what_only_looks_like_a_check_is_no_sign_of_life(
    room: Room, student: socket.socket
) -> None:
    await room.agent("oneufrag")
    student.connect(("127.0.0.1", room.mux.port))
    student.send(check("oneufrag")[:-3])  # it names the session, and cannot be read
    student.send(b"\x80media")
    await until(lambda: room.stats.datagrams_lost["unknown"] == 1)
    assert room.got == {"oneufrag": []}
    await room.close()


async def test_who_has_left_is_reached_no_more_and_holds_nothing(
    room: Room, student: socket.socket
) -> None:
    agent = await room.agent("oneufrag")
    student.connect(("127.0.0.1", room.mux.port))
    student.send(check("oneufrag"))
    await answer_to(student)
    await agent.close()
    student.send(b"\x80media")
    student.send(check("oneufrag"))
    await until(lambda: room.stats.datagrams_lost["unknown"] == 2)
    assert room.mux.holdings == (0, 0, 0)
    await room.close()


async def test_a_check_from_ever_new_addresses_is_paired_a_bounded_number_of_times(
    room: Room,
) -> None:
    agent = await room.agent("oneufrag")
    message = stun.parse_message(check("oneufrag"))
    for port in range(1, 3 * MAX_REMOTE):
        agent.check_incoming(message, ("192.0.2.1", port), agent._protocols[0])
    assert len(agent.remote_candidates) == MAX_REMOTE
    assert len(room.mux._by_address) <= MAX_REMOTE
    await room.close()


async def test_all_addresses_of_the_machine_share_the_port_and_answer_as_themselves() -> None:
    config = PeerConfig(ice_udp_port=0)
    mux = UdpMux((), 0, Counter())
    agent = IceAgent(config, lambda _: True, "oneufrag", PASSWORD, IceSockets(mux))
    agent.remote_username, agent.remote_password = "them", "their+password+of+22+letters"
    protocol = mux.join(agent, 1, "127.0.0.2")
    assert protocol is not None
    agent._early_checks_done = True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as student:
        student.settimeout(0)
        student.connect(("127.0.0.2", mux.port))  # the kernel passes on what comes from there only
        student.send(check("oneufrag"))
        assert (await answer_to(student)).message_class is stun.Class.RESPONSE
    for task in [pair.task for pair in agent._check_list if pair.task]:
        task.cancel()
    protocol.transport.close()
    assert len(mux) == 0
    mux.close()


async def test_a_port_that_is_taken_is_told_with_a_code() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RtcServerError) as refused:
            UdpMux(("127.0.0.1",), taken.getsockname()[1], Counter())
    assert refused.value.code == "ice_port_taken"


async def test_what_the_kernel_had_no_room_for_is_counted(
    room: Room, student: socket.socket
) -> None:
    small = room.mux._sockets[0]._socket
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    student.connect(("127.0.0.1", room.mux.port))
    for _ in range(200):  # the loop reads none of them meanwhile
        student.send(bytes(1200))
    await until(lambda: room.stats.datagrams_lost["unknown"] > 0)
    student.send(bytes(10))
    await until(lambda: room.stats.datagrams_lost["buffer"] > 0)
    await asyncio.sleep(0)
    assert sum(room.stats.datagrams_lost.values()) <= 201
    await room.close()


@given(st.binary(max_size=600))
def test_any_bytes_are_looked_at_without_harm(data: bytes) -> None:
    if peek.is_stun(data):
        name = peek.local_ufrag(data)
        assert name is None or ":" not in name
        assert len(peek.transaction_of(data)) == 12


def test_the_name_before_the_colon_is_ours() -> None:
    assert peek.local_ufrag(check("oneufrag")) == "oneufrag"
    assert peek.local_ufrag(bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))) is None
