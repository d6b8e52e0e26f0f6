"""Whether the web client's pages are where the service looks for them."""

from pathlib import Path

from signaling.checks.finding import Finding, Verdict
from signaling.routes.web import PAGES

LIBRARY = "lib/eye-session.iife.js"
"""What a site's own page loads."""


def check_pages(root: Path) -> Finding:
    """Look for each page and the library under ``root``."""
    wanted = [*(file for file, _ in PAGES.values()), LIBRARY]
    missing = [file for file in wanted if not (root / file).is_file()]
    if missing:
        text = f"WEB_ROOT={root} lacks {', '.join(missing)}: build the web client (make setup)"
        return Finding("pages", Verdict.FAILED, text)
    return Finding("pages", Verdict.OK, f"{len(wanted)} files in {root}")
