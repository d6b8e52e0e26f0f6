"""Every private name of aiortc and aioice that is used, once."""
