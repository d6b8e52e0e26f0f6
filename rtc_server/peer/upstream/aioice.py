"""The private names of aioice that this room stands on, all of them; see ``aiortc.py`` beside it.

aioice has no public seam for a socket that sessions share, for TCP, or for a check that is lost.
"""

VERSION = "0.13.0"

TURN_CLIENT = "_TurnTransport__inner_protocol"
"""What speaks to the TURN server for a relayed address; its transport is the socket."""

PRIVATE = {
    "aioice.ice.Connection": {
        "_check_list": "reads: the checks to give up when a restart takes over",
        "_closing": "reads: no address is gathered for one that closes",
        "_early_checks": "reads: how many wait",
        "_early_checks_done": "reads: whether any may wait still",
        "_emit_event": "calls: tells aiortc that a restart's successor has lost its consent",
        "_nominated": "reads: the pair that carries the connection",
        "_protocols": "reads: our sockets are added",
        "_query_consent_task": "sets: no consent is asked on a pair that is given up",
        "_queue": "reads: how many datagrams wait",
        "_remote_candidates": "reads: which addresses are known",
        "_transport_policy": "reads: whether only a relay will do",
    },
    "aioice.turn.TurnTransport": {
        TURN_CLIENT: "reads: the socket of its server, to be let go of at once",
    },
    "aioice.candidate.Candidate": {
        "_network_host": "reads: the address as a socket has it",
    },
}
"""Of each class, its names: whether one is read, set, called or overridden, and what for."""
