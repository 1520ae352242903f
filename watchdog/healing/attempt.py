"""One attempt under way: each step stands in the journal before it is done, and is undone in reverse."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from watchdog.actuator import StepFailed
from watchdog.errors import HistoryError
from watchdog.healing.contracts import Actuator, Journal
from watchdog.healing.verifying import Problem
from watchdog.host import Host
from watchdog.model import Message
from watchdog.steps import AnyStep, JournalEntry, Outcome, Plan, UnitAction

Tell = Callable[[str], None]


class Treatment(msgspec.Struct, frozen=True, kw_only=True):
    """How healing ended. `outcome` is None when there was nothing left to heal; then no attempt was made."""

    outcome: Outcome | None
    reason: str
    attempt_id: int | None = None
    plan: Plan | None = None
    journal: tuple[JournalEntry, ...] = ()


class _StepBroke(StepFailed):
    """The actuator broke, so nobody knows how far it came."""


@contextmanager
def _in_words(step: AnyStep) -> Iterator[None]:
    """Turn whatever breaks into a step that failed: the rest is undone, and no cycle ends over it."""
    try:
        yield
    except StepFailed:
        raise
    except Exception as error:
        raise _StepBroke(f"{step.brief()}: it raised {type(error).__name__}: {error}") from error


class Run:
    """One attempt under way: what it has written in the journal so far."""

    def __init__(
        self,
        *,
        host: Host,
        journal: Journal,
        actuator: Actuator,
        tell: Tell,
        attempt_id: int,
        plan: Plan,
        entries: Iterable[JournalEntry] = (),
        news: Callable[[Outcome, str], Sequence[Message]] = lambda outcome, reason: (),
        stays: Callable[[], str] = lambda: "",
    ) -> None:
        self.host, self.journal, self.actuator, self._tell, self._news = host, journal, actuator, tell, news
        self._stays = stays
        self.attempt_id, self.plan, self.entries = attempt_id, plan, list(entries)

    def heal(self, verify: Callable[[], Problem | str]) -> Treatment:
        """Apply and verify; whatever stops it, what was changed is undone before this returns or raises.

        `verify` returns the problem that is left, or a text: what else is new and stays.
        """
        try:
            for step in self.plan.steps:
                self.apply(step)
            problem = verify()
        except StepFailed as error:
            return self.end_undone(Outcome.STEP_FAILED, str(error))
        except KeyboardInterrupt:
            return self.end_undone(Outcome.ROLLED_BACK, "interrupted by a signal before it was verified")
        except BaseException as error:
            self.end_undone(Outcome.ROLLED_BACK, f"interrupted by {type(error).__name__}: {error}")
            raise
        changed = any(entry.state == "done" for entry in self.entries)
        if isinstance(problem, str):
            by_us = "" if changed else "nothing had to be changed; "
            beside = f"; new beside it: {problem}" if problem else ""
            return self.end(Outcome.HEALED, f"{by_us}the check no longer finds the fault{beside}")
        if not changed:
            return self.end(problem.outcome, f"everything planned was done already, yet {problem.text}")
        return self.end_undone(problem.outcome, problem.text)

    def apply(self, step: AnyStep) -> None:
        """Do one step that stands in the journal; raises StepFailed."""
        seq = len(self.entries)
        with _in_words(step):
            prepared = self.actuator.prepare(step, self.host)
        if not prepared.needed:
            self.write(seq, JournalEntry(step=step, undo=None, state="skipped", output="it is so already"))
            self.tell(f"nothing to do for {step.brief()}: it is so already")
            return
        self.write(seq, JournalEntry(step=step, undo=prepared.undo))
        try:
            with _in_words(step):
                output = self.actuator.do(step, self.host)
        except _StepBroke:
            raise  # it may have done something: what is planned is undone
        except StepFailed as error:
            self.write(seq, JournalEntry(step=step, undo=prepared.undo, state="failed", output=str(error)))
            raise
        self.write(seq, JournalEntry(step=step, undo=prepared.undo, state="done", output=output))
        self.tell(f"did {step.brief()}: {output}")

    def end_undone(self, outcome: Outcome, reason: str) -> Treatment:
        """Undo what was done or may have been, last first, and end; ROLLBACK_FAILED when something resists.

        What has become the last healthy one meanwhile is not taken out of service again.
        """
        takes_out = any(one.undo and one.undo.takes_out for one in self.entries if one.may_have_changed)
        if takes_out and (why := self._stays()):
            return self.end(outcome, f"{reason}; what was done is left in place: {why}")
        problems = [problem for seq in _undo_order(self.entries) if (problem := self.undo(seq))]
        stays = [entry.step.brief() for entry in self.entries if entry.changed_for_good]
        if problems:
            outcome, reason = Outcome.ROLLBACK_FAILED, f"{reason}; and undoing it failed: {'; '.join(problems)}"
        elif any(entry.state == "undone" for entry in self.entries):
            reason = f"{reason}; what was done is undone"
        return self.end(outcome, f"{reason}; nothing takes back: {'; '.join(stays)}" if stays else reason)

    def undo(self, seq: int) -> str | None:
        """Undo one step and return None, or what a person must do in our place."""
        entry = self.entries[seq]
        if entry.undo is None or not entry.may_have_changed:
            return None
        try:
            with _in_words(entry.undo):
                output = self.actuator.do(entry.undo, self.host)
        except StepFailed as error:
            command = entry.undo.describe()
            by_hand = f"watchdog rollback {self.attempt_id}" if "\n" in command else command
            return f"{error} (when it is possible again, run: {by_hand})"
        self.tell(f"undid {entry.step.brief()}: {output}")
        # A journal that fails must not keep the next step from being undone; `end` will report it.
        with suppress(HistoryError):
            self.write(seq, JournalEntry(step=entry.step, undo=entry.undo, state="undone", output=output))
        return None

    def write(self, seq: int, entry: JournalEntry) -> None:
        """Put an entry on disk as number `seq`."""
        self.entries[seq : seq + 1] = [entry]
        self.journal.write_entry(self.attempt_id, seq, entry, self.host.stamp())

    def tell(self, line: str) -> None:
        """Say what was done; a reader that has gone away (a closed pipe) must not stop what is under way."""
        with suppress(OSError, ValueError):  # ValueError: it is closed on our side
            self._tell(line)

    def end(self, outcome: Outcome, reason: str) -> Treatment:
        """Record how it ended."""
        now = self.host.stamp()
        self.journal.end_attempt(self.attempt_id, outcome, reason, now, messages=self._news(outcome, reason))
        return Treatment(
            outcome=outcome,
            reason=reason,
            attempt_id=self.attempt_id,
            plan=self.plan,
            journal=tuple(self.entries),
        )


def _undo_order(entries: Sequence[JournalEntry]) -> list[int]:
    """Return what to undo, the last step first; but a service is restarted once all its files are as they were."""

    def restarts(seq: int) -> bool:
        undo = entries[seq].undo
        return isinstance(undo, UnitAction) and undo.again_on_undo

    last_first = list(reversed(range(len(entries))))
    return sorted(last_first, key=restarts)
