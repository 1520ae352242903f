"""The tables. A change here needs a migration; a test holds the two against each other.

A stamp is three columns: `*_boot` (an ordinal of the ledger), `*_boottime_ns` and `*_wall_ns`. Names that repeat
by the million (checks, metric series) stand once in a table of their own; all else says itself.

SQLite lets a cell hold anything, whatever its column says. So what is read is looked at, here for every table.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, TypeVar, cast

from sqlalchemy import (
    DDL,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from watchdog.history.rows import BadRow

T = TypeVar("T")


class _Exactly(TypeDecorator[T]):
    """A column whose cells must be what it says; BadRow otherwise."""

    holds: ClassVar[tuple[type, ...]]

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], T | None]:
        """Return what looks at each cell: one call, as a year of history has a million of them."""
        holds = self.holds

        def look(value: Any) -> T | None:
            if value is None or value.__class__ in holds:
                return cast("T | None", value)
            raise BadRow(f"a cell that should be of type {holds[0].__name__} holds {value!r:.60}")

        return look


class WholeNumber(_Exactly[int]):
    """A number of 64 bits."""

    impl = Integer
    cache_ok = True
    holds = (int,)


class Number(_Exactly[float]):
    """A number; SQLite may hand out a whole one as an int."""

    impl = Double
    cache_ok = True
    holds = (float, int)


class Bytes(_Exactly[bytes]):
    """Bytes."""

    impl = LargeBinary
    cache_ok = True
    holds = (bytes,)


class AnyText(_Exactly[str]):
    """Text as Python has it.

    Names from the kernel may not be UTF-8 and then hold lone surrogates, which SQLite's TEXT cannot. Those are
    stored as a BLOB: they come back as they were, and stay different from all others.
    """

    impl = Text
    cache_ok = True
    holds = (str,)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Return what sqlite3 is to store."""
        if value is None or value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode(errors="surrogatepass")
        return value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:
        """Return what makes text of each cell."""
        look = super().result_processor(dialect, coltype)

        def read(value: Any) -> str | None:
            if value.__class__ is not bytes:
                return look(value)
            try:
                return str(value, errors="surrogatepass")
            except UnicodeDecodeError:
                return look(value)

        return read


class Base(DeclarativeBase):
    """Base of every table."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own spelling
        str: AnyText,
        int: WholeNumber,
        float: Number,
        bytes: Bytes,
    }


BootRef = Annotated[int, mapped_column(ForeignKey("boots.ordinal"))]
CheckRef = Annotated[int, mapped_column(ForeignKey("checks.id"))]
# What belongs to an incident goes with it.
IncidentRef = Annotated[int, mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)]


class BootRow(Base):
    """The ledger of boots: as long as durations can reach back. A row for each boot, never pruned (80 bytes)."""

    __tablename__ = "boots"

    ordinal: Mapped[int] = mapped_column(primary_key=True)
    boot_id: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str]
    first_boottime_ns: Mapped[int]
    first_wall_ns: Mapped[int]
    last_boottime_ns: Mapped[int]
    last_wall_ns: Mapped[int]


class UpkeepRow(Base):
    """One row: the next incident's id, when the file was last checked and pruned, and the head of the audit.

    The head stands here too so that a tail that was cut off the audit shows.
    """

    __tablename__ = "upkeep"

    id: Mapped[int] = mapped_column(primary_key=True)
    next_incident_id: Mapped[int]
    checked_boot: Mapped[BootRef | None]
    checked_boottime_ns: Mapped[int | None]
    checked_wall_ns: Mapped[int | None]
    pruned_boot: Mapped[BootRef | None]
    pruned_boottime_ns: Mapped[int | None]
    pruned_wall_ns: Mapped[int | None]
    audit_count: Mapped[int | None]
    audit_hash: Mapped[str | None]


class CheckRow(Base):
    """The names of the checks."""

    __tablename__ = "checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class SpanRow(Base):
    """A check said the same, again and again, within one boot and without a long silence."""

    __tablename__ = "spans"

    id: Mapped[int] = mapped_column(primary_key=True)
    # With the rowid at its end, the index also finds a check's latest span.
    check_id: Mapped[CheckRef] = mapped_column(index=True)
    verdict: Mapped[str]
    reason: Mapped[str]
    boot: Mapped[BootRef]
    first_boottime_ns: Mapped[int]
    first_wall_ns: Mapped[int]
    last_boottime_ns: Mapped[int]
    last_wall_ns: Mapped[int]
    count: Mapped[int]
    longest_gap_ns: Mapped[int]


class MemoryRow(Base):
    """What a check remembers, as it encoded it."""

    __tablename__ = "memories"

    check_id: Mapped[CheckRef] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    at_boot: Mapped[BootRef]
    at_boottime_ns: Mapped[int]
    at_wall_ns: Mapped[int]


class IncidentRow(Base):
    """A fault on a subject over time."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("one_open_incident", "fault", "subject", unique=True, sqlite_where=text("state <> 'resolved'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fault: Mapped[str]
    subject: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str]
    summary: Mapped[str]
    evidence: Mapped[str]
    opened_boot: Mapped[BootRef]
    opened_boottime_ns: Mapped[int]
    opened_wall_ns: Mapped[int]
    last_seen_boot: Mapped[BootRef]
    last_seen_boottime_ns: Mapped[int]
    last_seen_wall_ns: Mapped[int]
    fired_boot: Mapped[BootRef | None]
    fired_boottime_ns: Mapped[int | None]
    fired_wall_ns: Mapped[int | None]
    resolved_boot: Mapped[BootRef | None]
    resolved_boottime_ns: Mapped[int | None]
    resolved_wall_ns: Mapped[int | None]
    occurrences: Mapped[int]
    caused_by: Mapped[str]
    inhibited: Mapped[bool]
    flapping: Mapped[bool]
    told: Mapped[str | None]


