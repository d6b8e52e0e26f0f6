"""Sessions, checkpoints, outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The ids are compared byte by byte, as the other databases do.
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """Apply."""
    _create_sessions()
    _create_checkpoints()
    _create_outbox()


def downgrade() -> None:
    """Take back."""
    for table in ("outbox", "checkpoints", "sessions"):
        op.drop_table(table)


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("module_id", sa.String(64), nullable=False),
        sa.Column("section_id", sa.String(64)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(128)),
        sa.Column("resource_hash", sa.String(64), nullable=False),
        sa.Column("resume_hash", sa.String(64)),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("deadline_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("end_reason", sa.String(32)),
        sa.Column("summary", sa.JSON()),
        sa.Column("record_seq", sa.Integer(), nullable=False),
        sa.Column("recorded", sa.JSON()),
        sa.PrimaryKeyConstraint("session_id"),
        sa.UniqueConstraint("resource_hash", name="uq_sessions_resource_hash"),
        **TABLE,
    )
    for columns in (["user_id", "module_id", "state"], ["state", "deadline_at"], ["started_at"]):
        op.create_index(f"ix_sessions_{'_'.join(columns)}", "sessions", columns)


def _create_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.session_id"],
            name="fk_checkpoints_session_id",
            ondelete="CASCADE",
        ),
        **TABLE,
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("refused_since", sa.Double()),
        sa.Column("unanswered", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.String(128)),
        sa.Column("settled_at", sa.Double()),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.session_id"],
            name="fk_outbox_session_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("session_id", "seq", name="uq_outbox_session_id_seq"),
        **TABLE,
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])
