"""How statements are run."""

from sqlalchemy import Connection, Delete, Update
from sqlalchemy.dialects.sqlite import Insert

from watchdog.history.rows import Values


def run_each(connection: Connection, statement: Insert | Update | Delete, rows: list[Values]) -> None:
    """Run a statement for each row; none for no row, where SQLAlchemy would run it without parameters."""
    if rows:
        connection.execute(statement, rows)
