"""The sessions that run, as staff sees them."""
