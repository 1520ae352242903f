"""What a cell may hold, by the name of its column: a name means the same in every table.

SQLite lets a cell hold anything, whatever its column says. So what is read is looked at, here for every table; a
test holds this against the tables.
"""

from collections.abc import Callable, Sequence
from typing import Any

from watchdog.history.rows import BadRow

Cells = Sequence[Any]
_NOTHING = type(None)
# SQLite may hand out a whole number for a real one; yes and no are 1 and 0.
_HOLDS: dict[type, tuple[type, ...]] = {
    int: (int,),
    float: (float, int),
    bool: (int,),
    bytes: (bytes,),
    str: (str,),
}
_WHOLE_ENDS = ("_ns", "_boot")
_WHOLE = frozenset(
    {
        "application_id",
        "attempt_id",
        "attempts",
        "audit_count",
        "boot",
        "bucket",
        "check_id",
        "count",
        "failures",
        "id",
        "incident_id",
        "merged_into",
        "next_incident_id",
        "occurrences",
        "ordinal",
        "resolution_seconds",
        "seq",
        "series_id",
        "wall_seconds",
    }
)
_REAL = frozenset({"last", "maximum", "minimum", "seconds", "total"})
_YES_OR_NO = frozenset({"claimed", "flapping", "inhibited", "recovery", "refused"})
_BYTES = frozenset({"value"})


def kind_of_column(name: str) -> type:
    """Return int, float, bool or bytes by a column's name; what is none of them is text."""
    if name in _WHOLE or name.endswith(_WHOLE_ENDS):
        return int
    if name in _REAL:
        return float
    if name in _YES_OR_NO:
        return bool
    return bytes if name in _BYTES else str


def looked_at(kind: type, cells: Cells) -> Cells:
    """Return the cells of a column as values of its kind, or None. Raises BadRow for one that holds another."""
    if not set(map(type, cells)) <= {*_HOLDS[kind], _NOTHING}:
        cells = tuple(map(reader_of(kind), cells))
    return tuple(map(bool, cells)) if kind is bool else cells


def reader_of(kind: type) -> Callable[[Any], Any]:
    """Return what makes a value of one cell; it raises BadRow."""
    return _text if kind is str else lambda value: _look(kind, value)


def _look(kind: type, value: Any) -> Any:
    if value is None or value.__class__ in _HOLDS[kind]:
        return value
    raise BadRow(f"a cell that should be of type {kind.__name__} holds {value!r:.60}")


def _text(value: Any) -> Any:
    """Return text; what is no UTF-8 is kept as a BLOB (`storable`)."""
    if value.__class__ is not bytes:
        return _look(str, value)
    try:
        return str(value, errors="surrogatepass")
    except UnicodeDecodeError:
        return _look(str, value)


def storable(value: Any) -> Any:
    """Return what sqlite3 is to store, or to compare with.

    Names from the kernel may not be UTF-8 and then hold lone surrogates, which SQLite's TEXT cannot. Those are
    stored as a BLOB: they come back as they were, and stay different from all others.
    """
    if value.__class__ is not str or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")
    return value
