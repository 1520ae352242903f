"""Writes the audit. Each function takes part in the transaction of who calls it, which is what it tells of.

So there is nothing that was done and is not told, and nothing told that was not done.
"""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from watchdog.history.chain import COLUMNS, link
from watchdog.history.connect import source_of
from watchdog.history.head import read_head
from watchdog.history.models import AUDIT
from watchdog.history.rows import encode_json
from watchdog.history.writing import write_upkeep
from watchdog.model import Stamp

# `adopted` is an attempt as it stood when the audit began; `step` is one write of the journal.
AuditKind = Literal[
    "adopted",
    "proposed",
    "closed",
    "refused",
    "dry_run",
    "begun",
    "step",
    "verified",
    "ended",
    "rolled_back",
    "pause",
    "silence",
    "maintenance",
    "hold_ended",
    "ack",
]


def append(
    connection: Connection,
    kind: AuditKind,
    now: Stamp,
    payload: Mapping[str, object],
    *,
    attempt_id: int | None = None,
    incident_id: int | None = None,
) -> None:
    """Add a row to the audit, chained to the head as `upkeep` has it.

    Not to the last row: where a tail was cut off, the gap must stay for ever. And nobody who meddled with the
    audit can keep what comes after from being told: it goes behind whatever is there.
    """
    head = read_head(source_of(connection))
    last = connection.scalar(select(func.max(AUDIT.c.seq))) or 0
    row = {
        "seq": max(head.count, last) + 1,
        "kind": kind,
        "attempt_id": attempt_id,
        "incident_id": incident_id,
        "payload": encode_json(payload),
        # What is hashed must be what is stored, and text that is not UTF-8 is not stored as text.
        "boot_id": now.boot_id.encode(errors="backslashreplace").decode(),
        "boottime_ns": now.boottime_ns,
        "wall_ns": now.wall_ns,
    }
    digest = link(head.hash, [row[name] for name in COLUMNS])
    connection.execute(insert(AUDIT).values(**row, hash=digest))
    write_upkeep(connection, audit_count=row["seq"], audit_hash=digest)
