"""What is fed with hostile input, each by its name.

A target is a function of bytes that returns whatever comes, or raises: then it found a fault.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

Run = Callable[[bytes], None]
NAMES = (
    "sdp",
    "sdpfrag",
    "demux",
    "acceptor",
    "jpeg",
    "wire",
    "tokens",
    "settings",
    "sctp",
    "rtp",
    "h264",
    "vp8",
)
INSTRUMENTED = ("rtc_server", "signaling", "aiortc.sdp", "jwt")
"""Packages whose branches atheris follows."""


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of hostile input."""

    run: Run
    seeds: Sequence[bytes]
    """Good input, and bad that once was a fault."""
    words: Sequence[str] = ()
    """What the input's language is made of."""
    max_bytes: int = 4096


def load(name: str) -> Target:
    """The target of this name; imports only what it needs."""
    target: Target = import_module(f"benchmarks.fuzz.targets.{name}").TARGET
    return target
