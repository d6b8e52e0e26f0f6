"""A campus, the internet and a server's site: five namespaces, a gate before campus and server.

::

    campus ─lan─┐                                      ┌─lan─ server
           ─wifi┴─ campus gate ─── internet ─── server gate
                                   (turn)

All addresses are of the documentation ranges (RFC 5737, RFC 3849), inside the namespaces only.
"""

import itertools
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.network.names import NameServer
from tests.network.namespace import Namespace

PAGE = "eyes.lab.test"
TURN = "turn.lab.test"
PROXY = "proxy.lab.test"
"""A TCP proxy, at the server's gate."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Address:
    """One machine in both families."""

    v4: str
    v6: str

    def of(self, family: int) -> str:
        """The address of family 4 or 6."""
        return self.v4 if family == 4 else self.v6


SERVER = Address("198.51.100.10", "2001:db8:3::10")
SERVER_GATE = Address("203.0.113.6", "2001:db8:f2::2")
TURN_HOST = Address("203.0.113.130", "2001:db8:ff::130")
CAMPUS_GATE = Address("192.0.2.1", "2001:db8:1::1")
STUDENT = Address("192.0.2.10", "2001:db8:1::10")
STUDENT_ELSEWHERE = Address("192.0.2.138", "2001:db8:2::10")


class Topology:
    """The namespaces, wired and addressed; ``families``: of the campus and of TURN."""

    def __init__(self, folder: Path, families: frozenset[int] = frozenset({4, 6})) -> None:
        run = f"lab{os.getpid()}x{next(_numbers)}"
        self.campus = Namespace(f"{run}-campus", folder)
        self.campus_gate = Namespace(f"{run}-cgate", folder)
        self.internet = Namespace(f"{run}-inet", folder)
        self.server_gate = Namespace(f"{run}-sgate", folder)
        self.server = Namespace(f"{run}-server", folder)
        self._families = families
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        places = (self.campus, self.campus_gate, self.internet, self.server_gate, self.server)
        with ExitStack() as undo:
            for place in places:
                undo.enter_context(place)
            self._wire()
            self._address()
            self._cleanup = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def name(self, page: Address, family: int) -> NameServer:
        """Let the campus know the page as ``page``, and both sides the TURN server.

        The campus asks the name server that this gives, once it runs.
        """
        self.server.resolve(
            (SERVER.of(family), PAGE), (TURN_HOST.of(family), TURN), (SERVER_GATE.of(family), PROXY)
        )
        self.campus.resolve()
        self.campus.ask(CAMPUS_GATE.of(family))
        names = {PAGE: (page.of(family),), TURN: (TURN_HOST.v4, TURN_HOST.v6)}
        return self.campus_gate.call(NameServer, names, (CAMPUS_GATE.v4, CAMPUS_GATE.v6))

    def change_wifi(self) -> None:
        """All addresses of the student vanish at once; others, of another network, come."""
        self.campus.ip("link set lan down", "addr flush dev lan")
        self.campus.ip("link set wifi up", *self._host("wifi", STUDENT_ELSEWHERE))

    def narrow(self, mtu: int) -> None:
        """Let no larger packet pass between campus and internet."""
        self.campus_gate.ip(f"link set out mtu {mtu}")
        self.internet.ip(f"link set campus mtu {mtu}")

    def _wire(self) -> None:
        for name, one, other_name, other in (
            ("lan", self.campus, "lan", self.campus_gate),
            ("wifi", self.campus, "wifi", self.campus_gate),
            ("out", self.campus_gate, "campus", self.internet),
            ("out", self.server_gate, "server", self.internet),
            ("lan", self.server, "lan", self.server_gate),
        ):
            one.ip(f"link add {name} type veth peer name {other_name} netns {other.name}")
            one.ip(f"link set {name} up")
            other.ip(f"link set {other_name} up")
        self.campus.ip("link set wifi down")

    def _address(self) -> None:
        self.campus.ip(*self._host("lan", STUDENT))
        self.campus_gate.ip(
            *_addresses("lan", f"{CAMPUS_GATE.v4}/25", f"{CAMPUS_GATE.v6}/64"),
            *_addresses("wifi", "192.0.2.129/25", "2001:db8:2::1/64"),
            *_addresses("out", "203.0.113.2/30", "2001:db8:f1::2/64"),
            *_defaults("203.0.113.1", "2001:db8:f1::1"),
        )
        self.internet.ip(
            *_addresses("campus", "203.0.113.1/30", "2001:db8:f1::1/64"),
            *_addresses("server", "203.0.113.5/30", "2001:db8:f2::1/64"),
            *_addresses("lo", f"{TURN_HOST.v4}/32", f"{TURN_HOST.v6}/128"),
            *_routes("192.0.2.0/24", "203.0.113.2", "2001:db8:1::/64", "2001:db8:f1::2"),
            *_routes("198.51.100.0/24", "203.0.113.6", "2001:db8:3::/64", "2001:db8:f2::2"),
            "route add 2001:db8:2::/64 via 2001:db8:f1::2",
        )
        self.server_gate.ip(
            *_addresses("out", "203.0.113.6/30", "2001:db8:f2::2/64"),
            *_addresses("lan", "198.51.100.1/24", "2001:db8:3::1/64"),
            *_defaults("203.0.113.5", "2001:db8:f2::1"),
        )
        self.server.ip(
            *_addresses("lan", f"{SERVER.v4}/24", f"{SERVER.v6}/64"),
            *_defaults("198.51.100.1", "2001:db8:3::1"),
        )

    def _host(self, link: str, address: Address) -> list[str]:
        """What gives the student's machine its addresses in one of the two networks."""
        gates = {"lan": (CAMPUS_GATE.v4, CAMPUS_GATE.v6), "wifi": ("192.0.2.129", "2001:db8:2::1")}
        added = _addresses(link, f"{address.v4}/25", f"{address.v6}/64")
        default = _defaults(*gates[link])
        both = {4: (added[0], default[0]), 6: (added[1], default[1])}
        return [command for family in sorted(self._families) for command in both[family]]


def _addresses(link: str, v4: str, v6: str) -> tuple[str, str]:
    # nodad: an address in its detection of duplicates can be used after a second only
    return f"addr add {v4} dev {link}", f"addr add {v6} dev {link} nodad"


def _defaults(v4: str, v6: str) -> tuple[str, str]:
    return f"route add default via {v4}", f"route add default via {v6}"


def _routes(net4: str, via4: str, net6: str, via6: str) -> tuple[str, str]:
    return f"route add {net4} via {via4}", f"route add {net6} via {via6}"
