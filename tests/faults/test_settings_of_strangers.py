"""Settings as people, platforms and programs write them: right, or refused with a sentence."""

import os
from pathlib import Path

import pytest

from rtc_server.base.clock import SystemClock
from signaling.access.tokens import TokenConfig, TokenReader
from signaling.http.errors import Unauthorized
from signaling.settings import SettingsError, load, read, resembling
from signaling.settings.env_file import EnvFileError, environment, read_env_file
from signaling.settings.fields import INSTALLATION
from tests.fakes.site import SECRET, token


def problem(**settings: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(settings)
    return str(refused.value)


# --- origins and addresses


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://learn.example.org:443", "https://learn.example.org"),
        ("http://learn.example.org:80", "http://learn.example.org"),
        ("https://learn.example.org:8443", "https://learn.example.org:8443"),
        ("HTTPS://Learn.Example.org/", "https://learn.example.org"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://learn.example.org.", "https://learn.example.org"),
        ("https://[::1]:3000", "https://[::1]:3000"),
        ("'https://learn.example.org'", "https://learn.example.org"),
    ],
)
def test_an_origin_is_what_browsers_send(written: str, sent: str) -> None:
    assert load({"ALLOWED_ORIGINS": written}).allowed_origins == (sent,)


@pytest.mark.parametrize("between", [",", ", ", ";", " ", "\n"])
def test_origins_may_be_parted_as_people_part_them(between: str) -> None:
    given = between.join(["https://a.example", "https://b.example"])
    assert load({"ALLOWED_ORIGINS": given}).allowed_origins == (
        "https://a.example",
        "https://b.example",
    )


@pytest.mark.parametrize(
    "written",
    [
        *("https://*.example.org", "*", "null", "learn.example.org", "capacitor://localhost"),
        *("https://user:hush@learn.example.org", "https://a.example#x", "https://a.example?x=1"),
        *("https://a.example/path", '["https://a.example"]', "https://a.example:port", "https://"),
        "https://${{RAILWAY_PUBLIC_DOMAIN}}",
    ],
)
def test_what_is_no_origin_is_refused_by_its_setting(written: str) -> None:
    told = problem(ALLOWED_ORIGINS=written)
    assert told.startswith("ALLOWED_ORIGINS: ")
    assert "hush" not in told


@pytest.mark.parametrize(
    "written",
    [
        *("https://eyes.example.org:443", "https://Eyes.Example.org/", "https://eyes.example.org"),
        "https://eyes.example.org./",
    ],
)
def test_the_service_s_own_pages_may_call_it_however_its_address_is_written(written: str) -> None:
    settings = load({"PYTHON_SERVICE_URL": written})
    assert settings.page_connects() == ("https://eyes.example.org",)
    assert settings.address(8080) == "https://eyes.example.org"


@pytest.mark.parametrize(
    "written",
    [
        *("eyes.up.railway.app", "https://user:hush@eyes.example.org", "https://e.example/?x=1"),
        *("https://${{RAILWAY_PUBLIC_DOMAIN}}", "https://e.example:notaport", "https:///x"),
    ],
)
def test_an_address_that_is_none_is_refused(written: str) -> None:
    told = problem(PYTHON_SERVICE_URL=written)
    assert told.startswith("PYTHON_SERVICE_URL: ")
    assert "hush" not in told


# --- tokens


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://eyes.example.org", "https://eyes.example.org/"),
        ("https://eyes.example.org:443/", "https://eyes.example.org"),
        ("https://eyes.example.org", "https://Eyes.example.org:443"),
        ("https://eyes.example.org/eyes/", "https://eyes.example.org/eyes"),
        ("eyes", ["other", "eyes"]),
    ],
)
def test_an_audience_may_be_written_either_way(ours: str, theirs: object) -> None:
    reader = TokenReader(TokenConfig("HS256", SECRET, ours), SystemClock())
    assert reader.read(token(aud=theirs)).user_id == "7"


def test_another_audience_is_told_so() -> None:
    reader = TokenReader(TokenConfig("HS256", SECRET, "https://eyes.example.org"), SystemClock())
    with pytest.raises(Unauthorized, match="another audience"):
        reader.read(token(aud="https://eyes.example.com"))


def test_a_student_s_id_may_be_a_number() -> None:
    reader = TokenReader(TokenConfig("HS256", SECRET, "https://eyes.example.org"), SystemClock())
    assert reader.read(token(sub=7)).user_id == "7"
    for wrong in (True, -1, 7.5, "ada", ["7"]):
        with pytest.raises(Unauthorized, match="sub"):
            reader.read(token(sub=wrong))


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_secret_in_quotes_is_what_stands_between_them(quote: str) -> None:
    given = {"SESSION_TOKEN_SECRET": f"{quote}{SECRET}{quote}", "SESSION_TOKEN_AUDIENCE": "x"}
    tokens = load(given).auth_config().tokens
    assert tokens is not None
    assert tokens.key == SECRET


