"""What must survive a crash: sessions, their checkpoints, and the outbox of records.

``Store.open`` migrates the database and hands out ``store.sessions`` and ``store.outbox``.
Works on SQLite (default), PostgreSQL and MariaDB; ``DATABASE_URL`` chooses.
"""

from rtc_server.store.model import (
    Claim,
    Delivery,
    DeliveryState,
    MakeDelivery,
    NewDelivery,
    NewSession,
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
    "SessionRow",
    "SessionState",
    "Store",
]
