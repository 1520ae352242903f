"""What was told, as it decides what is to be told. Each function takes part in the transaction of who calls it."""

from dataclasses import replace
from typing import get_args

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, exists, func, literal, select

from watchdog.content import Kind
from watchdog.heard import REPEATS, Heard, Written, kind_of
from watchdog.history import queries
from watchdog.history.acks import read_acks
from watchdog.history.holding import read_holds
from watchdog.history.ledger import Ledger
from watchdog.history.models import INCIDENTS, OUTBOX
from watchdog.history.queries import IS_OPEN, IS_PENDING, read_ledger
from watchdog.history.records import IncidentRecord
from watchdog.history.rows import read_message, read_rows, read_stamp, read_stamp_or_none
from watchdog.model import IncidentState, Stamp
from watchdog.telling import outages

_UNTRIED = and_(IS_PENDING, OUTBOX.c.attempts == 0)


def _said(key: str) -> ColumnElement[str | None]:
    """Return a field of what a message says; None in a row of an older watchdog, or in one of somebody else's."""
    valid = func.json_valid(OUTBOX.c.content) == 1
    return case((valid, func.json_extract(OUTBOX.c.content, f"$.{key}")), else_=None)


# Of what was tried only who heard it when: what it said is most of the file.
_WORDS = ("title", "body", "content")
_SMALL = [column for column in OUTBOX.c if column.name not in _WORDS]
_untried = select(OUTBOX.c.id).where(_UNTRIED)
# An outage may go on for a year, and people be reminded of it each day: of that only the last is read.
_NEWS = ("", *(kind for kind in get_args(Kind) if kind not in REPEATS))
_news = (
    select(OUTBOX.c.id, OUTBOX.c.incident_id, OUTBOX.c.target)
    .where(OUTBOX.c.incident_id.in_(select(INCIDENTS.c.id).where(IS_OPEN)), OUTBOX.c.kind.in_(_NEWS))
    .cte("news")
)
_told = select(_news.c.incident_id, _news.c.target).distinct().subquery("told")
_last = [
    select(
        select(func.max(OUTBOX.c.id))
        .where(
            OUTBOX.c.incident_id == _told.c.incident_id, OUTBOX.c.kind == kind, OUTBOX.c.target == _told.c.target
        )
        .scalar_subquery()
    ).select_from(_told)
    for kind in REPEATS
]
_ABOUT_OPEN = (
    select(
        *_SMALL,
        _said("thread").label("thread"),
        *(case((_UNTRIED, OUTBOX.c[name]), else_=literal("")).label(name) for name in _WORDS),
    )
    .where(OUTBOX.c.id.in_(select(_news.c.id).union(_untried, *_last)))
    .order_by(OUTBOX.c.id)
)


_WAITS = select(exists(_untried))


def read_waits_untried(connection: Connection) -> bool:
    """Tell whether any message was never tried yet."""
    return bool(connection.scalar(_WAITS))


def read_heard(connection: Connection, now: Stamp) -> Heard:
    """Return what was told of the incidents that are open, what waits untried, and what people asked for."""
    rows = connection.execute(_ABOUT_OPEN).mappings().all()
    ledger = read_ledger(connection) if rows else None
    written = read_rows("message", rows, lambda row: _written(row, ledger, now)) if ledger else ()
    return Heard(written=written, acks=read_acks(connection), holds=read_holds(connection, now))


def _written(row: RowMapping, ledger: Ledger, now: Stamp) -> Written:
    created = read_stamp(row, "created", ledger.boot_ids)
    sent = read_stamp_or_none(row, "sent", ledger.boot_ids)
    age = ledger.lasted(created, now).seconds
    waits = row["state"] == "pending" and row["attempts"] == 0
    # What is in no bundle waits for seconds only, so it counts as told although a target is away.
    told = ledger.lasted(sent, now).seconds if sent else None if waits and row["bundle"] else age
    return Written(
        key=row["key"],
        target=row["target"],
        incident_id=row["incident_id"],
        kind=row["kind"] or kind_of(row["key"]),
        age_seconds=age,
        told_seconds=told,
        thread=row["thread"] or "",
        bundle=row["bundle"],
        waiting=read_message(row) if waits else None,
        due_seconds=_due(row, ledger, now),
    )


def _due(row: RowMapping, ledger: Ledger, now: Stamp) -> float | None:
    if row["next_boot"] is None:
        return 0.0
    if ledger.boot_ids.get(row["next_boot"]) != now.boot_id:
        return None
    return float(row["next_boottime_ns"] - now.boottime_ns) / 1e9


def read_incidents(
    connection: Connection, open_only: bool, since_seconds: float | None, now: Stamp
) -> tuple[IncidentRecord, ...]:
    """Return incidents as queries.read_incidents does, with who knows of them."""
    records = queries.read_incidents(connection, open_only, since_seconds, now)
    acks = read_acks(connection)
    if not acks:
        return records
    heard = Heard(acks=acks)
    there = [record.incident for record in records if record.incident.state is not IncidentState.RESOLVED]
    known = {one.id: heard.ack(outage) for outage in outages(there) for one in outage}
    return tuple(replace(record, ack=known.get(record.incident.id)) for record in records)
