"""Acknowledgements. Each function takes part in the transaction of who calls it."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, insert, select

from watchdog.history.audit import append
from watchdog.history.models import ACKS, INCIDENTS
from watchdog.history.queries import IS_OPEN, read_ledger
from watchdog.history.rows import read_rows, read_stamp, stamp_values
from watchdog.history.writing import note_boots
from watchdog.model import Ack, Severity, Stamp

# Made once, as every cycle asks it.
_STILL_OPEN = select(INCIDENTS.c.id).where(IS_OPEN)
_OF_EACH = select(func.max(ACKS.c.id)).where(ACKS.c.incident_id.in_(_STILL_OPEN)).group_by(ACKS.c.incident_id)
_LATEST = select(ACKS).where(ACKS.c.id.in_(_OF_EACH)).order_by(ACKS.c.id)


def add_ack(connection: Connection, incident_id: int, severity: Severity, who: str, why: str, now: Stamp) -> None:
    """Record that somebody knows of an incident, and tell it in the audit."""
    row = {"incident_id": incident_id, "severity": severity.value, "who": who, "why": why}
    at = stamp_values("at", now, note_boots(connection, now))
    connection.execute(insert(ACKS).values(**row, **at))
    append(connection, "ack", now, {"who": who, "why": why, "severity": severity.value}, incident_id=incident_id)


def read_acks(connection: Connection) -> Mapping[int, Ack]:
    """Return the latest acknowledgement of each incident that is open."""
    boot_ids = read_ledger(connection).boot_ids
    rows = connection.execute(_LATEST).mappings()
    found = read_rows(
        "acknowledgement",
        rows,
        lambda row: Ack(
            incident_id=row["incident_id"],
            severity=Severity(row["severity"]),
            who=row["who"],
            why=row["why"],
            at=read_stamp(row, "at", boot_ids),
        ),
    )
    return {ack.incident_id: ack for ack in found}
