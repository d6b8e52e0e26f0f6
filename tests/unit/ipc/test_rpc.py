"""Calls over a real socket pair."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from rtc_server.base.errors import OfferRefused, Overloaded, RtcServerError, WorkerLost
from rtc_server.ipc.rpc import Body, Rpc, answer, handlers_of, remote, result


async def echo(body: Body, payload: bytes) -> Body:
    return {"body": body, "size": len(payload)}


async def refuse(_body: Body, _payload: bytes) -> None:
    raise OfferRefused("no video", code="sdp_no_video")


async def overload(_body: Body, _payload: bytes) -> None:
    raise Overloaded(retry_after=7.0)


async def crash(_body: Body, _payload: bytes) -> None:
    raise ZeroDivisionError


async def hang(_body: Body, _payload: bytes) -> None:
    await asyncio.Event().wait()


HANDLERS = {"echo": echo, "refuse": refuse, "overload": overload, "crash": crash, "hang": hang}


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Rpc, Rpc]]:
    left, right = socket.socketpair()
    rpcs = [Rpc(*await asyncio.open_unix_connection(sock=end), HANDLERS) for end in (left, right)]
    tasks = [asyncio.create_task(rpc.run()) for rpc in rpcs]
    yield rpcs[0], rpcs[1]
    for rpc in rpcs:
        await rpc.close()
    await asyncio.gather(*tasks)


async def test_both_sides_call_and_carry_bytes(pair: tuple[Rpc, Rpc]) -> None:
    for rpc in pair:
        answer = await rpc.call("echo", {"a": 1}, b"x" * 100_000)
        assert answer == {"body": {"a": 1}, "size": 100_000}


async def test_an_error_keeps_class_code_and_message(pair: tuple[Rpc, Rpc]) -> None:
    with pytest.raises(OfferRefused, match="no video") as caught:
        await pair[0].call("refuse")
    assert caught.value.code == "sdp_no_video"
    with pytest.raises(Overloaded) as overloaded:
        await pair[0].call("overload")
    assert overloaded.value.retry_after == 7.0


async def test_a_handler_that_crashes_or_is_missing_answers_as_internal(
    pair: tuple[Rpc, Rpc],
) -> None:
    for method in ("crash", "no_such_method"):
        with pytest.raises(RtcServerError) as caught:
            await pair[0].call(method)
        assert caught.value.code == "internal"
    assert await pair[0].call("echo")


async def test_calls_in_flight_fail_when_the_other_side_is_gone(pair: tuple[Rpc, Rpc]) -> None:
    hanging = asyncio.create_task(pair[0].call("hang"))
    await pair[0].call("echo")
    await pair[1].close()
    with pytest.raises(WorkerLost):
        await hanging
    with pytest.raises(WorkerLost):
        await pair[0].call("echo")


async def test_calls_overtake_a_slow_one(pair: tuple[Rpc, Rpc]) -> None:
    hanging = asyncio.create_task(pair[0].call("hang"))
    assert (await pair[0].call("echo"))["size"] == 0
    assert not hanging.done()
    hanging.cancel()


class Service:
    """What may be called and what may not."""

    @remote
    async def size(self, name: str, payload: bytes = b"") -> list[object]:
        return [name, len(payload)]

    async def secret(self) -> str:
        raise AssertionError


async def test_what_is_remote_is_called_by_name_with_its_arguments() -> None:
    handlers = handlers_of(Service())
    assert result(await answer(handlers, "size", {"name": "a"}, b"123")) == ["a", 3]
    assert result(await answer(handlers, "size", {"name": "b"}, b"")) == ["b", 0]


async def test_what_is_not_remote_cannot_be_called() -> None:
    handlers = handlers_of(Service())
    with pytest.raises(RtcServerError, match="no call 'secret'"):
        result(await answer(handlers, "secret", {}, b""))
