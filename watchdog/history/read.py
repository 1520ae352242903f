"""The history as everybody else has it: to look at, beside the one who writes."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from watchdog.errors import HistoryError
from watchdog.history import queries, version
from watchdog.history.chain import Head
from watchdog.history.file import fingerprint, follow, require_ours
from watchdog.history.ledger import Boot, Moment
from watchdog.history.period import Notification, PeriodRecord, Sample
from watchdog.history.reading_incidents import Wanted, read_attempts, read_transitions
from watchdog.history.reading_ledger import read_ledger
from watchdog.history.records import (
    HOUR_SECONDS,
    IncidentRecord,
    MetricRecord,
    OutboxSummary,
    Proof,
    Span,
    WaitingRecord,
)
from watchdog.history.source import Source, explained, open_to_read
from watchdog.history.trouble import Damaged
from watchdog.holds import Hold
from watchdog.model import Ack, Stamp, TargetState, Transition
from watchdog.steps import Attempt, Outcome

T = TypeVar("T")
_TRIES = 5
# What SQLite says when it may not make, or not write, the WAL's index beside the file; and on a full disk.
_NO_INDEX = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_NO_ROOM = sqlite3.SQLITE_IOERR_SHMSIZE


class Reader:
    """The history, read-only: takes no lock of ours and never waits for the writer.

    What only some commands ask for is imported when it is asked.

    Each answer is of one moment. `since_seconds` and every duration count by CLOCK_BOOTTIME over the boots that
    were seen. All methods raise HistoryError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._source, self._frozen = self._connect()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a history that is there, of this schema."""
        with explained(path):
            path = follow(path)
            if not path.exists():
                raise HistoryError(f"there is no history at {path} yet: `watchdog run` begins one")
            if not os.access(path, os.R_OK):
                raise PermissionError(13, os.strerror(13), str(path))
            require_ours(path)
        reader = cls(path)
        try:
            version.require_head(reader._read(lambda source: version.read_version(source, path)), path)
        except BaseException:
            reader.close()
            raise
        return reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def incidents(self, *, open_only: bool, since_seconds: float | None, now: Stamp) -> tuple[IncidentRecord, ...]:
        """Return the open incidents, else also those resolved within the time given (None: ever); oldest first."""
        from watchdog.history.reading_people import read_known_incidents

        return self._read(lambda s: read_known_incidents(s, open_only, since_seconds, now))

    def attempts(self, incident_id: int | None = None, outcome: Outcome | None = None) -> tuple[Attempt, ...]:
        """Return the attempts, of one incident or with one outcome where asked, oldest first.

        A step that this watchdog does not know (a newer one wrote it) is a HistoryError, not left out.
        """
        return self._attempts(Wanted(incidents=None if incident_id is None else [incident_id], outcome=outcome))

    def attempt(self, attempt_id: int) -> Attempt | None:
        """Return one attempt, None when there is none of this id."""
        return next(iter(self._attempts(Wanted(attempt=attempt_id))), None)

    def holds(self, now: Stamp) -> tuple[Hold, ...]:
        """Return the pauses, silences and maintenance that are in force, oldest first."""
        from watchdog.history.reading_people import read_holds

        return self._read(lambda s: read_holds(s, now))

    def prove_audit(self, noted: Head | None = None) -> Proof:
        """Prove that the audit is as it was written, up to a head that was noted too, and the tables with it."""
        from watchdog.history.proof import prove

        return self._read(lambda s: prove(s, noted))

    def memories(self) -> dict[str, bytes]:
        """Return what each check remembers, as it encoded it."""
        return self._read(queries.read_memories)

    def latest_spans(self) -> tuple[Span, ...]:
        """Return what each check said last, by name."""
        return self._read(queries.read_latest_spans)

    def spans(self, check: str | None, since_seconds: float | None, now: Stamp) -> tuple[Span, ...]:
        """Return the spans that reach into the time given (None: all), of one check or by check."""

        def read(source: Source) -> tuple[Span, ...]:
            since = queries.EVER if since_seconds is None else read_ledger(source).cutoff(now, since_seconds)
            return queries.read_spans(source, since, check)

        return self._read(read)

    def period(self, since_seconds: float, now: Stamp) -> PeriodRecord:
        """Return what a report of the time from `since_seconds` ago until now is made of."""
        from watchdog.history.reading_period import read_period

        return self._read(lambda s: read_period(s, since_seconds, now))

    def notifications(self, incident_ids: Sequence[int]) -> tuple[Notification, ...]:
        """Return what was told of these incidents, oldest first."""
        from watchdog.history.reading_period import read_notifications

        return self._read(lambda s: read_notifications(s, incident_ids))

    def transitions(self, incident_ids: Sequence[int]) -> tuple[Transition, ...]:
        """Return what became of these incidents, in order."""
        return self._read(lambda s: read_transitions(s, incident_ids))

    def evidence(self, incident_ids: Sequence[int]) -> dict[int, object]:
        """Return the evidence of these incidents."""
        from watchdog.history.reading_period import read_evidence

        return self._read(lambda s: read_evidence(s, incident_ids))

    def samples(self, names: Iterable[str], cut: Moment, hours_in_one: int) -> tuple[Sample, ...]:
        """Return series by name from a moment on, so many hours in one sample."""
        from watchdog.history.reading_period import read_samples

        return self._read(lambda s: read_samples(s, names, cut, hours_in_one))

    def metrics(
        self, check: str, since_seconds: float | None, now: Stamp, resolution_seconds: int = HOUR_SECONDS
    ) -> tuple[MetricRecord, ...]:
        """Return a check's metrics by minute or hour (`records.MINUTE_SECONDS`, HOUR_SECONDS), oldest first."""
        return self._read(lambda s: queries.read_metrics(s, check, resolution_seconds, since_seconds, now))

    def boots(self) -> tuple[Boot, ...]:
        """Return every boot that was seen, in order."""
        return self._read(lambda s: read_ledger(s).boots)

    def outbox_summary(self) -> OutboxSummary:
        """Return how notifying fares."""
        from watchdog.history.reading_outbox import read_outbox_summary

        return self._read(read_outbox_summary)

    def waiting(self, now: Stamp) -> tuple[WaitingRecord, ...]:
        """Return the messages that wait to be sent, oldest first."""
        from watchdog.history.reading_outbox import read_waiting

        return self._read(lambda s: read_waiting(s, now))

    def targets(self, now: Stamp) -> tuple[TargetState, ...]:
        """Return how each notification target that was ever tried has been answering, by name."""
        from watchdog.history.reading_outbox import read_targets

        return self._read(lambda s: read_targets(s, now))

    def acks(self) -> Mapping[int, Ack]:
        """Return the latest acknowledgement of each incident that is open."""
        from watchdog.history.reading_people import read_acks

        return self._read(read_acks)

    def _attempts(self, wanted: Wanted) -> tuple[Attempt, ...]:
        try:
            return self._read(lambda s: read_attempts(s, wanted, lenient=False))
        except Damaged as damage:
            raise HistoryError(f"{damage}; or a newer watchdog wrote it: then use that one") from damage

    def _read(self, query: Callable[[Source], T]) -> T:
        """Ask within one transaction; a frozen view that proves to have moved is not believed but taken again."""
        for _ in range(_TRIES):
            try:
                with explained(self._path), self._source.one_moment():
                    answer = query(self._source)
            except Damaged:
                if not self._has_moved():
                    raise
            else:
                if not self._has_moved():
                    return answer
            self.close()
            self._source, self._frozen = self._connect()
        raise HistoryError(f"the history {self._path} changes faster than it can be read; try again")

    def _has_moved(self) -> bool:
        return bool(self._frozen) and fingerprint(self._path) != self._frozen

    def _connect(self) -> tuple[Source, str]:
        """Return a connection, and the file's fingerprint when it is a frozen view.

        A reader too needs the index of the WAL. Where there is none and we may not or cannot make one (a file
        system that is read-only or full, a user who may only read), no writer is at work, and SQLite can be told
        to take the file as it is.
        """
        with explained(self._path):
            source = open_to_read(self._path, immutable=False)
            try:
                with source.one_moment():
                    source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.Error as error:
                source.close()
                code = getattr(error, "sqlite_errorcode", 0)
                if code & 0xFF not in _NO_INDEX and code != _NO_ROOM:
                    raise
            else:
                return source, ""
            seen = fingerprint(self._path)
            return open_to_read(self._path, immutable=True), seen
