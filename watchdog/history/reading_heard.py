"""What was told, as it decides what is to be told. Each function takes part in the transaction of who calls it."""

import json
from typing import get_args

from watchdog.content import Kind
from watchdog.heard import REPEATS, Heard, Written, kind_of
from watchdog.history.ledger import Ledger
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.reading_people import read_acks, read_holds
from watchdog.history.rows import Row, read_message, read_rows, read_stamp, read_stamp_or_none
from watchdog.history.source import Source, ask, ask_value
from watchdog.model import Stamp

# Of what was tried only who heard it when: what it said is most of the file. The thread stands in its content; not
# in a row of an older watchdog, or in one of somebody else's.
#
# An outage may go on for a year, and people be reminded of it each day: of that only the last is read.
_ABOUT_OPEN = """
    WITH
        news AS (
            SELECT id, incident_id, target FROM outbox
            WHERE incident_id IN (SELECT id FROM incidents WHERE state <> 'resolved')
                AND kind IN (SELECT value FROM json_each(:news))
        ),
        told AS (SELECT DISTINCT incident_id, target FROM news),
        wanted AS (
            SELECT id FROM news
            UNION SELECT id FROM outbox WHERE state = 'pending' AND attempts = 0
            UNION SELECT (
                SELECT max(id) FROM outbox
                WHERE outbox.incident_id = told.incident_id AND outbox.target = told.target
                    AND kind = repeats.value
            )
            FROM told, json_each(:repeats) AS repeats
        )
    SELECT
        id, "key", target, severity, recovery, incident_id, kind, bundle, state, attempts, next_boot,
        next_boottime_ns, created_boot, created_boottime_ns, created_wall_ns, sent_boot, sent_boottime_ns,
        sent_wall_ns,
        iif(json_valid(content),
            iif(json_type(content, '$.thread') = 'text', json_extract(content, '$.thread'), ''), '')
            AS thread,
        iif(state = 'pending' AND attempts = 0, title, '') AS title,
        iif(state = 'pending' AND attempts = 0, body, '') AS body,
        iif(state = 'pending' AND attempts = 0, content, '') AS content
    FROM outbox WHERE id IN wanted ORDER BY id
"""
_KINDS = {
    "news": json.dumps(["", *(kind for kind in get_args(Kind) if kind not in REPEATS)]),
    "repeats": json.dumps(REPEATS),
}
_WAITS = "SELECT EXISTS (SELECT id FROM outbox WHERE state = 'pending' AND attempts = 0) AS count"


def read_waits_untried(source: Source) -> bool:
    """Tell whether any message was never tried yet."""
    return bool(ask_value(source, _WAITS))


def read_heard(source: Source, now: Stamp) -> Heard:
    """Return what was told of the incidents that are open, what waits untried, and what people asked for."""
    rows = ask(source, _ABOUT_OPEN, _KINDS)
    ledger = read_ledger(source) if rows else None
    written = read_rows("message", rows, lambda row: _written(row, ledger, now)) if ledger else ()
    return Heard(written=written, acks=read_acks(source), holds=read_holds(source, now))


def _written(row: Row, ledger: Ledger, now: Stamp) -> Written:
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
        thread=row["thread"],
        bundle=row["bundle"],
        waiting=read_message(row) if waits else None,
        due_seconds=_due(row, ledger, now),
    )


def _due(row: Row, ledger: Ledger, now: Stamp) -> float | None:
    if row["next_boot"] is None:
        return 0.0
    if ledger.boot_ids.get(row["next_boot"]) != now.boot_id:
        return None
    return float(row["next_boottime_ns"] - now.boottime_ns) / 1e9
