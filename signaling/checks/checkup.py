"""All checks, one after the other."""

from collections.abc import AsyncIterator

from signaling.app import cluster_of
from signaling.checks.cluster import check_cluster
from signaling.checks.endpoint import check_endpoint
from signaling.checks.finding import Finding, Verdict
from signaling.checks.model import check_model
from signaling.checks.outbound import ways_out
from signaling.checks.pages import check_pages
from signaling.checks.ports import check_ports
from signaling.checks.store import check_store
from signaling.checks.turn import check_turn
from signaling.settings import Environment, Settings, SettingsError, read, resembling


async def checkup() -> AsyncIterator[Finding]:
    """Yield each finding as it is made; with wrong settings nothing else is looked at."""
    try:
        settings, environment = read()
    except SettingsError as error:
        for problem in str(error).splitlines():
            yield Finding("settings", Verdict.FAILED, problem)
        return
    environment.export()
    yield _settings(settings, environment)
    for sentence in resembling(environment):
        yield Finding("settings", Verdict.NOTE, sentence)
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


def _settings(settings: Settings, environment: Environment) -> Finding:
    """Who gets in is what people get wrong: say it."""
    text = f"{settings.summary(environment.file)}; served as {settings.address(settings.port)}"
    return Finding("settings", Verdict.OK, "; ".join([text, *ways_out(settings)]))
