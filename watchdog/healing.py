"""Plan, apply, verify, roll back; and recover what a crash interrupted.

The invariant: every step stands in the journal, with what undoes it, *before* it is done. So whatever interrupts
an attempt - a step that fails, a check that is not convinced, a person's Ctrl-C, a crash - what was changed is
known and can be undone, and undoing it twice harms nothing.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from watchdog import actuator as real_actuator
from watchdog.actuator import StepFailed
from watchdog.errors import HistoryError, Refused
from watchdog.guards import Situation, permit
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Incident, IncidentState, Severity, Stamp
from watchdog.plugin import RemediationSettings
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import AnyStep, Attempt, JournalEntry, Outcome, Plan

# Often enough to see a cure early, seldom enough not to disturb what is settling.
_POLL_SECONDS = 1.0
_NOT_TRIED = (Outcome.PROPOSED, Outcome.CLOSED, Outcome.REFUSED)
_RANK = {None: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}

Look = Callable[[], CheckResult]
Tell = Callable[[str], None]


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

    def prepare(self, step: AnyStep, host: Host) -> AnyStep | None:
        """Return what undoes the step, None when its work is done already; raises StepFailed."""

    def do(self, step: AnyStep) -> str:
        """Do it whole or not at all, and say what was done; raises StepFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a remediation says about an incident: a plan, or (None) why it refuses."""

    remediation: AnyRemediation
    plan: Plan | None
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How healing ended. `outcome` is None when there was nothing left to heal; then no attempt was made."""

    outcome: Outcome | None
    reason: str
    attempt_id: int | None = None
    plan: Plan | None = None
    journal: tuple[JournalEntry, ...] = ()


def propose(
    host: Host, finding: Finding, registry: Registry, settings: Mapping[str, RemediationSettings]
) -> tuple[Proposal, ...]:
    """Ask every remediation for this fault what it would do; by name. Changes nothing."""
    return tuple(_ask(host, finding, healer, settings[healer.name]) for healer in registry.healers(finding.fault))


def list_proposals(
    host: Host, incidents: Iterable[Incident], registry: Registry, settings: Mapping[str, RemediationSettings]
) -> tuple[tuple[Incident, tuple[Proposal, ...]], ...]:
    """Return each firing incident that a remediation knows, with what those remediations propose."""
    firing = (i for i in incidents if i.state is IncidentState.FIRING and registry.healers(i.fault))
    return tuple((i, propose(host, finding_of(i), registry, settings)) for i in firing)


def record_proposals(
    host: Host,
    incidents: Iterable[Incident],
    registry: Registry,
    settings: Mapping[str, RemediationSettings],
    journal: Journal,
) -> None:
    """Keep the journal's open proposals true: one per incident and remediation, with the plan of now.

    A proposal whose plan no longer holds, or whose incident is over, is ended and says why.
    """
    standing = {(a.incident_id, a.remediation): a for a in journal.attempts(None, Outcome.PROPOSED)}
    now = host.stamp()
    for incident, proposals in list_proposals(host, incidents, registry, settings):
        for proposal in proposals:
            name = proposal.remediation.name
            known = standing.pop((incident.id, name), None)
            if known and known.plan == proposal.plan:
                continue
            if known:
                journal.end_attempt(known.id, Outcome.CLOSED, proposal.refusal or "another plan fits now", now)
            if proposal.plan is not None:
                journal.begin_attempt(
                    incident.id, name, settings[name].mode, proposal.plan, Outcome.PROPOSED, "", now
                )
    for over in standing.values():
        journal.end_attempt(over.id, Outcome.CLOSED, "the incident no longer fires", now)


def finding_of(incident: Incident) -> Finding:
    """Return the finding that an incident last recorded."""
    return Finding(
        fault=incident.fault,
        subject=incident.subject,
        severity=incident.severity,
        summary=incident.summary,
        evidence=incident.evidence,
    )


def choose(proposals: Iterable[Proposal]) -> tuple[AnyRemediation, Plan]:
    """Return the first that has a plan, with it; Refused with every reason when none has."""
    proposals = tuple(proposals)
    for proposal in proposals:
        if proposal.plan is not None:
            return proposal.remediation, proposal.plan
    reasons = "; ".join(f"{p.remediation.name}: {p.refusal}" for p in proposals)
    raise Refused(reasons or "no remediation knows this fault; `watchdog explain` says what a person can do")


