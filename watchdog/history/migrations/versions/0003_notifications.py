"""Notifications of no single incident, how targets answer, acknowledgements, settings, each time of an event.

SQLite cannot let a column be NULL that could not: the outbox is copied.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COPY = """
    INSERT INTO outbox (id, key, target, title, body, severity, recovery, incident_id, state, attempts, next_boot,
        next_boottime_ns, last_error, created_boot, created_boottime_ns, created_wall_ns, sent_boot,
        sent_boottime_ns, sent_wall_ns)
    SELECT id, key, target, title, body, severity, recovery, incident_id, state, attempts, next_boot,
        next_boottime_ns, last_error, created_boot, created_boottime_ns, created_wall_ns, sent_boot,
        sent_boottime_ns, sent_wall_ns
    FROM outbox_before
"""


def upgrade() -> None:
    _copy_outbox()
    op.create_index("attempts_outcome", "attempts", ["outcome"], unique=False)
    op.add_column("notes", sa.Column("fault", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "targets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("next_boot", sa.Integer(), sa.ForeignKey("boots.ordinal"), nullable=True),
        sa.Column("next_boottime_ns", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        *_stamp("failing", nullable=True),
        *_stamp("sent", nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "acks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        *_stamp("at", nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_acks_incident_id"), "acks", ["incident_id"], unique=False)
    op.create_table(
        "configurations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        *_stamp("at", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _copy_outbox() -> None:
    op.rename_table("outbox", "outbox_before")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("recovery", sa.Boolean(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle", sa.Text(), server_default="", nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_boot", sa.Integer(), nullable=True),
        sa.Column("next_boottime_ns", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        *_stamp("created", nullable=False),
        *_stamp("sent", nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["next_boot"], ["boots.ordinal"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.execute(_COPY)
    op.drop_table("outbox_before")
    op.create_index(op.f("ix_outbox_incident_id"), "outbox", ["incident_id"], unique=False)
    op.create_index("outbox_pending", "outbox", ["id"], unique=False, sqlite_where=sa.text("state = 'pending'"))
    op.create_index("outbox_created", "outbox", ["created_boot", "created_boottime_ns"], unique=False)


def _stamp(prefix: str, *, nullable: bool) -> tuple[sa.Column[int], sa.Column[int], sa.Column[int]]:
    return (
        sa.Column(f"{prefix}_boot", sa.Integer(), sa.ForeignKey("boots.ordinal"), nullable=nullable),
        sa.Column(f"{prefix}_boottime_ns", sa.Integer(), nullable=nullable),
        sa.Column(f"{prefix}_wall_ns", sa.Integer(), nullable=nullable),
    )
