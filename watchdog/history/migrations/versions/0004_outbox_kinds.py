"""What kind each message is of, so that what is told again and again need not be read; its claim; who has it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Those of before that carry it; of the others the key says it.
_KINDS = """
    UPDATE outbox SET kind = coalesce(json_extract(content, '$.kind'), '') WHERE json_valid(content)
"""


def upgrade() -> None:
    op.add_column("outbox", sa.Column("kind", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("claimed", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("outbox", sa.Column("taken", sa.Text(), server_default="", nullable=False))
    op.execute(_KINDS)
    op.drop_index(op.f("ix_outbox_incident_id"), "outbox")
    op.create_index("outbox_told", "outbox", ["incident_id", "kind", "target"], unique=False)
