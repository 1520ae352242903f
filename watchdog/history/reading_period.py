"""The statements that read what a report of a period needs; each takes part in the transaction of who calls it."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, not_, or_, select, true

from watchdog.history.ledger import Moment
from watchdog.history.many import Cells, collect, optional_stamps, read_columns, stamps
from watchdog.history.models import (
    ACKS,
    ATTEMPTS,
    CHECKS,
    CONFIGURATIONS,
    HOLDS,
    INCIDENTS,
    METRICS,
    NOTES,
    OUTBOX,
    SERIES,
    SPANS,
    TRANSITIONS,
)
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
from watchdog.history.queries import IS_OPEN, before, notes_of, read_attempts, read_ledger, read_spans
from watchdog.history.records import HOUR_SECONDS, NoteRecord
from watchdog.history.rows import BootIds, read_hold, read_rows, read_stamp, read_stamp_or_none, read_transition
from watchdog.model import IncidentState, Severity, Stamp, Transition

T = TypeVar("T")
# The check whose notes tell of every step of the clock.
CLOCK = "clock_step"
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


def read_period(connection: Connection, since_seconds: float, now: Stamp) -> PeriodRecord:
    """Read a period that ends now and begins `since_seconds` before, by the ledger of boots."""
    ledger = read_ledger(connection)
    cut, boot_ids = ledger.cutoff(now, since_seconds), ledger.boot_ids

    def read(
        what: str, table: Table, wanted: ColumnElement[bool], one: Callable[[RowMapping, BootIds], T]
    ) -> tuple[T, ...]:
        rows = connection.execute(select(table).where(wanted).order_by(table.c.id)).mappings()
        return read_rows(what, rows, lambda row: one(row, boot_ids))

    created = _since(OUTBOX, cut, "created_boot", "created_boottime_ns")
    started = _since(ATTEMPTS, cut, "started_boot", "started_boottime_ns")
    told, left_out = _read_notes(connection, cut, boot_ids)
    fates = (
        select(OUTBOX.c.target, OUTBOX.c.state, func.count().label("n"))
        .where(created)
        .group_by(OUTBOX.c.target, OUTBOX.c.state)
        .order_by(OUTBOX.c.target, OUTBOX.c.state)
    )
    series = select(CHECKS.c.name, SERIES.c.subject).distinct().join(CHECKS, CHECKS.c.id == SERIES.c.check_id)
    return PeriodRecord(
        now=now,
        cut=cut,
        ledger=ledger,
        spans=read_spans(connection, _since(SPANS, cut, "boot", "last_boottime_ns")),
        incidents=_read_incidents(connection, cut, boot_ids),
        notes=told,
        notes_left_out=left_out,
        attempts=read_attempts(connection, started, lenient=True),
        fates=tuple((row.target, row.state, row.n) for row in connection.execute(fates)),
        unsent=read("message", OUTBOX, created & OUTBOX.c.state.not_in(("sent", "merged")), _notification),
        acks=read("acknowledgement", ACKS, _since(ACKS, cut, "at_boot", "at_boottime_ns"), _ack),
        # Few, and what was in force at the beginning may have begun long before.
        holds=read("hold", HOLDS, true(), _past_hold),
        configurations=read("settings", CONFIGURATIONS, true(), _configuration),
        subjects=tuple(sorted((row.name, row.subject) for row in connection.execute(series))),
    )


def _read_notes(connection: Connection, cut: Moment, boot_ids: BootIds) -> tuple[tuple[NoteRecord, ...], int]:
    here = _since(NOTES, cut, "at_boot", "at_boottime_ns")
    always = or_(NOTES.c.fault != "", CHECKS.c.name == CLOCK)
    newest = select(NOTES.c.id).where(here).order_by(NOTES.c.id.desc()).limit(MOST_NOTES)
    wanted = select(NOTES, CHECKS.c.name).join(CHECKS).where(here, or_(always, NOTES.c.id.in_(newest)))
    notes = notes_of(connection, wanted.order_by(NOTES.c.id), boot_ids)
    return notes, (connection.scalar(select(func.count()).where(here)) or 0) - len(notes)


def read_notifications(connection: Connection, incident_ids: Sequence[int]) -> tuple[Notification, ...]:
    """Return what was told of these incidents, oldest first."""
    boot_ids = read_ledger(connection).boot_ids
    wanted = select(OUTBOX).where(OUTBOX.c.incident_id.in_(incident_ids)).order_by(OUTBOX.c.id)
    rows = connection.execute(wanted).mappings()
    return read_rows("message", rows, lambda row: _notification(row, boot_ids))


def read_transitions(connection: Connection, incident_ids: Sequence[int]) -> tuple[Transition, ...]:
    """Return what became of these incidents, in order."""
    boot_ids = read_ledger(connection).boot_ids
    wanted = select(TRANSITIONS).where(TRANSITIONS.c.incident_id.in_(incident_ids)).order_by(TRANSITIONS.c.id)
    rows = connection.execute(wanted).mappings()
    return read_rows("transition", rows, lambda row: read_transition(row, boot_ids))


def read_evidence(connection: Connection, incident_ids: Sequence[int]) -> dict[int, object]:
    """Return the evidence of these incidents, as JSON has it."""
    wanted = select(INCIDENTS.c.id, INCIDENTS.c.evidence).where(INCIDENTS.c.id.in_(incident_ids))
    found = read_rows(
        "incident", connection.execute(wanted).mappings(), lambda row: (row["id"], json.loads(row["evidence"]))
    )
    return dict(found)


def read_samples(
    connection: Connection, names: Iterable[str], cut: Moment, hours_in_one: int
) -> tuple[Sample, ...]:
    """Return series by their names (`offset_seconds`), so many hours in one sample, in order of time."""
    bucket_ns = HOUR_SECONDS * 1_000_000_000
    boot_ids = read_ledger(connection).boot_ids
    place = Moment(cut.boot, cut.boottime_ns // bucket_ns)
    first = func.min(METRICS.c.bucket).label("first")
    query = (
        select(
            CHECKS.c.name.label("check"),
            SERIES.c.subject,
            SERIES.c.name,
            METRICS.c.boot,
            first,
            func.min(METRICS.c.wall_seconds).label("wall_seconds"),
            func.sum(METRICS.c["count"]).label("n"),
            func.min(METRICS.c.minimum).label("low"),
            func.max(METRICS.c.maximum).label("high"),
            func.sum(METRICS.c.total).label("sum"),
        )
        .join(SERIES, SERIES.c.id == METRICS.c.series_id)
        .join(CHECKS, CHECKS.c.id == SERIES.c.check_id)
        .where(
            METRICS.c.resolution_seconds == HOUR_SECONDS,
            SERIES.c.name.in_(list(names)),
            not_(before(METRICS.c.boot, METRICS.c.bucket, place)),
        )
        .group_by(METRICS.c.boot, METRICS.c.bucket // hours_in_one, SERIES.c.id)
        .order_by(METRICS.c.boot, first, SERIES.c.id)
    )

    def sample(row: RowMapping) -> Sample:
        return Sample(
            check=row["check"],
            subject=row["subject"],
            name=row["name"],
            start=Stamp(
                boot_id=boot_ids[row["boot"]],
                boottime_ns=row["first"] * bucket_ns,
                wall_ns=row["wall_seconds"] * 1_000_000_000,
            ),
            count=row["n"],
            minimum=row["low"],
            maximum=row["high"],
            total=row["sum"],
        )

    return read_rows("metric", connection.execute(query).mappings(), sample)


def _since(table: Table, cut: Moment, boot: str, boottime_ns: str) -> ColumnElement[bool]:
    return not_(before(table.c[boot], table.c[boottime_ns], cut))


def _read_incidents(connection: Connection, cut: Moment, boot_ids: BootIds) -> tuple[IncidentLine, ...]:
    """Return the incidents that were open in the period, oldest first."""
    wanted = or_(IS_OPEN, _since(INCIDENTS, cut, "resolved_boot", "resolved_boottime_ns"))
    query = select(INCIDENTS).where(wanted).order_by(INCIDENTS.c.id)
    names = [column.name for column in INCIDENTS.c if column.name != "evidence"]
    columns = read_columns(connection, query, [INCIDENTS.c[name] for name in names])
    cells = dict(zip(names, columns, strict=True))

    def stamp_columns(prefix: str) -> tuple[Cells, Cells, Cells]:
        return cells[f"{prefix}_boot"], cells[f"{prefix}_boottime_ns"], cells[f"{prefix}_wall_ns"]

    rows = zip(
        *(cells[name] for name in _INCIDENT_COLUMNS),
        *(stamps(*stamp_columns(name), boot_ids) for name in ("opened", "last_seen")),
        *(optional_stamps(*stamp_columns(name), boot_ids) for name in ("fired", "resolved")),
        strict=True,
    )
    return collect("incident", cells["id"], (_incident(*row) for row in rows))


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
        severity=Severity(severity),
        state=IncidentState(state),
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


def _notification(row: RowMapping, boot_ids: BootIds) -> Notification:
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


def _ack(row: RowMapping, boot_ids: BootIds) -> Ack:
    return Ack(
        incident_id=row["incident_id"],
        severity=row["severity"],
        who=row["who"],
        why=row["why"],
        at=read_stamp(row, "at", boot_ids),
    )


def _past_hold(row: RowMapping, boot_ids: BootIds) -> PastHold:
    return PastHold(
        hold=read_hold(row, boot_ids),
        ended=read_stamp_or_none(row, "ended", boot_ids),
        ended_by=row["ended_by"],
    )


def _configuration(row: RowMapping, boot_ids: BootIds) -> Configuration:
    return Configuration(path=row["path"], sha256=row["sha256"], at=read_stamp(row, "at", boot_ids))
