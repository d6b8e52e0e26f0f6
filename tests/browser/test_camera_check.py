"""Before a session counts the student sees whether the picture is good, and what to change."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.chromium import chromium_without
from tests.browser.conftest import Serve
from tests.browser.lesson import Lesson
from tests.browser.screenshots import keep
from tests.browser.site_row import the_only_row
from tests.servers.php import PhpSite

pytestmark = [pytest.mark.needs("chromium", "mariadb", "php"), pytest.mark.timeout(120)]


@pytest.fixture
async def faceless() -> AsyncIterator[Browser]:
    """A browser whose camera shows a test picture: light enough, and nobody in it."""
    async with chromium_without() as running:
        yield running


async def test_a_good_picture_begins_by_itself_and_no_time_before_is_judged(
    browser: Browser, serve: Serve, php_site: PhpSite
) -> None:
    lesson = await Lesson.open(browser, serve().url)
    await lesson.page.evaluate(
        """() => { globalThis.early = []; const wait = setInterval(() => {
          if (!globalThis.eyeSession) return;
          clearInterval(wait);
          eyeSession.on("metrics", (m) => eyeSession.state.name === "checking" && early.push(m));
        }, 1); }"""
    )
    await lesson.start()
    await lesson.becomes("checking")
    for item in ("face", "alone", "light", "distance"):
        place = lesson.page.locator(f"#ready-{item}")
        await expect(place).to_have_attribute("data-answer", "ok", timeout=20_000)
    await lesson.is_live()
    await expect(lesson.page.get_by_test_id("ready")).to_be_hidden()
    early = await lesson.page.evaluate("early")
    assert len(early) > 5
    assert {metrics["is_focused"] for metrics in early} == {None}
    assert {metrics["face_count"] for metrics in early} == {1}
    await lesson.sees(15)
    await lesson.stop()
    row = await the_only_row(php_site, 5.0)
    assert row.exact["unknown_by_cause"]["muted"] > 1.0
    assert row.exact["focused_time"] > 0.0


async def test_a_student_out_of_view_is_told_so_and_may_begin_anyway(
    faceless: Browser, serve: Serve, php_site: PhpSite
) -> None:
    lesson = await Lesson.open(faceless, serve().url)
    await lesson.start()
    face = lesson.page.locator("#ready-face")
    await expect(face).to_have_attribute("data-answer", "no_face", timeout=20_000)
    await expect(face).to_contain_text("Move into the middle of the picture")
    await expect(lesson.page.locator("#announcer")).to_contain_text("Move into the middle")
    assert await violations(lesson.page) == []
    await keep(lesson.page, "camera_check")
    await lesson.becomes("checking")

    await lesson.page.get_by_test_id("begin").click()
    await lesson.is_live()
    await expect(lesson.page.get_by_test_id("hint")).to_contain_text("No face in view")
    await lesson.stop()
    row = await the_only_row(php_site, 5.0)
    assert row.exact["focused_time"] == 0.0


async def test_who_would_rather_not_goes_on_without_a_camera(
    faceless: Browser, serve: Serve
) -> None:
    lesson = await Lesson.open(faceless, serve().url)
    await lesson.start()
    await lesson.becomes("checking")
    await lesson.page.get_by_test_id("without").click()
    await expect(lesson.page.get_by_test_id("declined")).to_be_visible()
    assert await lesson.page.evaluate("eyeSession.stream") is None


async def test_who_has_several_cameras_chooses_before_it_counts(serve: Serve) -> None:
    one = "--use-fake-device-for-media-stream"
    async with chromium_without(one, instead=[f"{one}=device-count=3"]) as browser:
        lesson = await Lesson.open(browser, serve().url)
        await lesson.start()
        await lesson.becomes("checking")
        choice = lesson.page.locator("#cameras")
        await expect(choice.locator("option")).to_have_count(3)
        device = "eyeSession.stream.getVideoTracks()[0].getSettings().deviceId"
        first = await lesson.page.evaluate(device)
        assert await choice.input_value() == first

        await choice.select_option(index=2)  # the one between them sees depth, not light
        await lesson.sees(5)
        assert await lesson.page.evaluate(device) == await choice.input_value() != first
        assert await violations(lesson.page) == []
