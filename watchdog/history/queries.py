"""The questions about what checks said, in SQL. Each function takes part in the transaction of who calls it.

None asks once for each row: what belongs to many is read for all of them at once.
"""

import json
from collections.abc import Mapping

from watchdog.flapping import Track
from watchdog.history.kinds import Cells
from watchdog.history.ledger import Moment
from watchdog.history.many import collect, stamps
from watchdog.history.reading_incidents import read_open
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import MetricRecord, NoteRecord, Span
from watchdog.history.rows import Row, read_rows
from watchdog.history.source import Source, ask, ask_columns, ask_value
from watchdog.incidents import State
from watchdog.model import Stamp, Verdict
from watchdog.plain import plain_evidence

_MEMORIES = "SELECT name, value FROM memories JOIN checks ON checks.id = check_id"
_HEALS = """
    SELECT fault, subject, count(*) AS count FROM incidents JOIN attempts ON attempts.incident_id = incidents.id
    WHERE outcome = 'healed' AND (ended_boot, ended_boottime_ns) >= (?, ?) GROUP BY fault, subject
"""
_SPANS = """
    SELECT spans.id, name, verdict, reason, boot AS first_boot, first_boottime_ns, first_wall_ns,
           boot AS last_boot, last_boottime_ns, last_wall_ns, count, longest_gap_ns
    FROM spans JOIN checks ON checks.id = check_id
    WHERE (boot, last_boottime_ns) >= (:boot, :boottime_ns) AND (:check IS NULL OR name = :check)
    ORDER BY name, spans.id
"""
# The index of a check's spans ends with their ids, so each is one step down the tree.
LATEST_SPANS = """
    SELECT spans.id, check_id, name, verdict, reason, boot AS first_boot, first_boottime_ns, first_wall_ns,
           boot AS last_boot, last_boottime_ns, last_wall_ns, count, longest_gap_ns
    FROM checks JOIN spans ON spans.id = (SELECT max(id) FROM spans WHERE check_id = checks.id)
    ORDER BY name
"""
_NOTES = """
    SELECT notes.id, name, subject, summary, evidence, fault, at_boot, at_boottime_ns, at_wall_ns
    FROM notes JOIN checks ON checks.id = check_id
    WHERE (at_boot, at_boottime_ns) >= (:boot, :boottime_ns) AND (
        fault <> '' OR name = :clock OR notes.id IN (
            SELECT id FROM notes WHERE (at_boot, at_boottime_ns) >= (:boot, :boottime_ns)
            ORDER BY id DESC LIMIT :most
        )
    )
    ORDER BY notes.id
"""
_METRICS = """
    SELECT boot, bucket, wall_seconds, count, minimum, maximum, total, last, subject, series.name AS name
    FROM metrics JOIN series ON series.id = series_id JOIN checks ON checks.id = check_id
    WHERE resolution_seconds = ? AND checks.name = ? AND (boot, bucket) >= (?, ?)
    ORDER BY boot, bucket, subject, series.name
"""
# Looked up, which takes a third of the time that a call of the class takes.
_VERDICTS = {one.value: one for one in Verdict}
EVER = Moment(-(2**63), -(2**63))
# The check whose notes tell of every step of the clock.
CLOCK = "clock_step"


def read_state(source: Source) -> State:
    """Return what `advance` carries on: the incidents that are not resolved, and the tracks."""
    tracks = ask(source, "SELECT * FROM tracks")
    return State(
        incidents={incident.key: incident for incident in read_open(source)},
        tracks={(t["fault"], t["subject"]): Track(recent=t["recent"], flapping=t["flapping"]) for t in tracks},
        next_id=ask_value(source, "SELECT next_incident_id FROM upkeep") or 1,
    )


def read_memories(source: Source) -> dict[str, bytes]:
    """Return what each check remembers."""
    return {row["name"]: row["value"] for row in ask(source, _MEMORIES)}


def read_heals(source: Source, within_seconds: float, now: Stamp) -> dict[tuple[str, str], int]:
    """Count the heals that ended in the time given, by fault and subject."""
    rows = ask(source, _HEALS, read_ledger(source).cutoff(now, within_seconds))
    return {(row["fault"], row["subject"]): row["count"] for row in rows}


def read_spans(source: Source, since: Moment, check: str | None = None) -> tuple[Span, ...]:
    """Return the spans that reach beyond a moment, of one check or by check, each check's in the order of time."""
    wanted = {"boot": since.boot, "boottime_ns": since.boottime_ns, "check": check}
    return _spans(source, ask_columns(source, _SPANS, wanted))


def read_latest_spans(source: Source) -> tuple[Span, ...]:
    """Return what each check said last, by name."""
    return _spans(source, ask_columns(source, LATEST_SPANS))


def _spans(source: Source, columns: Mapping[str, Cells]) -> tuple[Span, ...]:
    boot_ids = read_ledger(source).boot_ids
    made = (
        Span(
            check=check,
            verdict=_VERDICTS[verdict],
            reason=reason,
            first=first,
            last=last,
            count=int(count),
            longest_gap_seconds=gap_ns / 1e9,
        )
        for check, verdict, reason, count, gap_ns, first, last in zip(
            *(columns[name] for name in ("name", "verdict", "reason", "count", "longest_gap_ns")),
            stamps(columns, "first", boot_ids),
            stamps(columns, "last", boot_ids),
            strict=True,
        )
    )
    return collect("span", columns["id"], made)


def read_notes(source: Source, since: Moment, most: int | None) -> tuple[NoteRecord, ...]:
    """Return the notes since a moment, oldest first: every event and what the clock did, of the rest the newest.

    `most` is how many of these there may be; None: all.
    """
    boot_ids = read_ledger(source).boot_ids
    wanted = {**since._asdict(), "clock": CLOCK, "most": -1 if most is None else most}
    columns = ask_columns(source, _NOTES, wanted)
    made = (
        NoteRecord(
            check=check,
            subject=subject,
            summary=summary,
            evidence=plain_evidence(json.loads(evidence)),
            at=moment,
            fault=fault,
        )
        for check, subject, summary, evidence, fault, moment in zip(
            *(columns[name] for name in ("name", "subject", "summary", "evidence", "fault")),
            stamps(columns, "at", boot_ids),
            strict=True,
        )
    )
    return collect("note", columns["id"], made)


def read_metrics(
    source: Source, check: str, resolution_seconds: int, since_seconds: float | None, now: Stamp
) -> tuple[MetricRecord, ...]:
    """Return a check's metrics in the resolution and time given (None: all), in the order of time."""
    ledger = read_ledger(source)
    boot_ids = ledger.boot_ids
    bucket_ns = resolution_seconds * 1_000_000_000
    cut = EVER if since_seconds is None else ledger.cutoff(now, since_seconds)
    values = (resolution_seconds, check, cut.boot, cut.boottime_ns // bucket_ns)

    def metric_of(row: Row) -> MetricRecord:
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

    return read_rows("metric", ask(source, _METRICS, values), metric_of)