class TrackRow(Base):
    """The last results on one (fault, subject)."""

    __tablename__ = "tracks"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own spelling

    fault: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    recent: Mapped[str]
    flapping: Mapped[bool]


class TransitionRow(Base):
    """One change in the life of an incident."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[IncidentRef]
    at_boot: Mapped[BootRef]
    at_boottime_ns: Mapped[int]
    at_wall_ns: Mapped[int]
    before: Mapped[str | None]
    after: Mapped[str]
    reason: Mapped[str]


class NoteRow(Base):
    """Something worth recording that is no fault; or, where `fault` names one, an event each time it happens."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[CheckRef]
    subject: Mapped[str]
    summary: Mapped[str]
    evidence: Mapped[str]
    fault: Mapped[str] = mapped_column(server_default="")
    at_boot: Mapped[BootRef]
    at_boottime_ns: Mapped[int]
    at_wall_ns: Mapped[int]


class SeriesRow(Base):
    """The names of the metrics."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("check_id", "subject", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[CheckRef]
    subject: Mapped[str]
    name: Mapped[str]


class MetricRow(Base):
    """A series over one minute or hour of BOOTTIME.

    Time leads the key: a cycle then writes two pages, not two for each series, and pruning cuts off one end.
    """

    __tablename__ = "metrics"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own spelling

    resolution_seconds: Mapped[int] = mapped_column(primary_key=True)
    boot: Mapped[BootRef] = mapped_column(primary_key=True)
    # CLOCK_BOOTTIME // resolution.
    bucket: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: without an index that starts with it, dropping a series would read the whole table.
    series_id: Mapped[int] = mapped_column(primary_key=True)
    # Of the first value in the bucket; whole seconds, because this table is most of the file.
    wall_seconds: Mapped[int]
    count: Mapped[int]
    minimum: Mapped[float]
    maximum: Mapped[float]
    total: Mapped[float]
    last: Mapped[float]


class OutboxRow(Base):
    """A notification to one target.

    `state` is pending, sent, refused (for good), expired (told in a summary) or merged (sent as part of the row
    that `merged_into` names). `content` is JSON; "" in a row of an older watchdog. `title` and `body` are its
    plain words.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_pending", "id", sqlite_where=text("state = 'pending'")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    target: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    severity: Mapped[str]
    recovery: Mapped[bool]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(server_default="")
    bundle: Mapped[str] = mapped_column(server_default="")
    merged_into: Mapped[int | None]
    state: Mapped[str]
    attempts: Mapped[int]
    # None: at once.
    next_boot: Mapped[BootRef | None]
    next_boottime_ns: Mapped[int | None]
    last_error: Mapped[str]
    created_boot: Mapped[BootRef]
    created_boottime_ns: Mapped[int]
    created_wall_ns: Mapped[int]
    sent_boot: Mapped[BootRef | None]
    sent_boottime_ns: Mapped[int | None]
    sent_wall_ns: Mapped[int | None]


