"""What schemathesis cannot know: how SDP and pictures look, and the secrets of a running session.

Loaded by schemathesis itself (``SCHEMATHESIS_HOOKS``); ``KNOWN`` holds parameters as JSON.
"""

import json
import os
from typing import Any

import schemathesis
from hypothesis import strategies as st

from benchmarks.fuzz import targets

KNOWN: dict[str, str] = json.loads(os.environ.get("KNOWN", "{}"))


def _spoilt(name: str) -> st.SearchStrategy[bytes]:
    """Good bodies whole, cut, and with something else in the middle."""
    seeds = st.sampled_from([seed for seed in targets.load(name).seeds if seed])

    def cut(seed: bytes) -> st.SearchStrategy[bytes]:
        place = st.integers(0, len(seed))
        return st.builds(lambda at, to, new: seed[:at] + new + seed[to:], place, place, st.binary())

    return seeds | seeds.flatmap(cut) | st.binary(max_size=200)


schemathesis.openapi.media_type("application/sdp", _spoilt("sdp"))
schemathesis.openapi.media_type("application/trickle-ice-sdpfrag", _spoilt("sdpfrag"))
schemathesis.openapi.media_type("image/jpeg", _spoilt("jpeg"))


@schemathesis.serializer("application/sdp", "application/trickle-ice-sdpfrag", "image/jpeg")
def as_it_is(_context: object, value: object) -> bytes:
    """Send what the strategies made."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def map_path_parameters(_context: object, given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Put the known values in."""
    return None if given is None else {**given, **{k: KNOWN[k] for k in given if k in KNOWN}}
