"""Conditions that several statements share, as SQLAlchemy says them."""

from sqlalchemy import ColumnElement, literal_column, tuple_

from watchdog.history.ledger import Moment
from watchdog.history.models import INCIDENTS, OUTBOX

# Literals, not parameters: only so does SQLite know that its partial indexes fit.
IS_OPEN = INCIDENTS.c.state != literal_column("'resolved'")
IS_PENDING = OUTBOX.c.state == literal_column("'pending'")


def before(boot: ColumnElement[int], boottime_ns: ColumnElement[int], moment: Moment) -> ColumnElement[bool]:
    """Compare a stamp's columns with a moment, as the ledger does."""
    return tuple_(boot, boottime_ns) < tuple_(moment.boot, moment.boottime_ns)
