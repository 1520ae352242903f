"""The file as SQLite itself has it: how it is opened, and how a question is put to it.

Reading is done so, in plain SQL. SQLAlchemy, for the schema and for writing, takes half a second to import: nobody
who only looks at the history should wait for that. Nothing else in the process may open the file, not even to
read one byte: closing any descriptor of it drops SQLite's POSIX locks (https://sqlite.org/howtocorrupt.html).
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from watchdog.history.kinds import Cells, kind_of_column, looked_at, storable
from watchdog.history.ledger import Ledger
from watchdog.history.rows import BadRow, Row
from watchdog.history.trouble import Damaged, explain_os, explain_sqlite

# "WDOG": tells our file from any other SQLite database that someone may point us at.
APPLICATION_ID = 0x57444F47
_BUSY_SECONDS = 5.0
# A page that went bad must not make a row unreadable over one letter.
_LENIENT_TEXT = partial(str, encoding="utf-8", errors="replace")


class Source(sqlite3.Connection):
    """A connection; what was read of the ledger stays with it (ledger_of.py)."""

    ledger: Ledger | None = None

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Let all questions put within be answered as of one moment."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            if self.in_transaction:
                self.rollback()


def open_source(path: Path, parameters: str) -> Source:
    """Open a file that exists, with SQLite's URI parameters; transactions are the caller's to begin."""
    source = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?{parameters}",
        uri=True,
        isolation_level=None,
        timeout=_BUSY_SECONDS,
        factory=Source,
    )
    source.text_factory = _LENIENT_TEXT
    # The file may be another's work: its schema must not run code, its cells must lie where they say.
    source.execute("PRAGMA trusted_schema=OFF")
    source.execute("PRAGMA cell_size_check=ON")
    return source


def open_to_read(path: Path, *, immutable: bool) -> Source:
    """Open a file that exists, only to read; `immutable` takes no lock and looks at no WAL."""
    source = open_source(path, f"mode=ro{'&immutable=1' if immutable else ''}")
    source.execute("PRAGMA query_only=ON")
    return source


def ask(source: Source, question: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
    """Return the rows that answer a question. Raises BadRow for a cell that is not what its column says."""
    columns = ask_columns(source, question, values)
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def ask_columns(
    source: Source, question: str, values: Sequence[object] | Mapping[str, object] = ()
) -> dict[str, Cells]:
    """Return the answer column by column, each looked at as a whole: a year has a million cells."""
    if isinstance(values, Mapping):
        values = {name: storable(value) for name, value in values.items()}
    else:
        values = tuple(map(storable, values))
    names, rows = _fetch(source, question, values)
    if not rows:
        return dict.fromkeys(names, ())
    found = zip(names, zip(*rows, strict=True), strict=True)
    return {name: looked_at(kind_of_column(name), cells) for name, cells in found}


def ask_value(source: Source, question: str, values: Sequence[object] | Mapping[str, object] = ()) -> Any:
    """Return the first cell of the first row; None for no row."""
    columns = ask_columns(source, question, values)
    return next((cell for cells in columns.values() for cell in cells), None)


def _fetch(source: Source, question: str, values: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Fetch all rows; only where a text is not UTF-8 each is made by a call of ours, which takes twice as long."""
    source.text_factory = str
    try:
        return _fetched(source.execute(question, values))
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    finally:
        source.text_factory = _LENIENT_TEXT
    return _fetched(source.execute(question, values))


def _fetched(cursor: sqlite3.Cursor) -> tuple[list[str], list[tuple[Any, ...]]]:
    return [column[0] for column in cursor.description], cursor.fetchall()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite, a row and the kernel raise within into HistoryError, or Damaged."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain_sqlite(path, error) from error
    except BadRow as error:
        raise Damaged(path, str(error)) from error
    except OverflowError as error:  # a count that is on its last number, which only damage can bring it to
        raise Damaged(path, str(error)) from error
    except OSError as error:
        raise explain_os(path, error) from error
