"""``save_enhanced_tracking.php`` on a real PHP and a real MariaDB."""

import hashlib
import hmac
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.servers.mariadb import MariaDb
from tests.servers.php import DATABASE, PHP, TABLE, PhpSite

pytestmark = pytest.mark.needs("php", "mariadb")

SESSION = "4fd5cf0e-2a0c-4d7a-9a37-3d2b3a0d1a6e"
SECRET = "a secret between the two"
OLD = {
    "user_id": 17,
    "module_id": 3,
    "section_id": 5,
    "focused_time": 40,
    "unfocused_time": 11,
    "total_time": 51,
    "focus_percentage": 78.4,
}
NEW = OLD | {
    "session_uuid": SESSION,
    "seq": 1,
    "save_mode": "summary",
    "focus_sessions": 4,
    "unfocus_sessions": 3,
    "session_type": "viewing",
    "timestamp": "2026-03-01T12:30:15.250+00:00",
    "unknown_time": 9.0,
    "unfocused_by_cause": {"looking_away": 10.5},
    "unknown_by_cause": {},
    "blink_count": 12,
    "blink_rate": 14.1,
    "perclos": None,
    "frames_processed": 598,
    "detection_rate": 0.98,
    "attention_score": 0.781,
    "gaze_directions": {"center": 0.9, "left": 0.1},
    "end_reason": "client_bye",
    "client": "webrtc",
    "session_data": {
        "focused_time": 40.4,
        "unfocused_time": 10.6,
        "unknown_time": 9.0,
        "total_time": 51.0,
        "elapsed": 60.0,
    },
}


def post(site: PhpSite, record: dict[str, Any] | bytes, **headers: str) -> httpx.Response:
    body = record if isinstance(record, bytes) else json.dumps(record).encode()
    return httpx.post(site.url, content=body, headers=headers, trust_env=False)


def signed(record: dict[str, Any], secret: str = SECRET, age: int = 0) -> dict[str, str]:
    timestamp = str(int(time.time()) - age)
    body = timestamp.encode() + b"." + json.dumps(record).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": timestamp, "X-Signature": f"v1={digest}"}


def assert_failure(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    body = answer.json()
    assert (body["success"], body["code"]) == (False, code)
    assert isinstance(body["message"], str)


def test_a_record_becomes_a_row(php_site: PhpSite) -> None:
    answer = post(php_site, NEW)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    (row,) = php_site.rows()
    body = answer.json()
    assert (body["success"], str(body["record_id"])) == (True, row["id"])
    assert body["data_saved"]["total_time_seconds"] == 51
    columns = ("user_id", "module_id", "section_id", "session_type", "session_uuid", "seq")
    assert [row[name] for name in columns] == ["17", "3", "5", "viewing", SESSION, "1"]
    times = ("focused_time_seconds", "unfocused_time_seconds", "total_time_seconds")
    assert [row[name] for name in times] == ["40", "11", "51"]


def test_the_exact_seconds_are_in_session_data(php_site: PhpSite) -> None:
    post(php_site, NEW)
    data = json.loads(php_site.rows()[0]["session_data"] or "")
    exact = data["focused_time"] + data["unfocused_time"] + data["unknown_time"]
    assert exact == pytest.approx(data["elapsed"])
    assert (data["focused_time"], data["focus_percentage"]) == (40.4, 78.4)
    assert data["unfocused_by_cause"] == {"looking_away": 10.5}
    assert data["unknown_by_cause"] == {}
    assert (data["end_reason"], data["client"], data["blink_count"]) == ("client_bye", "webrtc", 12)
    assert data["attention_score"] == 0.781
    assert data["gaze_directions"] == {"center": 0.9, "left": 0.1}


def test_fractions_are_rounded_so_that_the_columns_add_up(php_site: PhpSite) -> None:
    times = {"focused_time": 12.6, "unfocused_time": 7.6, "total_time": 20.2}
    bare = {name: value for name, value in NEW.items() if name != "session_data"}
    assert post(php_site, bare | times).status_code == 200
    (row,) = php_site.rows()
    assert (row["focused_time_seconds"], row["unfocused_time_seconds"]) == ("13", "8")
    assert row["total_time_seconds"] == "21"
    assert json.loads(row["session_data"] or "")["focused_time"] == 12.6


def test_the_same_record_twice_is_one_row_unchanged(php_site: PhpSite) -> None:
    first = post(php_site, NEW).json()
    before = php_site.rows()
    again = post(php_site, NEW).json()
    assert again == first
    assert php_site.rows() == before


def test_a_newer_record_of_the_session_replaces_the_older(php_site: PhpSite) -> None:
    post(php_site, NEW)
    longer = NEW | {"seq": 2, "focused_time": 90, "total_time": 101}
    assert post(php_site, longer).json()["data_saved"]["focused_time_seconds"] == 90
    (row,) = php_site.rows()
    assert (row["total_time_seconds"], row["seq"]) == ("101", "2")


def test_an_older_record_changes_nothing_and_is_a_success(php_site: PhpSite) -> None:
    post(php_site, NEW | {"seq": 3})
    before = php_site.rows()
    for seq in (2, 3):
        answer = post(php_site, NEW | {"seq": seq, "focused_time": 1, "total_time": 12})
        assert answer.json()["success"] is True
        assert answer.json()["data_saved"]["focused_time_seconds"] == 40
    assert php_site.rows() == before


def test_records_that_arrive_at_once_and_out_of_order_leave_the_newest(php_site: PhpSite) -> None:
    records = [
        NEW | {"seq": seq, "focused_time": seq, "total_time": seq + 11}
        for seq in (7, 2, 8, 1, 5, 3, 6, 4)
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda record: post(php_site, record), records))
    assert {answer.status_code for answer in answers} == {200}
    (row,) = php_site.rows()
    assert (row["seq"], row["focused_time_seconds"]) == ("8", "8")


