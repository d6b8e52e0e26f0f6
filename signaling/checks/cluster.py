"""Whether the cluster can be joined, and has room for workers."""

import asyncio

from rtc_server.base.errors import WorkerLost
from rtc_server.cluster.placement import Cluster
from signaling.checks.finding import Finding, Verdict

NAME = "cluster"
PATIENCE_SECONDS = 20.0


async def check_cluster(cluster: Cluster) -> Finding:
    """Join it, count its machines and their workers, and leave it as it is."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await cluster.join()
            slots = await cluster.slots()
    except TimeoutError:
        return Finding(NAME, Verdict.FAILED, f"it cannot be joined within {PATIENCE_SECONDS:g} s")
    except WorkerLost as error:
        return Finding(NAME, Verdict.FAILED, f"it cannot be joined: {error!s:.200}")
    finally:
        await cluster.leave()
    staying = [slot for slot in slots if not slot.draining]
    machines = len({slot.node for slot in staying})
    if not staying:
        return Finding(NAME, Verdict.FAILED, "it is there, but no machine offers rtc_worker")
    draining = len({slot.node for slot in slots}) - machines
    more = f"; {draining} more are draining" if draining else ""
    return Finding(NAME, Verdict.OK, f"{machines} machines for {len(staying)} workers{more}")
