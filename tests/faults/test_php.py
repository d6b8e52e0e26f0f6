"""The PHP endpoint on the tables that sites really have, on a real PHP and a real MariaDB."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers.mariadb import MariaDb
from tests.servers.php import DATABASE, PHP, TABLE, PhpSite

pytestmark = pytest.mark.needs("php", "mariadb")

MIGRATION = (PHP / "migrate.sql").read_text()
FIRST = "4fd5cf0e-2a0c-4d7a-9a37-3d2b3a0d1a6e"
SECOND = "00000000-0000-4000-8000-000000000002"
SECRET = "a secret between the two, long enough"
STRICT = "STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO"
LAX = "NO_ENGINE_SUBSTITUTION"
KINDS: dict[str, dict[str, str]] = {
    "the schema of record": {},
    "section NOT NULL": {"section": "INT NOT NULL"},
    "section NOT NULL DEFAULT 0": {"section": "INT NOT NULL DEFAULT 0"},
    "percentage without default": {"more": ", focus_percentage DECIMAL(5,2) NOT NULL"},
    "text without default": {"more": ", ip VARCHAR(45) NOT NULL, day DATE NOT NULL"},
    "enum without default": {"more": ", source ENUM('it''s', 'b') NOT NULL"},
    "ids as text": {"user": "VARCHAR(64)", "module": "CHAR(12)", "section": "VARCHAR(64)"},
    "ids BIGINT UNSIGNED": {"user": "BIGINT UNSIGNED", "section": "BIGINT UNSIGNED DEFAULT NULL"},
    "ids with zeros before": {"user": "INT(8) ZEROFILL", "section": "INT(6) ZEROFILL"},
    "ids DECIMAL": {"user": "DECIMAL(20,0)", "section": "DECIMAL(20,0)"},
    "data as JSON": {"data": "JSON"},
    "data of 255 characters": {"data": "VARCHAR(255)"},
    "MyISAM": {"engine": "MyISAM"},
    "latin1": {"charset": "latin1"},
    "a generated column": {"more": ", day DATE AS (DATE(created_at)) STORED"},
    "zero dates": {"more": ", closed DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00'"},
}
TYPES = {
    "user": "INT",
    "module": "INT",
    "section": "INT DEFAULT NULL",
    "data": "TEXT",
    "more": "",
    "engine": "InnoDB",
    "charset": "utf8mb4",
}


def record(**changes: object) -> dict[str, Any]:
    """What the service posts at the end of a session."""
    made: dict[str, Any] = {
        "user_id": 7,
        "module_id": 3,
        "section_id": 2,
        "focused_time": 10,
        "unfocused_time": 5,
        "total_time": 15,
        "focus_percentage": 66.67,
        "session_type": "viewing",
        "session_uuid": FIRST,
        "seq": 1,
        "unfocused_by_cause": {"no_face": 5.0},
        "unknown_by_cause": {},
        "blink_rate": 12.0,
        "end_reason": "client_bye",
        "client": "webrtc",
        "session_data": {"focused_time": 10.2, "unfocused_time": 4.9, "elapsed": 15.1},
    }
    return {**made, **changes}


def old_record() -> dict[str, Any]:
    """What the old service posts."""
    new = ("session_uuid", "seq", "unfocused_by_cause", "unknown_by_cause", "session_data")
    return {name: value for name, value in record().items() if name not in new}


def post(site: PhpSite, sent: dict[str, Any], **headers: str) -> httpx.Response:
    body = json.dumps(sent).encode()
    return httpx.post(site.url, content=body, headers=headers, trust_env=False, timeout=20.0)


def make_table(database: MariaDb, kind: dict[str, str]) -> None:
    types = TYPES | kind
    database.query(
        f"""SET sql_mode = ''; DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} (
            id INT AUTO_INCREMENT PRIMARY KEY,
            user_id {types["user"]} NOT NULL, module_id {types["module"]} NOT NULL,
            section_id {types["section"]},
            total_time_seconds INT DEFAULT 0, focused_time_seconds INT DEFAULT 0,
            unfocused_time_seconds INT DEFAULT 0,
            session_type ENUM('viewing', 'pause', 'resume') DEFAULT 'viewing',
            created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
            last_updated TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
            session_data {types["data"]} {types["more"]}
        ) ENGINE = {types["engine"]} DEFAULT CHARSET = {types["charset"]}""",
        DATABASE,
    )


@pytest.fixture(params=[STRICT, LAX], ids=["strict", "lax"])
def moody(request: pytest.FixtureRequest, mariadb: MariaDb) -> Iterator[None]:
    """A server that is strict, then one that is not."""
    mariadb.query(f"SET GLOBAL sql_mode = '{request.param}'")
    yield
    mariadb.query("SET GLOBAL sql_mode = DEFAULT")


@pytest.mark.usefixtures("moody")
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_kind_of_table_is_migrated_and_keeps_a_row_a_session(
    php_site: PhpSite, mariadb: MariaDb, kind: dict[str, str]
) -> None:
    make_table(mariadb, kind)
    php_site.query(MIGRATION)
    php_site.query(MIGRATION)
    for sent in (
        record(),
        record(),
        record(seq=2, focused_time=20, total_time=25),
        record(session_uuid=SECOND, section_id=None),
        old_record(),
    ):
        answer = post(php_site, sent)
        assert (answer.status_code, answer.json()["success"]) == (200, True), answer.text
    rows = php_site.rows()
    assert [row["total_time_seconds"] for row in rows] == ["25", "15", "15"]
    assert [int(row["user_id"] or "") for row in rows] == [7, 7, 7]
    assert json.loads(rows[0]["session_data"] or "")["focused_time"] == 10.2


@pytest.mark.parametrize("engine", ["InnoDB", "MyISAM"])
def test_another_unique_key_of_the_table_overwrites_nobodys_row(
    php_site: PhpSite, mariadb: MariaDb, engine: str
) -> None:
    key = ", UNIQUE KEY u (user_id, module_id, section_id)"
    make_table(mariadb, {"more": key, "engine": engine})
    php_site.query(
        f"INSERT INTO {TABLE} (user_id, module_id, section_id, total_time_seconds)"
        " VALUES (7, 3, 2, 100)"
    )
    php_site.query(MIGRATION)
    answer = post(php_site, record(seq=5))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    (row,) = php_site.rows()
    assert row["total_time_seconds"] == "100"
    php_site.query(f"DELETE FROM {TABLE}")
    assert post(php_site, record()).status_code == 200
    other = post(php_site, record(session_uuid=SECOND, seq=5, focused_time=99, total_time=104))
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    (row,) = php_site.rows()
    assert (row["session_uuid"], row["total_time_seconds"]) == (FIRST, "15")


def test_a_table_that_was_not_migrated_says_what_is_to_be_done(
    php_site: PhpSite, mariadb: MariaDb
) -> None:
    make_table(mariadb, {})
    answer = post(php_site, record())
    assert (answer.status_code, answer.json()["code"]) == (500, "not_migrated")
    assert "migrate.sql" in answer.json()["message"]
    assert post(php_site, old_record()).status_code == 200, "old callers do without"
    php_site.query(MIGRATION)
    assert post(php_site, record()).status_code == 200


@pytest.mark.parametrize(
    "change",
    [{"user_id": 7.0}, {"user_id": "007"}, {"unknown_by_cause": []}, {"section_id": 2.0}],
    ids=str,
)
def test_a_value_in_another_form_is_the_same_value(
    php_site: PhpSite, change: dict[str, Any]
) -> None:
    assert post(php_site, record()).status_code == 200
    assert post(php_site, record(**change)).status_code == 200
    assert len(php_site.rows()) == 1


@pytest.mark.parametrize("user", [2**31, 2**53, 2**31 - 1], ids=str)
def test_the_column_says_how_large_an_id_may_be(
    php_site: PhpSite, mariadb: MariaDb, user: int
) -> None:
    fits = user < 2**31
    assert post(php_site, record(user_id=user)).status_code == (200 if fits else 400)
    make_table(mariadb, {"user": "BIGINT UNSIGNED"})
    php_site.query(MIGRATION)
    assert post(php_site, record(user_id=user)).status_code == 200


def signed(sent: dict[str, Any]) -> dict[str, str]:
    stamp = str(int(time.time()))
    text = stamp.encode() + b"." + json.dumps(sent).encode()
    digest = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    return {"X-Timestamp": stamp, "X-Signature": f"v1={digest}"}


def test_a_signed_post_that_is_played_again_is_no_second_row(php_site: PhpSite) -> None:
    php_site.configure(TRACKING_SAVE_SECRET=SECRET)
    headers = signed(old_record())
    for _ in range(3):
        assert post(php_site, old_record(), **headers).status_code == 200
    (row,) = php_site.rows()
    assert row["total_time_seconds"] == "15"
    sent = old_record() | {"focused_time": 11, "total_time": 16}
    assert post(php_site, sent, **signed(sent)).status_code == 200
    _, other = php_site.rows()
    assert other["total_time_seconds"] == "16"
