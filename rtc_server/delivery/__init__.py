"""From the outbox to the site's endpoint: delivered at least once, applied once."""
