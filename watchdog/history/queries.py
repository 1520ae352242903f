"""The statements that answer questions. Each function takes part in the transaction of who calls it.

None asks once for each row: what belongs to many incidents is read for all of them at once.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from watchdog.flapping import Track
from watchdog.history.ledger import Boot, Ledger, Moment
from watchdog.history.many import collect, read_columns, stamps
from watchdog.history.models import (
    ATTEMPTS,
    BOOTS,
    CHECKS,
    INCIDENTS,
    JOURNAL,
    MEMORIES,
    METRICS,
    NOTES,
    OUTBOX,
    SERIES,
    SPANS,
    TRACKS,
    TRANSITIONS,
    UPKEEP,
)
from watchdog.history.records import IncidentRecord, MetricRecord, NoteRecord, OutboxSummary, Span
from watchdog.history.rows import (
    BootIds,
    read_attempt,
    read_entry,
    read_incident,
    read_plan,
    read_rows,
    read_stamp,
    read_transition,
)
from watchdog.incidents import State
from watchdog.model import Stamp, Verdict
from watchdog.plain import plain_evidence
from watchdog.steps import NOT_TRIED, Attempt, JournalEntry, Outcome, Plan

T = TypeVar("T")
_LEDGER = "watchdog.ledger"
_SPAN_COLUMNS = (
    "boot",
    "first_boottime_ns",
    "first_wall_ns",
    "last_boottime_ns",
    "last_wall_ns",
    "verdict",
    "reason",
    "count",
    "longest_gap_ns",
)
# Literals, not parameters: only so does SQLite know that its partial indexes fit.
IS_OPEN = INCIDENTS.c.state != literal_column("'resolved'")
IS_PENDING = OUTBOX.c.state == literal_column("'pending'")


# Made once, as every cycle asks them: to make a statement takes longer than to run it.
_BOOTS = select(BOOTS).where(BOOTS.c.ordinal >= bindparam("least")).order_by(BOOTS.c.ordinal)
# By their ids: to have them in order SQLite would else read the whole table, with all that was over long ago.
_OPEN_IDS = select(INCIDENTS.c.id).where(IS_OPEN)
_OPEN = select(INCIDENTS).where(INCIDENTS.c.id.in_(_OPEN_IDS)).order_by(INCIDENTS.c.id)
_TRACKS = select(TRACKS)
_NEXT_ID = select(UPKEEP.c.next_incident_id)
_MEMORIES = select(CHECKS.c.name, MEMORIES.c.value).join(MEMORIES, MEMORIES.c.check_id == CHECKS.c.id)
_HEALS = (
    select(INCIDENTS.c.fault, INCIDENTS.c.subject, func.count())
    .join(ATTEMPTS, ATTEMPTS.c.incident_id == INCIDENTS.c.id)
    .where(
        ATTEMPTS.c.outcome == Outcome.HEALED.value,
        tuple_(ATTEMPTS.c.ended_boot, ATTEMPTS.c.ended_boottime_ns)
        >= tuple_(bindparam("since_boot"), bindparam("since_boottime_ns")),
    )
    .group_by(INCIDENTS.c.fault, INCIDENTS.c.subject)
)


def before(boot: ColumnElement[int], boottime_ns: ColumnElement[int], moment: Moment) -> ColumnElement[bool]:
    """Compare a stamp's columns with a moment, as the ledger does."""
    return tuple_(boot, boottime_ns) < tuple_(moment.boot, moment.boottime_ns)


def read_ledger(connection: Connection) -> Ledger:
    """Return every boot that was seen.

    It is asked for by most questions of a cycle, and of a boot that is over nothing changes any more: so each
    connection keeps what it read, and reads on from the last.
    """
    known: Ledger | None = connection.info.get(_LEDGER)
    if known is None or not known.boots:
        ledger = Ledger(boots=_read_boots(connection, 0))
    else:
        last = known.boots[-1]
        boots = _read_boots(connection, last.ordinal)
        if not boots or boots[0].boot_id != last.boot_id:  # what was read was rolled back
            ledger = Ledger(boots=_read_boots(connection, 0))
        else:
            ledger = known if boots == (last,) else Ledger(boots=(*known.boots[:-1], *boots))
    connection.info[_LEDGER] = ledger
    return ledger


