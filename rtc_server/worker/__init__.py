"""Runs in a media worker: it holds peers, model and sessions, and is called by front processes."""
