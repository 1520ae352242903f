"""What waits to be told, and what was told last. Each function takes part in the transaction of who calls it."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from watchdog.history.models import INCIDENTS, OUTBOX
from watchdog.history.queries import IS_OPEN, IS_PENDING, read_ledger
from watchdog.history.rows import (
    read_rows,
    read_stamp,
)
from watchdog.model import Stamp


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
