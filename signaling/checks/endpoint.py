"""Whether the site's endpoint is there, and takes what this service signs."""

from http import HTTPStatus

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig
from rtc_server.delivery.outcome import Outcome, Rejected
from rtc_server.delivery.php import PhpEndpoint, Presence
from signaling.checks.finding import Finding, Verdict

NAME = "endpoint"
ABSENT = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
CLOSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


async def check_endpoint(config: ForwardConfig) -> Finding:
    """Ask it; nothing is stored there.

    An endpoint that says it knows our key is sent a record without any field, which it has to
    refuse: with 401 where the signature is wrong, with 400 where it is right.
    """
    if config.save_url is None:
        text = "TRACKING_SAVE_URL is not set: summaries stay in the store"
        return Finding(NAME, Verdict.NOTE, text)
    endpoint = PhpEndpoint(config, SystemClock())
    try:
        presence = await endpoint.look()
        problem = _problem(presence)
        if problem:
            return Finding(NAME, Verdict.FAILED, problem)
        if not presence.knows_key:
            return Finding(NAME, Verdict.NOTE, _old(presence.status))
        return _signed(await endpoint.post({}, "check"))
    finally:
        await endpoint.close()


def _problem(presence: Presence) -> str | None:
    status = presence.status
    if status is None:
        return f"does not answer: {presence.error}"
    if status in ABSENT:
        return f"{status}: there is nothing at TRACKING_SAVE_URL"
    if status in CLOSED:
        return f"{status}: it lets nobody in"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"{status}: it has a problem"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"{status}: it redirects; TRACKING_SAVE_URL must be final"
    return None


def _old(status: int | None) -> str:
    return (
        f"answers ({status}), but does not say that it stores a record once, however often sent: "
        "one whose answer is lost waits for a person (rtc-server outbox)"
    )


def _signed(outcome: Outcome) -> Finding:
    status = outcome.status if isinstance(outcome, Rejected) else None
    if status == HTTPStatus.BAD_REQUEST:
        return Finding(NAME, Verdict.OK, "answers, takes the signature, stores a record once")
    if status == HTTPStatus.UNAUTHORIZED:
        text = "401: another TRACKING_SAVE_SECRET there, or its clock differs"
        return Finding(NAME, Verdict.FAILED, text)
    text = getattr(outcome, "error", "it took a record that has no field")
    return Finding(NAME, Verdict.FAILED, f"it should have refused an empty record: {text}")
