"""Recordings through the vision and metrics of live sessions; in the command that asks for it."""
