"""Connections to the file: the writer's and the reader's.

SQLAlchemy must not open the file by itself: the transactions are ours to begin (sqlite3's own would leave DDL out
of them), and the reader needs SQLite's URI parameters. Nothing else in the process may open the file either, not
even to read one byte: closing any descriptor of it drops SQLite's POSIX locks (https://sqlite.org/howtocorrupt.html).
"""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from watchdog.history.rows import BadRow
from watchdog.history.trouble import Damaged, explain_os, explain_sqlite

# "WDOG": tells our file from any other SQLite database that someone may point us at.
APPLICATION_ID = 0x57444F47
_BUSY_SECONDS = 5.0
# What stops a connection from closing, Ctrl-C too, the pool writes to stderr with a traceback; it loses nothing.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLAlchemy, SQLite, a row and the kernel raise within into HistoryError, or Damaged."""
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error.orig, sqlite3.Error):
            raise
        raise explain_sqlite(path, error.orig) from error
    except sqlite3.Error as error:
        raise explain_sqlite(path, error) from error
    except BadRow as error:
        raise Damaged(path, str(error)) from error
    except OverflowError as error:  # a count that is on its last number, which only damage can bring it to
        raise Damaged(path, str(error)) from error
    except OSError as error:
        raise explain_os(path, error) from error


def connect_writer(path: Path, *, foreign_keys: bool = True) -> Connection:
    """Open a file that exists, for the one process that holds the lock.

    Every commit is on the disk when it returns (synchronous FULL): nothing may be sent or healed that a power cut
    could make unhappen. The WAL is cut back to 4 MB after a cycle that wrote more.
    """
    connection = _connect(path, "mode=rw", "BEGIN IMMEDIATE")
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


def connect_reader(path: Path, *, immutable: bool) -> Connection:
    """Open a file that exists, only to read; `immutable` takes no lock and looks at no WAL."""
    connection = _connect(path, f"mode=ro{'&immutable=1' if immutable else ''}", "BEGIN")
    pragma(connection, "query_only=ON")
    return connection


def pragma(connection: Connection, text: str) -> tuple[object, ...] | None:
    """Run a PRAGMA outside of any transaction, return its first row."""
    row: tuple[object, ...] | None = connection.connection.cursor().execute(f"PRAGMA {text}").fetchone()
    return row


def _connect(path: Path, parameters: str, begin: str) -> Connection:
    return _engine(path, parameters, begin).connect()


@lru_cache(maxsize=4)
def _engine(path: Path, parameters: str, begin: str) -> Engine:
    """Return what connects to a file: a new connection each time, but all that SQLAlchemy compiled is kept.

    A daemon opens its history each time that somebody gives it back. An engine for each would compile every
    statement anew (4 MB in a cycle of references that is garbage long before it is collected).
    """

    def create() -> sqlite3.Connection:
        raw = sqlite3.connect(
            f"file:{quote(os.fsencode(path))}?{parameters}", uri=True, isolation_level=None, timeout=_BUSY_SECONDS
        )
        # A page that went bad must not make a row unreadable over one letter.
        # Without a function of ours: a year is a hundred thousand texts.
        raw.text_factory = partial(str, encoding="utf-8", errors="replace")
        # The file may be another's work: its schema must not run code, its cells must lie where they say.
        raw.execute("PRAGMA trusted_schema=OFF")
        raw.execute("PRAGMA cell_size_check=ON")
        return raw

    engine = create_engine("sqlite://", creator=create, poolclass=NullPool)
    # Wants a transaction before it is needed: two statements of ours must never straddle another's.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
