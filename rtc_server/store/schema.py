"""The tables, in words that SQLite, PostgreSQL and MariaDB share.

Times are doubles of UTC epoch seconds: the three databases disagree on time zones and
fractions of a second, not on doubles. The migrations build exactly this; a test compares.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
UUID_LENGTH = 36
HASH_LENGTH = 64
ID_LENGTH = 64
WORD_LENGTH = 32
NAME_LENGTH = 128
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up there

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("session_id", String(UUID_LENGTH), primary_key=True),
    Column("user_id", String(ID_LENGTH), nullable=False),
    Column("module_id", String(ID_LENGTH), nullable=False),
    Column("section_id", String(ID_LENGTH)),
    Column("state", String(WORD_LENGTH), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("worker", String(NAME_LENGTH)),
    Column("resource_hash", String(HASH_LENGTH), nullable=False),
    Column("resume_hash", String(HASH_LENGTH)),
    Column("client", String(WORD_LENGTH), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("deadline_at", Double),
    Column("ended_at", Double),
    Column("end_reason", String(WORD_LENGTH)),
    Column("summary", JSON(none_as_null=True)),
    Column("record_seq", Integer, nullable=False),
    Column("recorded", JSON(none_as_null=True)),
    UniqueConstraint("resource_hash"),
    Index(None, "user_id", "module_id", "state"),
    Index(None, "state", "deadline_at"),
    Index(None, "started_at"),
)

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column(
        "session_id",
        ForeignKey(SESSIONS.c.session_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("taken_at", Double, nullable=False),
    Column("snapshot", JSON, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column(
        "session_id",
        ForeignKey(SESSIONS.c.session_id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("seq", Integer, nullable=False),
    Column("mode", String(WORD_LENGTH), nullable=False),
    Column("record", JSON, nullable=False),
    Column("state", String(WORD_LENGTH), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("queued_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("refused_since", Double),
    Column("unanswered", Boolean, nullable=False),
    Column("lease_owner", String(NAME_LENGTH)),
    Column("settled_at", Double),
    Column("last_error", Text),
    UniqueConstraint("session_id", "seq"),
    Index(None, "state", "due_at"),
)

CONSENTS = Table(
    "consents",
    METADATA,
    Column(
        "session_id",
        ForeignKey(SESSIONS.c.session_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("version", String(ID_LENGTH), primary_key=True),
    Column("given_at", Double, nullable=False),
)

SAMPLES = Table(
    "samples",
    METADATA,
    Column(
        "session_id",
        ForeignKey(SESSIONS.c.session_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("second", Integer, primary_key=True, autoincrement=False),
    Column("data", JSON, nullable=False),
)

TOKENS = Table(
    "used_tokens",
    METADATA,
    Column("token_hash", String(HASH_LENGTH), primary_key=True),
    # no foreign key: a token is used before the session's worker writes its row
    Column("session_id", String(UUID_LENGTH), nullable=False),
    Column("expires_at", Double, nullable=False),
    Index(None, "expires_at"),
)
