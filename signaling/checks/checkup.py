"""All checks, one after the other."""

from collections.abc import AsyncIterator, Mapping

from signaling.app import cluster_of
from signaling.checks.cluster import check_cluster
from signaling.checks.endpoint import check_endpoint
from signaling.checks.finding import Finding, Verdict
from signaling.checks.model import check_model
from signaling.checks.pages import check_pages
from signaling.checks.ports import check_ports
from signaling.checks.store import check_store
from signaling.checks.turn import check_turn
from signaling.settings import Settings, SettingsError, load


async def checkup(environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Yield each finding as it is made; with wrong settings nothing else is looked at."""
    try:
        settings = load(environment)
    except SettingsError as error:
        for problem in str(error).splitlines():
            yield Finding("settings", Verdict.FAILED, problem)
        return
    yield _settings(settings)
    yield check_pages(settings.web_root)
    yield await check_store(settings.database_url)
    async for finding in check_ports(settings):
        yield finding
    relay_only = settings.ice_transport_policy == "relay"
    for finding in await check_turn(settings.ice_config(), relay_only=relay_only):
        yield finding
    yield await check_endpoint(settings.forward_config())
    if settings.placement == "ray":
        yield await check_cluster(cluster_of(settings))
    yield check_model(settings.model_name)


def _settings(settings: Settings) -> Finding:
    """Who gets in is what people get wrong: say it."""
    mode = settings.auth_config().mode.value
    origins = ", ".join(settings.allowed_origins) or "its own pages only"
    text = f"served as {settings.address(settings.port)}; sessions: {mode}; pages: {origins}"
    return Finding("settings", Verdict.OK, text)
