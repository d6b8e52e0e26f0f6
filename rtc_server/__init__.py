"""Media and meaning: a camera track in, eye metrics out. Knows nothing of HTTP."""
