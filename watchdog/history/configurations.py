"""The settings that came into force. Each function takes part in the transaction of who calls it."""

from sqlalchemy import ColumnElement, Connection, insert, not_, select, true

from watchdog.history.models import CONFIGURATIONS
from watchdog.history.queries import before, read_ledger
from watchdog.history.records import ConfigurationRecord
from watchdog.history.rows import read_rows, read_stamp, stamp_values
from watchdog.history.writing import note_boots
from watchdog.model import Stamp


def note_configuration(connection: Connection, path: str, sha256: str, now: Stamp) -> None:
    """Record the settings in force, where they are others than before."""
    last = connection.execute(select(CONFIGURATIONS).order_by(CONFIGURATIONS.c.id.desc()).limit(1)).mappings()
    if [(row["path"], row["sha256"]) for row in last] != [(path, sha256)]:
        at = stamp_values("at", now, note_boots(connection, now))
        connection.execute(insert(CONFIGURATIONS).values(path=path, sha256=sha256, **at))


def read_configurations(
    connection: Connection, since_seconds: float | None, now: Stamp
) -> tuple[ConfigurationRecord, ...]:
    """Return the settings that came into force in the time given (None: ever), oldest first."""
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids
    wanted: ColumnElement[bool] = true()
    if since_seconds is not None:
        cut = ledger.cutoff(now, since_seconds)
        wanted = not_(before(CONFIGURATIONS.c.at_boot, CONFIGURATIONS.c.at_boottime_ns, cut))
    rows = connection.execute(select(CONFIGURATIONS).where(wanted).order_by(CONFIGURATIONS.c.id)).mappings()
    return read_rows(
        "configuration",
        rows,
        lambda row: ConfigurationRecord(
            path=row["path"], sha256=row["sha256"], at=read_stamp(row, "at", boot_ids)
        ),
    )
