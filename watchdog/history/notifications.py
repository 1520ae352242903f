"""What was told to whom, and what became of it. Each function takes part in the transaction of who calls it."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, tuple_

from watchdog.history.models import INCIDENTS, OUTBOX
from watchdog.history.queries import IS_OPEN, IS_PENDING, read_ledger
from watchdog.history.records import NotificationRecord
from watchdog.history.rows import (
    BootIds,
    read_message,
    read_rows,
    read_stamp,
    read_stamp_or_none,
)
from watchdog.model import Stamp

_created = (OUTBOX.c.created_boot, OUTBOX.c.created_boottime_ns)


def read_notifications(
    connection: Connection, since_seconds: float | None, now: Stamp
) -> tuple[NotificationRecord, ...]:
    """Return what was written in the time given, with its fate, oldest first; None: what still waits."""
    ledger = read_ledger(connection)
    wanted: ColumnElement[bool] = IS_PENDING
    if since_seconds is not None:
        cut = ledger.cutoff(now, since_seconds)
        # Not the opposite of `before`, for which SQLite would read all there is.
        wanted = tuple_(*_created) >= tuple_(cut.boot, cut.boottime_ns)
    rows = connection.execute(select(OUTBOX).where(wanted).order_by(*_created, OUTBOX.c.id)).mappings()
    return read_rows("message", rows, lambda row: _record(row, ledger.boot_ids, now))


def _record(row: RowMapping, boot_ids: BootIds, now: Stamp) -> NotificationRecord:
    waits_ns = row["next_boottime_ns"] if boot_ids.get(row["next_boot"]) == now.boot_id else None
    return NotificationRecord(
        id=row["id"],
        message=read_message(row),
        state=row["state"],
        attempts=row["attempts"],
        created=read_stamp(row, "created", boot_ids),
        sent=read_stamp_or_none(row, "sent", boot_ids),
        waits_seconds=max(0.0, ((waits_ns or 0) - now.boottime_ns) / 1e9),
        last_error=row["last_error"],
        merged_into=row["merged_into"],
    )


def read_unsent_keys(connection: Connection) -> frozenset[str]:
    """Return the keys of the messages that were not tried yet: a newer one may still take their place."""
    return frozenset(connection.scalars(select(OUTBOX.c.key).where(IS_PENDING, OUTBOX.c.attempts == 0)))


def read_last_told(connection: Connection) -> Mapping[tuple[int, str], Stamp]:
    """Return when something was last told (written into the outbox) of each open incident to each target."""
    boot_ids = read_ledger(connection).boot_ids
    latest = (
        select(func.max(OUTBOX.c.id))
        .where(OUTBOX.c.incident_id.in_(select(INCIDENTS.c.id).where(IS_OPEN)))
        .group_by(OUTBOX.c.incident_id, OUTBOX.c.target)
    )
    rows = connection.execute(select(OUTBOX).where(OUTBOX.c.id.in_(latest))).mappings()
    found = read_rows(
        "message", rows, lambda row: ((row["incident_id"], row["target"]), read_stamp(row, "created", boot_ids))
    )
    return dict(found)
