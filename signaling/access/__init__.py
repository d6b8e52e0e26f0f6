"""Who gets in, what they may see, and how much one client may ask for."""
