"""The statements that record a cycle. Each function takes part in the transaction of who calls it."""

import functools
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, Table, and_, bindparam, delete, select
from sqlalchemy.dialects.sqlite import Insert, insert

from watchdog.flapping import Track
from watchdog.history.conditions import IS_PENDING
from watchdog.history.connect import source_of
from watchdog.history.cycle import Cycle
from watchdog.history.metrics import write_metrics
from watchdog.history.models import (
    BOOTS,
    CHECKS,
    INCIDENTS,
    MEMORIES,
    NOTES,
    OUTBOX,
    TRACKS,
    TRANSITIONS,
    UPKEEP,
)
from watchdog.history.reading_ledger import forget_ledger, read_ledger
from watchdog.history.rows import (
    Values,
    encode_json,
    incident_values,
    message_values,
    stamp_values,
    transition_values,
)
from watchdog.history.spans import write_spans
from watchdog.history.statement import run_each
from watchdog.incidents import Key
from watchdog.model import Incident, IncidentState, Message, Note, Stamp

_UPKEEP_ID = 1
# Made once, as every cycle runs them: to make a statement takes longer than to run it.
_CHECK_IDS = select(CHECKS.c.name, CHECKS.c.id)
_TRACKS, _NEXT_ID = select(TRACKS), select(UPKEEP.c.next_incident_id)
_NAME_CHECK, _ADD_NOTE, _ADD_TRANSITION = insert(CHECKS), insert(NOTES), insert(TRANSITIONS)
_DROP_TRACK = delete(TRACKS).where(
    TRACKS.c.fault == bindparam("gone_fault"), TRACKS.c.subject == bindparam("gone_subject")
)


def write_cycle(connection: Connection, cycle: Cycle, gap_seconds: float) -> None:
    """Record all of a cycle."""
    state = cycle.advanced.state
    # With all that are open, not only those that changed: a history that began afresh just now lacks them.
    incidents = {i.id: i for i in (*state.incidents.values(), *cycle.advanced.changed)}
    ordinals = note_boots(connection, cycle.ended, _stamps(cycle, incidents.values()), cycle.host)
    boot = ordinals[cycle.ended.boot_id]
    check_ids = name_checks(connection, [*(result.check for result in cycle.results), *cycle.memories])
    write_spans(connection, cycle.results, check_ids, boot, cycle.ended, gap_seconds)
    write_metrics(connection, cycle.results, check_ids, boot, cycle.ended)
    _write_notes(connection, cycle, check_ids, ordinals)
    _write_memories(connection, cycle, check_ids, ordinals)
    _write_incidents(connection, incidents.values(), ordinals)
    _write_tracks(connection, state.tracks)
    run_each(connection, _ADD_TRANSITION, [transition_values(t, ordinals) for t in cycle.advanced.transitions])
    write_messages(connection, cycle.messages, cycle.ended, ordinals)
    if connection.scalar(_NEXT_ID) != state.next_id:
        write_upkeep(connection, next_incident_id=state.next_id)


def note_boots(
    connection: Connection, now: Stamp, stamps: Iterable[Stamp] = (), host: str | None = None
) -> Mapping[str, int]:
    """Bring the ledger up to `now` and return the ordinal of every boot.

    A boot among `stamps` that the ledger does not know (it began afresh) is entered before this one. Which of
    several came first, only the wall clock can tell.
    """
    source = source_of(connection)
    before = read_ledger(source)
    known = before.ordinals.keys() - {now.boot_id}
    new: dict[str, list[Stamp]] = {now.boot_id: [now]}
    for stamp in stamps:
        if stamp.boot_id not in known:
            new.setdefault(stamp.boot_id, []).append(stamp)
    here = new.pop(now.boot_id)
    for seen in (*sorted(new.values(), key=lambda boot: min(stamp.wall_ns for stamp in boot)), here):
        first, last = (pick(seen, key=lambda stamp: stamp.boottime_ns) for pick in (min, max))
        _upsert_boot(connection, first, last, host)
    if now.boot_id in before.ordinals and before.boots[-1].boot_id != now.boot_id:
        forget_ledger(source)  # the host is back at a snapshot: one that seemed to be over goes on
    return read_ledger(source).ordinals


def _upsert_boot(connection: Connection, first: Stamp, last: Stamp, host: str | None) -> None:
    values: Values = {
        "boot_id": first.boot_id,
        "host": host or "",
        "first_boottime_ns": first.boottime_ns,
        "first_wall_ns": first.wall_ns,
        "last_boottime_ns": last.boottime_ns,
        "last_wall_ns": last.wall_ns,
    }
    connection.execute(_upsert_boots(names_host=host is not None), values)


