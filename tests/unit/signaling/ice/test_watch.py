"""Which TURN server the answering side uses, and what is told of it."""

import pytest

from rtc_server.base.config import IceServer
from rtc_server.peer.ice.turn_probe import TurnAnswer
from signaling.ice.watch import TurnHealth, TurnWatch

UDP = "turn:turn.example.org:3478?transport=udp"
TLS = "turns:turn.example.org:443?transport=tcp"
STUN = "stun:stun.example.org"
SERVERS = (IceServer((UDP, TLS), "user", "credential"), IceServer((STUN,)))


class Directory:
    """Always the same servers."""

    def __init__(self, servers: tuple[IceServer, ...] = SERVERS) -> None:
        self._servers = servers

    async def servers(self, _name: str) -> tuple[IceServer, ...]:
        return self._servers


class ScriptedProbe:
    """Answers by the way in, and may change its mind."""

    def __init__(self, **answers: TurnAnswer) -> None:
        self.answers = answers

    async def __call__(self, server: IceServer, _seconds: float) -> TurnAnswer | None:
        (url,) = server.urls
        return self.answers["udp" if url == UDP else "tls"]


def watch(probe: ScriptedProbe, *, relay_only: bool = False) -> TurnWatch:
    return TurnWatch(Directory(), relay_only=relay_only, probe=probe)


def urls(servers: tuple[IceServer, ...]) -> list[str]:
    return [url for server in servers for url in server.urls]


async def test_before_the_first_look_all_servers_are_used() -> None:
    turn = watch(ScriptedProbe())
    assert turn.health == TurnHealth.UNKNOWN
    assert turn.answering(SERVERS) == SERVERS


async def test_the_first_url_that_works_is_used() -> None:
    turn = watch(ScriptedProbe(udp=TurnAnswer.SILENT, tls=TurnAnswer.SERVES))
    await turn.look()
    assert turn.health == "ok"
    assert urls(turn.answering(SERVERS)) == [TLS, STUN]


async def test_of_each_host_the_first_url_that_works_is_used() -> None:
    other = IceServer(("turn:second.example.org", "turns:second.example.org"), "user", "credential")
    probe = ScriptedProbe(udp=TurnAnswer.SILENT, tls=TurnAnswer.SERVES)
    turn = TurnWatch(Directory((*SERVERS, other)), relay_only=False, probe=probe)
    await turn.look()
    assert urls(turn.answering((*SERVERS, other))) == [TLS, STUN, "turn:second.example.org"]


async def test_a_browser_still_gets_every_url() -> None:
    turn = watch(ScriptedProbe(udp=TurnAnswer.SILENT, tls=TurnAnswer.SERVES))
    await turn.look()
    assert await turn.servers("session") == SERVERS


async def test_servers_of_another_name_are_left_alone() -> None:
    turn = watch(ScriptedProbe(udp=TurnAnswer.SERVES, tls=TurnAnswer.SERVES))
    await turn.look()
    others = (IceServer(("turn:other.example.org",), "user", "credential"),)
    assert turn.answering(others) == others


@pytest.mark.parametrize("answer", [TurnAnswer.SILENT, TurnAnswer.REFUSES])
async def test_no_answer_waits_for_a_turn_server_that_does_not_work(
    answer: TurnAnswer, caplog: pytest.LogCaptureFixture
) -> None:
    turn = watch(ScriptedProbe(udp=answer, tls=answer))
    await turn.look()
    assert turn.health == "failed"
    assert urls(turn.answering(SERVERS)) == [STUN]
    assert f"turn/udp {answer.value}, turns/tcp {answer.value}" in caplog.text
    assert "example.org" not in caplog.text


async def test_a_server_that_has_no_other_way_tries_all_the_same() -> None:
    silent = ScriptedProbe(udp=TurnAnswer.SILENT, tls=TurnAnswer.SILENT)
    turn = watch(silent, relay_only=True)
    await turn.look()
    assert turn.answering(SERVERS) == SERVERS


async def test_it_is_told_once_until_it_changes(caplog: pytest.LogCaptureFixture) -> None:
    probe = ScriptedProbe(udp=TurnAnswer.SILENT, tls=TurnAnswer.SILENT)
    turn = watch(probe)
    await turn.look()
    await turn.look()
    assert len(caplog.records) == 1
    probe.answers["udp"] = TurnAnswer.SERVES
    await turn.look()
    assert turn.health == "ok"
    assert turn.answering(SERVERS)[0].urls == (UDP,)


async def test_without_a_turn_server_there_is_none() -> None:
    turn = TurnWatch(Directory((IceServer((STUN,)),)), relay_only=False, probe=ScriptedProbe())
    await turn.look()
    assert turn.health == "none"