def forget_ledger(connection: Connection) -> None:
    """Have the whole ledger be read anew."""
    connection.info.pop(_LEDGER, None)


def _read_boots(connection: Connection, least: int) -> tuple[Boot, ...]:
    def boot_of(row: RowMapping) -> Boot:
        boot_ids = {row["ordinal"]: row["boot_id"]}
        return Boot(
            ordinal=row["ordinal"],
            boot_id=row["boot_id"],
            host=row["host"],
            first=read_stamp({**row, "first_boot": row["ordinal"]}, "first", boot_ids),
            last=read_stamp({**row, "last_boot": row["ordinal"]}, "last", boot_ids),
        )

    return read_rows("boot", connection.execute(_BOOTS, {"least": least}).mappings(), boot_of)


def read_state(connection: Connection) -> State:
    """Return what `advance` carries on: the incidents that are not resolved, and the tracks."""
    boot_ids = read_ledger(connection).boot_ids
    rows = connection.execute(_OPEN).mappings()
    incidents = read_rows("incident", rows, lambda row: read_incident(row, boot_ids))
    tracks = connection.execute(_TRACKS).mappings()
    return State(
        incidents={incident.key: incident for incident in incidents},
        tracks={(t["fault"], t["subject"]): Track(recent=t["recent"], flapping=t["flapping"]) for t in tracks},
        next_id=connection.scalar(_NEXT_ID) or 1,
    )


def read_memories(connection: Connection) -> dict[str, bytes]:
    """Return what each check remembers."""
    return {row.name: row.value for row in connection.execute(_MEMORIES)}


def read_incidents(
    connection: Connection, open_only: bool, since_seconds: float | None, now: Stamp
) -> tuple[IncidentRecord, ...]:
    """Return the incidents that are open or, when asked, were within the time given (None: ever); oldest first."""
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids
    resolved = (INCIDENTS.c.resolved_boot, INCIDENTS.c.resolved_boottime_ns)
    if open_only:
        wanted = IS_OPEN
    elif since_seconds is None:
        wanted = true()
    else:
        wanted = or_(IS_OPEN, not_(before(*resolved, ledger.cutoff(now, since_seconds))))
    ids = select(INCIDENTS.c.id).where(wanted)
    rows = connection.execute(select(INCIDENTS).where(wanted).order_by(INCIDENTS.c.id)).mappings()
    changes = connection.execute(
        select(TRANSITIONS).where(TRANSITIONS.c.incident_id.in_(ids)).order_by(TRANSITIONS.c.id)
    ).mappings()
    transitions = _group(
        (t.incident_id, t) for t in read_rows("transition", changes, lambda row: read_transition(row, boot_ids))
    )
    tried = read_attempts(connection, ATTEMPTS.c.incident_id.in_(ids), lenient=True)
    attempts = _group((attempt.incident_id, attempt) for attempt in tried)
    return tuple(
        IncidentRecord(
            incident=incident,
            lasted=ledger.lasted(incident.opened, incident.resolved or now),
            transitions=transitions.get(incident.id, ()),
            attempts=attempts.get(incident.id, ()),
        )
        for incident in read_rows("incident", rows, lambda row: read_incident(row, boot_ids))
    )


def attempts_wanted(incident_id: int | None, outcome: Outcome | None) -> ColumnElement[bool]:
    """Return the condition for the attempts of one incident or with one outcome; None: any."""
    wanted: list[ColumnElement[bool]] = [true()]
    wanted += [] if incident_id is None else [ATTEMPTS.c.incident_id == incident_id]
    wanted += [] if outcome is None else [ATTEMPTS.c.outcome == outcome.value]
    return and_(*wanted)