# --- hosts


@pytest.mark.parametrize(
    "host", ["x86_64-conda-linux-gnu", "x86_64-apple-darwin13.4.0", "aarch64-conda-linux-gnu"]
)
def test_conda_s_word_for_the_machine_is_no_address(host: str) -> None:
    assert load({"HOST": host}).host == "localhost"


@pytest.mark.parametrize("host", ["http://localhost", "localhost:8080", "*", "a b"])
def test_what_is_no_host_is_refused(host: str) -> None:
    assert "HOST: " in problem(HOST=host, AUTH_MODE="open")


@pytest.mark.parametrize("host", ["Localhost", "LOCALHOST", "127.0.0.2", "[::1]", "::1"])
def test_loopback_is_known_by_all_its_names(host: str) -> None:
    assert load({"HOST": host}).auth_config().mode.value == "loopback"


# --- the file


def file_of(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "settings.env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("NAME=value\r", "value"),
        ("\ufeffNAME=value", "value"),
        ("export NAME=value", "value"),
        ("  NAME = value  ", "value"),
        ("NAME=", ""),
        ("NAME=two words", "two words"),
        ("NAME=a#b", "a#b"),
        ("NAME=a=b", "a=b"),
        ("NAME='a $b #c \\d'", "a $b #c \\d"),
        ('NAME="a #b"', "a #b"),
        ('NAME="a \\"b\\" \\\\ \\$c"', 'a "b" \\ $c'),
        ('NAME="one\ntwo"', "one\ntwo"),
        ("NAME='one\r\ntwo'\r", "one\ntwo"),
        ("# a comment\n\nNAME=value", "value"),
    ],
)
def test_a_line_that_all_read_alike_is_read(tmp_path: Path, line: str, value: str) -> None:
    assert read_env_file(file_of(tmp_path, f"{line}\n")) == {"NAME": value}


@pytest.mark.parametrize(
    "line",
    [
        *("NAME=a$b", "NAME=${OTHER}", 'NAME="a$b"', 'NAME="a\\nb"', "NAME=a\\b", "NAME=hush #c"),
        *("NAME=#hush", "NAME='hush' # c", "NAME='hush", 'NAME="hush', "NAME='hush'more"),
        *("NAME", "NAME: hush", "2NAME=hush", "; hush", "export NAME", "# hush \\", "NAME=hu\0sh"),
    ],
)
def test_a_line_that_is_read_in_two_ways_is_refused_by_its_number(
    tmp_path: Path, line: str
) -> None:
    path = file_of(tmp_path, f"FIRST=1\n{line}\n")
    with pytest.raises(EnvFileError) as refused:
        read_env_file(path)
    assert f"{path}, line 2: " in str(refused.value)
    assert "hush" not in str(refused.value)


def test_all_lines_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(EnvFileError) as refused:
        read_env_file(file_of(tmp_path, "A=$b\nC=d\nE=f #g\n"))
    assert [line.split(": ")[0][-6:] for line in str(refused.value).splitlines()] == [
        "line 1",
        "line 3",
    ]
    assert "E='…'" in str(refused.value)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, without settings of whoever runs this."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RTC_ENV_FILE", raising=False)
    return tmp_path


def test_the_environment_wins_over_the_file_of_the_folder(here: Path) -> None:
    (here / ".env").write_text("PORT=1234\nMAX_SESSIONS=7\n")
    found = environment({"PORT": "4321"})
    assert found.file == Path(".env")
    settings = load(found.values)
    assert (settings.port, settings.max_sessions) == (4321, 7)


def test_a_file_that_is_named_wins_over_the_folder_s(here: Path) -> None:
    (here / ".env").write_text("PORT=1234\n")
    (here / "other").write_text("PORT=4321\n")
    assert environment({"RTC_ENV_FILE": "other"}).values["PORT"] == "4321"
    with pytest.raises(EnvFileError, match="nowhere"):
        environment({"RTC_ENV_FILE": "nowhere"})


def test_without_a_file_the_environment_is_all(here: Path) -> None:
    if not Path("/etc/rtc-server/env").exists():
        assert environment({"PORT": "1"}).file is None
    assert not list(here.iterdir())