def test_sessions_do_not_touch_each_other(php_site: PhpSite) -> None:
    for _ in range(3):
        post(php_site, NEW | {"session_uuid": str(uuid.uuid4())})
    assert len(php_site.rows()) == 3


@pytest.mark.parametrize("column", ["user_id", "module_id", "section_id"])
def test_a_session_cannot_change_its_owner(php_site: PhpSite, column: str) -> None:
    post(php_site, NEW)
    before = php_site.rows()
    assert_failure(post(php_site, NEW | {"seq": 2, column: 99}), 409, "conflict")
    assert php_site.rows() == before


def test_a_uuid_is_the_same_in_capitals(php_site: PhpSite) -> None:
    post(php_site, NEW)
    post(php_site, NEW | {"session_uuid": SESSION.upper()})
    assert len(php_site.rows()) == 1


def test_an_old_caller_gets_a_row_for_every_call(php_site: PhpSite) -> None:
    for _ in range(2):
        assert post(php_site, OLD).json()["success"] is True
    assert [row["session_uuid"] for row in php_site.rows()] == [None, None]


def test_an_old_caller_is_stored_as_it_ever_was(php_site: PhpSite) -> None:
    odd = OLD | {"user_id": "17", "total_time": 80, "session_type": "websocket_cv_tracking"}
    assert post(php_site, odd | {"section_id": ""}).json()["success"] is True
    (row,) = php_site.rows()
    assert (row["user_id"], row["section_id"]) == ("17", None)
    assert (row["total_time_seconds"], row["session_type"]) == ("80", "viewing")
    assert json.loads(row["session_data"] or "")["session_type"] == "websocket_cv_tracking"


@pytest.mark.parametrize("kind", ["viewing", "pause", "resume"])
def test_the_types_of_the_column_are_kept(php_site: PhpSite, kind: str) -> None:
    post(php_site, OLD | {"session_type": kind})
    assert php_site.rows()[0]["session_type"] == kind


@pytest.mark.parametrize("section", [None, "", "missing"])
def test_no_section_is_null(php_site: PhpSite, section: str | None) -> None:
    record = OLD | {"section_id": section}
    if section == "missing":
        del record["section_id"]
    post(php_site, record)
    assert php_site.rows()[0]["section_id"] is None


