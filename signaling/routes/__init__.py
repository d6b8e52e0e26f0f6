"""Who asks for what, a file per resource; on the front process's loop."""
