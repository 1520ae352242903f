"""The audit, holds, and who allowed an attempt.

The attempts that are there are adopted into the audit as they stand, so that they too are held against it.
"""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from watchdog.history.chain import GENESIS, link

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("boottime_ns", sa.Integer(), nullable=False),
        sa.Column("wall_ns", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_audit_attempt_id"), "audit", ["attempt_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("began_boot", sa.Integer(), nullable=False),
        sa.Column("began_boottime_ns", sa.Integer(), nullable=False),
        sa.Column("began_wall_ns", sa.Integer(), nullable=False),
        sa.Column("ended_boot", sa.Integer(), nullable=True),
        sa.Column("ended_boottime_ns", sa.Integer(), nullable=True),
        sa.Column("ended_wall_ns", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["began_boot"], ["boots.ordinal"]),
        sa.ForeignKeyConstraint(["ended_boot"], ["boots.ordinal"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("attempts", sa.Column("permission", sa.Text(), server_default="", nullable=False))
    op.add_column("upkeep", sa.Column("audit_count", sa.Integer(), nullable=True))
    op.add_column("upkeep", sa.Column("audit_hash", sa.Text(), nullable=True))
    _adopt()
    for guard in _GUARDS:
        op.execute(guard)


_GUARDS = (
    (
        "CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit is never shortened'); END"
    ),
    (
        "CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END"
    ),
    (
        "CREATE TRIGGER audit_keeps_places BEFORE INSERT ON audit"
        " WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'the audit is never overwritten'); END"
    ),
)
_ATTEMPTS = """
    SELECT a.id, a.incident_id, a.remediation, a.mode, a.outcome, a.reason, a.plan, b.boot_id,
           a.started_boottime_ns, a.started_wall_ns, e.boot_id, a.ended_boottime_ns, a.ended_wall_ns
    FROM attempts AS a
    LEFT JOIN boots AS b ON b.ordinal = a.started_boot LEFT JOIN boots AS e ON e.ordinal = a.ended_boot
    WHERE typeof(a.incident_id) = 'integer' ORDER BY a.id
"""
_JOURNAL = "SELECT attempt_id, seq, step, undo, state, output FROM journal ORDER BY attempt_id, seq"
_ADD = """
    INSERT INTO audit (seq, kind, attempt_id, incident_id, payload, boot_id, boottime_ns, wall_ns, hash)
    VALUES (?, 'adopted', ?, ?, ?, ?, ?, ?, ?)
"""


def _adopt() -> None:
    """Chain a row for each attempt. What a cell holds that it should not is adopted as text: it is as it is."""
    connection = op.get_bind()
    journals = defaultdict(list)
    for attempt_id, seq, step, undo, state, output in connection.exec_driver_sql(_JOURNAL):
        entry = {
            "seq": seq,
            "step": _json(step),
            "undo": _json(undo),
            "state": _text(state),
            "output": _text(output),
        }
        journals[attempt_id].append(entry)
    digest, seq = GENESIS, 0
    for row in connection.exec_driver_sql(_ATTEMPTS).all():
        attempt_id, incident_id, remediation, mode, outcome, reason, plan, boot_id, *times = row
        started_ns, started_wall_ns, *ended = times
        payload = {
            "remediation": _text(remediation),
            "mode": _text(mode),
            "outcome": _text(outcome),
            "reason": _text(reason),
            "permission": "",
            "plan": _json(plan),
            "ended": None if ended[0] is None else [*map(_text, ended)],
            "journal": journals[attempt_id],
        }
        seq += 1
        text = json.dumps(payload, separators=(",", ":"))
        known = str(_text(boot_id)).encode(errors="backslashreplace").decode()
        began = [ns if isinstance(ns, int) else 0 for ns in (started_ns, started_wall_ns)]
        values = [attempt_id, incident_id, text, known, *began]
        digest = link(digest, [seq, "adopted", *values])
        connection.exec_driver_sql(_ADD, (seq, *values, digest))
    if seq:
        connection.exec_driver_sql("INSERT OR IGNORE INTO upkeep (id, next_incident_id) VALUES (1, 1)")
        connection.exec_driver_sql("UPDATE upkeep SET audit_count = ?, audit_hash = ?", (seq, digest))


def _text(cell: object) -> object:
    """Return what a cell says; text that is not UTF-8 is stored as bytes."""
    if not isinstance(cell, bytes):
        return cell
    try:
        return cell.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return cell.decode(errors="backslashreplace")


def _json(cell: object) -> object:
    """Return what a cell of JSON says; the cell's text where that is not what we would have written."""
    if not isinstance(cell, str):
        return _text(cell)
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    ours = isinstance(value, dict) and json.dumps(value, separators=(",", ":")) == cell
    return value if ours else cell
