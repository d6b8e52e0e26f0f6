"""``make test`` counts what each group's tools report, and goes on after one that fails."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import run_tests

ROOT = Path(__file__).parents[2]
JUNIT = """<testsuites><testsuite>
<testcase classname="tests.php.test_kill" name="a" time="2.5"/>
<testcase classname="tests.php.test_kill" name="b" time="1"><failure message="no"/></testcase>
<testcase classname="tests.store.test_row" name="c" time="0.5"><skipped message="no"/></testcase>
</testsuite></testsuites>"""


def counted(tmp_path: Path, text: str | None, code: int) -> run_tests.Report:
    file, report = tmp_path / "report.xml", run_tests.Report()
    if text is not None:
        file.write_text(text)
    run_tests._read(file, code, ["store", "php"], report)
    return report


def test_each_test_counts_for_its_group(tmp_path: Path) -> None:
    report = counted(tmp_path, JUNIT, 1)
    assert report.groups["php"] == run_tests.Result(passed=1, failed=1, seconds=3.5)
    assert report.groups["store"] == run_tests.Result(skipped=1, seconds=0.5)
    assert report.sums() == "1 passed, 1 failed, 1 skipped"
    assert not report.ok


@pytest.mark.parametrize(("text", "code"), [(None, 2), (None, 0), ("<testsuites/>", 5)])
def test_a_run_that_reports_nothing_has_failed(tmp_path: Path, text: str | None, code: int) -> None:
    assert not counted(tmp_path, text, code).ok


def test_a_run_that_fails_without_a_failed_test_has_failed(tmp_path: Path) -> None:
    passing = JUNIT.replace('<failure message="no"/>', "")
    assert counted(tmp_path, passing, 0).ok
    assert not counted(tmp_path, passing, 3).ok


def test_groups_after_one_that_fails_are_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def fails(report: run_tests.Report) -> None:
        ran.append("web")
        report.of("web").failed += 1

    def passes(groups: list[str], _: int, __: str, report: run_tests.Report) -> None:
        ran.extend(groups)
        report.of(groups[0]).passed += 1

    monkeypatch.setattr(run_tests, "run_web", fails)
    monkeypatch.setattr(run_tests, "run_pytest", passes)
    assert run_tests.main(["web", "unit", "network"]) == 1
    assert ran == ["web", "unit", "network"]
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 1 failed, 0 skipped"


def test_a_group_that_is_not_there_is_told_with_those_that_are() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/run_tests.py", "luck"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "No group luck" in done.stderr, "browser" in done.stderr) == (
        2,
        True,
        True,
    )


def test_every_folder_of_tests_is_a_group() -> None:
    folders = {
        path.parent.relative_to(ROOT / "tests").parts[0]
        for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert folders <= set(run_tests.GROUPS)
