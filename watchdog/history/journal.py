"""The journal of healing. Each function takes part in the transaction of who calls it, and is told in the audit.

No caller can forget that: whoever changes these two tables does it here.
"""

import json
from collections.abc import Iterable

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from watchdog.errors import HistoryError
from watchdog.history.audit import AuditKind, append
from watchdog.history.models import ATTEMPTS, AUDIT, JOURNAL
from watchdog.history.rows import encode_struct, stamp_values
from watchdog.history.writing import note_boots, write_messages
from watchdog.model import Message, Stamp
from watchdog.steps import JournalEntry, Outcome, Plan

_UNENDED = (Outcome.PROPOSED, Outcome.RUNNING)
_BEGINNINGS: dict[Outcome, AuditKind] = {
    Outcome.PROPOSED: "proposed",
    Outcome.REFUSED: "refused",
    Outcome.DRY_RUN: "dry_run",
}
_ENDINGS: dict[Outcome, AuditKind] = {
    Outcome.CLOSED: "closed",
    Outcome.ROLLED_BACK: "rolled_back",
    Outcome.ROLLBACK_FAILED: "rolled_back",
}


def begin_attempt(
    connection: Connection,
    *,
    incident_id: int,
    remediation: str,
    mode: str,
    plan: Plan,
    outcome: Outcome,
    reason: str,
    permission: str,
    now: Stamp,
    messages: Iterable[Message] = (),
) -> int:
    """Record an attempt and return its id; one whose outcome is final has ended, and may be told of."""
    ordinals = note_boots(connection, now)
    ended = None if outcome in _UNENDED else now
    values = {
        "remediation": remediation,
        "mode": mode,
        "outcome": outcome.value,
        "reason": reason,
        "permission": permission,
        "plan": encode_struct(plan),
    }
    attempt_id = _next_id(connection)
    connection.execute(
        insert(ATTEMPTS).values(
            id=attempt_id,
            incident_id=incident_id,
            **values,
            **stamp_values("started", now, ordinals),
            **stamp_values("ended", ended, ordinals),
        )
    )
    write_messages(connection, messages, now, ordinals)
    append(
        connection,
        _BEGINNINGS.get(outcome, "begun"),
        now,
        {**values, "plan": _readable(values["plan"]), "ended": _moment(ended)},
        attempt_id=attempt_id,
        incident_id=incident_id,
    )
    return attempt_id


def write_entry(connection: Connection, attempt_id: int, seq: int, entry: JournalEntry, now: Stamp) -> None:
    """Record step number `seq` of an attempt, in place of what was recorded for it before."""
    incident_id = _incident_of(connection, attempt_id)
    ordinals = note_boots(connection, now)
    said = {
        "step": encode_struct(entry.step),
        "undo": encode_struct(entry.undo),
        "state": entry.state,
        "output": entry.output,
    }
    values = {**said, **stamp_values("changed", now, ordinals)}
    statement = insert(JOURNAL).values(
        attempt_id=attempt_id, seq=seq, **values, **stamp_values("written", now, ordinals)
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["attempt_id", "seq"], set_=values))
    told = {"seq": seq, **said, "step": _readable(said["step"]), "undo": _readable(said["undo"])}
    append(connection, "step", now, told, attempt_id=attempt_id, incident_id=incident_id)


def write_verification(connection: Connection, attempt_id: int, problem: str, now: Stamp) -> None:
    """Record what the check that found the fault said of an attempt; "" when it was convinced.

    It stands in the attempt, too: who finds that cut off knows then that it was to be undone, and why.
    """
    incident_id = _incident_of(connection, attempt_id)
    note_boots(connection, now)
    connection.execute(update(ATTEMPTS).where(ATTEMPTS.c.id == attempt_id).values(reason=problem))
    append(connection, "verified", now, {"problem": problem}, attempt_id=attempt_id, incident_id=incident_id)


def end_attempt(
    connection: Connection,
    attempt_id: int,
    outcome: Outcome,
    reason: str,
    now: Stamp,
    messages: Iterable[Message] = (),
) -> None:
    """Record how an attempt ended, and put what is to be told of that into the outbox."""
    incident_id = _incident_of(connection, attempt_id)
    ordinals = note_boots(connection, now)
    ended = stamp_values("ended", now, ordinals)
    connection.execute(
        update(ATTEMPTS).where(ATTEMPTS.c.id == attempt_id).values(outcome=outcome.value, reason=reason, **ended)
    )
    write_messages(connection, messages, now, ordinals)
    told = {"outcome": outcome.value, "reason": reason, "ended": _moment(now)}
    kind = _ENDINGS.get(outcome, "ended")
    append(connection, kind, now, told, attempt_id=attempt_id, incident_id=incident_id)


def _next_id(connection: Connection) -> int:
    """Return an id that no attempt ever had, not even one that is pruned: the audit still tells of that one."""
    newest = (select(func.max(column)) for column in (ATTEMPTS.c.id, AUDIT.c.attempt_id))
    return 1 + max(connection.scalar(query) or 0 for query in newest)


def _incident_of(connection: Connection, attempt_id: int) -> int:
    incident_id: int | None = connection.scalar(select(ATTEMPTS.c.incident_id).where(ATTEMPTS.c.id == attempt_id))
    if incident_id is None:
        raise HistoryError(f"there is no attempt {attempt_id} in the history; nothing is recorded of it")
    return incident_id


def _moment(stamp: Stamp | None) -> list[object] | None:
    return None if stamp is None else [stamp.boot_id, stamp.boottime_ns, stamp.wall_ns]


def _readable(text: str | None) -> object:
    """Return what a cell of JSON holds, so that the audit needs no second unpacking."""
    return None if text is None else json.loads(text)
