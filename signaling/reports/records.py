"""What is stored of a session, as JSON and CSV."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue

from rtc_server.store import Store
from rtc_server.store.model import Delivery, DeliveryState, Sample, SessionRow, SessionState

PAGE = 1000


class _Record(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class SessionOverview(_Record):
    """One session of a list; times are UTC epoch seconds."""

    session_id: str
    user_id: str
    module_id: str
    section_id: str | None
    state: SessionState
    client: str
    started_at: float
    ended_at: float | None
    end_reason: str | None
    summary: dict[str, JsonValue] | None


class ConsentRecord(_Record):
    """What a student agreed to, and when."""

    version: str
    given_at: float


class DeliveryRecord(_Record):
    """How far a record is on its way to the site."""

    seq: int
    mode: str
    state: DeliveryState
    attempts: int
    created_at: float
    settled_at: float | None
    last_error: str | None


class SessionDetail(SessionOverview):
    """One session, what its student agreed to, and how far its records are."""

    consents: list[ConsentRecord]
    deliveries: list[DeliveryRecord]


class SessionExport(SessionDetail):
    """All that is stored of one session: with its samples and the records themselves."""

    records: list[dict[str, JsonValue]]
    samples: list[dict[str, JsonValue]]


def overview(row: SessionRow) -> SessionOverview:
    """One session of a list."""
    return SessionOverview.model_validate(row)


async def detail(store: Store, row: SessionRow) -> SessionDetail:
    """One session, what its student agreed to, and how far its records are."""
    consents = await store.consents.of(row.session_id)
    deliveries = [one async for one in deliveries_of(store, row)]
    return SessionDetail(
        **overview(row).model_dump(),
        consents=[ConsentRecord.model_validate(consent) for consent in consents],
        deliveries=[DeliveryRecord.model_validate(delivery) for delivery in deliveries],
    )


async def everything(store: Store, row: SessionRow) -> SessionExport:
    """All that is stored of one session."""
    samples = [{"second": sample.second, **sample.data} async for sample in samples_of(store, row)]
    records = [one.record async for one in deliveries_of(store, row)]
    told = await detail(store, row)
    return SessionExport(**told.model_dump(), records=records, samples=samples)


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


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = json.dumps(value) if isinstance(value, list) else value
    return flat
