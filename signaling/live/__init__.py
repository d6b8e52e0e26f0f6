"""The sessions that run, as staff sees them. In the front process."""
