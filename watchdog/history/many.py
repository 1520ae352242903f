"""Rows by the thousand, read in columns that are each looked at as a whole: a year has a million cells."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Boolean, Column, Connection, Select, type_coerce
from sqlalchemy.types import NullType

from watchdog.history.cells import Exactly
from watchdog.history.rows import BadRow, BootIds
from watchdog.model import Stamp

T = TypeVar("T")
Cells = Sequence[Any]


def read_columns(connection: Connection, query: Select[Any], columns: Iterable[Column[Any]]) -> tuple[Cells, ...]:
    """Return the cells of these columns, each column for itself, of the rows that a query selects.

    Raises BadRow for a cell that is not what its column says.
    """
    columns = tuple(columns)
    # Without a type nothing looks at the cells one by one.
    plain = [type_coerce(column, NullType()).label(f"c{number}") for number, column in enumerate(columns)]
    rows = connection.execute(query.with_only_columns(*plain, maintain_column_froms=True)).all()
    if not rows:
        return tuple(() for _ in columns)
    return tuple(_looked_at(column, cells) for column, cells in zip(columns, zip(*rows, strict=True), strict=True))


def _looked_at(column: Column[Any], cells: Cells) -> Cells:
    kind = column.type
    if isinstance(kind, Boolean):
        return tuple(map(bool, cells))
    if isinstance(kind, Exactly) and not set(map(type, cells)) <= {*kind.holds, type(None)}:
        return tuple(map(kind.reader(), cells))
    return cells


def collect(what: str, ids: Cells, values: Iterable[T]) -> tuple[T, ...]:
    """Return what is made of the rows with these ids; BadRow names the first of which nothing can be made."""
    made: list[T] = []
    try:
        made.extend(values)
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRow(f"{what} {ids[len(made)]} cannot be read: {error!r}") from error
    return tuple(made)


def stamps(boots: Cells, boottimes_ns: Cells, walls_ns: Cells, boot_ids: BootIds) -> Iterator[Stamp]:
    """Yield what the three columns of a stamp hold; KeyError for a boot that is not in the ledger."""
    for boot, boottime_ns, wall_ns in zip(boots, boottimes_ns, walls_ns, strict=True):
        yield Stamp(boot_id=boot_ids[boot], boottime_ns=int(boottime_ns), wall_ns=int(wall_ns))


def optional_stamps(
    boots: Cells, boottimes_ns: Cells, walls_ns: Cells, boot_ids: BootIds
) -> Iterator[Stamp | None]:
    """Yield what the three columns of a stamp hold that may not be."""
    for boot, boottime_ns, wall_ns in zip(boots, boottimes_ns, walls_ns, strict=True):
        yield (
            None
            if boot is None
            else Stamp(boot_id=boot_ids[boot], boottime_ns=int(boottime_ns), wall_ns=int(wall_ns))
        )
