"""How many clients may be connected at once; in the front process, on its event loop.

Descriptors are kept back for what the service opens itself: the database, the site, new workers.
A client that is connected and asks nothing gives way to one that has come; where all are busy the
newcomer is let go, before the system refuses it and everything else.
"""

import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Protocol
from weakref import WeakKeyDictionary

from rtc_server.ipc.memory import resident

MOST = 8192
"""Connections, where the system allows more descriptors than that."""
LEAST = 16
RESERVE = 72
"""Descriptors kept back: the pool of the database, deliveries, the looks at TURN and site, and
those in the making."""
RESERVE_OF_WORKER = 6
"""More of them for each worker: its socket pair, and pipes while it starts."""
SHARE = 0.5
"""Of all connections, for one address; proxies that are ours have no address."""
IN_THE_MAKING = 32
"""Connections, beside all these, whose TLS handshake is not over or that are just accepted."""
HANDSHAKE_SECONDS = 10.0
"""After which a place is given to the next: nobody tells of a TLS handshake that has failed."""
MEMORY_LOOK = 0.25
"""Seconds between two looks at the memory."""
TOO_MANY, NO_MEMORY = "too_many_connections", "front_memory"
"""What connections that are let go are counted as."""
MIB = 1024 * 1024


class Connection(Protocol):
    """One of them."""

    @property
    def is_idle(self) -> bool:
        """Whether it waits for its client to ask something."""
        ...

    def let_go(self) -> None:
        """Close it now."""


class Connections:
    """All connections, and who they are of."""

    def __init__(
        self,
        most: int = MOST,
        memory_limit_mb: int = 0,
        proxies: Collection[IPv4Network | IPv6Network] = (),
        refused: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``memory_limit_mb``: of this process; beyond it nobody new is let in. 0: no limit.

        ``proxies`` speak for many; ``refused`` hears why a connection is let go.
        """
        self.most = most
        self._memory_limit = memory_limit_mb * MIB
        self._proxies = proxies
        self._refused = refused
        self._open: dict[Connection, str] = {}
        self._of: Counter[str] = Counter()
        # weak: what asyncio has let go of in the middle of its handshake holds no place
        self._made: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
        self._memory = 0
        self._looked = -MEMORY_LOOK

    def __len__(self) -> int:
        """How many there are."""
        return len(self._open)

    def expect(self, connection: Connection) -> bool:
        """Take note of one that is accepted and may enter; whether it is worth to go on with it."""
        now = time.monotonic()
        while self._made and now - next(iter(self._made.values())) > HANDSHAKE_SECONDS:
            del self._made[next(iter(self._made))]
        if len(self._made) >= IN_THE_MAKING:
            self._refused(TOO_MANY)
            return False
        self._made[connection] = now
        return True

    def enter(self, connection: Connection, address: str) -> bool:
        """Take a connection in, or say that it has to go."""
        self._made.pop(connection, None)
        if self._over_memory():
            self._refused(NO_MEMORY)
            return False
        whose = self._whose(address)
        full = len(self._open) >= self.most
        share = bool(whose) and self._of[whose] >= max(LEAST // 2, int(SHARE * self.most))
        if (full or share) and not self._make_room(whose if share else ""):
            self._refused(TOO_MANY)
            return False
        self._open[connection] = whose
        self._of[whose] += 1
        return True

    def leave(self, connection: Connection) -> None:
        """This one is closed."""
        whose = self._open.pop(connection, None)
        if whose is not None:
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]

    def _make_room(self, whose: str) -> bool:
        """Let go of the oldest that is idle, of this address where one is given."""
        for connection, address in self._open.items():
            if connection.is_idle and whose in ("", address):
                self._refused(TOO_MANY)
                self.leave(connection)
                connection.let_go()
                return True
        return False

    def _whose(self, address: str) -> str:
        """The address that a connection counts for; empty for a proxy of ours."""
        try:
            ip = ip_address(address.partition("%")[0])
        except ValueError:
            return ""
        return "" if any(ip in network for network in self._proxies) else str(ip)

    def _over_memory(self) -> bool:
        now = time.monotonic()
        if self._memory_limit and now - self._looked >= MEMORY_LOOK:
            self._looked = now
            self._memory = resident(os.getpid())
        return bool(self._memory_limit) and self._memory > self._memory_limit


def raise_descriptor_limit() -> int:
    """Allow this process, and those it starts, as many descriptors as it may have; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 1 << 20)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return wanted


def room_for_connections(descriptors: int, workers: int) -> int:
    """Connections that fit beside what is open and what is kept back."""
    try:
        used = len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        used = RESERVE
    room = descriptors - used - RESERVE - RESERVE_OF_WORKER * workers
    return max(LEAST, min(MOST, room))
