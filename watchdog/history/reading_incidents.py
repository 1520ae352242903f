"""The questions about incidents and attempts. Each function takes part in the transaction of who calls it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from watchdog.history.ledger import Moment
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import IncidentRecord
from watchdog.history.rows import (
    Row,
    read_attempt,
    read_entry,
    read_incident,
    read_plan,
    read_rows,
    read_stamp,
    read_transition,
)
from watchdog.history.source import Source, ask
from watchdog.model import Incident, Stamp, Transition
from watchdog.steps import NOT_TRIED, Attempt, JournalEntry, Outcome, Plan

T = TypeVar("T")
_INCIDENTS = """
    SELECT * FROM incidents
    WHERE state <> 'resolved' OR :ever OR (resolved_boot, resolved_boottime_ns) >= (:boot, :boottime_ns)
    ORDER BY id
"""
# By their ids: to have them in order SQLite would else read the whole table, with all that was over long ago.
_OPEN = "SELECT * FROM incidents WHERE id IN (SELECT id FROM incidents WHERE state <> 'resolved') ORDER BY id"
# Many ids are one value: SQLite takes only so many parameters.
_TRANSITIONS = """
    SELECT * FROM transitions WHERE incident_id IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_JOURNAL = """
    SELECT attempt_id, seq, step, undo, state, output FROM journal
    WHERE attempt_id IN (SELECT value FROM json_each(?)) ORDER BY attempt_id, seq
"""
_BEGUN_UNASKED = """
    SELECT * FROM attempts
    WHERE mode = 'auto' AND outcome NOT IN (SELECT value FROM json_each(?))
        AND (started_boot, started_boottime_ns) >= (?, ?)
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which attempts: with this id, of these incidents, of this outcome, begun since; None: whatever it is."""

    attempt: int | None = None
    incidents: Sequence[int] | None = None
    outcome: Outcome | None = None
    since: Moment | None = None


def read_incidents(
    source: Source, open_only: bool, since_seconds: float | None, now: Stamp
) -> tuple[IncidentRecord, ...]:
    """Return the incidents that are open or, when asked, were within the time given (None: ever); oldest first."""
    ledger = read_ledger(source)
    if open_only:
        incidents = read_open(source)
    else:
        cut = Moment(0, 0) if since_seconds is None else ledger.cutoff(now, since_seconds)
        rows = ask(source, _INCIDENTS, {"ever": since_seconds is None, **cut._asdict()})
        incidents = read_rows("incident", rows, lambda row: read_incident(row, ledger.boot_ids))
    ids = [incident.id for incident in incidents]
    transitions = _group((change.incident_id, change) for change in read_transitions(source, ids))
    tried = read_attempts(source, Wanted(incidents=ids), lenient=True)
    attempts = _group((attempt.incident_id, attempt) for attempt in tried)
    return tuple(
        IncidentRecord(
            incident=incident,
            lasted=ledger.lasted(incident.opened, incident.resolved or now),
            transitions=transitions.get(incident.id, ()),
            attempts=attempts.get(incident.id, ()),
        )
        for incident in incidents
    )


def read_open(source: Source) -> tuple[Incident, ...]:
    """Return the incidents that are not resolved, oldest first."""
    boot_ids = read_ledger(source).boot_ids
    return read_rows("incident", ask(source, _OPEN), lambda row: read_incident(row, boot_ids))


def read_transitions(source: Source, incident_ids: Sequence[int]) -> tuple[Transition, ...]:
    """Return what became of these incidents, in order."""
    boot_ids = read_ledger(source).boot_ids
    rows = ask(source, _TRANSITIONS, (json.dumps(incident_ids),))
    return read_rows("transition", rows, lambda row: read_transition(row, boot_ids))


def read_attempts(source: Source, wanted: Wanted, *, lenient: bool) -> tuple[Attempt, ...]:
    """Return attempts with their journals, oldest first.

    A plan or a step that this watchdog does not know (a newer one wrote it) is a BadRow; `lenient`, for people's
    eyes only, says so in the plan's summary and leaves the step out.
    """
    rows = ask(source, *_asked(wanted))
    if not rows:
        return ()
    boot_ids = read_ledger(source).boot_ids
    steps = ask(source, _JOURNAL, (json.dumps([row["id"] for row in rows]),))
    read_one = _lenient_entry if lenient else read_entry
    entries = read_rows("the journal of attempt", steps, lambda row: (row["attempt_id"], read_one(row)))
    journals = _group((attempt_id, entry) for attempt_id, entry in entries if entry is not None)
    read_its_plan = _lenient_plan if lenient else read_plan
    return read_rows(
        "attempt",
        rows,
        lambda row: read_attempt(row, read_its_plan(row), journals.get(row["id"], ()), boot_ids),
    )


def read_begun_unasked(source: Source, within_seconds: float, now: Stamp) -> tuple[float, ...]:
    """Return how many seconds ago, at least, each attempt began that nobody asked for, if it is not longer."""
    ledger = read_ledger(source)
    not_tried = json.dumps([outcome.value for outcome in NOT_TRIED])
    rows = ask(source, _BEGUN_UNASKED, (not_tried, *ledger.cutoff(now, within_seconds)))
    stamps = read_rows("attempt", rows, lambda row: read_stamp(row, "started", ledger.boot_ids))
    return tuple(ledger.lasted(stamp, now).seconds for stamp in stamps)


def _asked(wanted: Wanted) -> tuple[str, dict[str, object]]:
    """Return the question for these attempts; each condition only where it is one, for the indexes."""
    values: dict[str, object] = {}
    conditions = ["true"]
    if wanted.attempt is not None:
        conditions.append("id = :attempt")
        values["attempt"] = wanted.attempt
    if wanted.incidents is not None:
        conditions.append("incident_id IN (SELECT value FROM json_each(:incidents))")
        values["incidents"] = json.dumps(wanted.incidents)
    if wanted.outcome is not None:
        conditions.append("outcome = :outcome")
        values["outcome"] = wanted.outcome.value
    if wanted.since is not None:
        conditions.append("(started_boot, started_boottime_ns) >= (:boot, :boottime_ns)")
        values |= wanted.since._asdict()
    return " ".join(["SELECT * FROM attempts WHERE", " AND ".join(conditions), "ORDER BY id"]), values


def _lenient_plan(row: Row) -> Plan:
    try:
        return read_plan(row)
    except (ValueError, msgspec.MsgspecError) as error:
        return Plan(summary=f"the plan cannot be read: {error}", steps=())


def _lenient_entry(row: Row) -> JournalEntry | None:
    try:
        return read_entry(row)
    except (ValueError, msgspec.MsgspecError):
        return None


def _group(pairs: Iterable[tuple[int, T]]) -> dict[int, tuple[T, ...]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
