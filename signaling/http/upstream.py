"""The private names of aiohttp that the HTTP server stands on, all of them; no code of its own.

``tests/unit/peer/upstream/test_private_names.py`` holds them against the version that is installed.
"""

VERSION = "3.14.5"

PRIVATE = {
    "aiohttp.web_protocol.RequestHandler": {
        "_current_request": "reads: whether it answers one",
        "_messages": "reads: whether further requests wait",
        "_request_count": "reads: whether a head is whole",
        "_waiter": "reads: whether it waits for one",
    },
    "aiohttp.web_server.Server": {
        "_kwargs": "reads: what a connection is made with",
        "_loop": "reads: where it runs",
    },
    "aiohttp.web_runner.TCPSite": {
        "_server": "reads: the sockets that listen, whose queue is made longer",
    },
    "aiohttp.web_runner.AppRunner": {
        "_make_server": "overrides: connections with a deadline",
    },
}
"""Of each class, its names: whether one is read, set, called or overridden, and what for."""
