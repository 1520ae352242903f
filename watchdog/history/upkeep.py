"""What the file needs now and then: a look at its soundness, and forgetting what is old enough."""

from pathlib import Path

from sqlalchemy import Connection, Delete, and_, delete, func, or_, select

from watchdog.heard import REPEATS
from watchdog.history.conditions import IS_OPEN, before
from watchdog.history.connect import explained, pragma, source_of
from watchdog.history.ledger import Moment
from watchdog.history.models import ATTEMPTS, INCIDENTS, METRICS, NOTES, OUTBOX, SERIES, SPANS
from watchdog.history.queries import EVER, read_notes, read_spans
from watchdog.history.reading_incidents import read_incidents
from watchdog.history.reading_ledger import forget_ledger, read_ledger
from watchdog.history.reading_outbox import read_outbox_summary
from watchdog.history.reading_people import read_holds
from watchdog.history.records import HOUR_SECONDS, MINUTE_SECONDS, Keep
from watchdog.history.rows import read_rows, read_stamp_or_none, stamp_values
from watchdog.history.source import Source, ask
from watchdog.history.trouble import Damaged
from watchdog.history.writing import note_boots, write_upkeep
from watchdog.model import IncidentState, Stamp
from watchdog.steps import Outcome

CHECK_SECONDS = 86400.0
PRUNE_SECONDS = 3600.0
TEND_SECONDS = 60.0


# Of what is told again and again of what goes on, the last says all.
_later = OUTBOX.alias("later")
_last_repeated = (
    select(func.max(_later.c.id))
    .where(
        _later.c.incident_id == OUTBOX.c.incident_id,
        _later.c.kind == OUTBOX.c.kind,
        _later.c.target == OUTBOX.c.target,
    )
    .scalar_subquery()
)


def tend(connection: Connection, path: Path, now: Stamp, keep: Keep) -> None:
    """Do what is due, each in a transaction of its own: first the look, so that nothing is done to a damaged file.

    Pruning comes before a cycle is recorded: on a disk that is nearly full it makes the room for it.
    """
    check_if_due(connection, path, now)
    with explained(path), connection.begin():
        if _is_due(connection, "pruned", PRUNE_SECONDS, now):
            prune(connection, now, keep.retention_seconds, keep.minute_retention_seconds)


def check_if_due(connection: Connection, path: Path, now: Stamp) -> None:
    """Look for damage once a day of BOOTTIME and once a boot (the last may have ended in a power cut)."""
    with explained(path), connection.begin():
        due = _is_due(connection, "checked", CHECK_SECONDS, now)
    if due:
        check_soundness(connection, path, now)


def _is_due(connection: Connection, what: str, every_seconds: float, now: Stamp) -> bool:
    """Tell whether `checked` or `pruned` is that long ago by BOOTTIME, or before this boot."""
    source = source_of(connection)
    rows = ask(source, "SELECT * FROM upkeep")
    boot_ids = read_ledger(source).boot_ids
    done = next(iter(read_rows("upkeep", rows, lambda row: read_stamp_or_none(row, what, boot_ids))), None)
    return done is None or done.boot_id != now.boot_id or now.seconds_since(done) >= every_seconds


def check_soundness(connection: Connection, path: Path, now: Stamp) -> None:
    """Read every page once, and every row that readers read (50 MB: 0.2 s); Damaged when one is not right."""
    with explained(path):
        found = pragma(connection, "quick_check(1)")
        if found != ("ok",):
            raise Damaged(path, " ".join(str(found and found[0]).split()))
        with connection.begin():
            source = source_of(connection)
            forget_ledger(source)
            _read_everything(source, now)
            write_upkeep(connection, **stamp_values("checked", now, note_boots(connection, now)))


def _read_everything(source: Source, now: Stamp) -> None:
    """Read whatever a person may ask for, so that a BadRow shows; not the metrics, which are most of the file."""
    read_incidents(source, open_only=False, since_seconds=None, now=now)
    read_spans(source, EVER)
    read_notes(source, EVER, None)
    read_outbox_summary(source)
    read_holds(source, now)


def prune(connection: Connection, now: Stamp, retention_seconds: float, minute_retention_seconds: float) -> int:
    """Forget what is certainly older, by the ledger of boots; return how many rows that was.

    An incident that is not resolved stays, and so does one whose message still waits or whose attempt still runs.
    The ledger itself stays: durations reach back through it. Called every hour there is little to delete; the room
    it leaves in the file is used again.
    """
    ledger = read_ledger(source_of(connection))
    cut = ledger.cutoff(now, retention_seconds)
    hours = _buckets_before(HOUR_SECONDS, cut)
    deletes = [
        _buckets_before(MINUTE_SECONDS, ledger.cutoff(now, minute_retention_seconds)),
        hours,
        delete(SPANS).where(before(SPANS.c.boot, SPANS.c.last_boottime_ns, cut)),
        delete(NOTES).where(before(NOTES.c.at_boot, NOTES.c.at_boottime_ns, cut)),
        delete(OUTBOX).where(
            OUTBOX.c.state != "pending",
            before(OUTBOX.c.created_boot, OUTBOX.c.created_boottime_ns, cut),
            # Who heard of what is still open must not hear of it as if it were new.
            or_(
                func.coalesce(OUTBOX.c.incident_id, 0).not_in(select(INCIDENTS.c.id).where(IS_OPEN)),
                and_(OUTBOX.c.kind.in_(REPEATS), OUTBOX.c.id < _last_repeated),
            ),
        ),
        delete(INCIDENTS).where(
            INCIDENTS.c.state == IncidentState.RESOLVED.value,
            before(INCIDENTS.c.resolved_boot, INCIDENTS.c.resolved_boottime_ns, cut),
            # Without the NULLs (what is of no single incident): SQL knows of no number that it is not among them.
            INCIDENTS.c.id.not_in(
                select(OUTBOX.c.incident_id).where(OUTBOX.c.state == "pending", OUTBOX.c.incident_id.is_not(None))
            ),
            INCIDENTS.c.id.not_in(
                select(ATTEMPTS.c.incident_id).where(ATTEMPTS.c.outcome == Outcome.RUNNING.value)
            ),
        ),
    ]
    gone = {statement: connection.execute(statement).rowcount for statement in deletes}
    if gone[hours]:
        # The names of series that are no more; only here, because it reads all that is left of the metrics.
        connection.execute(delete(SERIES).where(SERIES.c.id.not_in(select(METRICS.c.series_id))))
    write_upkeep(connection, **stamp_values("pruned", now, note_boots(connection, now)))
    return sum(gone.values())


def _buckets_before(resolution_seconds: int, moment: Moment) -> Delete:
    """Delete the buckets that end before a moment."""
    bucket = moment.boottime_ns // (resolution_seconds * 1_000_000_000)
    return delete(METRICS).where(
        METRICS.c.resolution_seconds == resolution_seconds,
        before(METRICS.c.boot, METRICS.c.bucket, Moment(moment.boot, bucket)),
    )
