"""A campaign with servers of its own, from an empty database to its figures."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos import audit
from benchmarks.chaos.audit import Books, Findings
from benchmarks.chaos.campaign import Act, Campaign, Plan, Stage
from benchmarks.chaos.fleet import EXIT_SECONDS
from benchmarks.quality.figure import Figure
from tests.servers.mariadb import MariaDb
from tests.servers.php import PhpSite, create_site_database

Check = Callable[[Findings, Books], None]
CHECKS: dict[str, Check] = {
    "save_enhanced_tracking.php": audit.check_own,
    "insert_every_call.php": audit.check_inserting,
    "add_to_todays_row.php": audit.check_adding,
}
REPLACED_SECONDS = 2.0
STORE = "store"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one campaign."""

    plan: Plan
    stage: Stage
    found: Findings
    listed: int
    """Records that ``rtc-server outbox list`` shows for a person."""

    @property
    def problems(self) -> list[str]:
        """Sentences, the worst first."""
        return [*self.found.lost, *self.found.doubled, *self.found.wrong, *self._exits]

    @property
    def _exits(self) -> list[str]:
        return [f"a service ended with {code}" for code in self.stage.fleet.bad_exits]

    def figures(self) -> Iterator[Figure]:
        """For people and programs."""
        kind, found = self.plan.endpoint.removesuffix(".php"), self.found
        sessions, peers = float(found.owed), float(self.stage.owed("peer"))
        yield Figure(f"{kind}: sessions", sessions, "", at_least=self.plan.sessions)
        if self.plan.peers:
            yield Figure(f"{kind}: of real peers", peers, "", at_least=self.plan.peers)
        for name, problems in (
            ("lost", found.lost),
            ("doubled", found.doubled),
            ("wrong", found.wrong),
        ):
            yield Figure(f"{kind}: {name}", float(len(problems)), "", at_most=0)
        yield Figure(f"{kind}: still in the outbox", float(found.waiting), "", at_most=0)
        yield from self._uncertain(kind)
        yield Figure(
            f"{kind}: moved to unknown a loss", found.moved, "s", at_most=audit.SECONDS_A_LOSS
        )
        yield from self._service(kind)

    def _uncertain(self, kind: str) -> Iterator[Figure]:
        own = self.plan.endpoint == "save_enhanced_tracking.php"
        uncertain = float(self.found.uncertain)
        yield Figure(f"{kind}: uncertain", uncertain, "", at_most=0 if own else None)
        listed = float(self.listed)
        yield Figure(f"{kind}: listed for a person", listed, "", uncertain, uncertain)

    def _service(self, kind: str) -> Iterator[Figure]:
        fleet = self.stage.fleet
        yield Figure(f"{kind}: services killed", float(fleet.kills), "")
        if fleet.worker_kills:
            yield Figure(f"{kind}: workers killed", float(fleet.worker_kills), "")
            slowest = fleet.slowest_worker
            yield Figure(f"{kind}: a worker is replaced", slowest, "s", at_most=REPLACED_SECONDS)
        if fleet.restarts:
            slowest = fleet.slowest_exit
            yield Figure(f"{kind}: SIGTERM to the end", slowest, "s", at_most=EXIT_SECONDS)
        for name, value in self.stage.notes.items():
            yield Figure(f"{kind}: {name}", value, "", at_least=1)


async def run(
    plan: Plan,
    acts: Sequence[Act],
    database: Path | None,
    seed: int,
    tell: Callable[[str], None],
) -> Result:
    """Run it; raises what a server raises that does not start.

    ``database``: the file of the store; ``None``: it lies in the same MariaDB as the site.
    """
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, MariaDb() as mariadb:
        await asyncio.to_thread(create_site_database, mariadb)
        url = await asyncio.to_thread(_store_url, mariadb, database)
        with PhpSite(mariadb) as site:
            async with Campaign(plan, url, site, Path(folder), seed) as campaign:
                tell(f"{plan.endpoint}: {plan.sessions} sessions, seed {seed}")
                await campaign.run(acts, tell)
                books = await campaign.books(tell)
            _keep_logs(campaign.stage)
        listed = await asyncio.to_thread(_listed, url)
    found = audit.audit(books)
    CHECKS[plan.endpoint](found, books)
    return Result(plan, campaign.stage, found, listed)


def _store_url(mariadb: MariaDb, database: Path | None) -> str:
    if database is not None:
        return f"sqlite:///{database}"
    mariadb.execute(f"CREATE DATABASE {STORE}")
    return mariadb.url(STORE)


def _listed(url: str) -> int:
    """How many uncertain records the command shows."""
    command = [
        sys.executable,
        "-m",
        "signaling",
        "outbox",
        "list",
        "--state",
        "uncertain",
        "--json",
    ]
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url}
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return sum(bool(json.loads(line)) for line in shown.stdout.splitlines())


def _keep_logs(stage: Stage) -> None:
    """Beside the other leftovers of a run, for whoever looks for a cause."""
    target = os.environ.get("CHAOS_LOG")
    if target is not None:
        with suppress(OSError), Path(target).open("a") as file:
            file.write(stage.fleet.logs())
