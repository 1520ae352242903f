"""The questions that a report of a period asks; each takes part in the transaction of who calls it."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from watchdog.history.ledger import Moment
from watchdog.history.many import collect, optional_stamps, stamps
from watchdog.history.period import (
    MOST_NOTES,
    Ack,
    Configuration,
    IncidentLine,
    Notification,
    PastHold,
    PeriodRecord,
    Sample,
)
from watchdog.history.queries import read_notes, read_spans
from watchdog.history.reading_incidents import Wanted, read_attempts
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import HOUR_SECONDS
from watchdog.history.rows import BootIds, Row, read_hold, read_rows, read_stamp, read_stamp_or_none
from watchdog.history.source import Source, ask, ask_columns, ask_value
from watchdog.model import IncidentState, Severity, Stamp

T = TypeVar("T")
# Looked up, which takes a third of the time that a call of the class takes.
_SEVERITIES = {one.value: one for one in Severity}
_STATES = {one.value: one for one in IncidentState}
_INCIDENT_COLUMNS = (
    "id",
    "fault",
    "subject",
    "severity",
    "state",
    "summary",
    "occurrences",
    "caused_by",
    "inhibited",
    "flapping",
    "told",
)
# Without the evidence, which is most of a row.
_INCIDENTS = """
    SELECT id, fault, subject, severity, state, summary, occurrences, caused_by, inhibited, flapping, told,
           opened_boot, opened_boottime_ns, opened_wall_ns,
           last_seen_boot, last_seen_boottime_ns, last_seen_wall_ns,
           fired_boot, fired_boottime_ns, fired_wall_ns, resolved_boot, resolved_boottime_ns, resolved_wall_ns
    FROM incidents
    WHERE state <> 'resolved' OR (resolved_boot, resolved_boottime_ns) >= (?, ?) ORDER BY id
"""
_NOTES_THERE = "SELECT count(*) AS count FROM notes WHERE (at_boot, at_boottime_ns) >= (?, ?)"
_FATES = """
    SELECT target, state, count(*) AS count FROM outbox
    WHERE (created_boot, created_boottime_ns) >= (?, ?) GROUP BY target, state ORDER BY target, state
"""
_UNSENT = """
    SELECT * FROM outbox
    WHERE (created_boot, created_boottime_ns) >= (?, ?) AND state NOT IN ('sent', 'merged') ORDER BY id
"""
_ACKS = "SELECT * FROM acks WHERE (at_boot, at_boottime_ns) >= (?, ?) ORDER BY id"
_SUBJECTS = "SELECT DISTINCT checks.name AS name, subject FROM series JOIN checks ON checks.id = check_id"
# Many ids are one value: SQLite takes only so many parameters.
_NOTIFICATIONS = "SELECT * FROM outbox WHERE incident_id IN (SELECT value FROM json_each(?)) ORDER BY id"
_EVIDENCE = "SELECT id, evidence FROM incidents WHERE id IN (SELECT value FROM json_each(?))"
_SAMPLES = """
    SELECT checks.name AS check_name, subject, series.name AS name, boot, min(bucket) AS bucket,
           min(wall_seconds) AS wall_seconds, sum(count) AS count,
           min(minimum) AS minimum, max(maximum) AS maximum, sum(total) AS total
    FROM metrics JOIN series ON series.id = series_id JOIN checks ON checks.id = check_id
    WHERE resolution_seconds = :resolution
        AND series_id IN (SELECT id FROM series WHERE name IN (SELECT value FROM json_each(:names)))
        AND (boot, metrics.bucket) >= (:boot, :bucket)
    GROUP BY boot, metrics.bucket / :hours, series.id ORDER BY boot, min(metrics.bucket), series.id
