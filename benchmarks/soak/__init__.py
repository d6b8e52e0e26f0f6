"""Sessions coming and going for half an hour: what the service holds on to."""
