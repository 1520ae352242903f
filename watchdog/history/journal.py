"""The journal of healing. Each function takes part in the transaction of who calls it."""

from sqlalchemy import Connection, update
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.models import ATTEMPTS, JOURNAL
from watchdog.history.rows import encode_struct, stamp_values
from watchdog.history.writing import note_boots
from watchdog.model import Stamp
from watchdog.steps import JournalEntry, Outcome, Plan

_UNENDED = (Outcome.PROPOSED, Outcome.RUNNING)


def begin_attempt(
    connection: Connection,
    *,
    incident_id: int,
    remediation: str,
    mode: str,
    plan: Plan,
    outcome: Outcome,
    reason: str,
    now: Stamp,
) -> int:
    """Record an attempt and return its id; one whose outcome is final has ended."""
    ordinals = note_boots(connection, now)
    result = connection.execute(
        insert(ATTEMPTS).values(
            incident_id=incident_id,
            remediation=remediation,
            mode=mode,
            outcome=outcome.value,
            reason=reason,
            plan=encode_struct(plan),
            **stamp_values("started", now, ordinals),
            **stamp_values("ended", None if outcome in _UNENDED else now, ordinals),
        )
    )
    return int(result.lastrowid)


def write_entry(connection: Connection, attempt_id: int, seq: int, entry: JournalEntry, now: Stamp) -> None:
    """Record step number `seq` of an attempt, in place of what was recorded for it before."""
    ordinals = note_boots(connection, now)
    values = {
        "step": encode_struct(entry.step),
        "undo": encode_struct(entry.undo),
        "state": entry.state,
        "output": entry.output,
        **stamp_values("changed", now, ordinals),
    }
    statement = insert(JOURNAL).values(
        attempt_id=attempt_id, seq=seq, **values, **stamp_values("written", now, ordinals)
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["attempt_id", "seq"], set_=values))


def end_attempt(connection: Connection, attempt_id: int, outcome: Outcome, reason: str, now: Stamp) -> None:
    """Record how an attempt ended."""
    ended = stamp_values("ended", now, note_boots(connection, now))
    connection.execute(
        update(ATTEMPTS).where(ATTEMPTS.c.id == attempt_id).values(outcome=outcome.value, reason=reason, **ended)
    )
