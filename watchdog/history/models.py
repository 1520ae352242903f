"""The tables. A change here needs a migration; a test holds the two against each other.

A stamp is three columns: `*_boot` (an ordinal of the ledger), `*_boottime_ns` and `*_wall_ns`. Names that repeat
by the million (checks, metric series) stand once in a table of their own; all else says itself.

SQLAlchemy Core, not its ORM: that would cost a daemon 6 MB for good, a run from cron 16 ms for mappers used once.
"""

from typing import Any

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    ForeignKey,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    text,
)

from watchdog.history.cells import AnyText, Bytes, Number, WholeNumber

METADATA = MetaData()


def _number(name: str, *key: ForeignKey, optional: bool = False, **options: Any) -> Column[int]:
    return Column(name, WholeNumber, *key, nullable=optional, **options)


def _real(name: str, *, optional: bool = False) -> Column[float]:
    return Column(name, Number, nullable=optional)


def _text(name: str, *, optional: bool = False, **options: Any) -> Column[str]:
    return Column(name, AnyText, nullable=optional, **options)


def _id() -> Column[int]:
    return _number("id", primary_key=True)


def _boot(name: str, *, optional: bool = False, **options: Any) -> Column[int]:
    return _number(name, ForeignKey("boots.ordinal"), optional=optional, **options)


def _check(**options: Any) -> Column[int]:
    return _number("check_id", ForeignKey("checks.id"), **options)


def _incident(*, optional: bool = False, index: bool = True) -> Column[int]:
    """Return a reference: what belongs to an incident goes with it."""
    return _number("incident_id", ForeignKey("incidents.id", ondelete="CASCADE"), index=index, optional=optional)


def _stamp(what: str, *, optional: bool = False) -> tuple[Column[int], ...]:
    return (
        _boot(f"{what}_boot", optional=optional),
        _number(f"{what}_boottime_ns", optional=optional),
        _number(f"{what}_wall_ns", optional=optional),
    )


# The ledger of boots: as long as durations can reach back. A row for each boot, never pruned (80 bytes).
BOOTS = Table(
    "boots",
    METADATA,
    _number("ordinal", primary_key=True),
    _text("boot_id", unique=True),
    _text("host"),
    _number("first_boottime_ns"),
    _number("first_wall_ns"),
    _number("last_boottime_ns"),
    _number("last_wall_ns"),
)

# One row: the next incident's id, when the file was last checked and pruned, and the head of the audit.
#
# The head stands here too so that a tail that was cut off the audit shows.
UPKEEP = Table(
    "upkeep",
    METADATA,
    _id(),
    _number("next_incident_id"),
    *_stamp("checked", optional=True),
    *_stamp("pruned", optional=True),
    _number("audit_count", optional=True),
    _text("audit_hash", optional=True),
)

# The names of the checks.
CHECKS = Table(
    "checks",
    METADATA,
    _id(),
    _text("name", unique=True),
)

# A check said the same, again and again, within one boot and without a long silence.
SPANS = Table(
    "spans",
    METADATA,
    _id(),
    # With the rowid at its end, the index also finds a check's latest span.
    _check(index=True),
    _text("verdict"),
    _text("reason"),
    _boot("boot"),
    _number("first_boottime_ns"),
    _number("first_wall_ns"),
    _number("last_boottime_ns"),
    _number("last_wall_ns"),
    _number("count"),
    _number("longest_gap_ns"),
)

# What a check remembers, as it encoded it.
MEMORIES = Table(
    "memories",
    METADATA,
    _check(primary_key=True),
    Column("value", Bytes, nullable=False),
    *_stamp("at"),
)

# A fault on a subject over time.
INCIDENTS = Table(
    "incidents",
    METADATA,
    _id(),
    _text("fault"),
    _text("subject"),
    _text("severity"),
    _text("state"),
    _text("summary"),
    _text("evidence"),
    *_stamp("opened"),
    *_stamp("last_seen"),
    *_stamp("fired", optional=True),
    *_stamp("resolved", optional=True),
    _number("occurrences"),
    _text("caused_by"),
    Column("inhibited", Boolean, nullable=False),
    Column("flapping", Boolean, nullable=False),
    _text("told", optional=True),
    Index("one_open_incident", "fault", "subject", unique=True, sqlite_where=text("state <> 'resolved'")),
)