class TargetRow(Base):
    """How a notification target has been answering; `failing_*` is when it began to fail, None while it takes."""

    __tablename__ = "targets"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_error: Mapped[str]
    failing_boot: Mapped[BootRef | None]
    failing_boottime_ns: Mapped[int | None]
    failing_wall_ns: Mapped[int | None]
    sent_boot: Mapped[BootRef | None]
    sent_boottime_ns: Mapped[int | None]
    sent_wall_ns: Mapped[int | None]


class AckRow(Base):
    """Somebody said that they know of an incident, when it was as bad as `severity`."""

    __tablename__ = "acks"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[IncidentRef]
    severity: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]
    at_boot: Mapped[BootRef]
    at_boottime_ns: Mapped[int]
    at_wall_ns: Mapped[int]


class ConfigurationRow(Base):
    """Settings that came into force: a row for each time that they were others than before."""

    __tablename__ = "configurations"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    sha256: Mapped[str]
    at_boot: Mapped[BootRef]
    at_boottime_ns: Mapped[int]
    at_wall_ns: Mapped[int]


class AttemptRow(Base):
    """One recorded try of a remediation."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[IncidentRef]
    remediation: Mapped[str]
    mode: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    plan: Mapped[str]
    started_boot: Mapped[BootRef]
    started_boottime_ns: Mapped[int]
    started_wall_ns: Mapped[int]
    ended_boot: Mapped[BootRef | None]
    ended_boottime_ns: Mapped[int | None]
    ended_wall_ns: Mapped[int | None]
    # Who or what allowed it.
    permission: Mapped[str] = mapped_column(server_default="")


class EntryRow(Base):
    """One step of an attempt, written before it is done."""

    __tablename__ = "journal"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    undo: Mapped[str | None]
    state: Mapped[str]
    output: Mapped[str]
    written_boot: Mapped[BootRef]
    written_boottime_ns: Mapped[int]
    written_wall_ns: Mapped[int]
    changed_boot: Mapped[BootRef]
    changed_boottime_ns: Mapped[int]
    changed_wall_ns: Mapped[int]


class HoldRow(Base):
    """What a person asked to be left alone. Never pruned: a row for each time that somebody typed a command."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    pattern: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]
    # None: until somebody ends it.
    seconds: Mapped[float | None]
    began_boot: Mapped[BootRef]
    began_boottime_ns: Mapped[int]
    began_wall_ns: Mapped[int]
    ended_boot: Mapped[BootRef | None]
    ended_boottime_ns: Mapped[int | None]
    ended_wall_ns: Mapped[int | None]
    ended_by: Mapped[str]


class AuditRow(Base):
    """One thing that healing, or a person about healing, decided or did; chained to the one before (chain.py).

    Never pruned: a chain that has lost its beginning proves nothing of what was there, and what a host was made to
    do is asked for when everything else is long forgotten. It grows with what is done (about 1 kB for each step),
    not with time.
    """

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    # Plain numbers: what they point to may be pruned, and this must not be touched by that.
    attempt_id: Mapped[int | None] = mapped_column(index=True)
    incident_id: Mapped[int | None]
    payload: Mapped[str]
    # The boot's own name, and no ordinal: so the row means something by itself.
    boot_id: Mapped[str]
    boottime_ns: Mapped[int]
    wall_ns: Mapped[int]
    hash: Mapped[str]


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

# The store speaks SQLAlchemy Core: a run from cron would pay 16 ms to configure mappers that it uses once.
BOOTS = cast("Table", BootRow.__table__)
UPKEEP = cast("Table", UpkeepRow.__table__)
CHECKS = cast("Table", CheckRow.__table__)
SPANS = cast("Table", SpanRow.__table__)
MEMORIES = cast("Table", MemoryRow.__table__)
INCIDENTS = cast("Table", IncidentRow.__table__)
TRACKS = cast("Table", TrackRow.__table__)
TRANSITIONS = cast("Table", TransitionRow.__table__)
NOTES = cast("Table", NoteRow.__table__)
SERIES = cast("Table", SeriesRow.__table__)
METRICS = cast("Table", MetricRow.__table__)
OUTBOX = cast("Table", OutboxRow.__table__)
TARGETS = cast("Table", TargetRow.__table__)
ACKS = cast("Table", AckRow.__table__)
CONFIGURATIONS = cast("Table", ConfigurationRow.__table__)
ATTEMPTS = cast("Table", AttemptRow.__table__)
JOURNAL = cast("Table", EntryRow.__table__)
HOLDS = cast("Table", HoldRow.__table__)
AUDIT = cast("Table", AuditRow.__table__)

for _guard in _AUDIT_GUARDS:
    event.listen(AUDIT, "after_create", DDL(_guard))  # type: ignore[no-untyped-call]
