"""The questions about notifying: what waits, how targets answer. Each takes part in the caller's transaction."""

from watchdog.history.ledger import Ledger
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import Due, OutboxSummary, WaitingRecord
from watchdog.history.rows import Row, Values, read_message, read_rows, read_stamp, read_stamp_or_none
from watchdog.history.source import Source, ask, ask_value
from watchdog.model import LONGEST_WAIT_SECONDS, Stamp, TargetState

# A time further ahead is of a boottime that was set back since.
_LONGEST_WAIT_NS = round(LONGEST_WAIT_SECONDS * 1e9)
# When a message, and its target, may be tried: from nought on where that is of another boot, or of before a
# snapshot.
_WAITS = """
    WITH waiting AS (
        SELECT
            outbox.*,
            targets.failures AS failures,
            iif(row_boot.boot_id = :boot_id AND outbox.next_boottime_ns <= :too_far_ns,
                outbox.next_boottime_ns, 0) AS row_ns,
            iif(target_boot.boot_id = :boot_id AND targets.next_boottime_ns <= :too_far_ns,
                targets.next_boottime_ns, 0) AS target_ns
        FROM outbox
        LEFT JOIN boots AS row_boot ON row_boot.ordinal = outbox.next_boot
        LEFT JOIN targets ON targets.name = outbox.target
        LEFT JOIN boots AS target_boot ON target_boot.ordinal = targets.next_boot
        WHERE outbox.state = 'pending'
    )
"""
_ALL = "SELECT *, max(row_ns, target_ns) AS from_ns FROM waiting ORDER BY id"
_LATER = "SELECT min(max(row_ns, target_ns)) AS from_ns FROM waiting WHERE max(row_ns, target_ns) > :now_ns"
# Whatever its own time, a message is due beside its recovery: it would else come after it.
_NOW = """
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY target ORDER BY id) AS seq
        FROM waiting
        WHERE target_ns <= :now_ns AND (row_ns <= :now_ns OR EXISTS (
            SELECT 1 FROM outbox AS later LEFT JOIN boots ON boots.ordinal = later.next_boot
            WHERE later.incident_id = waiting.incident_id AND later.target = waiting.target
                AND later.id > waiting.id AND later.state = 'pending' AND later.recovery
                AND iif(boots.boot_id = :boot_id AND later.next_boottime_ns <= :too_far_ns,
                        later.next_boottime_ns, 0) <= :now_ns
        ))
    )
    WHERE seq <= :most ORDER BY id
"""


def _moment(now: Stamp) -> Values:
    return {
        "boot_id": now.boot_id,
        "now_ns": now.boottime_ns,
        "too_far_ns": now.boottime_ns + _LONGEST_WAIT_NS,
    }


def read_due(source: Source, now: Stamp, limit: int) -> tuple[Due, ...]:
    """Return the messages whose time has come, at most `limit` for each target, oldest first.

    After a reboot all that wait are due, and so they are when the host was set back to a snapshot. What waits
    beside a recovery that is due is due with it.
    """
    rows = ask(source, "".join((_WAITS, _NOW)), {**_moment(now), "most": limit})
    if not rows:
        return ()
    ledger = read_ledger(source)
    return read_rows(
        "message",
        rows,
        lambda row: Due(
            id=row["id"],
            message=read_message(row),
            attempts=row["attempts"],
            taken=tuple(row["taken"].split()),
            target_failures=row["failures"] or 0,
            age_seconds=ledger.lasted(read_stamp(row, "created", ledger.boot_ids), now).seconds,
        ),
    )


def read_next_due_ns(source: Source, now: Stamp) -> int | None:
    """Return the boottime at which a message is due that is not yet; None: there is none."""
    found: int | None = ask_value(source, "".join((_WAITS, _LATER)), _moment(now))
    return found


def read_waiting(source: Source, now: Stamp) -> tuple[WaitingRecord, ...]:
    """Return the messages that wait to be sent, oldest first."""
    rows = ask(source, "".join((_WAITS, _ALL)), _moment(now))
    boot_ids = read_ledger(source).boot_ids if rows else {}
    return read_rows(
        "message",
        rows,
        lambda row: WaitingRecord(
            id=row["id"],
            message=read_message(row),
            attempts=row["attempts"],
            created=read_stamp(row, "created", boot_ids),
            waits_seconds=max(0.0, (row["from_ns"] - now.boottime_ns) / 1e9),
            last_error=row["last_error"],
        ),
    )


def read_outbox_summary(source: Source) -> OutboxSummary:
    """Count the messages by state, and look at the one that waits longest."""
    counted = ask(source, "SELECT state, count(*) AS count FROM outbox GROUP BY state")
    counts = {row["state"]: row["count"] for row in counted}
    boot_ids = read_ledger(source).boot_ids
    waiting = ask(source, "SELECT * FROM outbox WHERE state = 'pending' ORDER BY id LIMIT 1")
    oldest = next(
        iter(read_rows("message", waiting, lambda row: (read_stamp(row, "created", boot_ids), row["last_error"]))),
        (None, ""),
    )
    return OutboxSummary(
        pending=counts.get("pending", 0),
        sent=counts.get("sent", 0),
        refused=counts.get("refused", 0),
        expired=counts.get("expired", 0),
        waiting_since=oldest[0],
        last_error=oldest[1],
    )


def read_targets(source: Source, now: Stamp) -> tuple[TargetState, ...]:
    """Return how each target that was ever tried has been answering, by name."""
    rows = ask(source, "SELECT * FROM targets ORDER BY name")
    ledger = read_ledger(source) if rows else Ledger(boots=())
    return read_rows("target", rows, lambda row: _target(row, ledger, now))


def _target(row: Row, ledger: Ledger, now: Stamp) -> TargetState:
    failing_since = read_stamp_or_none(row, "failing", ledger.boot_ids)
    return TargetState(
        name=row["name"],
        failures=row["failures"],
        refused=row["refused"],
        last_error=row["last_error"],
        failing_since=failing_since,
        failing_seconds=ledger.lasted(failing_since, now).seconds if failing_since else 0.0,
        last_sent=read_stamp_or_none(row, "sent", ledger.boot_ids),
    )