@pytest.mark.parametrize("field", sorted(OLD.keys() - {"section_id"}))
def test_a_missing_field_is_refused(php_site: PhpSite, field: str) -> None:
    record = {name: value for name, value in NEW.items() if name != field}
    answer = post(php_site, record)
    assert_failure(answer, 400, "invalid")
    assert field in answer.json()["message"]
    assert php_site.rows() == []


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": 0},
        {"user_id": -1},
        {"user_id": 2**31},
        {"user_id": "17 OR 1=1"},
        {"user_id": "17\n"},
        {"user_id": True},
        {"user_id": [17]},
        {"user_id": 1.5},
        {"module_id": 10**30},
        {"section_id": "a"},
        {"focused_time": -1},
        {"focused_time": "40"},
        {"focused_time": 1e300},
        {"total_time": 60},
        {"focus_percentage": 101},
        {"focus_percentage": None},
        {"session_uuid": "4fd5cf0e"},
        {"session_uuid": 7},
        {"session_uuid": SESSION + "\n"},
        {"seq": 0},
        {"seq": None},
        {"blink_count": "many"},
        {"unfocused_by_cause": [1]},
        {"unfocused_by_cause": {"no_face": "long"}},
        {"unfocused_by_cause": {f"cause{n}": 1 for n in range(33)}},
        {"session_data": "text"},
        {"session_data": {"focused_time": "x"}},
        {"client": "x" * 65},
        {"end_reason": {}},
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_value_that_cannot_be_is_refused(php_site: PhpSite, change: dict[str, Any]) -> None:
    assert_failure(post(php_site, NEW | change), 400, "invalid")
    assert php_site.rows() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"[1]", b"null", b"17", b'"x"', b"\xff", b"[" * 100, b"user_id=1"],
    ids=str,
)
def test_what_is_no_json_object_is_refused(php_site: PhpSite, body: bytes) -> None:
    assert_failure(post(php_site, body), 400, "json")


def test_a_body_beyond_any_record_is_refused(php_site: PhpSite) -> None:
    assert_failure(post(php_site, NEW | {"padding": "x" * 40_000}), 413, "too_large")


def test_only_post_stores(php_site: PhpSite) -> None:
    answer = httpx.get(php_site.url, trust_env=False)
    assert_failure(answer, 405, "method")
    assert answer.headers["allow"] == "OPTIONS, POST"


def test_increments_are_refused_loudly(php_site: PhpSite) -> None:
    answer = post(php_site, NEW | {"save_mode": "delta"})
    assert_failure(answer, 409, "delta")
    assert "TRACKING_SAVE_MODE" in answer.json()["message"]


def test_letters_of_any_script_survive(php_site: PhpSite) -> None:
    post(php_site, NEW | {"client": "wébrtc 😀"})
    data = php_site.query(f"SELECT HEX(session_data) AS hex FROM {TABLE}")[0]["hex"] or ""
    assert json.loads(bytes.fromhex(data))["client"] == "wébrtc 😀"


def test_a_signed_record_is_stored(php_site: PhpSite) -> None:
    php_site.configure(TRACKING_SAVE_SECRET=SECRET)
    assert post(php_site, NEW, **signed(NEW)).json()["success"] is True
    assert post(php_site, NEW, **signed(NEW, age=-200)).status_code == 200
    assert len(php_site.rows()) == 1


def test_what_is_not_signed_well_is_refused(php_site: PhpSite) -> None:
    php_site.configure(TRACKING_SAVE_SECRET=SECRET)
    good = signed(NEW)
    assert_failure(post(php_site, NEW), 401, "signature")
    assert_failure(post(php_site, NEW, **signed(NEW, secret="guess")), 401, "signature")
    assert_failure(post(php_site, NEW | {"user_id": 18}, **good), 401, "signature")
    assert_failure(post(php_site, NEW, **good | {"X-Timestamp": "x"}), 401, "signature")
    assert_failure(
        post(php_site, NEW, **good | {"X-Signature": good["X-Signature"][3:]}), 401, "signature"
    )
    assert_failure(post(php_site, NEW, **signed(NEW, age=301)), 401, "expired")
    assert_failure(post(php_site, NEW, **signed(NEW, age=-320)), 401, "expired")
    assert php_site.rows() == []


