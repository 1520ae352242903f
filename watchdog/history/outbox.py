"""The outbox: messages that wait to be sent. Each function takes part in the transaction of who calls it."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, func, or_, select, update

from watchdog.history.models import BOOTS, OUTBOX
from watchdog.history.queries import IS_PENDING
from watchdog.history.records import Due
from watchdog.history.rows import Values, read_message, read_rows, stamp_values
from watchdog.history.writing import note_boots
from watchdog.model import Stamp

# No retry is put off for longer: a time further ahead is of a boottime that was set back since.
_LONGEST_WAIT_NS = 86_400_000_000_000

# Made once: SQLAlchemy takes longer to put it together than SQLite to answer it, and it is asked each cycle.
_waiting = (
    select(OUTBOX, func.row_number().over(partition_by=OUTBOX.c.target, order_by=OUTBOX.c.id).label("place"))
    .outerjoin(BOOTS, BOOTS.c.ordinal == OUTBOX.c.next_boot)
    .where(
        IS_PENDING,
        or_(
            OUTBOX.c.next_boot.is_(None),
            BOOTS.c.boot_id != bindparam("boot_id"),
            OUTBOX.c.next_boottime_ns <= bindparam("now_ns"),
            OUTBOX.c.next_boottime_ns > bindparam("too_far_ns"),
        ),
    )
    .subquery()
)
_DUE = select(_waiting).where(_waiting.c.place <= bindparam("most")).order_by(_waiting.c.id)


def read_due(connection: Connection, now: Stamp, limit: int) -> tuple[Due, ...]:
    """Return the messages whose time has come, at most `limit` for each target, oldest first.

    After a reboot all that wait are due, and so they are when the host was set back to a snapshot.
    """
    moment = {
        "boot_id": now.boot_id,
        "now_ns": now.boottime_ns,
        "too_far_ns": now.boottime_ns + _LONGEST_WAIT_NS,
        "most": limit,
    }
    return read_rows(
        "message",
        connection.execute(_DUE, moment).mappings(),
        lambda row: Due(id=row["id"], message=read_message(row), attempts=row["attempts"]),
    )


def write_sent(connection: Connection, message_id: int, now: Stamp) -> None:
    """Note a delivery. A message that waits no more stays as it is."""
    sent = stamp_values("sent", now, note_boots(connection, now))
    _settle(connection, message_id, state="sent", next_boot=None, next_boottime_ns=None, **sent)


def write_failed(
    connection: Connection, retry_after_seconds: Mapping[int, float | None], now: Stamp, error: str
) -> None:
    """Note a failure of these messages, and when to try each again (None: never)."""
    boot = note_boots(connection, now)[now.boot_id]
    for message_id, seconds in retry_after_seconds.items():
        if seconds is None:
            fate: Values = {"state": "refused", "next_boot": None, "next_boottime_ns": None}
        else:
            fate = {"next_boot": boot, "next_boottime_ns": now.boottime_ns + int(seconds * 1e9)}
        _settle(connection, message_id, last_error=error, **fate)


def _settle(connection: Connection, message_id: int, **values: object) -> None:
    values["attempts"] = OUTBOX.c.attempts + 1
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == message_id, IS_PENDING).values(values))
