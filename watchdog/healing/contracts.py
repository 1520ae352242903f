"""What healing needs of the history, of the checks and of the actuator, so that each can be stood in for."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from watchdog.host import Host
from watchdog.model import CheckResult, Lasted, Message, Stamp
from watchdog.steps import AnyStep, Attempt, JournalEntry, Outcome, Plan, Prepared


class Journal(Protocol):
    """What healing needs of the history. Each call is on disk when it returns; HistoryError when it cannot be."""

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
        """Record an attempt, who permitted it and what is to be told of it; return its id."""

    def write_entry(self, attempt_id: int, seq: int, entry: JournalEntry, now: Stamp) -> None:
        """Record the step number `seq` of an attempt, in place of what was recorded for it before."""

    def write_verification(self, attempt_id: int, problem: str, now: Stamp) -> None:
        """Record what the check said after the steps were done; "" is that it was convinced."""

    def end_attempt(
        self, attempt_id: int, outcome: Outcome, reason: str, now: Stamp, *, messages: Sequence[Message] = ()
    ) -> None:
        """Record how an attempt ended, and what is to be told of it."""

    def attempts(self, incident_id: int | None = None, outcome: Outcome | None = None) -> tuple[Attempt, ...]:
        """Return the attempts, of one incident or with one outcome where asked, oldest first."""

    def begun_unasked(self, within_seconds: float, now: Stamp) -> Sequence[float]:
        """Return how many seconds ago, at least, each attempt began that nobody asked for, if so lately."""

    def lasted(self, since: Stamp, now: Stamp) -> Lasted:
        """Return how long it is since then, by CLOCK_BOOTTIME; over reboots at least so long."""


class Eyes(Protocol):
    """The checks, as healing looks through them. They look with what they remember; nothing is recorded."""

    def look(self, check: str) -> CheckResult:
        """Run one check now."""

    def look_around(self) -> Mapping[str, CheckResult]:
        """Run every check that is switched on, and return what they say by name."""


class Actuator(Protocol):
    """What changes the host: `watchdog.actuator`, or what stands in for it in a test."""

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        """Say whether the step is needed and what undoes it; raises StepFailed."""

    def do(self, step: AnyStep, host: Host) -> str:
        """Do it whole or not at all, and say what was done; raises StepFailed."""
