"""The outbox: messages that wait to be sent. Each function takes part in the transaction of who calls it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Label,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from watchdog.history.models import BOOTS, OUTBOX, TARGETS
from watchdog.history.queries import IS_PENDING, read_ledger
from watchdog.history.records import Due, WaitingRecord
from watchdog.history.rows import Values, message_values, read_message, read_rows, read_stamp, stamp_values
from watchdog.history.targets import note_failure, note_success
from watchdog.history.writing import note_boots
from watchdog.model import LONGEST_WAIT_SECONDS, Message, Stamp

# A time further ahead is of a boottime that was set back since.
_LONGEST_WAIT_NS = round(LONGEST_WAIT_SECONDS * 1e9)

_row_boot, _target_boot = BOOTS.alias("row_boot"), BOOTS.alias("target_boot")
_with_times = (
    OUTBOX.outerjoin(_row_boot, _row_boot.c.ordinal == OUTBOX.c.next_boot)
    .outerjoin(TARGETS, TARGETS.c.name == OUTBOX.c.target)
    .outerjoin(_target_boot, _target_boot.c.ordinal == TARGETS.c.next_boot)
)


def _from_ns(boot: FromClause, next_ns: ColumnElement[int | None]) -> ColumnElement[int]:
    """Return from which boottime on: 0 where it is of another boot, or of before a snapshot."""
    holds = (boot.c.boot_id == bindparam("boot_id")) & (next_ns <= bindparam("too_far_ns"))
    return case((holds, next_ns), else_=literal(0))


# When a message may be tried: its own time, and that of its target, whichever is later.
_target_from = _from_ns(_target_boot, TARGETS.c.next_boottime_ns)
_from: Label[int] = func.max(_from_ns(_row_boot, OUTBOX.c.next_boottime_ns), _target_from).label("from_ns")

# Whatever its own time: what its recovery would else come before.
_recovery, _recovery_boot = OUTBOX.alias("recovery"), BOOTS.alias("recovery_boot")
_is_over = (
    select(_recovery.c.id)
    .select_from(_recovery.outerjoin(_recovery_boot, _recovery_boot.c.ordinal == _recovery.c.next_boot))
    .where(
        _recovery.c.incident_id == OUTBOX.c.incident_id,
        _recovery.c.target == OUTBOX.c.target,
        _recovery.c.id > OUTBOX.c.id,
        _recovery.c.state == literal_column("'pending'"),
        _recovery.c.recovery,
        _from_ns(_recovery_boot, _recovery.c.next_boottime_ns) <= bindparam("now_ns"),
    )
    .exists()
)

# Made once: SQLAlchemy takes longer to put it together than SQLite to answer it.
_waiting = (
    select(
        OUTBOX,
        TARGETS.c.failures.label("target_failures"),
        func.row_number().over(partition_by=OUTBOX.c.target, order_by=OUTBOX.c.id).label("place"),
    )
    .select_from(_with_times)
    .where(IS_PENDING, or_(_from <= bindparam("now_ns"), and_(_target_from <= bindparam("now_ns"), _is_over)))
    .subquery()
)
_DUE = select(_waiting).where(_waiting.c.place <= bindparam("most")).order_by(_waiting.c.id)
_later = select(_from).select_from(_with_times).where(IS_PENDING, _from > bindparam("now_ns")).subquery()
_WAITING = select(OUTBOX, _from).select_from(_with_times).where(IS_PENDING).order_by(OUTBOX.c.id)
_NEXT_DUE = select(func.min(_later.c.from_ns))


def read_due(connection: Connection, now: Stamp, limit: int) -> tuple[Due, ...]:
    """Return the messages whose time has come, at most `limit` for each target, oldest first.

    After a reboot all that wait are due, and so they are when the host was set back to a snapshot. What waits
    beside a recovery that is due is due with it.
    """
    rows = connection.execute(_DUE, {**_moment(now), "most": limit}).mappings().all()
    if not rows:
        return ()
    ledger = read_ledger(connection)
    boot_ids = ledger.boot_ids
    return read_rows(
        "message",
        rows,
        lambda row: Due(
            id=row["id"],
            message=read_message(row),
            attempts=row["attempts"],
            taken=tuple(row["taken"].split()),
            target_failures=row["target_failures"] or 0,
            age_seconds=ledger.lasted(read_stamp(row, "created", boot_ids), now).seconds,
        ),
    )


def read_next_due_ns(connection: Connection, now: Stamp) -> int | None:
    """Return the boottime at which a message is due that is not yet; None: there is none."""
    found: int | None = connection.scalar(_NEXT_DUE, _moment(now))
    return found


def read_waiting(connection: Connection, now: Stamp) -> tuple[WaitingRecord, ...]:
    """Return the messages that wait to be sent, oldest first."""
    rows = connection.execute(_WAITING, _moment(now)).mappings().all()
    boot_ids = read_ledger(connection).boot_ids if rows else {}
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


def _moment(now: Stamp) -> Values:
    return {
        "boot_id": now.boot_id,
        "now_ns": now.boottime_ns,
        "too_far_ns": now.boottime_ns + _LONGEST_WAIT_NS,
    }


def write_claim(connection: Connection, key: str, now: Stamp, lease_seconds: float) -> bool:
    """Note that a try begins, and let no other begin for so long; False when the message waits no more."""
    values: Values = {
        "attempts": OUTBOX.c.attempts + 1,
        "next_boot": note_boots(connection, now)[now.boot_id],
        "next_boottime_ns": now.boottime_ns + round(lease_seconds * 1e9),
        "claimed": True,
    }
    return _settle(connection, OUTBOX.c.key == key, values) is not None


def write_merged(
    connection: Connection, ids: Sequence[int], message: Message, now: Stamp, *, into: int | None, expired: bool
) -> None:
    """Let one message stand for several: a new one, as old as the oldest of them, or `into`, which then says this.

    They are no longer sent themselves; where `into` waits no more they stay as they are.
    """
    values = message_values(message, now, note_boots(connection, now))
    if into is None:
        oldest = connection.execute(select(OUTBOX).where(OUTBOX.c.id == min(ids))).mappings().one()
        values |= {name: oldest[name] for name in ("created_boot", "created_boottime_ns", "created_wall_ns")}
        into = connection.scalars(insert(OUTBOX).values(values).returning(OUTBOX.c.id)).one()
    else:
        words = {name: values[name] for name in ("title", "body", "severity", "content")}
        if _settle(connection, OUTBOX.c.id == into, words) is None:
            return
    fate = {"state": "expired" if expired else "merged", "merged_into": into, **_NO_TIME}
    connection.execute(update(OUTBOX).where(OUTBOX.c.id.in_(ids), IS_PENDING).values(fate))


def write_sent(connection: Connection, key: str, now: Stamp) -> None:
    """Note a delivery. A message that waits no more stays as it is."""
    ordinals = note_boots(connection, now)
    sent = {"state": "sent", **_NO_TIME, **stamp_values("sent", now, ordinals)}
    target = _settle(connection, OUTBOX.c.key == key, sent)
    if target is not None:
        note_success(connection, target, now, ordinals)


def write_failed(
    connection: Connection,
    key: str,
    retry_after_seconds: float | None,
    now: Stamp,
    error: str,
    hold_seconds: float = 0.0,
    *,
    closed: bool = False,
    taken: Sequence[str] = (),
) -> None:
    """Note a failure of a message, and when to try it again (None: never); its target waits as told."""
    ordinals = note_boots(connection, now)
    if retry_after_seconds is None:
        fate: Values = {"state": "refused", **_NO_TIME}
    else:
        wait_ns = round(retry_after_seconds * 1e9)
        fate = {"next_boot": ordinals[now.boot_id], "next_boottime_ns": now.boottime_ns + wait_ns}
    target = _settle(
        connection, OUTBOX.c.key == key, {"last_error": error, "claimed": False, "taken": " ".join(taken), **fate}
    )
    if target is not None:
        note_failure(connection, target, now, ordinals, error, closed=closed, hold_seconds=hold_seconds)


def write_forward(connection: Connection, now: Stamp) -> int:
    """Let what waits to be tried again be due, and return how many messages that is.

    Not what somebody may be sending just now, and not what was never tried: that waits for another reason.
    """
    connection.execute(update(TARGETS).values(_NO_TIME))
    waits = and_(IS_PENDING, OUTBOX.c.attempts > 0, OUTBOX.c.claimed.is_(False))
    return connection.execute(update(OUTBOX).where(waits).values(_NO_TIME)).rowcount


_NO_TIME: Mapping[str, None] = {"next_boot": None, "next_boottime_ns": None}


def _settle(connection: Connection, which: ColumnElement[bool], values: Values) -> str | None:
    """Change a message that waits and return its target; None when it waits no more, or there is none."""
    statement = update(OUTBOX).where(which, IS_PENDING).values(values).returning(OUTBOX.c.target)
    return connection.scalars(statement).one_or_none()
