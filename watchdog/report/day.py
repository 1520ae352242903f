"""What each check said over the last day, an hour a cell: pure."""

from collections.abc import Iterable

from watchdog.history.ledger import Boot, Ledger
from watchdog.history.records import Span
from watchdog.model import Stamp, Verdict
from watchdog.report.audit.availability import Look, State, place_looks
from watchdog.report.audit.axis import Axis
from watchdog.report.bars import cells

DAY_SECONDS = 86400.0
CELLS = 24
_STATE: dict[Verdict, State] = {
    Verdict.CRITICAL: "down",
    Verdict.WARNING: "degraded",
    Verdict.UNKNOWN: "unknown",
    Verdict.OK: "ok",
    Verdict.NOT_APPLICABLE: "ok",
}


def last_day(
    spans: Iterable[Span], boots: tuple[Boot, ...], now: Stamp, gap_seconds: float
) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return by check its states and how much of the cell each took, oldest first.

    By the line of all boots: how long the host was off in between is not known and takes no room.
    """
    axis = Axis.over(Ledger(boots=boots), now)
    begins = axis.end - round(DAY_SECONDS * 1e9)
    return {
        check: cells((_stretch(look, begins) for look in looks if look.held > begins), DAY_SECONDS, CELLS)
        for check, looks in place_looks(spans, axis, gap_seconds).items()
    }


def _stretch(look: Look, begins: int) -> tuple[float, float, State]:
    start = max(look.start, begins)
    return (start - begins) / 1e9, (look.held - start) / 1e9, _STATE[look.span.verdict]
