"""What ``rtc-server check`` says of a cluster."""

from rtc_server.cluster.member import Slot
from signaling.checks.cluster import check_cluster
from signaling.checks.finding import Verdict
from tests.fakes.cluster import Machines


async def test_machines_and_workers_are_counted() -> None:
    machines = Machines(
        Slot("a-0", "a"), Slot("a-1", "a"), Slot("b-0", "b"), Slot("c-0", "c", draining=True)
    )
    finding = await check_cluster(machines)
    assert finding.verdict is Verdict.OK
    assert finding.text == "2 machines for 3 workers; 1 more are draining"
    assert machines.started == {}


async def test_a_cluster_without_room_for_workers_fails() -> None:
    finding = await check_cluster(Machines(Slot("c-0", "c", draining=True)))
    assert finding.verdict is Verdict.FAILED
    assert "rtc_worker" in finding.text


async def test_a_cluster_that_is_away_fails() -> None:
    machines = Machines()
    machines.away = True
    finding = await check_cluster(machines)
    assert finding.verdict is Verdict.FAILED
    assert "cannot be joined" in finding.text
