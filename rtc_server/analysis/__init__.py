"""Recordings through the same vision and metrics as live sessions, without a network."""