@functools.cache
def _upsert_boots(*, names_host: bool) -> Insert:
    statement = insert(BOOTS)
    new = statement.excluded
    changes: Values = {"last_boottime_ns": new.last_boottime_ns, "last_wall_ns": new.last_wall_ns}
    return statement.on_conflict_do_update(
        index_elements=["boot_id"],
        set_=changes | {"host": new.host} if names_host else changes,
        where=new.last_boottime_ns >= BOOTS.c.last_boottime_ns,
    )


def name_checks(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the id of every check, having named those that are new."""
    ids = {row.name: row.id for row in connection.execute(_CHECK_IDS)}
    new = [{"name": name} for name in dict.fromkeys(names) if name not in ids]
    if new:
        run_each(connection, _NAME_CHECK, new)
        ids = {row.name: row.id for row in connection.execute(_CHECK_IDS)}
    return ids


def _write_notes(
    connection: Connection, cycle: Cycle, check_ids: Mapping[str, int], ordinals: Mapping[str, int]
) -> None:
    at = stamp_values("at", cycle.ended, ordinals)
    notes = [(result.check, "", note) for result in cycle.results for note in result.notes]
    notes += [
        (
            event.fault.partition(".")[0],
            event.fault,
            Note(subject=event.subject, summary=event.summary, evidence=event.evidence),
        )
        for event in cycle.happened
    ]
    rows = [
        {
            "check_id": check_ids[check],
            "subject": note.subject,
            "summary": note.summary,
            "evidence": encode_json(note.evidence),
            "fault": fault,
            **at,
        }
        for check, fault, note in notes
    ]
    run_each(connection, _ADD_NOTE, rows)


def _write_memories(
    connection: Connection, cycle: Cycle, check_ids: Mapping[str, int], ordinals: Mapping[str, int]
) -> None:
    at = stamp_values("at", cycle.ended, ordinals)
    rows = [{"check_id": check_ids[name], "value": value, **at} for name, value in cycle.memories.items()]
    run_each(connection, _upsert(MEMORIES), rows)


def _write_incidents(connection: Connection, incidents: Iterable[Incident], ordinals: Mapping[str, int]) -> None:
    # The resolved first: a fault may have come back in the same cycle, and only one of its incidents is open.
    ordered = sorted(incidents, key=lambda i: (i.state is not IncidentState.RESOLVED, i.id))
    run_each(connection, _upsert(INCIDENTS), [incident_values(i, ordinals) for i in ordered])


def _write_tracks(connection: Connection, tracks: Mapping[Key, Track]) -> None:
    """Make the table hold these tracks, touching only what differs."""
    stored = {
        (row.fault, row.subject): Track(recent=row.recent, flapping=row.flapping)
        for row in connection.execute(_TRACKS)
    }
    changed = [
        {"fault": key[0], "subject": key[1], "recent": track.recent, "flapping": track.flapping}
        for key, track in tracks.items()
        if stored.get(key) != track
    ]
    gone = [{"gone_fault": key[0], "gone_subject": key[1]} for key in stored if key not in tracks]
    run_each(connection, _upsert(TRACKS), changed)
    run_each(connection, _DROP_TRACK, gone)


def write_messages(
    connection: Connection, messages: Iterable[Message], now: Stamp, ordinals: Mapping[str, int]
) -> None:
    """Put messages into the outbox.

    One whose key is there already says what there is to say by now, and waits for as long as it is to by now; it
    is as old as it was. Unless it was tried or sent already, or another stands for it.
    """
    rows = [message_values(message, now, ordinals) for message in messages]
    run_each(connection, _write_message(), rows)


def write_upkeep(connection: Connection, **values: object) -> None:
    """Change fields of the one row of `upkeep`."""
    row = {"id": _UPKEEP_ID, "next_incident_id": 1, **values}
    connection.execute(insert(UPKEEP).values(row).on_conflict_do_update(index_elements=["id"], set_=values))


def _stamps(cycle: Cycle, incidents: Iterable[Incident]) -> Iterator[Stamp]:
    yield cycle.started
    yield from (transition.at for transition in cycle.advanced.transitions)
    for incident in incidents:
        stamps = (incident.opened, incident.last_seen, incident.fired, incident.resolved)
        yield from (stamp for stamp in stamps if stamp is not None)


@functools.cache
def _write_message() -> Insert:
    statement = insert(OUTBOX)
    words = ("title", "body", "severity", "recovery", "incident_id", "kind", "content", "bundle")
    newer = (*words, "next_boot", "next_boottime_ns")
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={name: statement.excluded[name] for name in newer},
        where=and_(IS_PENDING, OUTBOX.c.attempts == 0),
    )


@functools.cache
def _upsert(table: Table) -> Insert:
    """Insert a row, or overwrite the one with its key (REPLACE would first delete it, and what hangs on it)."""
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=others)
