"""Root's own list of what was done for the daemon, and of what takes it back. Only root can write it.

An entry is on disk before its step is done. So after a crash of whoever, what may have been changed can be taken
back; and nothing else can: not what was never done, not what was taken back already, not what the daemon invents.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from watchdog.actuator import StepFailed
from watchdog.files import read_bytes, say
from watchdog.model import Finding, Severity, Stamp
from watchdog.steps import AnyStep, Attempt, JournalEntry, Outcome, Plan

_MOST_BYTES = 64 << 20
# Of many small steps a year's; of files of a megabyte what can be kept.
_MOST_ENTRIES, _MOST_KEPT_BYTES = 1000, 16 << 20


class LedgerError(StepFailed):
    """The list cannot be read or written, so nothing is done."""


class Healed(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be healed, as root's own look found it."""

    fault: str
    subject: str
    severity: Severity
    summary: str = ""
    evidence: dict[str, Any] = {}

    @classmethod
    def of(cls, finding: Finding) -> "Healed":
        """Return what is kept of a finding."""
        return cls(
            fault=finding.fault,
            subject=finding.subject,
            severity=finding.severity,
            summary=finding.summary,
            evidence=dict(finding.evidence),
        )

    @property
    def finding(self) -> Finding:
        """The finding."""
        return Finding(
            fault=self.fault,
            subject=self.subject,
            severity=self.severity,
            summary=self.summary,
            evidence=self.evidence,
        )


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One step that was begun: of which plan of which remediation, and what takes it back (None: nothing).

    `undo_within_seconds` is for how long the daemon may have it taken back; root always may. `attempt` is what the
    daemon's history calls the attempt, 0 where it did not say: people are told it, and nothing is decided by it.
    """

    id: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))
    plan: str
    remediation: str
    healed: Healed
    step: AnyStep
    undo: AnyStep | None
    at: Stamp
    undo_within_seconds: float
    attempt: int = 0
    state: Literal["begun", "done", "undone"] = "begun"


class Ledger:
    """The list; `path` is a file below a folder that only root can write, by several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries: list[Entry] = self._read()

    def begin(self, entry: Entry) -> None:
        """Put a step on disk that is about to be done."""
        with self._alone():
            self._write([*self.entries, entry])

    def have_done(self, entry: Entry, do: Callable[[], str]) -> str:
        """Have a step done that stands here before, and return what it said; raises StepFailed.

        Of one that failed whole nothing is left to take back.
        """
        self.begin(entry)
        try:
            output = do()
        except StepFailed:
            if entry.step.whole:
                self.end(entry, None)
            raise
        with suppress(LedgerError):  # it stands there as begun, and can be taken back all the same
            self.end(entry, "done")
        return output

    def have_undone(self, entry: Entry, undo: Callable[[], str]) -> str:
        """Have what takes an entry back done, once, and return what it said; raises StepFailed."""
        if entry.state == "undone":
            return "it is undone already"
        output = undo()
        with suppress(LedgerError):  # then it may be done again, which changes nothing
            self.end(entry, "undone")
        return output

    def end(self, entry: Entry, state: Literal["done", "undone"] | None) -> None:
        """Put on disk how it ended; None: it failed and has changed nothing, so it is struck off."""
        changed = {entry.id: msgspec.structs.replace(entry, state=state) if state else None}
        with self._alone():
            self._write([one for known in self.entries if (one := changed.get(known.id, known))])

    def takes_back(self, step: AnyStep) -> Entry | None:
        """Return the latest entry that this step takes back, or took back; None: there is none."""
        with self._alone():
            found = [one for one in self.entries if one.undo == step]
        return next((one for one in reversed(found) if one.state != "undone"), found[-1] if found else None)

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the plans of which something was done and stands, as remediations know attempts; newest last."""
        plans: dict[str, list[Entry]] = {}
        for entry in self.entries:
            plans.setdefault(entry.plan, []).append(entry)
        return tuple(_attempt(those) for those in plans.values() if any(one.state == "done" for one in those))

    def begun(self, now: Stamp, wanted: Callable[[Entry], bool] = lambda entry: True) -> Sequence[float]:
        """Return how many seconds ago, at least, each plan was begun, of those wanted."""
        first: dict[str, float] = {}
        for entry in self.entries:
            if wanted(entry):
                first.setdefault(entry.plan, now.seconds_since(entry.at))
        return tuple(first.values())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Read what stands there now, and keep every other process from it meanwhile."""
        try:
            path = self._path.with_name(f"{self._path.name}.lock")
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerError(f"{self._path}: {say(error)}; nothing is done without it") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.entries = self._read()
            yield
        finally:
            os.close(lock)

    def _read(self) -> list[Entry]:
        try:
            return msgspec.json.decode(read_bytes(self._path, _MOST_BYTES), type=list[Entry])
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LedgerError(f"{self._path}: {say(error)}; nothing is done without it") from error
        except msgspec.MsgspecError as error:
            raise LedgerError(
                f"{self._path} is damaged ({error}): nothing is done without it; look at it, then move it away"
            ) from error

    def _write(self, entries: list[Entry]) -> None:
        kept = list(_newest(entries))
        new = self._path.with_name(f".{self._path.name}.new")
        try:
            with suppress(FileNotFoundError):
                new.unlink()
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(kept))
                file.flush()
                os.fsync(descriptor)
            new.rename(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            with suppress(OSError):
                os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise LedgerError(
                f"{self._path} cannot be written: {say(error)}; nothing is done without it"
            ) from error
        self.entries = kept


def _newest(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield as many of the newest as can be kept, in order."""
    size, first = 0, len(entries)
    for index in range(len(entries) - 1, max(len(entries) - _MOST_ENTRIES, 0) - 1, -1):
        size += len(msgspec.json.encode(entries[index]))
        if size > _MOST_KEPT_BYTES and first < len(entries):
            break
        first = index
    yield from entries[first:]


def _attempt(entries: Sequence[Entry]) -> Attempt:
    states: dict[str, Literal["planned", "done", "undone"]] = {
        "begun": "planned",
        "done": "done",
        "undone": "undone",
    }
    steps = tuple(JournalEntry(step=one.step, undo=one.undo, state=states[one.state]) for one in entries)
    return Attempt(
        id=entries[0].attempt,
        incident_id=0,
        remediation=entries[0].remediation,
        mode="auto",
        outcome=Outcome.HEALED,
        reason="",
        plan=Plan(summary="", steps=tuple(one.step for one in entries)),
        started=entries[0].at,
        ended=entries[-1].at,
        journal=steps,
    )
