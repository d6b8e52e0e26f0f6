"""From the environment to the settings, or to all that is wrong with them."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from rtc_server.base.errors import RtcServerError
from signaling.settings.misfits import misfits
from signaling.settings.settings import Settings


class SettingsError(RtcServerError):
    """The configuration has problems; the message has one line for each."""

    code = "bad_settings"


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings; raises :class:`SettingsError` with every problem, a line each."""
    given = {name.lower(): value.strip() for name, value in environment.items() if value.strip()}
    given = with_railway(given)
    problems = list(misfits(given))
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


def _field_problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else "SETTINGS"
        yield f"{name}: {problem['msg'].removeprefix('Value error, ')}"
