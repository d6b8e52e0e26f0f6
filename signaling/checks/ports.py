"""How many students the ports carry that video comes in by."""

import asyncio
import socket
from collections.abc import AsyncIterator

from rtc_server.peer.ice.mux import RECEIVE_BUFFER, raise_receive_buffer
from signaling.checks.finding import Finding, Verdict
from signaling.settings import Settings

NAME = "ports"


async def check_ports(settings: Settings) -> AsyncIterator[Finding]:
    """Say what the settings mean; nothing is bound, for the service may run meanwhile."""
    if settings.ice_transport_policy == "relay":
        return
    if settings.ice_udp_port is not None:
        yield _one_port(settings.ice_udp_port, settings.workers())
    if settings.ice_port_range is not None:
        yield _range(settings.ice_port_range, settings.max_sessions)
    if settings.ice_tcp_port is not None:
        yield await _tcp(settings.ice_tcp_port, settings.ice_tcp_public)


def _one_port(port: int, workers: int) -> Finding:
    where = f"UDP {port}" if workers == 1 else f"UDP {port}-{port + workers - 1}, one a worker"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        given = raise_receive_buffer(tried)
    text = f"{where}, for any number of students; receive buffer {given // 1024} KiB"
    if given >= RECEIVE_BUFFER:
        return Finding(NAME, Verdict.OK, text)
    advice = f"raise net.core.rmem_max to {RECEIVE_BUFFER} lest bursts get lost"
    return Finding(NAME, Verdict.NOTE, f"{text}; {advice}")


async def _tcp(port: int, public: tuple[str, int] | None) -> Finding:
    if public is None:
        return Finding(NAME, Verdict.OK, f"TCP {port}, for networks that no UDP leaves")
    try:
        await asyncio.get_running_loop().getaddrinfo(*public, type=socket.SOCK_STREAM)
    except OSError as error:
        text = f"ICE_TCP_PUBLIC: {public[0]} has no address ({error.strerror})"
        return Finding(NAME, Verdict.FAILED, text)
    return Finding(NAME, Verdict.OK, f"TCP {port}, announced as {public[0]}:{public[1]}")


def _range(ports: tuple[int, int], max_sessions: int) -> Finding:
    """Each session takes a port of the range, and another while it changes its connection."""
    students = ports[1] - ports[0] + 1
    text = f"ICE_PORT_RANGE={ports[0]}-{ports[1]} carries {students} students at once"
    if students >= max_sessions:
        return Finding(NAME, Verdict.OK, text)
    rest = f"MAX_SESSIONS={max_sessions} lets in more, who send pictures then: widen it, or set"
    return Finding(NAME, Verdict.NOTE, f"{text}; {rest} ICE_UDP_PORT in its place")