# The last results on one (fault, subject).
TRACKS = Table(
    "tracks",
    METADATA,
    _text("fault", primary_key=True),
    _text("subject", primary_key=True),
    _text("recent"),
    Column("flapping", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# One change in the life of an incident.
TRANSITIONS = Table(
    "transitions",
    METADATA,
    _id(),
    _incident(),
    *_stamp("at"),
    _text("before", optional=True),
    _text("after"),
    _text("reason"),
)

# Something worth recording that is no fault; or, where `fault` names one, an event each time it happens.
NOTES = Table(
    "notes",
    METADATA,
    _id(),
    _check(),
    _text("subject"),
    _text("summary"),
    _text("evidence"),
    *_stamp("at"),
    _text("fault", server_default=""),
)

# The names of the metrics.
SERIES = Table(
    "series",
    METADATA,
    _id(),
    _check(),
    _text("subject"),
    _text("name"),
    UniqueConstraint("check_id", "subject", "name"),
)

# A series over one minute or hour of BOOTTIME.
#
# Time leads the key: a cycle then writes two pages, not two for each series, and pruning cuts off one end.
METRICS = Table(
    "metrics",
    METADATA,
    _number("resolution_seconds", primary_key=True),
    _boot("boot", primary_key=True),
    # CLOCK_BOOTTIME // resolution.
    _number("bucket", primary_key=True),
    # No foreign key: without an index that starts with it, dropping a series would read the whole table.
    _number("series_id", primary_key=True),
    # Of the first value in the bucket; whole seconds, because this table is most of the file.
    _number("wall_seconds"),
    _number("count"),
    _real("minimum"),
    _real("maximum"),
    _real("total"),
    _real("last"),
    sqlite_with_rowid=False,
)

# A notification to one target.
#
# `state` is pending, sent, refused (for good), expired (told in a summary) or merged (sent as part of the row that
# `merged_into` names, as an expired one is in its summary). `attempts` counts the tries that began. `content` is
# JSON; "" in a row of an older watchdog. `title` and `body` are its words.
OUTBOX = Table(
    "outbox",
    METADATA,
    _id(),
    _text("key", unique=True),
    _text("target"),
    _text("title"),
    _text("body"),
    _text("severity"),
    Column("recovery", Boolean, nullable=False),
    _incident(optional=True, index=False),
    # What its content is of; "": an older watchdog wrote it, and it stands in the key.
    _text("kind", server_default=""),
    _text("content", server_default=""),
    _text("bundle", server_default=""),
    _number("merged_into", optional=True),
    _text("state"),
    _number("attempts"),
    # None: at once.
    _boot("next_boot", optional=True),
    _number("next_boottime_ns", optional=True),
    # `next_*` is when the claim of who sends it ends, not when it is tried again.
    Column("claimed", Boolean, nullable=False, server_default=text("0")),
    # Of several recipients those that have it, each as a digest, apart by blanks.
    _text("taken", server_default=""),
    _text("last_error"),
    *_stamp("created"),
    *_stamp("sent", optional=True),
    Index("outbox_pending", "id", sqlite_where=text("state = 'pending'")),
    # What is told again and again of an incident is passed over, but for the last.
    Index("outbox_told", "incident_id", "kind", "target"),
    Index("outbox_created", "created_boot", "created_boottime_ns"),
)

# How a notification target has been answering; `failing_*` is when it began to fail, None while it takes.
# `refused`: it said of the last message that it takes nothing at all. Before `next_*` nothing is sent there (None:
# at once).
TARGETS = Table(
    "targets",
    METADATA,
    _text("name", primary_key=True),
    _number("failures"),
    Column("refused", Boolean, nullable=False),
    _boot("next_boot", optional=True),
    _number("next_boottime_ns", optional=True),
    _text("last_error"),
    *_stamp("failing", optional=True),
    *_stamp("sent", optional=True),
)

# Somebody said that they know of an incident, when it was as bad as `severity`.
ACKS = Table(
    "acks",
    METADATA,
    _id(),
    _incident(),
    _text("severity"),
    _text("who"),
    _text("why"),
    *_stamp("at"),
)

# Settings that came into force: a row for each time that they were others than before.
CONFIGURATIONS = Table(
    "configurations",
    METADATA,
    _id(),
    _text("path"),
    _text("sha256"),
    *_stamp("at"),
)

# One recorded try of a remediation.
ATTEMPTS = Table(
    "attempts",
    METADATA,
    _id(),
    _incident(),
    _text("remediation"),
    _text("mode"),
    _text("outcome"),
    _text("reason"),
    _text("plan"),
    *_stamp("started"),
    *_stamp("ended", optional=True),
    # Who or what allowed it.
    _text("permission", server_default=""),
    # Each cycle asks for those that run, and those that healed.
    Index("attempts_outcome", "outcome"),
)

# One step of an attempt, written before it is done.
JOURNAL = Table(
    "journal",
    METADATA,
    _number("attempt_id", ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    _number("seq", primary_key=True),
    _text("step"),
    _text("undo", optional=True),
    _text("state"),
    _text("output"),
    *_stamp("written"),
    *_stamp("changed"),
)

# What a person asked to be left alone. Never pruned: a row for each time that somebody typed a command.
HOLDS = Table(
    "holds",
    METADATA,
    _id(),
    _text("kind"),
    _text("pattern"),
    _text("who"),
    _text("why"),
    # None: until somebody ends it.
    _real("seconds", optional=True),
    *_stamp("began"),
    *_stamp("ended", optional=True),
    _text("ended_by"),
)

# One thing that healing, or a person about healing, decided or did; chained to the one before (chain.py).
#
# Never pruned: a chain that has lost its beginning proves nothing of what was there, and what a host was made to
# do is asked for when everything else is long forgotten. It grows with what is done (about 1 kB for each step),
# not with time.
AUDIT = Table(
    "audit",
    METADATA,
    _number("seq", primary_key=True),
    _text("kind"),
    # Plain numbers: what they point to may be pruned, and this must not be touched by that.
    _number("attempt_id", index=True, optional=True),
    _number("incident_id", optional=True),
    _text("payload"),
    # The boot's own name, and no ordinal: so the row means something by itself.
    _text("boot_id"),
    _number("boottime_ns"),
    _number("wall_ns"),
    _text("hash"),
)

# Against a slip, ours or of somebody with an sqlite3 shell; against intent there is the chain. The third is for
# REPLACE, which deletes without asking the triggers.
_AUDIT_GUARDS = (
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

for _guard in _AUDIT_GUARDS:
    event.listen(AUDIT, "after_create", DDL(_guard))  # type: ignore[no-untyped-call]
