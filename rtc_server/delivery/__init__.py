"""From the outbox to the site: at least once, applied once. On the front process's loop."""
