"""The private names of aioice are there in the installed version, and mean what we think."""

from aioice.turn import TurnClientUdpProtocol, TurnTransport

from rtc_server.peer.upstream import aioice as upstream


class Socket:
    """A transport that knows whether it was aborted."""

    aborted = False

    def abort(self) -> None:
        self.aborted = True


async def test_a_relayed_address_leads_to_the_socket_that_its_server_is_reached_by() -> None:
    client = TurnClientUdpProtocol(("127.0.0.1", 3478), "user", "secret", 600, 500)
    socket = Socket()
    client.connection_made(socket)  # type: ignore[arg-type] # all that is called of it
    getattr(TurnTransport(client), upstream.TURN_CLIENT).transport.abort()
    assert socket.aborted
