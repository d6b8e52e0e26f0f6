"""Who gets in, what they may see, and how much a client may ask for. In the front process."""
