"""The outbox: messages that wait to be sent. Each function takes part in the transaction of who calls it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    insert,
    select,
    update,
)

from watchdog.history.conditions import IS_PENDING
from watchdog.history.models import OUTBOX, TARGETS
from watchdog.history.rows import Values, message_values, stamp_values
from watchdog.history.targets import note_failure, note_success
from watchdog.history.writing import note_boots
from watchdog.model import Message, Stamp


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
