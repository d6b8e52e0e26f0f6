"""From the environment to the settings, or to all that is wrong with them."""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from rtc_server.base.errors import RtcServerError
from signaling.settings.env_file import NAMED_BY, EnvFileError, Environment, environment
from signaling.settings.fields import installed
from signaling.settings.misfits import misfits
from signaling.settings.settings import Settings

LONGEST_SECRET = 16 * 1024
"""Bytes of a file that a secret stands in."""
ALIKE_IN_FILE, ALIKE = 0.8, 0.86
"""How much a name must resemble a setting to be told; others' variables are in the environment."""
IN_A_FILE = ("session_token_public_key", "database_url")
"""May stand in a file like the secrets; the one is long, the other has a password in it."""
OTHER_NAMES = frozenset({"PHP_ENDPOINT", NAMED_BY})

_TRIPLET = re.compile(r"\w+-(\w+-)?(linux|apple|darwin|w64|pc)[-\w.]*")


class SettingsError(RtcServerError):
    """The configuration has problems; the message has one line for each."""

    code = "bad_settings"


def read() -> tuple[Settings, Environment]:
    """The settings of this process and of its file, and where they come from.

    Raises :class:`SettingsError` with every problem, a line each.
    """
    try:
        found = environment()
    except EnvFileError as error:
        raise SettingsError(str(error)) from None
    return load(found.values), found


def load(given_environment: Mapping[str, str]) -> Settings:
    """Read the settings; raises :class:`SettingsError` with every problem, a line each."""
    stripped = {n.lower(): _without_quotes(v.strip()) for n, v in given_environment.items()}
    given = {name: value for name, value in stripped.items() if value}
    problems = list(_take_files(given))
    _take_platform(given)
    given = with_railway(given)
    problems += misfits(given)
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problems = [*_field_problems(error), *problems]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def with_railway(given: dict[str, str]) -> dict[str, str]:
    """Take what Railway tells of its TCP proxy, where nothing else is said."""
    host, port = given.get("railway_tcp_proxy_domain"), given.get("railway_tcp_proxy_port")
    inside = given.get("railway_tcp_application_port")
    if not (host and port and inside):
        return given
    if given.get("ice_tcp_port", inside) != inside:  # the proxy leads elsewhere
        return given
    return {"ice_tcp_port": inside, "ice_tcp_public": f"{host}:{port}", **given}


def resembling(found: Environment) -> list[str]:
    """A sentence for each name that is no setting and looks like one."""
    known = {name.upper() for name in Settings.model_fields}
    known |= {f"{name.upper()}_FILE" for name in _names_of_files()}
    told = []
    for name in sorted(found.values):
        if name in known or name in OTHER_NAMES:
            continue
        alike = ALIKE_IN_FILE if name in found.of_file else ALIKE
        close = get_close_matches(name.upper(), known, 1, alike)
        if name.upper() in known:
            told.append(f"{name} is no setting: names are in upper case ({name.upper()})")
        elif close:
            told.append(f"{name} is no setting: did you mean {close[0]}?")
    return told


def _without_quotes(value: str) -> str:
    """What ``docker run --env-file`` and web forms pass on with the quotes around it."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1].strip() if quoted else value


def _names_of_files() -> list[str]:
    return [
        name
        for name, field in Settings.model_fields.items()
        if _is_secret(field) or name in IN_A_FILE
    ]


def _is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation) or field.annotation is SecretStr


def _take_files(given: dict[str, str]) -> Iterator[str]:
    """Secrets that stand in files (``NAME_FILE``), as containers get them; yields problems."""
    for name in _names_of_files():
        path = given.get(f"{name}_file")
        if path is None:
            continue
        if name in given:
            yield f"{name.upper()}, {name.upper()}_FILE: set one of them"
            continue
        try:
            value = _secret_in(installed(Path(path)))
        except (OSError, ValueError):
            yield f"{name.upper()}_FILE: {path!r} cannot be read"
        else:
            given[name] = value


def _secret_in(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > LONGEST_SECRET:
        raise ValueError(path)
    value = path.read_text(encoding="utf-8-sig").strip()
    if not value:
        raise ValueError(path)
    return value


def _take_platform(given: dict[str, str]) -> None:
    """What a platform, or a tool around us, says by itself."""
    if _TRIPLET.fullmatch(given.get("host", "")):
        del given["host"]  # conda and compilers name the machine's kind so
    domain, volume = given.get("railway_public_domain"), given.get("railway_volume_mount_path")
    if domain is not None:
        given.setdefault("python_service_url", f"https://{domain}")
    if volume is not None:
        file = os.path.join(volume, "rtc-server.db")  # noqa: PTH118 - text, whatever it is made of
        given.setdefault("database_url", f"sqlite:///{file}")


def _field_problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else "SETTINGS"
        yield f"{name}: {problem['msg'].removeprefix('Value error, ')}"
