"""SQLAlchemy's connection to the file, for the one process that writes.

SQLAlchemy must not open the file by itself: the transactions are ours to begin (sqlite3's own would leave DDL out
of them), and it needs SQLite's URI parameters.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from watchdog.history import source
from watchdog.history.source import Source, open_source

# What stops a connection from closing, Ctrl-C too, the pool writes to stderr with a traceback; it loses nothing.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLAlchemy raises within into HistoryError, or Damaged, and what source.explained does."""
    with source.explained(path):
        try:
            yield
        except DBAPIError as error:
            if not isinstance(error.orig, sqlite3.Error):
                raise
            raise error.orig from error


def connect_writer(path: Path, *, foreign_keys: bool = True) -> Connection:
    """Open a file that exists, for the one process that holds the lock.

    Every commit is on the disk when it returns (synchronous FULL): nothing may be sent or healed that a power cut
    could make unhappen. The WAL is cut back to 4 MB after a cycle that wrote more.
    """
    connection = _engine(path).connect()
    for setting in (
        "synchronous=FULL",
        f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
        "journal_size_limit=4194304",
    ):
        pragma(connection, setting)
    return connection


def keep_wal(connection: Connection) -> None:
    """Let readers and the writer work side by side. It changes the file: only for one that is known to be ours."""
    pragma(connection, "journal_mode=WAL")


def source_of(connection: Connection) -> Source:
    """Return the connection below, to put questions to it within the same transaction."""
    return cast("Source", connection.connection.dbapi_connection)


def pragma(connection: Connection, text: str) -> tuple[object, ...] | None:
    """Run a PRAGMA outside of any transaction, return its first row."""
    row: tuple[object, ...] | None = source_of(connection).execute(f"PRAGMA {text}").fetchone()
    return row


@lru_cache(maxsize=4)
def _engine(path: Path) -> Engine:
    """Return what connects to a file: a new connection each time, but all that SQLAlchemy compiled is kept.

    A daemon opens its history each time that somebody gives it back. An engine for each would compile every
    statement anew (4 MB in a cycle of references that is garbage long before it is collected).
    """
    engine = create_engine("sqlite://", creator=partial(open_source, path, "mode=rw"), poolclass=NullPool)
    # Wants a transaction before it is needed: two statements of ours must never straddle another's.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine
