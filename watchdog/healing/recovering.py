"""Ends what a crash left of an attempt, and takes back what a person wants taken back."""

from collections.abc import Callable, Sequence

from watchdog import actuator as real_actuator
from watchdog.errors import Refused
from watchdog.healing.attempt import Run, Tell, Treatment
from watchdog.healing.contracts import Actuator, Journal
from watchdog.healing.verifying import Problem
from watchdog.host import Host
from watchdog.model import Message
from watchdog.steps import AnyStep, Attempt, Outcome

# How the reason begins of what a person took back.
TAKEN_BACK = "taken back by "
_RESTARTED = "the host has restarted since, which undid the change"


def recover(
    host: Host,
    journal: Journal,
    problem_of: Callable[[Attempt], Problem | None],
    *,
    stays: Callable[[Attempt], str] = lambda attempt: "",
    news: Callable[[Attempt, Outcome, str], Sequence[Message]] = lambda *_: (),
    tell: Tell = lambda line: None,
    actuator: Actuator = real_actuator,
) -> tuple[Treatment, ...]:
    """End every attempt found RUNNING. Call it only while holding the history's lock: then no one else runs it.

    `problem_of` looks: None when the fault that the attempt was for is gone. What cured it stays, because undoing
    it hours later could take the last healthy member away; anything else is undone, unless `stays` says why not.
    A roll-back that had begun, or was to, is brought to its end: what a check said of the whole plan stands, and
    half of one proves nothing, whatever is seen of it now.
    What a restart of the host undid by itself is not undone again: the link may be up for a better reason now.
    `news` is what a person must be told of the end.
    """
    return tuple(
        _recover(_run(host, journal, attempt, tell, actuator, stays, news), attempt, problem_of)
        for attempt in journal.attempts(None, Outcome.RUNNING)
    )


def to_take_back(attempt: Attempt, host: Host) -> tuple[AnyStep, ...]:
    """Return the steps that take back what an attempt changed, in order; Refused when there is nothing to."""
    if attempt.started.boot_id != host.stamp().boot_id and not attempt.plan.lasting:
        raise Refused(f"there is nothing to take back: {_RESTARTED}")
    steps = tuple(
        entry.undo for entry in reversed(attempt.journal) if entry.may_have_changed and entry.undo is not None
    )
    if steps:
        return steps
    if any(entry.changed_for_good for entry in attempt.journal):
        raise Refused("nothing takes back what it did; `watchdog incidents --all` says what that was")
    raise Refused(f"there is nothing to take back: it is {attempt.outcome.value.replace('_', ' ')}")


def take_back(
    host: Host,
    journal: Journal,
    attempt: Attempt,
    who: str,
    stays: Callable[[], str],
    *,
    tell: Tell = lambda line: None,
    actuator: Actuator = real_actuator,
) -> Treatment:
    """Undo what an attempt changed and left in place, last first, because `who` wants it.

    Raises Refused where `stays` says why something must not be taken out of service now.
    """
    takes_out = any(step.takes_out for step in to_take_back(attempt, host))
    if takes_out and (why := stays()):
        raise Refused(f"{why}; nothing was changed")
    return _run(host, journal, attempt, tell, actuator).end_undone(Outcome.ROLLED_BACK, f"{TAKEN_BACK}{who}")


def _recover(run: Run, attempt: Attempt, problem_of: Callable[[Attempt], Problem | None]) -> Treatment:
    if not any(entry.may_have_changed for entry in run.entries):
        return run.end(Outcome.ROLLED_BACK, "interrupted; it left nothing changed")
    if attempt.started.boot_id != run.host.stamp().boot_id and not attempt.plan.lasting:
        return run.end(Outcome.ROLLED_BACK, f"interrupted; {_RESTARTED}")
    if attempt.reason or any(entry.state == "undone" for entry in run.entries):
        why = f": {attempt.reason}" if attempt.reason else ""
        return run.end_undone(Outcome.ROLLED_BACK, f"interrupted while it was being undone{why}")
    problem = problem_of(attempt)
    run.journal.write_verification(attempt.id, problem.text if problem else "", run.host.stamp())
    if problem is None:
        return run.end(Outcome.HEALED, "interrupted before it was verified; the check no longer finds the fault")
    return run.end_undone(Outcome.ROLLED_BACK, f"interrupted before it was verified: {problem.text}")


def _run(
    host: Host,
    journal: Journal,
    attempt: Attempt,
    tell: Tell,
    actuator: Actuator,
    stays: Callable[[Attempt], str] = lambda attempt: "",
    news: Callable[[Attempt, Outcome, str], Sequence[Message]] = lambda *_: (),
) -> Run:
    return Run(
        host=host,
        journal=journal,
        actuator=actuator,
        tell=tell,
        attempt_id=attempt.id,
        plan=attempt.plan,
        entries=attempt.journal,
        stays=lambda: stays(attempt),
        news=lambda outcome, reason: news(attempt, outcome, reason),
    )
