"""Proves the chain of the audit, or names the first row that breaks it.

Within the transaction of who calls. It reads row by row, so a long audit takes time (100,000 rows: about a second)
and no memory; and takes the cells as SQLite hands them out: what somebody put there is an answer, never a crash.
"""

from collections.abc import Iterator
from sqlite3 import Cursor
from typing import Any

from watchdog.history.chain import COLUMNS, GENESIS, Head, link
from watchdog.history.head import read_head
from watchdog.history.records import Broken, Proof
from watchdog.history.source import Source
from watchdog.history.testimony import compare_tables

_ROWS = f"SELECT {', '.join(COLUMNS)}, hash FROM audit WHERE seq > ? ORDER BY seq"  # noqa: S608 - our own names
# Below any that there can be.
_FIRST = -(2**63)


def prove(source: Source, noted: Head | None) -> Proof:
    """Hold every row against the one before, the last against the head, and the tables against what is told.

    `noted` is a head that somebody keeps elsewhere: all up to it must be as it was then.
    """
    # Not by `ask`, which holds all rows at once and wants cells to be what their columns say.
    cursor = source.cursor()
    kept = read_head(source)
    walk = _Walk(noted)
    for row in _rows(cursor, _FIRST):
        if not walk.step(row):
            break
    broken = walk.broken
    if broken is not None and broken.what == "altered" and (place := _place_of(cursor, walk)):
        text = f"what was written as row {broken.row} stands as row {place} now"
        broken = Broken(row=broken.row, what="out_of_order", text=text)
    compared = compare_tables(cursor)
    return Proof(
        head=walk.head,
        broken=broken or _against_head(walk.head, kept) or _against_noted(walk, noted),
        differences=compared.differences,
        more_differences=compared.more,
        attempts=compared.attempts,
        attempts_gone=compared.gone,
    )


class _Walk:
    """A walk along the chain: how far it is proven, and what stopped it."""

    def __init__(self, noted: Head | None) -> None:
        self.head = Head()
        self.broken: Broken | None = None
        self.noted_hash = GENESIS if noted and noted.count == 0 else ""
        self._noted = noted

    def step(self, row: tuple[Any, ...]) -> bool:
        """Take the next row; False when the chain is broken there."""
        *values, stored = row
        seq, due = values[0], self.head.count + 1
        if seq > due:
            text = "is missing" if seq == due + 1 else f"and all up to row {seq - 1} are missing"
            self.broken = Broken(row=due, what="missing", text=f"row {due} {text}")
        elif seq < due:
            self.broken = Broken(row=seq, what="added", text=f"there is a row {seq}; the first that we write is 1")
        elif _link(self.head.hash, values) != stored:
            text = f"row {due} ({values[1]!r:.20}) is not as it was written, or does not follow the row before it"
            self.broken = Broken(row=due, what="altered", text=text)
        else:
            self.head = Head(count=due, hash=stored)
            if self._noted and self._noted.count == due:
                self.noted_hash = stored
        return self.broken is None


def _rows(cursor: Cursor, after: int) -> Iterator[tuple[Any, ...]]:
    rows: Iterator[tuple[Any, ...]] = cursor.execute(_ROWS, (after,))
    return rows


def _link(before: str, values: list[object]) -> str | None:
    try:
        return link(before, values)
    except TypeError:  # bytes, which no row of ours holds
        return None


def _place_of(cursor: Cursor, walk: _Walk) -> int | None:
    """Return where the row that should come next stands: after an exchange, or behind what was put in."""
    due = walk.head.count + 1
    for *values, stored in _rows(cursor, due):
        if _link(walk.head.hash, [due, *values[1:]]) == stored:
            return int(values[0])
    return None


def _against_head(found: Head, kept: Head) -> Broken | None:
    """Hold the last row against the head that `upkeep` has."""
    if found == kept:
        return None
    if found.count < kept.count:
        first = found.count + 1
        which = f"row {first} was" if kept.count == first else f"rows {first} to {kept.count} were"
        text = f"{which} written and stand there no more"
        return Broken(row=first, what="cut_off", text=text)
    if found.count > kept.count:
        text = f"row {kept.count + 1} and what follows were not written by us: the head counts {kept.count}"
        return Broken(row=kept.count + 1, what="added", text=text)
    return Broken(row=found.count, what="altered", text=f"row {found.count} is not the one that the head is of")


def _against_noted(walk: _Walk, noted: Head | None) -> Broken | None:
    """Hold the chain against a head that was noted."""
    if noted is None or walk.noted_hash == noted.hash:
        return None
    if noted.count > walk.head.count:
        text = (
            f"the head that was noted counts {noted.count} rows, and there are {walk.head.count}: "
            "the end was cut off since, or this is another history (a damaged one was set aside?)"
        )
        return Broken(row=walk.head.count + 1, what="cut_off", text=text)
    text = f"row {noted.count}, or one before it, was written anew since its head was noted"
    return Broken(row=noted.count, what="altered", text=text)
