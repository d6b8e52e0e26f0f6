"""``rtc-server check`` tells what keeps the endpoint from storing a record, and stores none."""

import pytest

from rtc_server.base.config import ForwardConfig
from signaling.checks.endpoint import check_endpoint
from signaling.checks.finding import Verdict
from tests.servers.php import TABLE, PhpSite

pytestmark = [
    pytest.mark.needs("php", "mariadb"),
    pytest.mark.timeout(60),
    pytest.mark.blocks("the site is a process, which is waited for"),
]

SECRET = {"TRACKING_SAVE_SECRET": "hush"}


async def found(site: PhpSite, secret: str | None = "hush") -> tuple[Verdict, str]:
    finding = await check_endpoint(ForwardConfig(save_url=site.url, secret=secret))
    return finding.verdict, finding.text


async def test_an_endpoint_that_would_store_a_record_says_so(php_site: PhpSite) -> None:
    php_site.configure(**SECRET)
    verdict, text = await found(php_site)
    assert verdict is Verdict.OK
    assert "reaches its table" in text
    assert php_site.rows() == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            SECRET | {"TRACKING_DB_PASSWORD": "wrong", "TRACKING_DB_USER": "nobody"},
            "TRACKING_DB_DSN",
        ),
        (SECRET | {"TRACKING_DB_DSN": "mysql:unix_socket=/nowhere;dbname=site"}, "out of reach"),
        ({"TRACKING_SAVE_SECRET": "another"}, "another TRACKING_SAVE_SECRET"),
        ({}, "its TRACKING_SAVE_SECRET is not set"),
    ],
    ids=["password", "server", "secret", "no secret"],
)
async def test_what_is_wrong_there_is_told(
    php_site: PhpSite, settings: dict[str, str], words: str
) -> None:
    if settings:
        php_site.configure(**settings)
    verdict, text = await found(php_site)
    assert verdict is Verdict.FAILED
    assert words in text


async def test_a_missing_table_and_a_missing_column_are_told(php_site: PhpSite) -> None:
    php_site.configure(**SECRET)
    php_site.query(f"ALTER TABLE {TABLE} DROP COLUMN session_uuid")
    assert (await found(php_site))[0] is Verdict.FAILED
    assert "migrate.sql" in (await found(php_site))[1]
    php_site.query(f"DROP TABLE {TABLE}")
    verdict, text = await found(php_site)
    assert verdict is Verdict.FAILED
    assert "schema.sql" in text


async def test_no_secret_on_either_side_is_noted(php_site: PhpSite) -> None:
    verdict, text = await found(php_site, secret=None)
    assert verdict is Verdict.NOTE
    assert "anybody" in text
