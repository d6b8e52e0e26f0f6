"""What must survive a crash: sessions, their checkpoints, and the outbox of records.

``Store.open`` migrates the database and hands out ``store.sessions``, ``store.outbox``,
``store.consents``, ``store.samples`` and ``store.retention``.
Works on SQLite (default), PostgreSQL and MariaDB; ``DATABASE_URL`` chooses.
"""

from rtc_server.store.model import (
    Claim,
    Delivery,
    DeliveryState,
    MakeDelivery,
    NewDelivery,
    NewSession,
    Sample,
    SessionRow,
    SessionState,
)
from rtc_server.store.store import Store

__all__ = [
    "Claim",
    "Delivery",
    "DeliveryState",
    "MakeDelivery",
    "NewDelivery",
    "NewSession",
    "Sample",
    "SessionRow",
    "SessionState",
    "Store",
]
