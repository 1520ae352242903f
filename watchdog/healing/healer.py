"""Plans, asks for permission, applies, verifies, and rolls back what did not help.

The invariant: every step stands in the journal, with what undoes it, *before* it is done. So whatever interrupts
an attempt - a step that fails, a check that is not convinced, a person's Ctrl-C, a crash - what was changed is
known and can be undone, and undoing it twice harms nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec

from watchdog import actuator as real_actuator
from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.guards import Refusal, permit
from watchdog.healing.attempt import Run, Tell, Treatment
from watchdog.healing.contracts import Actuator, Eyes, Journal
from watchdog.healing.proposing import Proposal, choose, propose, why_stays
from watchdog.healing.situating import Brakes, situations
from watchdog.healing.verifying import Problem
from watchdog.healing.watching import Watch
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Incident, Message
from watchdog.plugin import Case
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import Outcome, Plan

_NOTHING = Plan(summary="", steps=())

Results = Mapping[str, CheckResult]


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """Who lets it be healed: a person who asked for this very attempt, or (`asked` False) the owner's settings.

    `permission` says who or which setting permits a remediation, for the record. `approve` shows the plan to the
    person; the answer decides.
    """

    asked: bool
    permission: Callable[[str], str]
    approve: Callable[[AnyRemediation, Plan], bool] = lambda remediation, plan: True


class Healer(msgspec.Struct, frozen=True, kw_only=True):
    """What healing needs: the host and its checks, what may be done, where it is written down, who hears of it.

    `news` puts into words what a person must be told of an attempt that nobody asked for. `watched_over` makes
    what undoes a plan in our place, should we be cut off (Plan.undone_after_seconds).
    """

    host: Host
    registry: Registry
    permissions: Permissions
    journal: Journal
    eyes: Eyes
    tell: Tell = lambda line: None
    news: Callable[[Incident, Outcome, str, Plan | None], Sequence[Message]] = lambda *_: ()
    watched_over: Callable[[int, Plan], AbstractContextManager[object]] = lambda *_: nullcontext()
    actuator: Actuator = real_actuator
    wait: Callable[[float], None] = time.sleep

    def heal(
        self,
        incident: Incident,
        open_incidents: Sequence[Incident],
        brakes: Brakes,
        consent: Consent,
        seen: Results | None = None,
    ) -> Treatment:
        """Look, plan on what is seen now, and heal if the guards permit and the person or the owner says yes.

        `seen` is what every check said just now, where they were asked already. Raises Refused (nothing was
        changed) and HistoryError (what was changed is undone, here or by `recover`). Ctrl-C rolls back; a second
        one during the roll-back leaves it to `recover`.
        """
        before = self.eyes.look_around() if seen is None else seen
        finding = _find(incident, before, self.registry)
        if finding is None:
            return Treatment(outcome=None, reason="the fault is gone; nothing was done")
        proposals = self._propose(finding, open_incidents, before)
        remediation, plan = self.choose(proposals, incident, brakes, asked=consent.asked)
        if not consent.approve(remediation, plan):
            raise Refused("not approved; nothing was changed")
        return self._treat(incident, finding, remediation, plan, before, consent)

    def try_dry(
        self, incident: Incident, open_incidents: Sequence[Incident], brakes: Brakes, who: str
    ) -> Treatment:
        """Do all of it but the change, and record that: what would be done, and whether it would be permitted."""
        before = self.eyes.look_around()
        finding = _find(incident, before, self.registry)
        if finding is None:
            return Treatment(outcome=None, reason="the fault is gone; there is nothing to heal")
        proposals = self._propose(finding, open_incidents, before)
        remediation, plan = self.choose(proposals, incident, brakes, asked=True)
        reason = "it would be permitted; nothing was changed"
        attempt_id = self.journal.begin_attempt(
            incident.id,
            remediation.name,
            self.permissions.remediations[remediation.name].mode,
            plan,
            Outcome.DRY_RUN,
            reason,
            self.host.stamp(),
            permission=who,
        )
        return Treatment(outcome=Outcome.DRY_RUN, reason=reason, attempt_id=attempt_id, plan=plan)

    def record_refusal(
        self, incident: Incident, refusal: Refused, mode: str, permission: str = "", *, tell: bool = False
    ) -> None:
        """Record that an incident was not healed, and why; `tell`: whom it concerns."""
        reason = str(refusal)
        healers = self.registry.healers(incident.fault)
        self.journal.begin_attempt(
            incident.id,
            healers[0].name if healers else "",
            mode,
            _NOTHING,
            Outcome.REFUSED,
            reason,
            self.host.stamp(),
            permission=permission,
            messages=self.news(incident, Outcome.REFUSED, reason, None) if tell else (),
        )

    def _propose(self, finding: Finding, incidents: Sequence[Incident], seen: Results) -> tuple[Proposal, ...]:
        healed = self.journal.attempts(None, Outcome.HEALED)
        case = Case(finding=finding, incidents=tuple(incidents), results=seen, healed=healed)
        return propose(self.host, case, self.registry, self.permissions)

    def choose(
        self, proposals: Sequence[Proposal], incident: Incident, brakes: Brakes, *, asked: bool
    ) -> tuple[AnyRemediation, Plan]:
        """Return the first that has a plan and that the guards permit; Refused with every reason when none has."""
        situate = situations(incident, self.permissions, self.journal, brakes, self.host.stamp(), asked=asked)

        def allow(proposal: Proposal) -> Refusal | None:
            return permit(situate(proposal))

        return choose(proposals, allow)

    def _treat(
        self,
        incident: Incident,
        finding: Finding,
        remediation: AnyRemediation,
        plan: Plan,
        before: Results,
        consent: Consent,
    ) -> Treatment:
        permission = consent.permission(remediation.name)
        attempt_id = self.journal.begin_attempt(
            incident.id,
            remediation.name,
            "propose" if consent.asked else "auto",
            plan,
            Outcome.RUNNING,
            "",
            self.host.stamp(),
            permission=permission,
        )
        for proposal in self.journal.attempts(incident.id, Outcome.PROPOSED):
            if proposal.remediation == remediation.name:
                reason = f"{'approved' if consent.asked else 'permitted'}, as try {attempt_id}"
                self.journal.end_attempt(proposal.id, Outcome.CLOSED, reason, self.host.stamp())

        def news(outcome: Outcome, reason: str) -> Sequence[Message]:
            return () if consent.asked else self.news(incident, outcome, reason, plan)

        watch = Watch(self.eyes, self.wait, faults=self.registry.faults, finding=finding, before=before)

        def verify() -> Problem | str:
            said = watch.verify(plan)
            problem = said.text if isinstance(said, Problem) else ""
            self.journal.write_verification(attempt_id, problem, self.host.stamp())
            return said

        run = Run(
            host=self.host,
            journal=self.journal,
            actuator=self.actuator,
            tell=self.tell,
            news=news,
            stays=lambda: why_stays(remediation, Case(finding=finding, results=watch.latest)),
            attempt_id=attempt_id,
            plan=plan,
        )
        with self.watched_over(attempt_id, plan):
            return run.heal(verify)


def _find(incident: Incident, seen: Results, registry: Registry) -> Finding | None:
    """Return the fault as it is seen now, None when it is gone.

    Refused in the dark: what the check cannot see now, it could not verify either.
    """
    fault = registry.faults.get(incident.fault)
    result = seen.get(fault.check) if fault else None
    if result is None:
        raise Refused(f"no check that is switched on knows {incident.fault}; nothing is healed in the dark")
    reason = None if result.judged and result.applicable else result.reason
    for unseen in result.unseen:
        if unseen.covers(incident.subject):
            reason = unseen.reason
    if reason is not None:
        raise Refused(f"the check cannot see {incident.subject} now ({reason}); nothing is healed in the dark")
    return next((one for one in result.findings if (one.fault, one.subject) == incident.key), None)
