"""From what people say ("30d", "2026-10-01", "2026-10-01 08:30") to a place on the line of time: pure.

A date means what the wall clock showed. Where the clock was stepped it showed some moments twice and others never:
a date then is the first moment at which it showed that much or more.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise

from watchdog.history.records import Span
from watchdog.model import Stamp
from watchdog.report.audit.axis import Axis
from watchdog.units import Duration

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?", re.ASCII)


def parse_when(text: str, zone: tzinfo) -> Duration | datetime:
    """Read a duration, or a date, in `zone` unless it names its own. Raises ValueError that says what is right."""
    if not _DATE.fullmatch(text):
        try:
            return Duration.parse(text)
        except ValueError as error:
            raise ValueError(
                'a duration such as "30d", or a date such as "2026-10-01" or "2026-10-01 08:30"'
            ) from error
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("a date that the calendar has") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def anchors(spans: Iterable[Span], ends: Iterable[Stamp], axis: Axis) -> tuple[tuple[int, int], ...]:
    """Return what the wall clock showed where, as far as it is on record: (place, wall clock in ns), in order."""
    stamps = [stamp for span in spans for stamp in (span.first, span.last)]
    return tuple(sorted({(axis.place(stamp), stamp.wall_ns) for stamp in (*stamps, *ends)}))


def find_wall(wall_ns: int, known: Sequence[tuple[int, int]]) -> int | None:
    """Return where the wall clock first showed this much; None: not yet.

    Between two anchors, and before the first, it ran at the pace of the later, as a step is seen at its end.
    """
    if not known:
        return None
    first, shown = known[0]
    if shown >= wall_ns:
        return max(0, first - (shown - wall_ns))
    for (before, _), (here, shown) in pairwise(known):
        if shown >= wall_ns:
            return max(before, here - (shown - wall_ns))
    return None
