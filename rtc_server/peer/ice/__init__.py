"""How packets find their way: candidates, sockets, STUN and TURN. On the worker's loop."""
