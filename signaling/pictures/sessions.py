"""Sessions of clients that send pictures: found by their ids, opened with the first one."""

from dataclasses import replace
from uuid import uuid4

from rtc_server.base.errors import SessionClosed, SessionNotFound, WorkerLost
from rtc_server.base.identity import Identity
from rtc_server.front.admission import Admitted
from rtc_server.metrics import wire
from signaling.access.caller import Caller
from signaling.pictures.intake import Intake
from signaling.pictures.picture_session import Relay

Key = tuple[str, str, str | None, str]


class Relays:
    """One session for each student, section and kind of client."""

    def __init__(self, intake: Intake) -> None:
        """Has none yet."""
        self._intake = intake
        self._relays: dict[Key, Relay] = {}

    async def frame(self, caller: Caller, jpeg: bytes) -> wire.Metrics | None:
        """Have a picture analysed in the session of these ids; opens it where there is none.

        Raises :class:`RateLimited`, :class:`FrameRefused` and what :meth:`Gate.open` raises;
        :class:`Unauthorized` also for an expired token that did not open this session.
        """
        relay = self._relay(caller.identity)
        try:
            relay.take()
            text = await self._analyse(relay, caller, jpeg)
        finally:
            if relay.session_id is None:
                self._relays.pop(_key(caller.identity), None)
        return None if text is None else _metrics(text)

    async def begin(self, caller: Caller) -> tuple[Relay, Admitted]:
        """Open a session for a client that attaches; raises what :meth:`Gate.open` raises."""
        return self._attached(await self._intake.gate.open(caller, None))

    async def resume(self, address: str, session_id: str, token: str) -> tuple[Relay, Admitted]:
        """Go on with a session; raises what :meth:`Gate.resume` raises."""
        return self._attached(
            await self._intake.gate.resume(address, session_id, token, None, "websocket")
        )

    def _attached(self, admitted: Admitted) -> tuple[Relay, Admitted]:
        relay = self._intake.relay()
        relay.attach(admitted)
        return relay, admitted

    async def detach(self, identity: Identity) -> None:
        """The connection is gone; the session waits for another one of the same client."""
        relay = self._relays.get(_key(identity))
        if relay is not None:
            await relay.detach()

    async def end(self, identity: Identity) -> str | None:
        """End the session as the client's bye; its id, if there was one."""
        relay = self._relays.pop(_key(identity), None)
        if relay is None or relay.session_id is None:
            return None
        await self._intake.admission.end_session(relay.session_id)
        return relay.session_id

    def forget(self, session_id: str) -> None:
        """This session has ended."""
        for key, relay in list(self._relays.items()):
            if relay.session_id == session_id:
                del self._relays[key]

    def _relay(self, identity: Identity) -> Relay:
        key = _key(identity)
        if key not in self._relays:
            self._relays[key] = self._intake.relay()
        return self._relays[key]

    async def _analyse(self, relay: Relay, caller: Caller, jpeg: bytes) -> str | None:
        await self._open(relay, caller)
        connection = relay.connection
        try:
            return await relay.frame(jpeg)
        except (SessionNotFound, SessionClosed, WorkerLost):
            if relay.connection == connection:  # no other picture has seen to it
                relay.connection = None
            await self._open(relay, caller)
            return await relay.frame(jpeg)

    async def _open(self, relay: Relay, caller: Caller) -> None:
        async with relay.opening:
            if relay.session_id is not None:
                self._intake.gate.check_sender(caller, relay.grant)
            if relay.connection is None:
                await self._rejoin(relay, caller.identity.client)
            if relay.session_id is None:
                identity = replace(caller.identity, session_id=str(uuid4()))
                fresh = replace(caller, identity=identity)
                relay.attach(await self._intake.gate.open(fresh, None), caller.grant)

    async def _rejoin(self, relay: Relay, client: str) -> None:
        """Go on with the relay's session, be its worker gone; one that has ended is let go."""
        if relay.session_id is None:
            return
        try:
            admitted = await self._intake.admission.rejoin(relay.session_id, client)
        except (SessionNotFound, SessionClosed):
            relay.session_id = None
        else:
            relay.attach(admitted, relay.grant)


def _key(identity: Identity) -> Key:
    return identity.user_id, identity.module_id, identity.section_id, identity.client


def _metrics(text: str) -> wire.Metrics:
    message = wire.decode_server(text)
    assert isinstance(message, wire.Metrics)  # noqa: S101 - what placements promise
    return message
