"""The site's endpoint is asked whether it answers; a refusal is an answer."""

import pytest

from rtc_server.delivery.php import Presence
from rtc_server.delivery.site_health import SiteHealth, SiteWatch


class Answers:
    """A site that answers in turn."""

    def __init__(self, *statuses: int | None) -> None:
        self._statuses = list(statuses)

    async def look(self) -> Presence:
        return Presence(self._statuses.pop(0), knows_key=False, error="refused")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        (204, SiteHealth.OK),
        (404, SiteHealth.OK),
        (405, SiteHealth.OK),
        (500, SiteHealth.FAILED),
        (503, SiteHealth.FAILED),
        (None, SiteHealth.FAILED),
    ],
)
async def test_what_answers_is_up(status: int | None, health: SiteHealth) -> None:
    watch = SiteWatch(Answers(status))
    assert watch.health is SiteHealth.UNKNOWN
    await watch.look()
    assert watch.health is health


async def test_what_changes_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    watch = SiteWatch(Answers(200, None, None, 200))
    for _ in range(4):
        await watch.look()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "refused" in caplog.text


async def test_without_a_site_nothing_is_asked() -> None:
    watch = SiteWatch(None)
    await watch.look()
    assert watch.health is SiteHealth.NONE
