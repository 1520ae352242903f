"""What healing needs of the history and of the actuator, so that both can be stood in for."""

from typing import Protocol

from watchdog.host import Host
from watchdog.model import Stamp
from watchdog.steps import AnyStep, Attempt, JournalEntry, Outcome, Plan, Prepared


class Journal(Protocol):
    """What healing needs of the history. Each call is on disk when it returns; HistoryError when it cannot be."""

    def begin_attempt(
        self, incident_id: int, remediation: str, mode: str, plan: Plan, outcome: Outcome, reason: str, now: Stamp
    ) -> int:
        """Record an attempt and return its id."""

    def write_entry(self, attempt_id: int, seq: int, entry: JournalEntry, now: Stamp) -> None:
        """Record the step number `seq` of an attempt, in place of what was recorded for it before."""

    def end_attempt(self, attempt_id: int, outcome: Outcome, reason: str, now: Stamp) -> None:
        """Record how an attempt ended."""

    def attempts(self, incident_id: int | None = None, outcome: Outcome | None = None) -> tuple[Attempt, ...]:
        """Return the attempts, of one incident or with one outcome where asked, oldest first."""


class Actuator(Protocol):
    """What changes the host: `watchdog.actuator`, or what stands in for it in a test."""

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        """Say whether the step is needed and what undoes it; raises StepFailed."""

    def do(self, step: AnyStep, host: Host) -> str:
        """Do it whole or not at all, and say what was done; raises StepFailed."""
