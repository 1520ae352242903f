"""What is told whole, what in a line and what is left out, so that the file stays small: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from watchdog.report.audit import ranking
from watchdog.report.audit.shape import Incident, Report
from watchdog.report.html import words

T = TypeVar("T")
CLOCK_SET = "clock set"
MOST_ROWS = 200
# Together with the strips they leave room for the rest below 2 MB.
WHOLE_BYTES = 560_000
LIST_BYTES = 925_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
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


def moments(report: Report, one: Incident) -> list[tuple[str, float, str, str]]:
    """Return an incident's changes and between them each step of the clock: (when, seconds after, state, reason).

    Of an incident from before the period it is not known how long after its beginning a step was.
    """
    changes = [(change.at, change.after_seconds, change.state, change.reason) for change in one.timeline]
    if one.begins_seconds > 0:
        ends = one.begins_seconds + one.duration_seconds
        changes += [
            (step.at, step.begins_seconds - one.begins_seconds, CLOCK_SET, f"by {words.signed(step.seconds)}")
            for step in report.clock.steps
            if one.begins_seconds <= step.begins_seconds <= ends
        ]
    return sorted(changes, key=lambda moment: moment[1])
