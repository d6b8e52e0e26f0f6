"""Run by Alembic inside the transaction that ``rtc_server.store.migrate`` has opened."""

from alembic import context

from rtc_server.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a column
)
context.run_migrations()
