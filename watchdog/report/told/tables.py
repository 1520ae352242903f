"""The report as CSV: one table of it, with a header that does not change. Pure."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from watchdog.report.audit.shape import Base, Report, Told
from watchdog.report.page import inert

# A program for tables takes what begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
Row = Sequence[object]


def render_csv(report: Report, table: str) -> Iterator[str]:
    """Yield the lines of a table, a name of TABLES: RFC 4180, UTC, foreign text made inert."""
    header, rows = TABLES[table]
    yield _line(header)
    for row in rows(report):
        yield _line([_cell(value) for value in row])


def _line(row: Iterable[object]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(row)
    return written.getvalue()


def _cell(value: object) -> object:
    """Return what stands in a cell: a number as it is, anything else as text that is no formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    shown = inert(text)
    return f"'{shown}" if text.lstrip(" \u00a0").startswith(_FORMULA) else shown


def _fields(names: Sequence[str], those: Iterable[Base]) -> Iterator[Row]:
    for one in those:
        yield [_joined(getattr(one, name)) for name in names]


def _joined(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


_INCIDENTS = (
    "id", "fault", "title", "subject", "severity", "state", "opened_at", "resolved_at", "duration_seconds",
    "duration_exact", "begins_seconds", "wall_off_seconds", "caused_by", "chain", "inhibited", "flapping",
    "occurrences", "detected_within_seconds", "acknowledged_after_seconds", "acknowledged_by", "healed_by",
    "summary", "fired",
)  # fmt: skip
_AVAILABILITY = (
    "check",
    "name",
    "ok_seconds",
    "degraded_seconds",
    "down_seconds",
    "unknown_seconds",
    "up",
    "incidents",
)
_STEPS = ("at", "begins_seconds", "seconds", "author", "fault", "summary")
_ATTEMPTS = (
    "id", "incident", "remediation", "mode", "outcome", "reason", "at", "took_seconds", "permission", "summary",
    "steps",
)  # fmt: skip
_TOLD = ("target", "title", "at", "state", "sent_at", "attempts", "error")


def _availability(report: Report) -> Iterator[Row]:
    for kind, those in (("check", report.checks), ("subject", report.subjects)):
        for row in _fields(_AVAILABILITY, those):
            yield [kind, *row]


def _notifications(report: Report) -> Iterator[Row]:
    told: dict[Told, None] = {}
    for one in report.incidents:
        for message in one.told:
            told[message] = None
            yield [one.id, *next(_fields(_TOLD, [message]))]
    for row in _fields(_TOLD, (one for one in report.notifications.not_delivered if one not in told)):
        yield [None, *row]


TABLES: Mapping[str, tuple[Sequence[str], Callable[[Report], Iterable[Row]]]] = {
    "incidents": (_INCIDENTS, lambda report: _fields(_INCIDENTS, report.incidents)),
    "availability": (("kind", *_AVAILABILITY), _availability),
    "steps": (_STEPS, lambda report: _fields(_STEPS, report.clock.steps)),
    "attempts": (_ATTEMPTS, lambda report: _fields(_ATTEMPTS, report.attempts)),
    "notifications": (("incident", *_TOLD), _notifications),
}
