"""How each notification target has been answering. Each function takes part in the transaction of who calls it."""

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.models import TARGETS
from watchdog.history.queries import read_ledger
from watchdog.history.rows import Ordinals, Values, read_rows, read_stamp_or_none, stamp_values
from watchdog.model import Stamp, TargetState


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


def read_targets(connection: Connection, now: Stamp) -> tuple[TargetState, ...]:
    """Return how each target that was ever tried has been answering, by name."""
    rows = connection.execute(select(TARGETS).order_by(TARGETS.c.name)).mappings().all()
    if not rows:
        return ()
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids

    def state_of(row: RowMapping) -> TargetState:
        failing_since = read_stamp_or_none(row, "failing", boot_ids)
        return TargetState(
            name=row["name"],
            failures=row["failures"],
            refused=row["refused"],
            last_error=row["last_error"],
            failing_since=failing_since,
            failing_seconds=ledger.lasted(failing_since, now).seconds if failing_since else 0.0,
            last_sent=read_stamp_or_none(row, "sent", boot_ids),
        )

    return read_rows("target", rows, state_of)


def _write(connection: Connection, target: str, values: Values) -> None:
    row = {"failures": 0, "refused": False, "last_error": "", **values, "name": target}
    connection.execute(insert(TARGETS).values(row).on_conflict_do_update(index_elements=["name"], set_=values))
