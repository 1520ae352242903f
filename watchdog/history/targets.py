"""Writes how targets have been answering. Each function takes part in the transaction of who calls it."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.models import TARGETS
from watchdog.history.rows import Ordinals, Values, stamp_values
from watchdog.model import Stamp


def note_success(connection: Connection, target: str, now: Stamp, ordinals: Ordinals) -> None:
    """Note that a target took a message: whatever was before is over."""
    _write(
        connection,
        target,
        {
            "failures": 0,
            "refused": False,
            "last_error": "",
            "next_boot": None,
            "next_boottime_ns": None,
            **stamp_values("failing", None, ordinals),
            **stamp_values("sent", now, ordinals),
        },
    )


def note_failure(
    connection: Connection,
    target: str,
    now: Stamp,
    ordinals: Ordinals,
    error: str,
    *,
    closed: bool,
    hold_seconds: float = 0.0,
) -> None:
    """Note that a target did not take a message, and for how long nothing is sent there."""
    before = connection.execute(select(TARGETS).where(TARGETS.c.name == target)).mappings().first()
    values: Values = {
        "failures": 1 + (before["failures"] if before else 0),
        "refused": closed,
        "last_error": error,
        "next_boot": ordinals[now.boot_id] if hold_seconds else None,
        "next_boottime_ns": now.boottime_ns + round(hold_seconds * 1e9) if hold_seconds else None,
    }
    if before is None or before["failing_boot"] is None:
        values |= stamp_values("failing", now, ordinals)
    _write(connection, target, values)


def _write(connection: Connection, target: str, values: Values) -> None:
    row = {"failures": 0, "refused": False, "last_error": "", **values, "name": target}
    connection.execute(insert(TARGETS).values(row).on_conflict_do_update(index_elements=["name"], set_=values))
