"""schemathesis on the running service, by the service's own OpenAPI document.

Three rounds, each on a service of its own: anybody on a service that takes its own machine,
somebody in the middle of a session, and staff on a service that asks for tokens.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.fakes.site import TOKEN_SETTINGS, staff_token
from tests.servers.service import ROOT, ServiceProcess

NUMBERS = ("MAX_OFFERS_PER_MINUTE", "MAX_SESSIONS", "MAX_SESSIONS_PER_ADDRESS")
UNLIMITED = dict.fromkeys((*NUMBERS, "MAX_SESSIONS_PER_USER"), "1000000")
"""What is refused for its number alone says nothing of what it is."""
ENDLESS = "(/api/live|/events)$"
"""Streams: they go on as long as somebody listens."""
DISTURBING = ("DELETE /whip/{resource}", "POST /whip/{resource}/bye", "DELETE /api/users/{user_id}")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
CONFIG = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", 503]\n'
"""503 is how full, stopping and switched off are told; it must be in the document."""
REQUEST_SECONDS = 10
TOKEN_SECONDS = 3600
VARIED = 14
"""Operations whose input has so many forms that all examples that are asked for are made."""
GROWTH_MIB = 32.0
"""Of a front that has just started: its caches, a connection pool, a session's books."""


@dataclass(frozen=True, slots=True)
class Round:
    """One service, and how it is asked."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    known: bool = False
    """Paths and queries name a session that runs."""
    token: bool = False
    """With a staff token."""


ROUNDS = (
    Round("anybody", {"IDLE_TIMEOUT_SECONDS": "2", "RECONNECT_GRACE_SECONDS": "1"}),
    Round("in a session", {"IDLE_TIMEOUT_SECONDS": "3600"}, known=True),
    Round("staff", TOKEN_SETTINGS, token=True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a round."""

    name: str
    cases: int
    failures: int
    crashed: bool
    """The service or one of its workers ended."""
    growth: float
    """MiB of the front process between the schema's first and last request."""
    text: str


def run(round_: Round, examples: int) -> Outcome:
    """Ask every operation ``examples`` times and in all its corner cases."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        settings = {**UNLIMITED, **round_.settings}
        with ServiceProcess(Path(folder), **settings) as service:
            before = [service.pid, *(worker.pid for worker in service.workers())]
            memory = psutil.Process(service.pid).memory_info().rss
            known = _session(service.url) if round_.known else {}
            done = _schemathesis(round_, service.url, Path(folder), examples, known)
            after = [service.pid, *(worker.pid for worker in service.workers())]
            growth = psutil.Process(service.pid).memory_info().rss - memory
            alive = service.ready()
        report = json.loads((Path(folder) / "report.json").read_text())
    found, errors = report["test_cases"]["unique_failures"], len(report["errors"])
    return Outcome(
        round_.name,
        report["test_cases"]["generated"],
        found + errors,
        before != after or not alive,
        growth / 2**20,
        done.stdout + done.stderr,
    )


def _schemathesis(
    round_: Round, url: str, folder: Path, examples: int, known: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    (folder / "schemathesis.toml").write_text(CONFIG)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(folder / "schemathesis.toml"), "run", f"{url}/openapi.json"),
        *("--max-examples", str(examples), "--continue-on-failure"),
        *("--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing"),
        *("--request-timeout", str(REQUEST_SECONDS), "--generation-database", "none"),
        *("--report", "json", "--report-json-path", str(folder / "report.json")),
        *("--no-color", "--warnings", "off"),
        *("--exclude-path-regex", ENDLESS),
    ]
    if known:
        command += [word for name in DISTURBING for word in ("--exclude-name", name)]
    if round_.token:
        expires = int(time.time()) + TOKEN_SECONDS
        command += ["--header", f"Authorization: Bearer {staff_token(exp=expires)}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KNOWN": json.dumps(known)}
    environment["SCHEMATHESIS_HOOKS"] = "benchmarks.fuzz.hooks"
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _session(url: str) -> dict[str, str]:
    """Begin a session of student 7; what its URLs are made of."""
    message = {"v": 1, "type": "attach", "user_id": "7", "module_id": "3", "section_id": "2"}
    request = urllib.request.Request(
        f"{url}/api/attach", json.dumps(message).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
        attached: dict[str, Any] = json.load(answer)
    return {
        "resource": attached["resource"].rpartition("/")[2],
        "session_id": attached["session_id"],
        "user_id": "7",
        "module_id": "3",
    }
