"""What happened over a period: gathered from the record once, rendered as a page or as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watchdog.history.read import Reader
from watchdog.history.records import Coverage, IncidentRecord, NoteRecord, OutboxSummary
from watchdog.model import Json, Stamp
from watchdog.report.contract import incidents_json
from watchdog.report.page import Cell, Part, Table, item, line
from watchdog.report.story import attempts, headline, moment
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


def read_period(reader: Reader, host: str, since_seconds: float, now: Stamp, gap_seconds: float) -> Period:
    """Gather a period from the record; a silence beyond `gap_seconds` was not watched. Raises HistoryError."""
    return Period(
        host=host,
        now=now,
        since_seconds=since_seconds,
        coverage=reader.coverage(since_seconds, now, gap_seconds),
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
            "expired": period.outbox.expired,
        },
    }


def render_page(period: Period) -> Iterator[Part]:
    """Yield the report as a page."""
    yield line(f"{period.host}: the last {render_seconds(period.since_seconds)}", "heading")
    yield line(f"written {moment(period.now)}; durations count the time this host was up", "dim")
    yield line()
    yield line("what was watched", "heading")
    yield Table(("check", "watched", "runs", "said"), [_coverage_row(part) for part in period.coverage])
    for part in period.coverage:
        for reason in part.reasons:
            yield item(part.check, reason)
    yield line()
    yield line("what happened", "heading")
    yield from _incidents(period.incidents)
    if period.notes:
        yield line()
        yield line("noted, below any alert", "heading")
        for note in period.notes:
            yield item(moment(note.at), f"{note.check}: {note.subject}: {note.summary}")
    yield line()
    box = period.outbox
    late = f", {box.expired} not delivered in time" if box.expired else ""
    yield line(f"notifications: {box.sent} sent, {box.pending} waiting, {box.refused} refused{late}")


def _coverage_row(part: Coverage) -> list[Cell]:
    said = ", ".join(
        f"{verdict.value.replace('_', ' ')} {render_seconds(seconds)}"
        for verdict, seconds in part.verdict_seconds.items()
    )
    return [Cell(part.check), Cell(render_seconds(part.watched_seconds)), Cell(str(part.runs)), Cell(said)]


def _incidents(records: tuple[IncidentRecord, ...]) -> Iterator[Part]:
    if not records:
        yield line("no incident", "ok")
    for record in records:
        incident = record.incident
        yield item(f"#{incident.id} {incident.severity.value}", headline(record), 0, incident.severity.value)
        yield item("", incident.summary)
        if incident.caused_by:
            yield item("", f"caused by {' or '.join(f'#{cause}' for cause in incident.caused_by)}")
        yield from attempts(record)
