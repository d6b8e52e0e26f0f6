"""The machines of a Ray cluster, all of them on loopback: ``python -m tests.servers.ray_nodes``.

A process of its own, so that the test itself neither imports Ray nor is its driver. Takes commands
on standard input, a line of JSON each (``{"add": SLOTS}``), and answers each with one line.
"""

import json
import sys
from typing import Any

from ray.cluster_utils import Cluster

OBJECT_STORE = 80 * 1024 * 1024
"""Bytes; Ray's least is 75 MiB, and nothing is to be put into it."""


def main() -> None:
    """Serve until standard input ends."""
    common: dict[str, Any] = {
        "num_cpus": 0,
        "object_store_memory": OBJECT_STORE,
        "include_dashboard": False,
    }
    cluster = Cluster(initialize_head=True, head_node_args={**common, "include_log_monitor": False})
    _answer({"address": cluster.address})
    for line in sys.stdin:
        slots: int = json.loads(line)["add"]
        node = cluster.add_node(**common, resources={"rtc_worker": slots})
        raylet = node.all_processes["raylet"][0].process.pid
        _answer({"node": node.node_id, "raylet": raylet})
    cluster.shutdown()  # type: ignore[no-untyped-call] # Ray's


def _answer(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