def read_attempts(connection: Connection, wanted: ColumnElement[bool], *, lenient: bool) -> tuple[Attempt, ...]:
    """Return attempts with their journals, oldest first.

    A plan or a step that this watchdog does not know (a newer one wrote it) is a BadRow; `lenient`, for people's
    eyes only, says so in the plan's summary and leaves the step out.
    """
    rows = connection.execute(select(ATTEMPTS).where(wanted).order_by(ATTEMPTS.c.id)).mappings().all()
    if not rows:
        return ()
    boot_ids = read_ledger(connection).boot_ids
    ids = select(ATTEMPTS.c.id).where(wanted)
    steps = connection.execute(
        select(JOURNAL).where(JOURNAL.c.attempt_id.in_(ids)).order_by(JOURNAL.c.attempt_id, JOURNAL.c.seq)
    ).mappings()
    read_one = _lenient_entry if lenient else read_entry
    entries = read_rows("the journal of attempt", steps, lambda row: (row["attempt_id"], read_one(row)))
    journals = _group((attempt_id, entry) for attempt_id, entry in entries if entry is not None)
    read_its_plan = _lenient_plan if lenient else read_plan
    return read_rows(
        "attempt",
        rows,
        lambda row: read_attempt(row, read_its_plan(row), journals.get(row["id"], ()), boot_ids),
    )


def read_begun_unasked(connection: Connection, within_seconds: float, now: Stamp) -> tuple[float, ...]:
    """Return how many seconds ago, at least, each attempt began that nobody asked for, if it is not longer."""
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids
    began = and_(
        ATTEMPTS.c.mode == "auto",
        ATTEMPTS.c.outcome.not_in([outcome.value for outcome in NOT_TRIED]),
        not_(before(ATTEMPTS.c.started_boot, ATTEMPTS.c.started_boottime_ns, ledger.cutoff(now, within_seconds))),
    )
    rows = connection.execute(select(ATTEMPTS).where(began)).mappings()
    stamps = read_rows("attempt", rows, lambda row: read_stamp(row, "started", boot_ids))
    return tuple(ledger.lasted(stamp, now).seconds for stamp in stamps)


def read_heals(connection: Connection, within_seconds: float, now: Stamp) -> dict[tuple[str, str], int]:
    """Count the heals that ended in the time given, by fault and subject."""
    cut = read_ledger(connection).cutoff(now, within_seconds)
    since = {"since_boot": cut.boot, "since_boottime_ns": cut.boottime_ns}
    return {(fault, subject): count for fault, subject, count in connection.execute(_HEALS, since)}


def read_spans(connection: Connection, wanted: ColumnElement[bool]) -> tuple[Span, ...]:
    """Return spans by check, each check's in the order of time."""
    boot_ids = read_ledger(connection).boot_ids
    query = select(SPANS, CHECKS.c.name).join(CHECKS).where(wanted).order_by(CHECKS.c.name, SPANS.c.id)
    columns = [SPANS.c[name] for name in _SPAN_COLUMNS]
    ids, *cells = read_columns(connection, query, [SPANS.c.id, CHECKS.c.name, *columns])
    checks, boots, first_ns, first_wall_ns, last_ns, last_wall_ns, verdicts, reasons, counts, gaps_ns = cells
    firsts, lasts = (
        stamps(boots, first_ns, first_wall_ns, boot_ids),
        stamps(boots, last_ns, last_wall_ns, boot_ids),
    )
    made = (
        Span(
            check=check,
            verdict=Verdict(verdict),
            reason=reason,
            first=first,
            last=last,
            count=int(count),
            longest_gap_seconds=gap_ns / 1e9,
        )
        for check, verdict, reason, first, last, count, gap_ns in zip(
            checks, verdicts, reasons, firsts, lasts, counts, gaps_ns, strict=True
        )
    )
    return collect("span", ids, made)


def read_notes(connection: Connection, since_seconds: float | None, now: Stamp) -> tuple[NoteRecord, ...]:
    """Return the notes of the time given (None: all), oldest first."""
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids
    query = select(NOTES, CHECKS.c.name).join(CHECKS).order_by(NOTES.c.id)
    if since_seconds is not None:
        query = query.where(
            not_(before(NOTES.c.at_boot, NOTES.c.at_boottime_ns, ledger.cutoff(now, since_seconds)))
        )
    return notes_of(connection, query, boot_ids)


