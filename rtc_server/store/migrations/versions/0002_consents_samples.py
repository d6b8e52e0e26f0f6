"""Consents and samples."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consents",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "version"),
        _of_a_session("consents"),
        **TABLE,
    )
    op.create_table(
        "samples",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("second", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "second"),
        _of_a_session("samples"),
        **TABLE,
    )


def downgrade() -> None:
    """Take back."""
    for table in ("samples", "consents"):
        op.drop_table(table)


def _of_a_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_id"],
        ["sessions.session_id"],
        name=f"fk_{table}_session_id",
        ondelete="CASCADE",
    )