def test_a_secret_in_a_file_counts_too(php_site: PhpSite) -> None:
    php_site.write(
        "tracking_config.php", f"\n\n<?php return ['TRACKING_SAVE_SECRET' => '{SECRET}'];"
    )
    assert_failure(post(php_site, NEW), 401, "signature")
    assert post(php_site, NEW, **signed(NEW)).json()["success"] is True


def test_without_a_database_it_says_try_later_and_tells_no_more(php_site: PhpSite) -> None:
    php_site.configure(TRACKING_DB_DSN="mysql:unix_socket=/nowhere;dbname=private_name")
    answer = post(php_site, NEW)
    assert_failure(answer, 503, "database")
    assert int(answer.headers["retry-after"]) > 0
    assert "nowhere" not in answer.text
    assert php_site.has_logged("SQLSTATE")


def test_an_error_of_the_database_is_logged_and_not_shown(php_site: PhpSite) -> None:
    php_site.query(
        f"CREATE TRIGGER refuses BEFORE INSERT ON {TABLE} FOR EACH ROW"
        " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'private words'"
    )
    answer = post(php_site, NEW)
    assert_failure(answer, 500, "internal")
    assert "private words" not in answer.text
    assert php_site.has_logged("private words")


def test_a_table_that_is_not_there_is_told_with_what_to_do(php_site: PhpSite) -> None:
    php_site.query(f"DROP TABLE {TABLE}")
    answer = post(php_site, NEW)
    assert_failure(answer, 500, "not_migrated")
    assert "schema.sql" in answer.text
    assert "SQLSTATE" not in answer.text
    assert php_site.has_logged("SQLSTATE")


def test_a_student_that_the_site_does_not_know_is_a_conflict(php_site: PhpSite) -> None:
    php_site.query("CREATE TABLE users (id INT PRIMARY KEY) ENGINE = InnoDB")
    php_site.query(f"ALTER TABLE {TABLE} ADD FOREIGN KEY (user_id) REFERENCES users (id)")
    assert_failure(post(php_site, NEW), 409, "conflict")


def test_an_existing_table_is_migrated_and_its_rows_stay(
    php_site: PhpSite, mariadb: MariaDb
) -> None:
    php_site.query(f"DROP TABLE {TABLE}")
    php_site.query(OLD_TABLE)
    php_site.query(f"INSERT INTO {TABLE} (user_id, module_id) VALUES (1, 2), (1, 2)")
    assert post(php_site, OLD).status_code == 200  # old callers need no migration
    for _ in range(2):
        mariadb.query((PHP / "migrate.sql").read_text(), DATABASE)
    assert post(php_site, NEW).status_code == 200
    assert post(php_site, NEW).status_code == 200
    rows = php_site.rows()
    assert [row["session_uuid"] for row in rows] == [None, None, None, SESSION]


def test_schema_and_migration_give_the_same_columns(php_site: PhpSite, mariadb: MariaDb) -> None:
    describe = (
        "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLLATION_NAME"
        f" FROM information_schema.COLUMNS WHERE TABLE_NAME = '{TABLE}'"
        " AND COLUMN_NAME IN ('session_uuid', 'seq') ORDER BY COLUMN_NAME"
    )
    fresh = php_site.query(describe)
    php_site.query(f"DROP TABLE {TABLE}")
    php_site.query(OLD_TABLE)
    mariadb.query((PHP / "migrate.sql").read_text(), DATABASE)
    assert php_site.query(describe) == fresh
    assert len(fresh) == 2


OLD_TABLE = f"""
CREATE TABLE {TABLE} (
    id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id int NOT NULL,
    module_id int NOT NULL,
    section_id int DEFAULT NULL,
    total_time_seconds int DEFAULT 0,
    focused_time_seconds int DEFAULT 0,
    unfocused_time_seconds int DEFAULT 0,
    session_type enum('viewing','pause','resume') DEFAULT 'viewing',
    created_at timestamp DEFAULT CURRENT_TIMESTAMP,
    last_updated timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    session_data text DEFAULT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
"""
