r"""The file of settings: lines of ``NAME=value`` that Docker Compose and systemd read alike.

Both take such files, and differ in what they make of ``$``, of `` #`` behind a value and of
backslashes. A line that they would read differently is refused with the spelling that all read
alike: a secret that is another one after an upgrade of the deployment is found by nobody.
Nothing is interpolated here.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rtc_server.base.errors import RtcServerError

NAMED_BY = "RTC_ENV_FILE"
OF_THE_FOLDER = ".env"
OF_THE_MACHINE = Path("/etc/rtc-server/env")
LONGEST = 256 * 1024

_LINE = re.compile(
    r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?P<value>.*)"
)
_QUOTED = "write it in single quotes: {name}='…'"
_ALIKE_IN_DOUBLE = re.compile(r'(?:[^\\$]|\\[\\"$])*', re.DOTALL)
"""Between double quotes only these escapes mean the same to both, and a ``$`` needs one."""


class EnvFileError(RtcServerError):
    """The file cannot be read, or has lines that would be read differently; a line for each."""

    code = "bad_settings"


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables that settings are made of."""

    values: Mapping[str, str]
    """The process's own, over those of the file."""
    file: Path | None
    """Where the others come from; None: there is no file."""
    of_file: frozenset[str] = frozenset()
    """Names that the file gives."""

    def export(self) -> None:
        """Put what the file gives where libraries and child processes look for theirs.

        OpenSSL reads SSL_CERT_FILE there, everybody HTTPS_PROXY, a media worker LOG_LEVEL.
        """
        for name in self.of_file:
            os.environ.setdefault(name, self.values[name])


def environment(own: Mapping[str, str] | None = None) -> Environment:
    """This process's variables, and of a file what they leave out.

    The file is the one that ``RTC_ENV_FILE`` names, else ``.env`` of the working directory, else
    ``/etc/rtc-server/env``. Raises :class:`EnvFileError`.
    """
    own = os.environ if own is None else own
    file = _file(own)
    if file is None:
        return Environment(dict(own), None)
    given = read_env_file(file)
    return Environment({**given, **own}, file, frozenset(given))


def _file(own: Mapping[str, str]) -> Path | None:
    named = own.get(NAMED_BY, "").strip()
    if named:
        return Path(named).expanduser()
    return next((path for path in (Path(OF_THE_FOLDER), OF_THE_MACHINE) if path.is_file()), None)


def read_env_file(file: Path) -> dict[str, str]:
    """The variables of ``file``; raises :class:`EnvFileError`."""
    try:
        if not file.is_file() or file.stat().st_size > LONGEST:
            raise EnvFileError(f"{file}: there is no such file of settings")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = "is not UTF-8" if isinstance(error, ValueError) else error.strerror
        raise EnvFileError(f"{file}: {why}") from None
    problems: list[str] = []
    found: dict[str, str] = {}
    for number, name, value in _assignments(text):
        if isinstance(value, _Wrong):
            problems.append(f"{file}, line {number}: {name}{value}")
        else:
            found[name] = value
    if problems:
        raise EnvFileError("\n".join(problems))
    return found


class _Wrong(str):
    """What is wrong with a line; its value is never shown."""

    __slots__ = ()


def _assignments(text: str) -> Iterator[tuple[int, str, str | _Wrong]]:
    """Number, name and value of each line that sets something; a quoted value may take several."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at]
        at += 1
        if line.lstrip().startswith("#"):
            if line.endswith("\\"):
                yield number, "", _Wrong("a comment that ends with \\ hides the next line")
            continue
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None or "\0" in line:
            yield number, "", _Wrong("is not NAME=value")
            continue
        name, value = match["name"], match["value"].strip(" \t\r")
        if value[:1] in {'"', "'"}:
            while _end(value) is None and at < len(lines):
                value += "\n" + lines[at]
                at += 1
            yield number, name, _unquoted(value, name)
        else:
            yield number, name, _bare(value, name)


def _end(value: str) -> int | None:
    """Where the quote that ``value`` begins with is closed."""
    pattern = r"'[^']*'" if value[0] == "'" else r'"(?:[^"\\]|\\.)*"'
    match = re.match(pattern, value, re.DOTALL)
    return None if match is None else match.end()


def _unquoted(value: str, name: str) -> str | _Wrong:
    end = _end(value)
    if end is None:
        return _Wrong(": its quote is not closed")
    if value[end:].strip():
        return _Wrong(": nothing may stand behind the closing quote; a comment has its own line")
    inner = value[1 : end - 1]
    if value[0] == "'":
        return inner
    if _ALIKE_IN_DOUBLE.fullmatch(inner) is None:
        why = ": $ and \\ mean something to Docker Compose, something else to systemd; "
        return _Wrong(why + _QUOTED.format(name=name))
    return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)


def _bare(value: str, name: str) -> str | _Wrong:
    if "$" in value:
        why = ": Docker Compose puts another variable in the place of $…, systemd does not; "
        return _Wrong(why + _QUOTED.format(name=name))
    if "\\" in value:
        return _Wrong(
            ": systemd takes \\ away, Docker Compose does not; " + _QUOTED.format(name=name)
        )
    if re.search(r"(?:^|\s)#", value):
        why = (
            ": # begins a comment for Docker Compose, not for systemd; a comment has its own line, "
        )
        return _Wrong(why + "and a value with # in it stands in single quotes: " + f"{name}='…'")
    return value
