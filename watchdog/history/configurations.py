"""The settings that came into force. Each function takes part in the transaction of who calls it."""

from sqlalchemy import Connection, insert, select

from watchdog.history.models import CONFIGURATIONS
from watchdog.history.rows import stamp_values
from watchdog.history.writing import note_boots
from watchdog.model import Stamp


def note_configuration(connection: Connection, path: str, sha256: str, now: Stamp) -> None:
    """Record the settings in force, where they are others than before."""
    last = connection.execute(select(CONFIGURATIONS).order_by(CONFIGURATIONS.c.id.desc()).limit(1)).mappings()
    if [(row["path"], row["sha256"]) for row in last] != [(path, sha256)]:
        at = stamp_values("at", now, note_boots(connection, now))
        connection.execute(insert(CONFIGURATIONS).values(path=path, sha256=sha256, **at))
