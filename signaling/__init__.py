"""HTTP: signaling, pages and health. The composition root of the service."""
