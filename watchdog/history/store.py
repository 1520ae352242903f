"""The history as its one writer has it. `read.Reader` is for everybody else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from watchdog.errors import HistoryError
from watchdog.heard import Heard
from watchdog.history import (
    acks,
    configurations,
    holding,
    journal,
    outbox,
    queries,
    reading_heard,
    reading_incidents,
    reading_outbox,
    reading_people,
    schema,
    upkeep,
    version,
)
from watchdog.history.connect import connect_writer, explained, keep_wal, source_of
from watchdog.history.cycle import Cycle
from watchdog.history.file import fingerprint, follow, is_orphaned, require_ours, set_aside
from watchdog.history.lock import Lock, acquire
from watchdog.history.reading_incidents import Wanted
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import Due, Keep, SetAside
from watchdog.history.source import Source
from watchdog.history.trouble import Damaged
from watchdog.history.writing import note_boots, write_cycle, write_messages
from watchdog.holds import Hold, HoldKind
from watchdog.incidents import State
from watchdog.model import Ack, Lasted, Message, Severity, Stamp, TargetState
from watchdog.steps import Attempt, JournalEntry, Outcome, Plan

T = TypeVar("T")


class History:
    """The open history of the process that holds its lock; one thread at a time.

    Every method that writes is one transaction, on the disk when it returns. All raise HistoryError, whose text
    says what to do. A file that proves damaged, at opening or later, is set aside under another name, never
    deleted, and a fresh one begins: `set_aside` then tells (a new object each time). Healing is the exception: it
    must know that its journal is gone, so its methods only raise, and the next opening looks into it.
    """

    def __init__(self, path: Path, lock: Lock, now: Stamp, keep: Keep) -> None:
        self._path, self._lock, self._opened, self._keep = path, lock, now, keep
        self._connection: Connection | None = None
        # Until the last word of our lock says that all is well, the next to open the file looks for damage.
        self._sound = True
        self.set_aside: SetAside | None = None
        # How often messages were written, or all began anew: who delivers asks the disk only then.
        self.written = 0
        # When it was last asked whether something is to be done for the file: a daemon need not ask each second.
        self._tended: Stamp | None = None

    @classmethod
    def open(cls, path: Path, *, now: Stamp, wait_seconds: float, command: str, keep: Keep | None = None) -> Self:
        """Take the lock, make the file where there is none, bring it up to date and see that it is sound.

        `wait_seconds` is for another process to let go of the lock; `command` is how that one is told who we are.
        """
        with explained(path):
            path = follow(path)
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            # Before the lock: even that would be in the way beside /etc/passwd (useradd's has the same name).
            require_ours(path)
        lock = acquire(path, wait_seconds=wait_seconds, command=command)
        history = cls(path, lock, now, keep or Keep())
        try:
            history._connected()
        except BaseException:
            history._disconnect()
            lock.release(lock.last_word)
            raise
        return history

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of the lock."""
        self._disconnect()
        self._lock.release(fingerprint(self._path) if self._sound else "")

    def load_state(self) -> State:
        """Return what `incidents.advance` carries on."""
        return self._answered(queries.read_state)

    def load_memories(self) -> dict[str, bytes]:
        """Return what each check remembers, as it encoded it."""
        return self._answered(queries.read_memories)

    def record(self, cycle: Cycle) -> None:
        """Record a cycle, whole or not at all; before that, when it is time, look for damage and forget."""
        if self._tended is None or cycle.ended.seconds_since(self._tended) >= upkeep.TEND_SECONDS:
            try:
                upkeep.tend(self._connected(), self._path, cycle.ended, self._keep)
            except Damaged as damage:
                self._begin_afresh(damage)
            self._tended = cycle.ended
        self._mended(lambda connection: write_cycle(connection, cycle, self._keep.gap_seconds))
        self.written += bool(cycle.messages)

    def heard(self, now: Stamp) -> Heard:
        """Return what was told of what is open, what waits to be, acknowledgements, and the holds in force."""
        return self._answered(lambda source: reading_heard.read_heard(source, now))

    def waits_untried(self) -> bool:
        """Tell whether any message was never tried yet."""
        return self._answered(reading_heard.read_waits_untried)

    def write_messages(self, messages: Sequence[Message], now: Stamp) -> None:
        """Put messages into the outbox; one that was not tried yet takes the place of the one with its key."""
        if messages:
            self.written += 1
            with self._transaction() as connection:
                write_messages(connection, messages, now, note_boots(connection, now))

    def due_messages(self, now: Stamp, limit: int) -> tuple[Due, ...]:
        """Return the messages to be tried now, at most `limit` for each target, oldest first."""
        return self._answered(lambda source: reading_outbox.read_due(source, now, limit))

    def next_due_ns(self, now: Stamp) -> int | None:
        """Return the CLOCK_BOOTTIME at which a message is due that is not yet; None: there is none."""
        return self._answered(lambda source: reading_outbox.read_next_due_ns(source, now))

    def claim(self, key: str, now: Stamp, lease_seconds: float) -> bool:
        """Count a try that begins, and let no other begin for so long; False when the message waits no more."""
        with self._transaction() as connection:
            return outbox.write_claim(connection, key, now, lease_seconds)

    def merge(self, ids: Sequence[int], message: Message, now: Stamp, *, into: int | None, expired: bool) -> None:
        """Let one message stand for several: a new one, or `into`, which then says this."""
        with self._transaction() as connection:
            outbox.write_merged(connection, ids, message, now, into=into, expired=expired)

    def mark_sent(self, key: str, now: Stamp) -> None:
        """Note a delivery; nothing when a history that began anew knows of no such message."""
        with self._transaction() as connection:
            outbox.write_sent(connection, key, now)

    def mark_failed(
        self,
        key: str,
        retry_after_seconds: float | None,
        now: Stamp,
        error: str,
        hold_seconds: float = 0.0,
        *,
        closed: bool = False,
        taken: Sequence[str] = (),
    ) -> None:
        """Note a failure of a message, and when to try it again (None: never).

        For `hold_seconds` nothing is sent to its target. `closed`: it says that it takes nothing at all. `taken`:
        which of several recipients have it.
        """
        with self._transaction() as connection:
            outbox.write_failed(
                connection, key, retry_after_seconds, now, error, hold_seconds, closed=closed, taken=taken
            )

    def bring_forward(self, now: Stamp) -> int:
        """Let what waits to be tried again be due at once; return how many messages that is."""
        self.written += 1
        with self._transaction() as connection:
            return outbox.write_forward(connection, now)

    def targets(self, now: Stamp) -> tuple[TargetState, ...]:
        """Return how each notification target that was ever tried has been answering, by name."""
        return self._answered(lambda source: reading_outbox.read_targets(source, now))

    def acknowledge(self, incident_id: int, severity: Severity, who: str, why: str, now: Stamp) -> None:
        """Record that somebody knows of an incident, which is as bad as this now."""
        with self._transaction() as connection:
            acks.add_ack(connection, incident_id, severity, who, why, now)

    def acks(self) -> Mapping[int, Ack]:
        """Return the latest acknowledgement of each incident that is open."""
        return self._answered(reading_people.read_acks)

    def note_configuration(self, path: str, sha256: str, now: Stamp) -> None:
        """Record the settings in force, where they are others than before."""
        with self._transaction() as connection:
            configurations.note_configuration(connection, path, sha256, now)

    def begin_attempt(
        self,
        incident_id: int,
        remediation: str,
        mode: str,
        plan: Plan,
        outcome: Outcome,
        reason: str,
        now: Stamp,
        *,
        permission: str = "",
        messages: Sequence[Message] = (),
    ) -> int:
        """Record an attempt at healing, who or what allowed it, and what is to be told of it; return its id."""
        self.written += bool(messages)
        with self._transaction() as connection:
            return journal.begin_attempt(
                connection,
                incident_id=incident_id,
                remediation=remediation,
                mode=mode,
                plan=plan,
                outcome=outcome,
                reason=reason,
                permission=permission,
                now=now,
                messages=messages,
            )

    def write_entry(self, attempt_id: int, seq: int, entry: JournalEntry, now: Stamp) -> None:
        """Record step number `seq` of an attempt, in place of what was recorded for it before."""
        with self._transaction() as connection:
            journal.write_entry(connection, attempt_id, seq, entry, now)

    def write_verification(self, attempt_id: int, problem: str, now: Stamp) -> None:
        """Record in the audit what the check that found the fault said of an attempt; "" when it was convinced."""
        with self._transaction() as connection:
            journal.write_verification(connection, attempt_id, problem, now)

    def end_attempt(
        self, attempt_id: int, outcome: Outcome, reason: str, now: Stamp, *, messages: Sequence[Message] = ()
    ) -> None:
        """Record how an attempt ended, and with it what is to be told of that."""
        self.written += bool(messages)
        with self._transaction() as connection:
            journal.end_attempt(connection, attempt_id, outcome, reason, now, messages)

    def attempts(self, incident_id: int | None = None, outcome: Outcome | None = None) -> tuple[Attempt, ...]:
        """Return the attempts, of one incident or with one outcome where asked, oldest first."""
        return self._attempts(Wanted(incidents=None if incident_id is None else [incident_id], outcome=outcome))

    def attempt(self, attempt_id: int) -> Attempt | None:
        """Return one attempt, None when there is none of this id."""
        return next(iter(self._attempts(Wanted(attempt=attempt_id))), None)

    def begun_unasked(self, within_seconds: float, now: Stamp) -> tuple[float, ...]:
        """Return how many seconds ago, at least, each attempt began that nobody asked for, if so lately."""
        with self._transaction() as connection:
            return reading_incidents.read_begun_unasked(source_of(connection), within_seconds, now)

    def heals(self, within_seconds: float, now: Stamp) -> Mapping[tuple[str, str], int]:
        """Return how often each fault on a subject was healed so lately."""
        return self._answered(lambda source: queries.read_heals(source, within_seconds, now))

    def holds(self, now: Stamp) -> tuple[Hold, ...]:
        """Return the pauses, silences and maintenance that are in force, oldest first."""
        with self._transaction() as connection:
            return reading_people.read_holds(source_of(connection), now)

    def add_hold(
        self, *, kind: HoldKind, who: str, why: str, seconds: float | None, now: Stamp, pattern: str = ""
    ) -> int:
        """Record a hold (`seconds` None: until it is ended) and return its id."""
        with self._transaction() as connection:
            return holding.add_hold(
                connection, kind=kind, pattern=pattern, who=who, why=why, seconds=seconds, now=now
            )

    def end_hold(self, hold_id: int, who: str, now: Stamp) -> bool:
        """Record that somebody ended a hold; False when there is none of this id that was not ended."""
        with self._transaction() as connection:
            return holding.end_hold(connection, hold_id, who, now)

    def lasted(self, since: Stamp, now: Stamp) -> Lasted:
        """Return how long ago something was, by the ledger of boots: across a reboot a lower bound."""
        with self._transaction() as connection:
            return read_ledger(source_of(connection)).lasted(since, now)

    def prune(self, now: Stamp, retention_seconds: float, minute_retention_seconds: float) -> int:
        """Forget what is older and return how many rows that was; `record` does it every hour of BOOTTIME."""
        with self._transaction() as connection:
            return upkeep.prune(connection, now, retention_seconds, minute_retention_seconds)

    def _attempts(self, wanted: Wanted) -> tuple[Attempt, ...]:
        try:
            with self._transaction() as connection:
                return reading_incidents.read_attempts(source_of(connection), wanted, lenient=False)
        except Damaged as damage:
            raise HistoryError(f"{damage}; or a newer watchdog wrote it: then use that one") from damage

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with explained(self._path), self._connected().begin() as transaction:
                yield transaction.connection
        except Damaged:
            self._sound = False
            raise

    def _answered(self, question: Callable[[Source], T]) -> T:
        """Put a question; when the file proves damaged, to a fresh one."""
        return self._mended(lambda connection: question(source_of(connection)))

    def _mended(self, work: Callable[[Connection], T]) -> T:
        """Do some work in one transaction; when the file proves damaged, once more on a fresh one."""
        try:
            with self._transaction() as connection:
                return work(connection)
        except Damaged as damage:
            self._begin_afresh(damage)
        with self._transaction() as connection:
            return work(connection)

    def _connected(self) -> Connection:
        """Return the connection; beginning afresh may have failed before, on a full disk."""
        if self._connection is not None:
            return self._connection
        try:
            return self._attach()
        except Damaged as damage:
            return self._begin_afresh(damage)

    def _attach(self) -> Connection:
        """Make the file where there is none, connect to it and see that it is sound; Damaged when it is not."""
        with explained(self._path):
            if is_orphaned(self._path):
                raise Damaged(self._path, "the file itself is gone, only its WAL is left")
            if not self._path.exists():
                schema.create(self._path)
            elif self._path.stat().st_size <= 1:
                # We never leave an empty file. SQLite takes one, or a single byte, for a new database, and nobody
                # would know that there was more.
                raise Damaged(self._path, "it is empty")
            # Who was here before us closed the file in good order, and nobody has touched it since.
            closed = self._lock.last_word == fingerprint(self._path)
            self._connection = connect_writer(self._path)
            with self._connection.begin():
                found = version.read_version(source_of(self._connection), self._path)
            if found != version.HEAD:
                self._disconnect()
                schema.migrate(self._path)
                self._connection = connect_writer(self._path)
            keep_wal(self._connection)
            if not closed:
                upkeep.check_soundness(self._connection, self._path, self._opened)
            else:
                upkeep.check_if_due(self._connection, self._path, self._opened)
            return self._connection

    def _begin_afresh(self, damage: Damaged) -> Connection:
        self._disconnect()
        with explained(self._path):
            aside = set_aside(self._path, self._opened)
        self.set_aside, self._sound = SetAside(path=aside, reason=damage.reason), True
        self.written += 1
        return self._attach()

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # Closing writes the WAL back: on a full or damaged file that fails, and loses nothing.
            with suppress(HistoryError), explained(self._path):
                connection.close()