def heal_incident(
    host: Host,
    incident: Incident,
    registry: Registry,
    settings: Mapping[str, RemediationSettings],
    journal: Journal,
    look: Look,
    approve: Callable[[AnyRemediation, Plan], bool],
    *,
    tell: Tell = lambda line: None,
    actuator: Actuator = real_actuator,
    wait: Callable[[float], None] = time.sleep,
) -> Treatment:
    """Look again, plan on what is seen now, and heal if the guards permit and `approve` says yes.

    `look` runs the check that found the fault; its answer before and after is all that decides. Raises Refused
    (nothing was changed) and HistoryError (what was changed is undone, here or by `recover`). Ctrl-C rolls back;
    a second one during the roll-back leaves it to `recover`.
    """
    before = look()
    _demand_sight(before, incident.subject)
    finding = next((f for f in before.findings if (f.fault, f.subject) == incident.key), None)
    if finding is None:
        return Treatment(outcome=None, reason="the fault is gone; nothing was done")
    remediation, plan = choose(propose(host, finding, registry, settings))
    situation = _situation(incident, settings[remediation.name], journal, host.stamp())
    if refusal := permit(replace(situation, approved=True)):  # before a person is asked for nothing
        raise Refused(refusal)
    if refusal := permit(replace(situation, approved=approve(remediation, plan))):
        raise Refused(refusal)
    attempt_id = journal.begin_attempt(
        incident.id, remediation.name, situation.mode, plan, Outcome.RUNNING, "", host.stamp()
    )
    for proposal in journal.attempts(incident.id, Outcome.PROPOSED):
        if proposal.remediation == remediation.name:
            journal.end_attempt(proposal.id, Outcome.CLOSED, f"approved, as try {attempt_id}", host.stamp())
    run = _Run(host=host, journal=journal, actuator=actuator, tell=tell, attempt_id=attempt_id, plan=plan)
    return run.heal(lambda: _verify(host, plan, finding, before, look, wait))


