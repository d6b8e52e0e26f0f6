"""Workers as actors of a Ray cluster: the only file that imports Ray.

A machine offers room for workers as the custom resource ``rtc_worker``
(``ray start --resources='{"rtc_worker": 4}'``). In each such slot runs one detached actor, named
after the slot: any front process finds it, or starts it. Ray never restarts one; whoever keeps
the slot starts another, which is empty.

Frames never cross Ray's object store: a WebRTC peer and the model live in the same actor, and a
picture that comes over HTTP is handed on in pieces that Ray puts into the call itself.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import ray
from ray._private import ray_constants
from ray._private.state import state as ray_state
from ray.actor import ActorHandle
from ray.exceptions import ActorUnavailableError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rtc_server.base.errors import WorkerLost
from rtc_server.cluster.actor import WorkerActor
from rtc_server.cluster.member import Remote, Slot
from rtc_server.front.worker_process import CHILD_ENVIRONMENT
from rtc_server.ipc.rpc import Body, Json, result

RESOURCE = "rtc_worker"
NAMESPACE = "rtc-server"
CALLS_AT_ONCE = 2000
PIECE = 64 * 1024
"""Bytes: of arguments beyond 100 KiB Ray makes objects in its store."""
MAY_BE_REPEATED = frozenset({"configure", "hear"})
REPEAT_PAUSE = 0.25
AUTO = "auto"
KNOCK_SECONDS = 5.0
NAME_LENGTH = 16
"""Hex digits of a machine's id in the names of its slots."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class RayWorker:
    """A worker as an actor."""

    def __init__(self, actor: ActorHandle[WorkerActor], front: str) -> None:
        """``front``: what this front process is called there."""
        self._actor = actor
        self._front = front

    async def call(self, method: str, body: Body | None = None, payload: bytes = b"") -> Json:
        """Call the actor; of the calls only those that do no harm twice are repeated."""
        pieces = [payload[at : at + PIECE] for at in range(0, len(payload), PIECE)]
        while True:
            try:
                return result(
                    await self._actor.call.remote(self._front, method, body or {}, *pieces)
                )
            except ActorUnavailableError as error:
                # The connection broke; whether the actor did as well, Ray finds out meanwhile.
                if method not in MAY_BE_REPEATED:
                    raise WorkerLost(_first_line(error)) from error
                await asyncio.sleep(REPEAT_PAUSE)
            except RayError as error:
                raise WorkerLost(_first_line(error)) from error

    async def kill(self) -> None:
        """End the actor at once; its slot is free then."""
        await asyncio.to_thread(ray.kill, self._actor)


class RayCluster:
    """The cluster at an address, which this process joins as a driver."""

    def __init__(self, address: str, log_level: str) -> None:
        """``address``: ``host:port``, or ``auto`` for the one that this machine belongs to."""
        self._address = address
        self._log_level = log_level
        self._front = f"front-{uuid4().hex[:12]}"

    async def join(self) -> None:
        """Connect as a driver; an address that does not answer is given up after 5 s."""
        await _ask(self._join)

    async def slots(self) -> list[Slot]:
        """Ask the head which machines live and offer ``rtc_worker``."""
        return await _ask(_slots)

    async def worker(self, slot: Slot) -> Remote:
        """The slot's detached actor, by its name."""
        return RayWorker(await _ask(self._actor, slot), self._front)

    async def leave(self) -> None:
        """Disconnect; the actors are detached and go on."""
        await asyncio.to_thread(ray.shutdown)

    def _join(self) -> None:
        if self._address != AUTO:
            # Ray waits minutes for a head that is away, in a thread that nothing ends.
            host, _, port = self._address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=KNOCK_SECONDS).close()
        # Ray's own handler of SIGTERM aborts the process 3 s later, whatever is still to be done.
        ray_constants.RAY_DISABLE_FAILURE_SIGNAL_HANDLER = True
        ray.init(
            address=self._address,
            namespace=NAMESPACE,
            ignore_reinit_error=True,
            configure_logging=False,
            log_to_driver=False,
        )

    def _actor(self, slot: Slot) -> ActorHandle[WorkerActor]:
        """The actor of ``slot``; whoever comes first starts it."""
        actor_class: Any = ray.remote(WorkerActor)
        options = actor_class.options(
            name=slot.name,
            namespace=NAMESPACE,
            lifetime="detached",
            get_if_exists=True,
            scheduling_strategy=NodeAffinitySchedulingStrategy(slot.node, soft=False),
            num_cpus=0,
            resources={RESOURCE: 1},
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=CALLS_AT_ONCE,
            runtime_env={"env_vars": CHILD_ENVIRONMENT},
        )
        actor: ActorHandle[WorkerActor] = options.remote(slot.name, self._log_level)
        return actor


async def _ask(work: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - handed on
    """Do what blocks in a thread."""
    try:
        return await asyncio.to_thread(work, *arguments)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        raise WorkerLost(_first_line(error)) from error


def _slots() -> list[Slot]:
    # Ray has no public word for it but its dashboard's; Ray Serve asks the same way (2.60).
    draining = ray_state.get_draining_nodes()
    nodes: list[dict[str, Any]] = ray_state.node_table()  # type: ignore[no-untyped-call] # Ray's
    return [
        Slot(f"{node['NodeID'][:NAME_LENGTH]}-{number}", node["NodeID"], node["NodeID"] in draining)
        for node in nodes
        if node["Alive"]
        for number in range(int(node["Resources"].get(RESOURCE, 0)))
    ]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
