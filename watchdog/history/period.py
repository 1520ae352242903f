"""What a report of a period needs, read in one transaction and as plain as it can be: a year is long."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, not_, or_, select, true

from watchdog.history.ledger import Ledger, Moment
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
from watchdog.history.queries import IS_OPEN, before, read_attempts, read_ledger, read_note, read_spans
from watchdog.history.records import HOUR_SECONDS, NoteRecord, Span
from watchdog.history.rows import BootIds, read_hold, read_rows, read_stamp, read_stamp_or_none, read_transition
from watchdog.holds import Hold
from watchdog.model import IncidentState, Severity, Stamp, Transition
from watchdog.steps import Attempt

T = TypeVar("T")
MOST_NOTES = 200
# The check whose notes tell of every step of the clock.
CLOCK = "clock_step"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """An incident as its row says it, without its evidence."""

    id: int
    fault: str
    subject: str
    severity: Severity
    state: IncidentState
    summary: str
    opened: Stamp
    last_seen: Stamp
    fired: Stamp | None
    resolved: Stamp | None
    occurrences: int
    caused_by: tuple[int, ...]
    inhibited: bool
    flapping: bool
    told: Severity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to a target and its fate."""

    id: int
    target: str
    incident_id: int | None
    title: str
    severity: str
    recovery: bool
    state: str
    attempts: int
    last_error: str
    created: Stamp
    sent: Stamp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Who said that they know of an incident, why, and when."""

    incident_id: int
    severity: str
    who: str
    why: str
    at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class PastHold:
    """A hold with its end; `ended` None: it stands, or ended by itself when its time was over."""

    hold: Hold
    ended: Stamp | None
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Settings that came into force."""

    path: str
    sha256: str
    at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An hour, or several, of a series: where it begins and what was measured."""

    check: str
    subject: str
    name: str
    start: Stamp
    count: int
    minimum: float
    maximum: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecord:
    """What the history holds of the time from `cut` to `now`.

    `incidents` are all that were open in it. `notes` are what the clock did and every event, and of the rest the
    newest (`MOST_NOTES`); `notes_left_out` counts those that are not here. `fates` counts notifications by target
    and state; `unsent` are those that were not delivered. `subjects` are all that were ever measured, by check.
    """

    now: Stamp
    cut: Moment
    ledger: Ledger
    spans: tuple[Span, ...]
    incidents: tuple[IncidentLine, ...]
    notes: tuple[NoteRecord, ...]
    notes_left_out: int
    attempts: tuple[Attempt, ...]
    fates: tuple[tuple[str, str, int], ...]
    unsent: tuple[Notification, ...]
    acks: tuple[Ack, ...]
    holds: tuple[PastHold, ...]
    configurations: tuple[Configuration, ...]
    subjects: tuple[tuple[str, str], ...]


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
    rows = connection.execute(wanted.order_by(NOTES.c.id)).mappings()
    notes = read_rows("note", rows, lambda row: read_note(row, boot_ids))
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
    columns = [column for column in INCIDENTS.c if column.name != "evidence"]
    wanted = or_(IS_OPEN, _since(INCIDENTS, cut, "resolved_boot", "resolved_boottime_ns"))
    rows = connection.execute(select(*columns).where(wanted).order_by(INCIDENTS.c.id)).mappings()
    return read_rows("incident", rows, lambda row: _incident(row, boot_ids))


def _incident(row: RowMapping, boot_ids: BootIds) -> IncidentLine:
    return IncidentLine(
        id=row["id"],
        fault=row["fault"],
        subject=row["subject"],
        severity=Severity(row["severity"]),
        state=IncidentState(row["state"]),
        summary=row["summary"],
        opened=read_stamp(row, "opened", boot_ids),
        last_seen=read_stamp(row, "last_seen", boot_ids),
        fired=read_stamp_or_none(row, "fired", boot_ids),
        resolved=read_stamp_or_none(row, "resolved", boot_ids),
        occurrences=int(row["occurrences"]),
        caused_by=() if row["caused_by"] == "[]" else tuple(map(int, json.loads(row["caused_by"]))),
        inhibited=row["inhibited"],
        flapping=row["flapping"],
        told=None if row["told"] is None else Severity(row["told"]),
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
