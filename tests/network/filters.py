"""What the gates and the TURN server's machine let through, as nftables rules."""

from tests.network.profile import Profile
from tests.network.topology import SERVER, TURN_HOST

# RFC 4787: mapping and filtering both depend on the other side's address and port.
_SYMMETRIC_NAT = """
chain translated { type nat hook postrouting priority srcnat
    oifname out masquerade fully-random
}
"""
_NAT = """
chain translated { type nat hook postrouting priority srcnat
    oifname out masquerade
}
"""
_ONLY_ANSWERS = "iifname out ct status dnat accept\niifname out ct state new drop"
EVERYTHING = "drop"


def campus_gate(profile: Profile) -> str:
    """The way between the campus and the internet."""
    if profile.symmetric_nats:
        return _table(_forward(f"{profile.campus}\n{_ONLY_ANSWERS}"), _SYMMETRIC_NAT)
    return _table(_forward(profile.campus))


def closed_gate() -> str:
    """Nothing passes."""
    return _table(_forward(EVERYTHING))


def server_gate(profile: Profile) -> str:
    """The way between the internet and the server."""
    rules = "" if profile.server_udp else "meta l4proto udp drop"
    if profile.symmetric_nats:
        return _table(
            _forward(f"{rules}\n{_ONLY_ANSWERS}"), _SYMMETRIC_NAT, _published(("tcp/443",))
        )
    if profile.published:
        return _table(_forward(f"{rules}\n{_ONLY_ANSWERS}"), _NAT, _published(profile.published))
    return _table(_forward(rules))


def _published(ports: tuple[str, ...]) -> str:
    """Ports of the gate that lead to the server, each as ``tcp/443``."""
    pairs = (port.split("/") for port in ports)
    rules = "\n".join(
        f"iifname out {protocol} dport {port} dnat ip to {SERVER.v4}" for protocol, port in pairs
    )
    return f"chain published {{ type nat hook prerouting priority dstnat\n{rules}\n}}"


def internet(profile: Profile) -> str:
    """A machine that is down answers nothing, not even that nobody listens."""
    if profile.turn_runs:
        return _table()
    rules = f"ip daddr {TURN_HOST.v4} drop\nip6 daddr {TURN_HOST.v6} drop"
    return _table(f"chain arriving {{ type filter hook input priority filter\n{rules}\n}}")


def _forward(rules: str) -> str:
    return f"chain passing {{ type filter hook forward priority filter\n{rules}\n}}"


def _table(*chains: str) -> str:
    """In place of what was there before, at once; connections that are tracked stay so."""
    return f"table inet lab\ndelete table inet lab\ntable inet lab {{\n{''.join(chains)}\n}}\n"
