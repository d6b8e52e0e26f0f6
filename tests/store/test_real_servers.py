"""What holds on SQLite holds on PostgreSQL and MariaDB: the same tests, other databases."""

from tests.unit.store.test_outbox import *  # noqa: F403
from tests.unit.store.test_privacy import *  # noqa: F403
from tests.unit.store.test_sessions import *  # noqa: F403
from tests.unit.store.test_tokens import *  # noqa: F403
