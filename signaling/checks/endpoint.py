"""Whether the site's endpoint is there, and takes what this service signs."""

from collections.abc import Mapping
from http import HTTPStatus

from rtc_server.base.clock import SystemClock
from rtc_server.base.config import ForwardConfig
from rtc_server.delivery.php import Health, PhpEndpoint, Presence
from signaling.checks.finding import Finding, Verdict

NAME = "endpoint"
ABSENT = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
WHAT_TO_DO = {
    "database": "TRACKING_DB_DSN, _USER and _PASSWORD there are wrong, or its database is down",
    "not_migrated": "apply php/schema.sql to the database that TRACKING_DB_DSN names",
}
"""By the code of our endpoint's refusal."""
CLOSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


async def check_endpoint(config: ForwardConfig) -> Finding:
    """Ask it; nothing is stored there.

    An endpoint that says it knows our key is asked whether it would store a record, which it
    asks its database. One that does not know the question refuses a record without any field:
    with 401 where the signature is wrong, with 400 where it is right.
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
        return _judged(await endpoint.health(), signs=config.secret is not None)
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


def _judged(health: Health, *, signs: bool) -> Finding:
    status = health.status
    if status == HTTPStatus.UNAUTHORIZED:
        text = "401: another TRACKING_SAVE_SECRET there, or its clock differs"
        return Finding(NAME, Verdict.FAILED, text)
    if status == HTTPStatus.BAD_REQUEST:
        text = "answers, takes the signature, stores a record once; of its database it says nothing"
        return Finding(NAME, Verdict.OK, text)
    if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        what = WHAT_TO_DO.get(health.code, "its error log says why")
        return Finding(NAME, Verdict.FAILED, f"{status or 'no answer'}: {health.message}; {what}")
    if status != HTTPStatus.OK or health.told is None:
        text = "it took a record that has no field" if status == HTTPStatus.OK else f"{status}"
        return Finding(NAME, Verdict.FAILED, f"it should have refused an empty record: {text}")
    return _healthy(health.told, signs=signs)


def _healthy(told: Mapping[str, object], *, signs: bool) -> Finding:
    if told.get("signed") is not True:
        who = "its TRACKING_SAVE_SECRET is not set" if signs else "no TRACKING_SAVE_SECRET is set"
        text = f"{who}: anybody who reaches it can write rows; set the same on both sides"
        return Finding(NAME, Verdict.FAILED if signs else Verdict.NOTE, text)
    if told.get("once") is not True:
        text = (
            "its table has no session_uuid: apply php/migrate.sql, or a record may be stored twice"
        )
        return Finding(NAME, Verdict.FAILED, text)
    text = "answers, takes the signature, reaches its table, stores a record once"
    return Finding(NAME, Verdict.OK, text)
