"""The dashboard in a real browser: on real sessions, and on a lesson that is already stored."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from rtc_server.base.end_reason import EndReason
from signaling.app import make_routes
from signaling.settings import load
from tests.browser.axe import violations
from tests.browser.chromium import StudentPage, chromium
from tests.browser.lesson import NO_UDP
from tests.browser.screenshots import keep
from tests.browser.staff import PATIENCE, StaffPage
from tests.fakes.classroom import Classroom
from tests.fakes.front import Front, front_of
from tests.fakes.lesson_record import Record, reading_and_watching
from tests.fakes.rows import created
from tests.fakes.site import TOKEN_SETTINGS, staff_token, token
from tests.servers.service import ServiceProcess

ROOT = Path(__file__).parents[2]
LESSON_SECONDS = 600

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.timeout(150),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.blocks("the page's files are looked up; what blocks is tested elsewhere"),
]


@dataclass
class School:
    """The service with a class that runs and lessons that are over."""

    front: Front
    room: Classroom
    lesson: Record
    session_id: str
    """A lesson of student 107 in section 1 of module 3, with the nine dots."""
    plain_id: str
    """One of student 108 in section 2 without them; no other student was there."""

    @property
    def url(self) -> str:
        return str(self.front.http.make_url("")).rstrip("/")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(camera: Path) -> AsyncIterator[Browser]:
    """One for all: each test opens windows of its own."""
    async with chromium(camera) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[School]:
    lesson = reading_and_watching(LESSON_SECONDS, calibrated=True)
    app = make_routes(load({**TOKEN_SETTINGS, "WEB_ROOT": str(ROOT / "web" / "dist")}))
    async with front_of(app, tmp_path_factory.mktemp("school")) as front:
        room = await Classroom.open(front.store, 26)
        front.placement.statuses_now = room.pass_time(1.0)
        session_id = await ended(front, lesson, "107", "1")
        for number in range(8):
            await ended(front, shortened(lesson, 0.55 + number / 20), f"{120 + number}", "1")
        plain = reading_and_watching(120, calibrated=False)
        plain_id = await ended(front, plain, "108", "2")
        yield School(front, room, lesson, session_id, plain_id)


async def ended(front: Front, lesson: Record, user: str, section: str) -> str:
    session_id = await created(front.store, user_id=user, section_id=section)
    await front.store.sessions.end(
        session_id, 1, EndReason.CLIENT_BYE, lesson.summary, None, lesson.samples
    )
    return session_id


def shortened(lesson: Record, share: float) -> Record:
    """The lesson of somebody who was focused for so much less of it."""
    summary = {**lesson.summary, "focused_time": share * lesson.summary["focused_time"]}
    summary["blink_count"] = int(lesson.summary["blink_count"] * (0.4 + share))
    summary["unknown_time"] = lesson.summary["unknown_time"] * (2.4 - 2 * share)
    return Record([], summary)


# ------------------------------------------------------------ real sessions


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path, **TOKEN_SETTINGS) as running:
        yield running


async def test_two_students_appear_move_and_end_before_the_teacher(
    browser: Browser, service: ServiceProcess
) -> None:
    teacher = await StaffPage.open(browser, service.url, staff_token())
    await teacher.sees("class-empty", "No session is running")

    here = await StudentPage.open(browser, f"{service.url}/?token={token(sub='7')}")
    behind = await StudentPage.open(browser, "about:blank")
    await behind.page.add_init_script(path=NO_UDP)
    await behind.page.goto(f"{service.url}/?token={token(sub='8')}")
    for student in (here, behind):
        await student.start()
    await expect(teacher.card("7")).to_contain_text("direct", timeout=PATIENCE * 1000)
    await expect(teacher.card("8")).to_contain_text("picture by picture", timeout=PATIENCE * 1000)
    await expect(teacher.card("7")).to_have_attribute("data-account", re.compile("focused"))
    await teacher.sees("class-count", "2 sessions")

    trail = teacher.card("7").locator("svg.trail")
    told = await trail.get_attribute("aria-label") or ""
    await expect(trail).not_to_have_attribute("aria-label", told, timeout=PATIENCE * 1000)
    await expect(teacher.card("7")).to_contain_text(re.compile(r"\d+% facing|nothing measured"))

    await here.stop()
    await here.summary_is_shown()
    await expect(teacher.card("7")).to_have_attribute("data-state", "ended", timeout=5000)
    await expect(teacher.card("8")).to_have_attribute("data-state", "live")
    await teacher.sees("class-count", "1 session")

    await teacher.card("7").get_by_role("link").click()
    await expect(teacher.shows("session-title")).to_have_text("Student 7")
    await expect(teacher.shows("session-body")).to_be_visible()
    assert "token" not in teacher.page.url
    await behind.stop()
    await behind.summary_is_shown()
    assert teacher.errors == []
    assert "eyJ" not in service.log  # how every token begins
    await expect(teacher.shows("feed")).to_have_text("Live")


# ------------------------------------------------------------ who sees what


async def test_a_students_token_is_turned_away_in_words(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, token())
    await page.sees("door-why", "student's token")
    await expect(page.shows("class")).to_be_hidden()
    assert await page.page.evaluate("sessionStorage.length") == 0

    await page.shows("door-token").fill(staff_token())
    await page.shows("door-open").click()
    await expect(page.card("101")).to_be_visible()
    await page.shows("leave").click()
    await expect(page.shows("door")).to_be_visible()
    await expect(page.card("101")).to_have_count(0)


async def test_without_a_token_the_page_asks_for_one(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url)
    await expect(page.shows("door")).to_be_visible()
    await expect(page.shows("door-why")).to_be_empty()
    assert await violations(page.page) == []


async def test_a_token_that_is_none_is_not_called_expired(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token()[:-9])
    await page.sees("door-why", "does not know this token")


async def test_staff_of_other_modules_sees_nothing(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token(module_ids=["9"]))
    await page.sees("class-empty", "No session is running in your modules.")
    await expect(page.shows("class-list").locator("li")).to_have_count(0)
    await page.shows("nav-sessions").click()
    await expect(page.page.get_by_text("There is no session yet.")).to_be_visible()
    await page.page.evaluate(f"location.hash = 'session={school.session_id}'")
    await page.sees("door-why", "may not see that")


# ------------------------------------------------------------ the live class


async def test_the_class_moves_and_is_filtered(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await page.sees("class-count", "26 sessions")
    before = await page.shows("class-list").inner_html()
    school.front.placement.statuses_now = school.room.pass_time(30.0)
    await expect(page.card("101").locator("svg.trail")).not_to_have_attribute(
        "aria-label", await page.card("101").locator("svg.trail").get_attribute("aria-label") or ""
    )
    assert await page.shows("class-list").inner_html() != before
    await page.page.locator("#filter-section").select_option("2")
    await page.sees("class-count", "13 sessions")
    await expect(page.card("101")).to_be_hidden()
    await expect(page.card("102")).to_be_visible()
    assert page.errors == []


async def test_axe_finds_nothing_at_any_width(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await expect(page.card("101")).to_be_visible()
    await page.sees("class-count", "26 sessions")
    await keep(page.page, "dashboard")
    for width in (1280, 390):
        await page.page.set_viewport_size({"width": width, "height": 860})
        await page.page.evaluate("location.hash = 'live'")
        assert await violations(page.page) == []
        await page.shows("nav-sessions").click()
        await expect(page.shows("past-rows").locator("tr").first).to_be_visible()
        assert await violations(page.page) == []
        await page.goes_to(school.session_id)
        await page.page.locator(".timeline details").evaluate(
            "(details) => { details.open = true }"
        )
        assert await violations(page.page) == []
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.page.evaluate(overflow) <= 0


async def test_the_keyboard_reaches_everything(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await expect(page.card("101")).to_be_visible()
    await page.card("101").get_by_role("link").focus()
    await page.page.keyboard.press("Enter")
    await expect(page.shows("session-title")).to_have_text("Student 101")
    await page.goes_to(school.session_id)
    await page.shows("replay-at").focus()
    for _ in range(3):
        await page.page.keyboard.press("ArrowRight")
    await expect(page.shows("replay-time")).to_have_text("0:03 of 9:59")
    words = await page.shows("replay-at").get_attribute("aria-valuetext")
    assert words is not None
    assert words.startswith("0:03 of 9:59: ")


async def test_the_page_speaks_german(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token(), language="de-DE")
    await page.sees("class-count", "26 Sitzungen")
    await page.goes_to(school.session_id)
    await expect(page.page.get_by_text("Ein Video gibt es nicht.")).to_be_visible()


# ------------------------------------------------------------ one session


async def test_a_session_is_told_with_timeline_heat_map_and_comparison(
    browser: Browser, school: School
) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await page.goes_to(school.session_id)
    share = round(school.lesson.summary["focus_percentage"])
    await expect(page.shows("s-percentage")).to_have_text(f"{share}%")
    charts = page.shows("charts").get_by_role("img")
    await expect(charts).to_have_count(4)
    said = [await chart.get_attribute("aria-label") or "" for chart in await charts.all()]
    assert f"{school.lesson.samples[-1].data['blinks']} blinks" in said[1]
    assert all(cause in said[3] for cause in ("face turned", "too dark", "paused"))
    await expect(page.shows("minutes").locator("tr")).to_have_count(10)
    heat = page.shows("heat").locator("canvas")
    await expect(heat).to_have_attribute("aria-label", re.compile("most of it middle right"))
    compared = page.shows("compare")
    await expect(compared).to_contain_text("Module 3, 10 students")
    await expect(compared).to_contain_text("Section 1, 9 students")
    await page.shows("replay-at").fill("200")
    await page.page.evaluate("document.activeElement.blur()")
    await keep(page.page, "session", whole=True)
    assert page.errors == []


async def test_what_cannot_be_told_is_said_to_be_so(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await page.goes_to(school.plain_id)
    await expect(page.shows("heat")).to_be_hidden()
    await expect(page.page.locator("#heat-lead")).to_contain_text("Not drawn")
    await expect(page.shows("compare")).to_contain_text("Section 2: fewer than 5 students")
    await page.page.evaluate("location.hash = 'session=nobody'")
    await page.sees("session-message", "There is no such session")


async def test_a_module_is_told_as_a_whole_where_it_is_large_enough(
    browser: Browser, school: School
) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await page.shows("nav-sessions").click()
    await page.shows("past-module").fill("3")
    await page.shows("past-module").press("Enter")
    compared = page.shows("past-compare")
    await expect(compared).to_contain_text("Module 3, 10 students")
    await expect(compared).to_contain_text("Section 2: fewer than 5 students")
    assert await violations(page.page) == []
    await page.shows("past-module").fill("8")
    await page.shows("past-module").press("Enter")
    await expect(page.shows("past-rows").locator("tr")).to_have_count(0)
    await expect(compared).to_be_empty()


async def test_the_numbers_play_again(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await page.goes_to(school.session_id)
    await page.shows("replay-speed").select_option("60")
    await page.shows("replay-play").click()
    away = re.compile("Turned away: (face turned|no face)")
    await expect(page.shows("replay-state")).to_have_text(away, timeout=PATIENCE * 1000)
    await page.shows("replay-play").click()
    stopped = int(await page.shows("replay-at").input_value())
    assert stopped >= next(
        sample.second for sample in school.lesson.samples if sample.data["is_focused"] is False
    )
    await page.shows("charts").locator(".u-over").first.click(position={"x": 5, "y": 20})
    assert int(await page.shows("replay-at").input_value()) < 20


async def test_exports_are_what_is_stored(browser: Browser, school: School) -> None:
    page = await StaffPage.open(browser, school.url, staff_token())
    await page.goes_to(school.session_id)
    name, text = await page.exports("csv")
    assert name == f"session-{school.session_id}.csv"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(school.lesson.samples)
    assert rows[5]["second"] == "5"
    name, text = await page.exports("json")
    assert name == f"session-{school.session_id}.json"
    assert json.loads(text)["summary"] == school.lesson.summary
