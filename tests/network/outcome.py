"""What a profile came to, and where that falls short."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.browser.site_row import SiteRow
from tests.network.profile import MAX_HIDDEN, Event, Profile
from tests.network.student import Recording
from tests.network.topology import STUDENT_ELSEWHERE


@dataclass(frozen=True)
class Outcome:
    """One student's session in one network."""

    profile: Profile
    recording: Recording
    row: SiteRow
    rows: int
    """In the site's table, once the service has ended."""
    turn_health: str
    """As ``/readyz`` told it."""

    @property
    def row_error(self) -> float:
        """Seconds between what the row accounts for and what the page saw."""
        return abs(self.row.accounted - self.recording.streamed)

    def problems(self) -> list[str]:
        """A sentence for each thing that is not as it must be; empty where all is well."""
        return [*self._connection(), *self._account()]

    def _connection(self) -> Iterator[str]:
        profile, seen = self.profile, self.recording
        if seen.rung not in profile.rungs:
            yield f"on {seen.rung} instead of {' or '.join(profile.rungs)}"
        if seen.first_after > profile.first_within:
            yield f"first metrics after {seen.first_after:.1f} s, not {profile.first_within:g}"
        if seen.rate < profile.rate:
            yield f"{seen.rate:.2f} metrics a second, not {profile.rate:g}"
        if seen.gap > profile.longest_gap:
            yield f"no metrics for {seen.gap:.1f} s"
        if self.turn_health != profile.turn_health:
            yield f"/readyz says turn: {self.turn_health}, not {profile.turn_health}"
        if profile.event is Event.WIFI_CHANGE and not self._moved():
            yield "the selected candidate pair has no address of the new network"

    def _account(self) -> Iterator[str]:
        if self.rows != 1:
            yield f"{self.rows} rows instead of one"
        if self.row_error > self.profile.tolerance:
            yield f"the row is {self.row_error:.2f} s off"
        if self.row.exact["end_reason"] != "client_bye":
            yield f"ended as {self.row.exact['end_reason']}"
        hidden = self.row.exact["unknown_by_cause"].get("hidden", 0.0)
        if self.profile.event is Event.HIDDEN_OUTAGE and not 0.5 < hidden < MAX_HIDDEN:
            yield f"{hidden:.1f} s are booked as hidden"
        if not self.recording.has_summary:
            yield "the page got no summary"

    def _moved(self) -> bool:
        before, after = self.recording.pairs
        if before is None or after is None:
            return False
        local = after["local"]["address"]
        new = local in (STUDENT_ELSEWHERE.v4, STUDENT_ELSEWHERE.v6)
        return new and local != before["local"]["address"]