"""


def read_period(source: Source, since_seconds: float, now: Stamp) -> PeriodRecord:
    """Read a period that ends now and begins `since_seconds` before, by the ledger of boots."""
    ledger = read_ledger(source)
    cut, boot_ids = ledger.cutoff(now, since_seconds), ledger.boot_ids

    def read(
        what: str, one: Callable[[Row, BootIds], T], question: str, values: Sequence[object] = ()
    ) -> tuple[T, ...]:
        return read_rows(what, ask(source, question, values), lambda row: one(row, boot_ids))

    notes = read_notes(source, cut, MOST_NOTES)
    return PeriodRecord(
        now=now,
        cut=cut,
        ledger=ledger,
        spans=read_spans(source, cut),
        incidents=_read_incidents(source, cut, boot_ids),
        notes=notes,
        notes_left_out=ask_value(source, _NOTES_THERE, cut) - len(notes),
        attempts=read_attempts(source, Wanted(since=cut), lenient=True),
        fates=tuple((row["target"], row["state"], row["count"]) for row in ask(source, _FATES, cut)),
        unsent=read("message", _notification, _UNSENT, cut),
        acks=read("acknowledgement", _ack, _ACKS, cut),
        # Few, and what was in force at the beginning may have begun long before.
        holds=read("hold", _past_hold, "SELECT * FROM holds ORDER BY id"),
        configurations=read("settings", _configuration, "SELECT * FROM configurations ORDER BY id"),
        subjects=tuple(sorted((row["name"], row["subject"]) for row in ask(source, _SUBJECTS))),
    )


def read_notifications(source: Source, incident_ids: Sequence[int]) -> tuple[Notification, ...]:
    """Return what was told of these incidents, oldest first."""
    boot_ids = read_ledger(source).boot_ids
    rows = ask(source, _NOTIFICATIONS, (json.dumps(incident_ids),))
    return read_rows("message", rows, lambda row: _notification(row, boot_ids))


def read_evidence(source: Source, incident_ids: Sequence[int]) -> dict[int, object]:
    """Return the evidence of these incidents, as JSON has it."""
    rows = ask(source, _EVIDENCE, (json.dumps(incident_ids),))
    return dict(read_rows("incident", rows, lambda row: (row["id"], json.loads(row["evidence"]))))


def read_samples(source: Source, names: Iterable[str], cut: Moment, hours_in_one: int) -> tuple[Sample, ...]:
    """Return series by their names (`offset_seconds`), so many hours in one sample, in order of time."""
    bucket_ns = HOUR_SECONDS * 1_000_000_000
    boot_ids = read_ledger(source).boot_ids
    wanted = {
        "resolution": HOUR_SECONDS,
        "names": json.dumps(list(names)),
        "boot": cut.boot,
        "bucket": cut.boottime_ns // bucket_ns,
        "hours": hours_in_one,
    }

    def sample(row: Row) -> Sample:
        return Sample(
            check=row["check_name"],
            subject=row["subject"],
            name=row["name"],
            start=Stamp(
                boot_id=boot_ids[row["boot"]],
                boottime_ns=row["bucket"] * bucket_ns,
                wall_ns=row["wall_seconds"] * 1_000_000_000,
            ),
            count=row["count"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            total=row["total"],
        )

    return read_rows("metric", ask(source, _SAMPLES, wanted), sample)


def _read_incidents(source: Source, cut: Moment, boot_ids: BootIds) -> tuple[IncidentLine, ...]:
    """Return the incidents that were open in the period, oldest first."""
    columns = ask_columns(source, _INCIDENTS, cut)
    rows = zip(
        *(columns[name] for name in _INCIDENT_COLUMNS),
        *(stamps(columns, name, boot_ids) for name in ("opened", "last_seen")),
        *(optional_stamps(columns, name, boot_ids) for name in ("fired", "resolved")),
        strict=True,
    )
    return collect("incident", columns["id"], (_incident(*row) for row in rows))


def _incident(
    number: int,
    fault: str,
    subject: str,
    severity: str,
    state: str,
    summary: str,
    occurrences: int,
    caused_by: str,
    inhibited: bool,
    flapping: bool,
    told: str | None,
    opened: Stamp,
    last_seen: Stamp,
    fired: Stamp | None,
    resolved: Stamp | None,
) -> IncidentLine:
    return IncidentLine(
        id=number,
        fault=fault,
        subject=subject,
        severity=_SEVERITIES[severity],
        state=_STATES[state],
        summary=summary,
        opened=opened,
        last_seen=last_seen,
        fired=fired,
        resolved=resolved,
        occurrences=int(occurrences),
        caused_by=() if caused_by == "[]" else tuple(map(int, json.loads(caused_by))),
        inhibited=inhibited,
        flapping=flapping,
        told=None if told is None else Severity(told),
    )


def _notification(row: Row, boot_ids: BootIds) -> Notification:
    return Notification(
        id=row["id"],
        target=row["target"],
        incident_id=row["incident_id"],
        title=row["title"],
        severity=row["severity"],
        recovery=row["recovery"],
        state=row["state"],
        attempts=row["attempts"],
        last_error=row["last_error"],
        created=read_stamp(row, "created", boot_ids),
        sent=read_stamp_or_none(row, "sent", boot_ids),
    )


def _ack(row: Row, boot_ids: BootIds) -> Ack:
    return Ack(
        incident_id=row["incident_id"],
        severity=row["severity"],
        who=row["who"],
        why=row["why"],
        at=read_stamp(row, "at", boot_ids),
    )


def _past_hold(row: Row, boot_ids: BootIds) -> PastHold:
    return PastHold(
        hold=read_hold(row, boot_ids),
        ended=read_stamp_or_none(row, "ended", boot_ids),
        ended_by=row["ended_by"],
    )


def _configuration(row: Row, boot_ids: BootIds) -> Configuration:
    return Configuration(path=row["path"], sha256=row["sha256"], at=read_stamp(row, "at", boot_ids))
