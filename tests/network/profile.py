"""The networks that the service must reach a student through, one entry each."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.network.topology import PROXY, SERVER, SERVER_GATE, TURN

SECRET = "a secret of the laboratory"
TURN_UDP = f"turn:{TURN}:3478?transport=udp"
TURN_TCP = f"turn:{TURN}:3478?transport=tcp"
TURN_TLS = f"turns:{TURN}:443?transport=tcp"
ALL_TURN = {"TURN_URLS": f"{TURN_UDP},{TURN_TCP},{TURN_TLS}", "TURN_SECRET": SECRET}
OUTAGE = 10.0
HIDDEN_BEFORE = 2.0
"""Seconds that a page is hidden before its link is lost."""
MAX_HIDDEN = HIDDEN_BEFORE + 7.0
"""Seconds that may be booked so: until the service has noticed that the link is lost."""
NOTICED = 3.0
"""Seconds until another connection is tried: silence for 1 s, then no answer for 1 s."""
RECONNECTED = 4.0
"""Seconds that one may take; Chromium alone holds news of a changed network back for 2."""
GAP = 2.0
"""Seconds without metrics that a session may have where nothing happens to its network."""


class Front(enum.Enum):
    """What answers on port 443 of the server's machine."""

    SERVICE = "the service itself"
    TUNNEL = "tunnel"
    PLAIN = "plain"


class Event(enum.Enum):
    """What happens to the student in the middle of the session."""

    WIFI_CHANGE = "wifi change"
    OUTAGE = "outage"
    UDP_DIES = "UDP dies"
    HIDDEN_OUTAGE = "hidden, an outage, and visible before it is over"


LASTING = frozenset({Event.OUTAGE, Event.HIDDEN_OUTAGE})


@dataclass(frozen=True, slots=True)
class Profile:
    """A network, and what must come out of it."""

    name: str
    rungs: tuple[str, ...]
    """What the page may tell it is on: the best one, and those that may be there before it."""
    campus: str = ""
    """Rules of the campus gate's forward chain, where ``lan`` and ``wifi`` are inside."""
    turn_runs: bool = True
    settings: Mapping[str, str] = field(default_factory=lambda: ALL_TURN)
    front: Front = Front.SERVICE
    family: int = 4
    """By which the page and TURN are reached."""
    only_family: bool = False
    """Whether the student has no address of the other family."""
    symmetric_nats: bool = False
    """Around the campus and around the server."""
    server_udp: bool = True
    """Whether datagrams leave the server's site."""
    event: Event | None = None
    published: tuple[str, ...] = ()
    """What of the server's address is forwarded inside, as of a container: ``tcp/443``; nothing:
    the server has an address of its own."""
    proxied_tcp: int | None = None
    """A TCP proxy's port on the server's gate, which leads to ``VIDEO``."""
    mtu: int | None = None
    """Bytes of the largest packet between campus and internet."""
    browser: str = "chromium"
    direct_at_once: bool = False
    """WebRTC passes without a server between and nothing is lost: the first metrics in 2 s."""
    rate: float = 9.0
    """Metrics a second, at least."""
    tolerance: float = 0.5
    """Seconds by which the row may differ from what the page saw."""
    turn_health: str = "ok"
    """What ``/readyz`` must say."""

    @property
    def first_within(self) -> float:
        """Seconds from the session's creation to its first metrics."""
        return 2.0 if self.direct_at_once else 10.0

    @property
    def longest_gap(self) -> float:
        """Seconds without metrics: what happens and a new connection, or what loss may cost."""
        happens = OUTAGE if self.event in LASTING else 0.0
        return GAP if self.event is None else happens + NOTICED + RECONNECTED

    @property
    def families(self) -> frozenset[int]:
        """Those of the student's addresses."""
        return frozenset({self.family}) if self.only_family else frozenset({4, 6})


INSIDE = "iifname { lan, wifi }"
NO_UDP = "meta l4proto udp drop"
ONLY_443 = f"{NO_UDP}\n{INSIDE} tcp dport != 443 drop"
ONLY_PAGE = (
    f"{ONLY_443}\n{INSIDE} ip daddr != {SERVER.v4} drop\n{INSIDE} ip6 daddr != {SERVER.v6} drop"
)
TURN_ONLY_UDP = f"ip6 daddr {SERVER.v6} {NO_UDP}\nip6 saddr {SERVER.v6} {NO_UDP}"
WRONG_SECRET = {**ALL_TURN, "TURN_SECRET": "another secret"}
RELAY_BOTH = {
    "TURN_URLS": f"{TURN_TCP},{TURN_TLS},{TURN_UDP}",
    "TURN_SECRET": SECRET,
    "ICE_TRANSPORT_POLICY": "relay",
}


VIDEO = 50000
"""The one UDP and the one TCP port of the service."""
ONE_PORT = {"ICE_UDP_PORT": str(VIDEO), "ICE_TCP_PORT": str(VIDEO), "MEDIA_WORKERS": "1"}
CONTAINER = {**ONE_PORT, "ICE_PUBLIC_ADDRESS": SERVER_GATE.v4}
PUBLISHED = ("tcp/443", f"tcp/{VIDEO}", f"udp/{VIDEO}")
PROXY_PORT = 23456
RAILWAY = {
    "RAILWAY_TCP_PROXY_DOMAIN": PROXY,
    "RAILWAY_TCP_PROXY_PORT": str(PROXY_PORT),
    "RAILWAY_TCP_APPLICATION_PORT": str(VIDEO),
}


