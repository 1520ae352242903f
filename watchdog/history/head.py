"""Reads the head of the audit as `upkeep` has it. Takes part in the transaction of who calls it."""

from watchdog.history.chain import Head
from watchdog.history.source import Source, ask


def read_head(source: Source) -> Head:
    """Return how far the audit goes, and the hash of its last row."""
    row = next(iter(ask(source, "SELECT audit_count, audit_hash FROM upkeep")), None)
    if row is None or row["audit_count"] is None or row["audit_hash"] is None:
        return Head()
    return Head(count=row["audit_count"], hash=row["audit_hash"])