def recover(
    host: Host,
    journal: Journal,
    problem_of: Callable[[Attempt], str | None],
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


def problem_after_crash(finding: Finding, seen: CheckResult) -> str | None:
    """Say what keeps an interrupted attempt on this finding from having healed it; None: it did.

    Only the fault itself counts. What else is wrong now was there before or came since, and then what was raised
    may be all that still works.
    """
    return still_wrong(finding, seen, seen)


def still_wrong(finding: Finding, before: CheckResult, after: CheckResult) -> str | None:
    """Return None when the check says that the fault is gone, else what it saw instead.

    The check must have judged, seen the subject, not have found the fault, and not have found anything on the
    subject's root (`bond0` of `bond0/eth1`) that is new, or worse than before, and at least as bad as the fault.
    """
    if not after.judged or not after.applicable:
        return f"the check could not judge: {after.reason}"
    for unseen in after.unseen:
        if unseen.covers(finding.subject):
            return f"{unseen.subject} could not be seen: {unseen.reason}"
    known = {(f.fault, f.subject): f.severity for f in before.findings}
    for found in after.findings:
        key = (found.fault, found.subject)
        if key == (finding.fault, finding.subject):
            return f"the fault is still there: {found.summary}"
        grew = _RANK[found.severity] > _RANK[known.get(key)]
        if (
            _root(found.subject) == _root(finding.subject)
            and grew
            and _RANK[found.severity] >= _RANK[finding.severity]
        ):
            return f"something new is wrong: {found.fault} on {found.subject}: {found.summary}"
    return None


def _ask(host: Host, finding: Finding, remediation: AnyRemediation, settings: RemediationSettings) -> Proposal:
    if settings.mode == "off":
        return Proposal(remediation=remediation, plan=None, refusal='switched off (mode = "off")')
    try:
        with redirect_stdout(sys.stderr):  # stdout is ours, and a script may read it as JSON
            planned = remediation.plan(host, finding, settings)
        plan = msgspec.convert(msgspec.to_builtins(planned), Plan)
    except Refused as refusal:
        return Proposal(remediation=remediation, plan=None, refusal=str(refusal))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a remediation that raises costs only itself
        refusal_text = f"its planning raised {type(error).__name__}: {error}"
        return Proposal(remediation=remediation, plan=None, refusal=refusal_text)
    return Proposal(remediation=remediation, plan=plan)


def _demand_sight(before: CheckResult, subject: str) -> None:
    """Refuse to heal in the dark: what the check cannot see now, it could not verify either."""
    reason = None if before.judged and before.applicable else before.reason
    for unseen in before.unseen:
        if unseen.covers(subject):
            reason = unseen.reason
    if reason is not None:
        raise Refused(f"the check cannot see {subject} now ({reason}); nothing is healed in the dark")


def _situation(incident: Incident, settings: RemediationSettings, journal: Journal, now: Stamp) -> Situation:
    tried = [a for a in journal.attempts(incident.id) if a.outcome not in _NOT_TRIED]
    return Situation(
        mode=settings.mode,
        approved=False,
        state=incident.state,
        flapping=incident.flapping,
        running=bool(journal.attempts(None, Outcome.RUNNING)),
        attempts=len(tried),
        last=tried[-1].started if tried else None,
        now=now,
    )


def _verify(
    host: Host, plan: Plan, finding: Finding, before: CheckResult, look: Look, wait: Callable[[float], None]
) -> str | None:
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
    problem_of: Callable[[Attempt], str | None],
    tell: Tell,
    actuator: Actuator,
) -> Treatment:
    run = _Run(
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
    return run.end_undone(Outcome.ROLLED_BACK, f"interrupted before it was verified: {problem}")


def _root(subject: str) -> str:
    return subject.split("/")[0]


class _Run:
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
    ) -> None:
        self.host, self.journal, self.actuator, self._tell = host, journal, actuator, tell
        self.attempt_id, self.plan, self.entries = attempt_id, plan, list(entries)

    def heal(self, verify: Callable[[], str | None]) -> Treatment:
        """Apply and verify; whatever stops it, what was changed is undone before this returns or raises."""
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
        changed = any(entry.undo is not None for entry in self.entries)
        if problem is None:
            by_us = "" if changed else "nothing had to be changed; "
            return self.end(Outcome.HEALED, f"{by_us}the check no longer finds the fault")
        if not changed:
            return self.end(Outcome.NO_EFFECT, f"everything planned was done already, yet {problem}")
        return self.end_undone(Outcome.ROLLED_BACK, problem)

    def apply(self, step: AnyStep) -> None:
        """Do one step that stands in the journal; raises StepFailed."""
        seq = len(self.entries)
        undo = self.actuator.prepare(step, self.host)
        self.write(seq, JournalEntry(step=step, undo=undo))
        try:
            output = self.actuator.do(step) if undo is not None else "nothing to do: it is so already"
        except StepFailed as error:
            self.write(seq, JournalEntry(step=step, undo=undo, state="failed", output=str(error)))
            raise
        self.write(seq, JournalEntry(step=step, undo=undo, state="done", output=output))
        self.tell(f"did {step.describe()}: {output}")

    def end_undone(self, outcome: Outcome, reason: str) -> Treatment:
        """Undo what was done or may have been, last first, and end; ROLLBACK_FAILED when something resists."""
        problems = [problem for seq in reversed(range(len(self.entries))) if (problem := self.undo(seq))]
        if problems:
            outcome, reason = Outcome.ROLLBACK_FAILED, f"{reason}; and undoing it failed: {'; '.join(problems)}"
        return self.end(outcome, reason)

    def undo(self, seq: int) -> str | None:
        """Undo one step and return None, or what a person must do in our place."""
        entry = self.entries[seq]
        if entry.undo is None or entry.state not in ("planned", "done"):
            return None
        try:
            output = self.actuator.do(entry.undo)
        except StepFailed as error:
            return f"{error} (when it is possible again, run: {entry.undo.describe()})"
        self.tell(f"undid {entry.step.describe()}: {output}")
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
        with suppress(OSError):
            self._tell(line)

    def end(self, outcome: Outcome, reason: str) -> Treatment:
        """Record how it ended."""
        self.journal.end_attempt(self.attempt_id, outcome, reason, self.host.stamp())
        return Treatment(
            outcome=outcome,
            reason=reason,
            attempt_id=self.attempt_id,
            plan=self.plan,
            journal=tuple(self.entries),
        )
