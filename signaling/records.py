"""What is stored of a session, as JSON and CSV."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from rtc_server.store import Store
from rtc_server.store.model import Delivery, Sample, SessionRow

PAGE = 1000


def overview(row: SessionRow) -> dict[str, Any]:
    """One session of a list; times are UTC epoch seconds."""
    return {
        "session_id": row.session_id,
        "user_id": row.user_id,
        "module_id": row.module_id,
        "section_id": row.section_id,
        "state": row.state,
        "client": row.client,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason,
        "summary": row.summary,
    }


async def detail(store: Store, row: SessionRow) -> dict[str, Any]:
    """One session, what its student agreed to, and how far its records are."""
    return {
        **overview(row),
        "consents": [
            {"version": consent.version, "given_at": consent.given_at}
            for consent in await store.consents.of(row.session_id)
        ],
        "deliveries": [_delivery(one) async for one in deliveries_of(store, row)],
    }


async def everything(store: Store, row: SessionRow) -> dict[str, Any]:
    """All that is stored of one session: with its samples and the records themselves."""
    samples = [{"second": sample.second, **sample.data} async for sample in samples_of(store, row)]
    records = [one.record async for one in deliveries_of(store, row)]
    return {**await detail(store, row), "records": records, "samples": samples}


async def samples_of(store: Store, row: SessionRow) -> AsyncIterator[Sample]:
    """The session's samples in order of time."""
    after = -1
    while page := await store.samples.of(row.session_id, after=after, limit=PAGE):
        for sample in page:
            yield sample
        after = page[-1].second


async def deliveries_of(store: Store, row: SessionRow) -> AsyncIterator[Delivery]:
    """The session's records for the site, in the order they were made."""
    after = 0
    while page := await store.outbox.find(session_id=row.session_id, after=after, limit=PAGE):
        for delivery in page:
            yield delivery
        after = page[-1].id


def as_csv(samples: Iterable[Sample]) -> str:
    """One row a second; what is nested gets a name with dots (``head_pose.yaw``)."""
    rows = [{"second": sample.second, **_flat(sample.data)} for sample in samples]
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["second"]
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "seq": delivery.seq,
        "mode": delivery.mode,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "settled_at": delivery.settled_at,
        "last_error": delivery.last_error,
    }


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = json.dumps(value) if isinstance(value, list) else value
    return flat
