"""Alembic's entry: runs the migrations on the connection, and in the transaction, of who called."""

from alembic import context

from watchdog.history.models import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite alters a table by copying it.
    render_as_batch=True,
    # It says False for SQLite because of a fault of sqlite3 that we do not have: our transactions are our own.
    transactional_ddl=True,
)
context.run_migrations()
