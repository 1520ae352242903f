"""Writes acknowledgements. Each function takes part in the transaction of who calls it."""

from sqlalchemy import Connection, insert

from watchdog.history.audit import append
from watchdog.history.models import ACKS
from watchdog.history.rows import stamp_values
from watchdog.history.writing import note_boots
from watchdog.model import Severity, Stamp


def add_ack(connection: Connection, incident_id: int, severity: Severity, who: str, why: str, now: Stamp) -> None:
    """Record that somebody knows of an incident, and tell it in the audit."""
    row = {"incident_id": incident_id, "severity": severity.value, "who": who, "why": why}
    at = stamp_values("at", now, note_boots(connection, now))
    connection.execute(insert(ACKS).values(**row, **at))
    append(connection, "ack", now, {"who": who, "why": why, "severity": severity.value}, incident_id=incident_id)
