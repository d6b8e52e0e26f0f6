"""Entity tags of WHIP's ICE sessions (RFC 9725, section 4.3.1); in the front process.

A resource URL has one connection, and that one ICE session after the other: each restart gives it
another tag. The first follows from the URL. Which is the newest this process knows of the restarts
that went through it; another front process takes each tag that is of the URL, and the worker tells
old fragments by the name that they carry.
"""

import hashlib
from collections import OrderedDict

REMEMBERED = 10_000
"""Resources that were restarted; then the oldest are forgotten."""


def first_tag(resource: str) -> str:
    """The tag of a connection before any restart."""
    return f'"{_digest(resource)}"'


class ETags:
    """The newest tag of each connection that was restarted here."""

    def __init__(self) -> None:
        """None was."""
        self._newest: OrderedDict[str, str] = OrderedDict()

    def renew(self, resource: str, answer: str) -> str:
        """The tag of the ICE session that ``answer``, a fragment, began."""
        tag = f'"{_digest(resource)}.{_digest(answer)}"'
        self._newest[resource] = tag
        self._newest.move_to_end(resource)
        while len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        return tag

    def is_present(self, resource: str, tag: str) -> bool:
        """Whether ``tag`` is that of the present ICE session, as far as is known here."""
        if resource in self._newest:
            return tag == self._newest[resource]
        return tag == first_tag(resource) or tag.startswith(f'"{_digest(resource)}.')


def _digest(text: str) -> str:
    return hashlib.sha256(b"etag" + text.encode()).hexdigest()[:16]
