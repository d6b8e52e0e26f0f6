"""How packets find their way: candidates, sockets, STUN and TURN."""
