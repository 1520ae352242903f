"""What people said: who knows of what, what is to be left alone. Each takes part in the caller's transaction."""

from collections.abc import Mapping

from msgspec.structs import replace

from watchdog.heard import Heard
from watchdog.history.reading_incidents import read_incidents
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import IncidentRecord
from watchdog.history.rows import read_hold, read_rows, read_stamp
from watchdog.history.source import Source, ask
from watchdog.holds import Hold
from watchdog.model import Ack, IncidentState, Severity, Stamp
from watchdog.telling import outages

_LATEST_ACKS = """
    SELECT * FROM acks
    WHERE id IN (
        SELECT max(id) FROM acks WHERE incident_id IN (SELECT id FROM incidents WHERE state <> 'resolved')
        GROUP BY incident_id
    )
    ORDER BY id
"""


def read_acks(source: Source) -> Mapping[int, Ack]:
    """Return the latest acknowledgement of each incident that is open."""
    boot_ids = read_ledger(source).boot_ids
    found = read_rows(
        "acknowledgement",
        ask(source, _LATEST_ACKS),
        lambda row: Ack(
            incident_id=row["incident_id"],
            severity=Severity(row["severity"]),
            who=row["who"],
            why=row["why"],
            at=read_stamp(row, "at", boot_ids),
        ),
    )
    return {ack.incident_id: ack for ack in found}


def read_holds(source: Source, now: Stamp) -> tuple[Hold, ...]:
    """Return the holds that are in force, oldest first."""
    ledger = read_ledger(source)
    rows = ask(source, "SELECT * FROM holds WHERE ended_boot IS NULL ORDER BY id")
    begun = read_rows("hold", rows, lambda row: read_hold(row, ledger.boot_ids))

    def served_seconds(hold: Hold) -> float:
        """Return what passed for certain from its beginning to the start of this boot."""
        return max(0.0, ledger.lasted(hold.began, now).seconds - now.boottime_ns / 1e9)

    holds = (replace(hold, served_seconds=served_seconds(hold)) for hold in begun)
    return tuple(hold for hold in holds if hold.in_force(now))


def read_known_incidents(
    source: Source, open_only: bool, since_seconds: float | None, now: Stamp
) -> tuple[IncidentRecord, ...]:
    """Return incidents as read_incidents does, with who knows of them."""
    records = read_incidents(source, open_only, since_seconds, now)
    acks = read_acks(source)
    if not acks:
        return records
    heard = Heard(acks=acks)
    there = [record.incident for record in records if record.incident.state is not IncidentState.RESOLVED]
    known = {one.id: heard.ack(outage) for outage in outages(there) for one in outage}
    return tuple(replace(record, ack=known.get(record.incident.id)) for record in records)
