"""Plan, apply, verify, roll back; and recover what a crash interrupted.

The invariant: every step stands in the journal, with what undoes it, *before* it is done. So whatever interrupts
an attempt - a step that fails, a check that is not convinced, a person's Ctrl-C, a crash - what was changed is
known and can be undone, and undoing it twice harms nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from watchdog import actuator as real_actuator
from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.guards import Situation, permit
from watchdog.healing.attempt import Run, Tell, Treatment
from watchdog.healing.contracts import Actuator, Journal
from watchdog.healing.proposing import Proposal, choose, finding_of, list_proposals, propose, record_proposals
from watchdog.healing.verifying import Problem, problem_after_crash, still_wrong
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Incident, Stamp
from watchdog.plugin import Case
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import Attempt, Outcome, Plan

__all__ = [
    "Actuator",
    "Brakes",
    "Journal",
    "Problem",
    "Proposal",
    "Treatment",
    "choose",
    "finding_of",
    "heal_incident",
    "list_proposals",
    "problem_after_crash",
    "propose",
    "record_proposals",
    "recover",
    "still_wrong",
]

# Often enough to see a cure early, seldom enough not to disturb what is settling.
_POLL_SECONDS = 1.0
_NOT_TRIED = (Outcome.PROPOSED, Outcome.CLOSED, Outcome.REFUSED)

Look = Callable[[], CheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brakes:
    """What holds healing back on this host now: pauses (who, why, until when), and how many checks have faults.

    `silence` and `maintenance` hold back only what nobody asked for.
    """

    pauses: Sequence[str] = ()
    silence: str = ""
    maintenance: str = ""
    families: int = 0


def heal_incident(
    host: Host,
    incident: Incident,
    registry: Registry,
    permissions: Permissions,
    journal: Journal,
    look: Look,
    approve: Callable[[AnyRemediation, Plan], bool] | None,
    *,
    brakes: Brakes = Brakes(),
    tell: Tell = lambda line: None,
    actuator: Actuator = real_actuator,
    wait: Callable[[float], None] = time.sleep,
    oversee: Callable[[int, Plan], AbstractContextManager[None]] = lambda attempt_id, plan: nullcontext(),
) -> Treatment:
    """Look again, plan on what is seen now, and heal if the guards permit and `approve` says yes.

    `approve` None: nobody asked for it, the owner's settings must allow it. `look` runs the check that found the
    fault; its answer before and after is all that decides. Raises Refused (nothing was changed) and HistoryError
    (what was changed is undone, here or by `recover`). Ctrl-C rolls back; a second one during the roll-back leaves
    it to `recover`. `oversee` is what an attempt is made within, by its id and plan (timed_rollback).
    """
    before = look()
    _demand_sight(before, incident.subject)
    finding = next((f for f in before.findings if (f.fault, f.subject) == incident.key), None)
    if finding is None:
        return Treatment(outcome=None, reason="the fault is gone; nothing was done")
    situate = _situations(incident, permissions, journal, brakes, host.stamp(), asked=approve is not None)
    remediation, plan = choose(
        propose(host, Case(finding=finding), registry, permissions), lambda proposal: permit(situate(proposal))
    )
    if approve is not None and not approve(remediation, plan):
        raise Refused("not approved; nothing was changed")
    mode = "auto" if approve is None else "propose"
    attempt_id = journal.begin_attempt(
        incident.id, remediation.name, mode, plan, Outcome.RUNNING, "", host.stamp()
    )
    for proposal in journal.attempts(incident.id, Outcome.PROPOSED):
        if proposal.remediation == remediation.name:
            journal.end_attempt(proposal.id, Outcome.CLOSED, f"approved, as try {attempt_id}", host.stamp())
    run = Run(host=host, journal=journal, actuator=actuator, tell=tell, attempt_id=attempt_id, plan=plan)
    with oversee(attempt_id, plan):
        return run.heal(lambda: _verify(host, plan, finding, before, look, wait))


def recover(
    host: Host,
    journal: Journal,
    problem_of: Callable[[Attempt], Problem | None],
    *,
    tell: Tell = lambda line: None,
    actuator: Actuator = real_actuator,
) -> tuple[Treatment, ...]:
    """End every attempt found RUNNING. Call it only while holding the history's lock: then no one else runs it.

    `problem_of` looks: None when the fault that the attempt was for is gone. What cured it stays, because undoing
    it hours later could take the last healthy member away; anything else is undone. What a restart of the host
    undid by itself is not undone again: the link may be up for a better reason now.
    """
    interrupted = journal.attempts(None, Outcome.RUNNING)
    return tuple(_recover(host, journal, attempt, problem_of, tell, actuator) for attempt in interrupted)


def _demand_sight(before: CheckResult, subject: str) -> None:
    """Refuse to heal in the dark: what the check cannot see now, it could not verify either."""
    reason = None if before.judged and before.applicable else before.reason
    for unseen in before.unseen:
        if unseen.covers(subject):
            reason = unseen.reason
    if reason is not None:
        raise Refused(f"the check cannot see {subject} now ({reason}); nothing is healed in the dark")


def _situations(
    incident: Incident, permissions: Permissions, journal: Journal, brakes: Brakes, now: Stamp, *, asked: bool
) -> Callable[[Proposal], Situation]:
    """Return what makes a situation of a proposal that has a plan."""
    everything = [one for one in journal.attempts() if one.outcome not in _NOT_TRIED]
    here = [one for one in everything if one.incident_id == incident.id]

    def situate(proposal: Proposal) -> Situation:
        name = proposal.remediation.name
        return Situation(
            limits=permissions.limits(name),
            approved=asked,
            state=incident.state,
            flapping=incident.flapping,
            risk=proposal.remediation.risk,
            running=any(one.outcome is Outcome.RUNNING for one in everything),
            attempts=sum(one.remediation == name for one in here),
            last=here[-1].started if here else None,
            by_itself=[one.started for one in everything if one.mode == "auto"],
            families=brakes.families,
            healthy_left=proposal.plan.healthy_left if proposal.plan else None,
            pauses=brakes.pauses,
            silence=brakes.silence,
            maintenance=brakes.maintenance,
            now=now,
        )

    return situate


def _verify(
    host: Host, plan: Plan, finding: Finding, before: CheckResult, look: Look, wait: Callable[[float], None]
) -> Problem | None:
    """Run the check until it is convinced or the time to settle is over; return what it still misses."""
    started = host.stamp()
    while problem := still_wrong(finding, before, look()):
        left = plan.settle_seconds - host.stamp().seconds_since(started)
        if left <= 0:
            return problem
        wait(min(_POLL_SECONDS, left))
    return None


def _recover(
    host: Host,
    journal: Journal,
    attempt: Attempt,
    problem_of: Callable[[Attempt], Problem | None],
    tell: Tell,
    actuator: Actuator,
) -> Treatment:
    run = Run(
        host=host,
        journal=journal,
        actuator=actuator,
        tell=tell,
        attempt_id=attempt.id,
        plan=attempt.plan,
        entries=attempt.journal,
    )
    if attempt.started.boot_id != host.stamp().boot_id and not attempt.plan.lasting:
        return run.end(Outcome.ROLLED_BACK, "interrupted; the host has restarted since, which undid the change")
    problem = problem_of(attempt)
    if problem is None:
        return run.end(Outcome.HEALED, "interrupted before it was verified; the check no longer finds the fault")
    return run.end_undone(Outcome.ROLLED_BACK, f"interrupted before it was verified: {problem.text}")
