"""Rows by the thousand, made from columns that were each looked at as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from watchdog.history.kinds import Cells
from watchdog.history.rows import BadRow, BootIds
from watchdog.model import Stamp

T = TypeVar("T")


def collect(what: str, ids: Cells, values: Iterable[T]) -> tuple[T, ...]:
    """Return what is made of the rows with these ids; BadRow names the first of which nothing can be made."""
    made: list[T] = []
    try:
        made.extend(values)
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRow(f"{what} {ids[len(made)]} cannot be read: {error!r}") from error
    return tuple(made)


def stamps(columns: Mapping[str, Cells], prefix: str, boot_ids: BootIds) -> Iterator[Stamp]:
    """Yield what the three columns of a stamp hold; KeyError for a boot that is not in the ledger."""
    cells = zip(*_cells(columns, prefix), strict=True)
    return (
        Stamp(boot_id=boot_ids[boot], boottime_ns=int(boottime_ns), wall_ns=int(wall_ns))
        for boot, boottime_ns, wall_ns in cells
    )


def optional_stamps(columns: Mapping[str, Cells], prefix: str, boot_ids: BootIds) -> Iterator[Stamp | None]:
    """Yield what the three columns of a stamp hold that may not be."""
    cells = zip(*_cells(columns, prefix), strict=True)
    return (
        None if boot is None else Stamp(boot_id=boot_ids[boot], boottime_ns=int(boottime_ns), wall_ns=int(wall_ns))
        for boot, boottime_ns, wall_ns in cells
    )


def _cells(columns: Mapping[str, Cells], prefix: str) -> tuple[Cells, Cells, Cells]:
    return columns[f"{prefix}_boot"], columns[f"{prefix}_boottime_ns"], columns[f"{prefix}_wall_ns"]