def _loss(percent: int) -> str:
    return f"meta l4proto udp numgen random mod 100 < {percent} drop"


DIRECT = ("direct",)
DIRECT_TCP = ("direct-tcp",)
ANY_DIRECT = ("direct", "websocket")
"""Where the WebSocket may be there first, until the page has climbed up."""
OVER_TCP = ("turn-tcp", "turn-tls")
RELAYED = ("turn-udp", *OVER_TCP)
"""All ICE rungs are one attempt: the first pair of candidates that answers is used."""
WEBRTC = (*DIRECT, *RELAYED)
"""Where the direct pair's checks may get lost, and a relay's may not."""
WEBSOCKET = ("websocket",)

OPEN = Profile("open", DIRECT, direct_at_once=True)
UDP_BLOCKED = Profile("UDP blocked", OVER_TCP, campus=NO_UDP)
HTTPS_ONLY = Profile(
    "only the page's own host, on 443", WEBSOCKET, campus=ONLY_PAGE, front=Front.TUNNEL
)
RELAY_BOTH_SIDES = Profile(
    "no UDP at either side: relay on both",
    OVER_TCP,
    campus=NO_UDP,
    settings=RELAY_BOTH,
    server_udp=False,
)
TEN_SECONDS_OUT = Profile(
    f"{OUTAGE:g} s outage", ANY_DIRECT, event=Event.OUTAGE, direct_at_once=True, tolerance=1.0
)

NO_TURN_UDP_BLOCKED = Profile(
    "UDP blocked, no TURN server anywhere",
    DIRECT_TCP,
    campus=NO_UDP,
    turn_runs=False,
    settings=ONE_PORT,
    direct_at_once=True,
    turn_health="none",
)
BEHIND_A_BRIDGE = Profile(
    "a container with one UDP port",
    DIRECT,
    turn_runs=False,
    settings=CONTAINER,
    published=PUBLISHED,
    only_family=True,
    direct_at_once=True,
    turn_health="none",
)
BEHIND_A_TCP_PROXY = Profile(
    "a TCP proxy, no UDP, no TURN (Railway)",
    DIRECT_TCP,
    turn_runs=False,
    settings=RAILWAY,
    published=("tcp/443",),
    proxied_tcp=PROXY_PORT,
    only_family=True,
    server_udp=False,
    direct_at_once=True,
    turn_health="none",
)
UDP_DIES = Profile(
    "UDP dies, only TCP is left",
    DIRECT_TCP,
    turn_runs=False,
    settings=ONE_PORT,
    event=Event.UDP_DIES,
    direct_at_once=True,
    tolerance=1.0,
    turn_health="none",
)
HIDDEN_OUTAGE = Profile(
    "hidden, link lost, visible before the next",
    ANY_DIRECT,
    event=Event.HIDDEN_OUTAGE,
    direct_at_once=True,
    tolerance=1.0,
)

PROFILES = (
    OPEN,
    Profile("symmetric NAT on both sides", RELAYED, symmetric_nats=True, only_family=True),
    UDP_BLOCKED,
    Profile("UDP and TCP blocked but 443", ("turn-tls",), campus=ONLY_443),
    HTTPS_ONLY,
    Profile("the same, and no WebSocket upgrade", ("rest",), campus=ONLY_PAGE, front=Front.PLAIN),
    Profile("5 % loss of UDP each way", WEBRTC, campus=_loss(5), tolerance=1.0),
    Profile("20 % loss of UDP each way", WEBRTC, campus=_loss(20), rate=8.0, tolerance=1.5),
    Profile("IPv6 only", DIRECT, family=6, only_family=True, direct_at_once=True),
    Profile(
        "IPv6 only, the browser relayed",
        RELAYED,
        campus=TURN_ONLY_UDP,
        family=6,
        only_family=True,
    ),
    RELAY_BOTH_SIDES,
    Profile("TURN server down", DIRECT, turn_runs=False, turn_health="failed"),
    Profile(
        "TURN server down, UDP blocked",
        WEBSOCKET,
        campus=NO_UDP,
        turn_runs=False,
        turn_health="failed",
    ),
    Profile(
        "TURN secret wrong, UDP blocked",
        WEBSOCKET,
        campus=NO_UDP,
        settings=WRONG_SECRET,
        turn_health="failed",
    ),
    Profile("Wi-Fi change", DIRECT, event=Event.WIFI_CHANGE, direct_at_once=True, tolerance=1.0),
    TEN_SECONDS_OUT,
    NO_TURN_UDP_BLOCKED,
    replace(NO_TURN_UDP_BLOCKED, name="the same, Firefox", browser="firefox"),
    BEHIND_A_BRIDGE,
    replace(
        BEHIND_A_BRIDGE,
        name="a container with one TCP port",
        rungs=DIRECT_TCP,
        published=PUBLISHED[:2],
        server_udp=False,  # else the service asks the student's browser by UDP itself
    ),
    BEHIND_A_TCP_PROXY,
    replace(BEHIND_A_TCP_PROXY, name="the same TCP proxy, Firefox", browser="firefox"),
    Profile(
        "MTU 1280", DIRECT, settings=ONE_PORT, mtu=1280, direct_at_once=True, turn_health="none"
    ),
    UDP_DIES,
    HIDDEN_OUTAGE,
)
