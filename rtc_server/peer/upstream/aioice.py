"""The private names of aioice that this room stands on, in one place; read in aioice 0.13."""

TURN_CLIENT = "_TurnTransport__inner_protocol"
"""What speaks to the TURN server for a relayed address; its transport is the socket."""
