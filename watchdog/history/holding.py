"""Writes holds. Each function takes part in the transaction of who calls it, and is told in the audit."""

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.audit import append
from watchdog.history.models import HOLDS
from watchdog.history.rows import hold_values, stamp_values
from watchdog.history.writing import note_boots
from watchdog.holds import Hold, HoldKind
from watchdog.model import Stamp


def add_hold(
    connection: Connection, *, kind: HoldKind, pattern: str, who: str, why: str, seconds: float | None, now: Stamp
) -> int:
    """Record a hold and return its id."""
    hold = Hold(
        id=1 + (connection.scalar(select(func.max(HOLDS.c.id))) or 0),
        kind=kind,
        pattern=pattern,
        who=who,
        why=why,
        seconds=seconds,
        began=now,
    )
    connection.execute(insert(HOLDS).values(hold_values(hold, note_boots(connection, now))))
    told = {"hold": hold.id, "pattern": pattern, "who": who, "why": why, "seconds": seconds}
    append(connection, kind, now, told)
    return hold.id


def end_hold(connection: Connection, hold_id: int, who: str, now: Stamp) -> bool:
    """Record that somebody ended a hold; False when there is none of this id that was not ended."""
    ended = stamp_values("ended", now, note_boots(connection, now))
    statement = update(HOLDS).where(HOLDS.c.id == hold_id, HOLDS.c.ended_boot.is_(None))
    if not connection.execute(statement.values(ended_by=who, **ended)).rowcount:
        return False
    append(connection, "hold_ended", now, {"hold": hold_id, "who": who})
    return True
