"""A student's session, from its first connection to its summary."""
