"""Which ICE servers both sides get, and whether they answer. In the front process."""
