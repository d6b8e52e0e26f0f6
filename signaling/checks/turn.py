"""Which TURN servers give an address from here, and whether their provider answers."""

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import IceServer
from rtc_server.peer.ice.turn_probe import TurnAnswer
from signaling.checks.finding import Finding, Verdict
from signaling.ice.directory import IceConfig, IceDirectory
from signaling.ice.watch import NAME as FOR_WHOM
from signaling.ice.watch import ask_all

NAME = "turn"


async def check_turn(config: IceConfig, *, relay_only: bool) -> list[Finding]:
    """Find a line for each URL; ``relay_only``: nobody connects without one."""
    directory = IceDirectory(config, SystemClock())
    servers = await directory.servers(FOR_WHOM)
    answers = await ask_all(servers)
    found = [_line(url, answer, answers) for url, answer in answers.items()]
    if not found:
        found = [_none(relay_only=relay_only)]
    return [*_provider(config, servers, directory.problem), *found]


def _line(url: str, answer: TurnAnswer, answers: dict[str, TurnAnswer]) -> Finding:
    if answer is TurnAnswer.SERVES:
        return Finding(NAME, Verdict.OK, f"{url} gives an address")
    # this host may let no UDP out, where the students' networks do
    another = TurnAnswer.SERVES in answers.values()
    return Finding(NAME, Verdict.NOTE if another else Verdict.FAILED, f"{url} {answer.value}")


def _none(*, relay_only: bool) -> Finding:
    if relay_only:
        text = "ICE_TRANSPORT_POLICY=relay, and no TURN server is set: nobody can connect by WebRTC"
        return Finding(NAME, Verdict.FAILED, text)
    text = "no TURN server is set: where a network lets no UDP through, single pictures take over"
    return Finding(NAME, Verdict.NOTE, text)


def _provider(config: IceConfig, servers: tuple[IceServer, ...], problem: str) -> list[Finding]:
    """What a provider gives comes after our own and the static servers."""
    if config.provider_url is None:
        return []
    given = len(servers) - len(config.static) - bool(config.turn_urls)
    if problem or given < 1:
        text = f"ICE_SERVERS_URL gives no servers: {problem or 'its list is empty'}"
        return [Finding(NAME, Verdict.FAILED, text)]
    return [Finding(NAME, Verdict.OK, f"ICE_SERVERS_URL gives {given} servers")]
