"""What is told whole, what in a line and what is left out, so that the file stays small: pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from watchdog.report.audit import ranking
from watchdog.report.audit.shape import Incident

T = TypeVar("T")
MOST_ROWS = 200
# Together with the strips they leave room for the rest below 2 MB.
WHOLE_BYTES = 560_000
LIST_BYTES = 925_000
# What the row of a subject takes of the list's, beside its strip: its name twice, its figures, and tags.
SUBJECT_BYTES = 700


class Some(msgspec.Struct, frozen=True, kw_only=True):
    """Some of many."""

    rows: Sequence[object]
    left_out: int


def some(values: Sequence[object], most: int = MOST_ROWS) -> Some:
    """Return the last of them, which are the newest."""
    return Some(rows=values[-most:], left_out=max(0, len(values) - most))


def rank(incidents: Sequence[Incident]) -> list[Incident]:
    """Return the incidents that are told of whole, as far as there is room for them; the first first."""
    by_id = {one.id: one for one in incidents}
    weights = (
        ranking.Weight(one.id, one.state != "resolved", one.severity == "critical", one.duration_seconds)
        for one in incidents
    )
    return [by_id[number] for number in ranking.rank(weights)]


def within(pieces: Iterable[T], size: Callable[[T], int], most_bytes: int) -> list[T]:
    """Return pieces as long as there is room for them."""
    taken: list[T] = []
    for piece in pieces:
        most_bytes -= size(piece)
        if most_bytes < 0:
            break
        taken.append(piece)
    return taken
