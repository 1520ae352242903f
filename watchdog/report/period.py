"""What happened over a period: gathered from the record once, rendered as a page or as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watchdog.history.read import Coverage, IncidentRecord, NoteRecord, OutboxSummary, Reader
from watchdog.model import Fault, Json, Stamp
from watchdog.report.contract import incidents_json
from watchdog.report.page import Cell, Line, Table, line
from watchdog.report.story import lasted_text
from watchdog.units import render_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The record of the last `since_seconds` up to `now`, by CLOCK_BOOTTIME."""

    host: str
    now: Stamp
    since_seconds: float
    coverage: tuple[Coverage, ...]
    incidents: tuple[IncidentRecord, ...]
    notes: tuple[NoteRecord, ...]
    outbox: OutboxSummary


def read_period(reader: Reader, host: str, since_seconds: float, now: Stamp) -> Period:
    """Gather a period from the record. Raises HistoryError."""
    return Period(
        host=host,
        now=now,
        since_seconds=since_seconds,
        coverage=reader.coverage(since_seconds, now),
        incidents=reader.incidents(open_only=False, since_seconds=since_seconds, now=now),
        notes=reader.notes(since_seconds, now),
        outbox=reader.outbox_summary(),
    )


def period_json(period: Period) -> Mapping[str, Json]:
    """Return what `report --format json` prints."""
    return {
        "host": period.host,
        "at": period.now.wall_text,
        "since_seconds": period.since_seconds,
        "coverage": [
            {
                "check": part.check,
                "watched_seconds": round(part.watched_seconds, 3),
                "runs": part.runs,
                "verdict_seconds": {verdict.value: round(s, 3) for verdict, s in part.verdict_seconds.items()},
                "reasons": list(part.reasons),
            }
            for part in period.coverage
        ],
        "incidents": incidents_json(period.incidents),
        "notes": [
            {"at": note.at.wall_text, "check": note.check, "subject": note.subject, "summary": note.summary}
            for note in period.notes
        ],
        "notifications": {
            "waiting": period.outbox.pending,
            "sent": period.outbox.sent,
            "refused": period.outbox.refused,
        },
    }


def render_page(period: Period, faults: Mapping[str, Fault]) -> Iterator[Line | Table]:
    """Yield the report as a page."""
    yield line(f"{period.host}: the last {render_seconds(period.since_seconds)}", "heading")
    yield line(f"written {period.now.wall_text}; durations count the time this host was up", "dim")
    yield line()
    yield line("what was watched", "heading")
    yield Table(
        ("check", "watched", "runs", "verdicts", "could not see, or does not apply"), list(_coverage_rows(period))
    )
    yield line()
    yield line("what happened", "heading")
    yield from _incidents(period, faults)
    if period.notes:
        yield line()
        yield line("noted, below any alert", "heading")
        rows = [
            [Cell(n.at.wall_text, "dim"), Cell(n.check), Cell(n.subject), Cell(n.summary)] for n in period.notes
        ]
        yield Table(("at", "check", "subject", "what"), rows)
    yield line()
    box = period.outbox
    yield line(f"notifications: {box.sent} sent, {box.pending} waiting, {box.refused} refused")


def _coverage_rows(period: Period) -> Iterator[list[Cell]]:
    for part in period.coverage:
        shares = ", ".join(
            f"{verdict.value.replace('_', ' ')} {render_seconds(seconds)}"
            for verdict, seconds in part.verdict_seconds.items()
        )
        watched = render_seconds(part.watched_seconds)
        yield [Cell(part.check), Cell(watched), Cell(str(part.runs)), Cell(shares), Cell("; ".join(part.reasons))]


def _incidents(period: Period, faults: Mapping[str, Fault]) -> Iterator[Line | Table]:
    if not period.incidents:
        yield line("no incident", "ok")
        return
    header = ("#", "severity", "fault", "subject", "began", "lasted", "state", "what")
    yield Table(header, [_incident_row(record) for record in period.incidents])
    tries = [
        [
            Cell(str(attempt.id)),
            Cell(f"#{record.incident.id}"),
            Cell(attempt.remediation),
            Cell(attempt.outcome.value),
            Cell("; ".join(step.describe() for step in attempt.plan.steps)),
            Cell(attempt.reason),
        ]
        for record in period.incidents
        for attempt in record.attempts
    ]
    if tries:
        yield line()
        yield line("what was done or proposed", "heading")
        yield Table(("try", "incident", "remediation", "outcome", "steps", "reason"), tries)


def _incident_row(record: IncidentRecord) -> list[Cell]:
    incident = record.incident
    by = f" (caused by #{incident.caused_by[0]})" if incident.caused_by else ""
    return [
        Cell(str(incident.id)),
        Cell(incident.severity.value, incident.severity.value),
        Cell(incident.fault),
        Cell(incident.subject),
        Cell(f"{incident.opened.wall:%Y-%m-%d %H:%M:%S}", "dim"),
        Cell(lasted_text(record.lasted)),
        Cell(incident.state.value + by),
        Cell(incident.summary),
    ]