def notes_of(connection: Connection, query: Select[Any], boot_ids: BootIds) -> tuple[NoteRecord, ...]:
    """Return the notes that a query selects, joined with their checks."""
    columns = (NOTES.c[name] for name in ("subject", "summary", "evidence", "fault"))
    stamp = (NOTES.c[name] for name in ("at_boot", "at_boottime_ns", "at_wall_ns"))
    ids, checks, subjects, summaries, evidence, faults, boots, at_ns, walls_ns = read_columns(
        connection, query, [NOTES.c.id, CHECKS.c.name, *columns, *stamp]
    )
    made = (
        NoteRecord(
            check=check,
            subject=subject,
            summary=summary,
            evidence=plain_evidence(json.loads(held)),
            at=moment,
            fault=fault,
        )
        for check, subject, summary, held, fault, moment in zip(
            checks, subjects, summaries, evidence, faults, stamps(boots, at_ns, walls_ns, boot_ids), strict=True
        )
    )
    return collect("note", ids, made)


def read_metrics(
    connection: Connection, check: str, resolution_seconds: int, since_seconds: float | None, now: Stamp
) -> tuple[MetricRecord, ...]:
    """Return a check's metrics in the resolution and time given (None: all), in the order of time."""
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids
    bucket_ns = resolution_seconds * 1_000_000_000
    query = (
        select(METRICS, SERIES.c.subject, SERIES.c.name)
        .join(SERIES, SERIES.c.id == METRICS.c.series_id)
        .join(CHECKS, CHECKS.c.id == SERIES.c.check_id)
        .where(METRICS.c.resolution_seconds == resolution_seconds, CHECKS.c.name == check)
        .order_by(METRICS.c.boot, METRICS.c.bucket, SERIES.c.subject, SERIES.c.name)
    )
    if since_seconds is not None:
        cut = ledger.cutoff(now, since_seconds)
        place = Moment(cut.boot, cut.boottime_ns // bucket_ns)
        query = query.where(not_(before(METRICS.c.boot, METRICS.c.bucket, place)))

    def metric_of(row: RowMapping) -> MetricRecord:
        return MetricRecord(
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
            last=row["last"],
        )

    return read_rows("metric", connection.execute(query).mappings(), metric_of)


def read_everything(connection: Connection, now: Stamp) -> None:
    """Read whatever a person may ask for, so that a BadRow shows; not the metrics, which are most of the file."""
    read_incidents(connection, open_only=False, since_seconds=None, now=now)
    read_spans(connection, true())
    read_notes(connection, None, now)
    read_outbox_summary(connection)


def read_outbox_summary(connection: Connection) -> OutboxSummary:
    """Count the messages by state, and look at the one that waits longest."""
    counts = {
        row.state: row.n
        for row in connection.execute(select(OUTBOX.c.state, func.count().label("n")).group_by(OUTBOX.c.state))
    }
    boot_ids = read_ledger(connection).boot_ids
    waiting = connection.execute(select(OUTBOX).where(IS_PENDING).order_by(OUTBOX.c.id).limit(1)).mappings()
    oldest = next(
        iter(read_rows("message", waiting, lambda row: (read_stamp(row, "created", boot_ids), row["last_error"]))),
        (None, ""),
    )
    return OutboxSummary(
        pending=counts.get("pending", 0),
        sent=counts.get("sent", 0),
        refused=counts.get("refused", 0),
        expired=counts.get("expired", 0),
        waiting_since=oldest[0],
        last_error=oldest[1],
    )


def _lenient_plan(row: RowMapping) -> Plan:
    try:
        return read_plan(row)
    except (ValueError, msgspec.MsgspecError) as error:
        return Plan(summary=f"the plan cannot be read: {error}", steps=())


def _lenient_entry(row: RowMapping) -> JournalEntry | None:
    try:
        return read_entry(row)
    except (ValueError, msgspec.MsgspecError):
        return None


def _group(pairs: Iterable[tuple[int, T]]) -> dict[int, tuple[T, ...]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
