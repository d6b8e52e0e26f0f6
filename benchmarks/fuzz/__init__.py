"""Hostile input: atheris on what reads it, schemathesis on the running service."""