def test_a_name_that_resembles_a_setting_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".env").write_text("TURN_URL=x\nALOWED_ORIGINS=x\nWORKERS=3\nDATABASE_PASSWORD=x\n")
    monkeypatch.setenv("TRACKING_SAVE_URI", "x")
    told = " ".join(resembling(read()[1]))
    assert "TURN_URL is no setting: did you mean TURN_URLS?" in told
    assert "did you mean ALLOWED_ORIGINS?" in told
    assert "did you mean TRACKING_SAVE_URL?" in told
    assert "WORKERS is" not in told
    assert "PATH" not in told


def test_problems_of_the_file_are_problems_of_the_settings(here: Path) -> None:
    (here / ".env").write_text("TURN_SECRET=a$b\n")
    with pytest.raises(SettingsError, match=r"\.env, line 1: TURN_SECRET"):
        read()


# --- files and platforms


def test_relative_paths_are_of_the_installation(here: Path) -> None:
    settings = load({"WEB_ROOT": "web/other", "DATABASE_URL": "sqlite:///var/x.db"})
    assert settings.web_root == INSTALLATION / "web/other"
    assert settings.database_url == f"sqlite:///{INSTALLATION}/var/x.db"
    assert load({}).web_root == INSTALLATION / "web/dist"
    assert load({"DATABASE_URL": f"sqlite:///{here}/x.db"}).database_url == f"sqlite:///{here}/x.db"
    assert load({"DATABASE_URL": "sqlite:///:memory:"}).database_url == "sqlite:///:memory:"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    settings = load({"SESSION_TOKEN_SECRET_FILE": str(path), "SESSION_TOKEN_AUDIENCE": "x"})
    tokens = settings.auth_config().tokens
    assert tokens is not None
    assert tokens.key == SECRET
    for name in ("TRACKING_SAVE_SECRET", "ICE_SERVERS_TOKEN"):
        secret = getattr(load({f"{name}_FILE": str(path)}), name.lower())
        assert secret.get_secret_value() == SECRET
    assert "TURN_SECRET" not in str(load({"TURN_URLS": "turn:a", "TURN_SECRET_FILE": str(path)}))
    database = tmp_path / "database"
    database.write_text("postgresql://user:hush@db/rtc")
    assert load({"DATABASE_URL_FILE": str(database)}).database_url.endswith("@db/rtc")


@pytest.mark.parametrize("made", ["nothing", "a folder", "an empty file", "a huge file"])
def test_a_secret_s_file_that_cannot_be_read_is_told(tmp_path: Path, made: str) -> None:
    path = tmp_path / "secret"
    if made == "a folder":
        path.mkdir()
    elif made != "nothing":
        path.write_text("" if made == "an empty file" else "x" * 100_000)
    assert "TURN_SECRET_FILE" in problem(TURN_URLS="turn:a", TURN_SECRET_FILE=str(path))


def test_a_secret_stands_in_one_place(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(SECRET)
    told = problem(TURN_URLS="turn:a", TURN_SECRET="x", TURN_SECRET_FILE=str(path))
    assert "set one of them" in told


RAILWAY = {
    "RAILWAY_ENVIRONMENT_ID": "e",
    "RAILWAY_PUBLIC_DOMAIN": "eyes.up.railway.app",
    "RAILWAY_VOLUME_MOUNT_PATH": "/data",
    "PORT": "3000",
}


def test_what_railway_says_by_itself_is_understood() -> None:
    settings = load(RAILWAY)
    assert settings.port == 3000
    assert settings.python_service_url == "https://eyes.up.railway.app"
    assert settings.database_url == "sqlite:////data/rtc-server.db"
    own = load(
        RAILWAY | {"PYTHON_SERVICE_URL": "https://e.example", "DATABASE_URL": "postgres://d/r"}
    )
    assert own.python_service_url == "https://e.example"
    assert own.database_url == "postgres://d/r"


def test_the_summary_says_what_matters_and_no_secret() -> None:
    settings = load(
        {
            "HOST": "0.0.0.0",
            "PORT": "1234",
            "DATABASE_URL": "postgresql://u:hush@db/rtc",
            "SESSION_TOKEN_SECRET": SECRET,
            "SESSION_TOKEN_AUDIENCE": "x",
            "ALLOWED_ORIGINS": "https://learn.example.org",
        }
    )
    told = settings.summary(Path("/etc/rtc-server/env"))
    for word in (
        "/etc/rtc-server/env",
        "0.0.0.0:1234",
        "postgresql rtc at db",
        "token of the site",
    ):
        assert word in told
    assert "https://learn.example.org" in told
    assert "hush" not in told
    assert SECRET not in told
    assert os.linesep not in told
