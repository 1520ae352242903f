"""Asks the remediations what they would do, and keeps the open proposals true. Changes nothing on the host."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout

import msgspec

from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.guards import Refusal
from watchdog.healing.contracts import Journal
from watchdog.host import Host
from watchdog.model import CheckResult, Finding, Incident, IncidentState
from watchdog.plain import shorten
from watchdog.plugin import Case, RemediationSettings
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import Attempt, Outcome, Plan

MOST_STEPS = 200
# By one remediation, for one incident.
MOST_PROPOSALS = 20
LONGEST_SETTLE_SECONDS = 3600.0


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a remediation says about an incident: a plan, or (None) why it refuses."""

    remediation: AnyRemediation
    plan: Plan | None
    refusal: str = ""


def propose(host: Host, case: Case, registry: Registry, permissions: Permissions) -> tuple[Proposal, ...]:
    """Ask every remediation for this fault what it would do, in the order in which they are to be tried."""
    fault = case.finding.fault
    first = permissions.healing.first.get(fault, ())
    # What the owner did not name keeps its order behind that.
    healers = sorted(
        registry.healers(fault),
        key=lambda one: first.index(one.name) if one.name in first else len(first),
    )
    return tuple(_ask(host, case, one, permissions.remediations[one.name]) for one in healers)


def list_proposals(
    host: Host,
    incidents: Iterable[Incident],
    registry: Registry,
    permissions: Permissions,
    seen: Mapping[str, CheckResult],
    healed: tuple[Attempt, ...] = (),
) -> tuple[tuple[Incident, tuple[Proposal, ...]], ...]:
    """Return each firing incident that a remediation knows, with what those remediations propose.

    `seen` is what the checks say now: what a remediation plans by, beside what the incident recorded; `healed` are
    the attempts that healed something before.
    """
    everything = tuple(incidents)
    firing = (i for i in everything if i.state is IncidentState.FIRING and registry.healers(i.fault))
    return tuple((i, propose(host, case_of(i, everything, seen, healed), registry, permissions)) for i in firing)


def case_of(
    incident: Incident,
    incidents: Sequence[Incident],
    seen: Mapping[str, CheckResult],
    healed: tuple[Attempt, ...] = (),
) -> Case:
    """Return the case of an incident: the finding as it is seen now, else as the incident recorded it last."""
    found = (finding for result in seen.values() for finding in result.findings)
    fresh = next((one for one in found if (one.fault, one.subject) == incident.key), None)
    return Case(finding=fresh or finding_of(incident), incidents=tuple(incidents), results=seen, healed=healed)


def record_proposals(
    host: Host,
    incidents: Iterable[Incident],
    registry: Registry,
    permissions: Permissions,
    journal: Journal,
    seen: Mapping[str, CheckResult],
) -> None:
    """Keep the journal's open proposals true: one per incident and remediation, with the plan of now.

    A proposal whose plan no longer holds, or whose incident is over, is ended and says why. Where the plan is ever
    another one (an address, a figure), the history keeps so many of them and no more.
    """
    standing = {(a.incident_id, a.remediation): a for a in journal.attempts(None, Outcome.PROPOSED)}
    healed = journal.attempts(None, Outcome.HEALED)
    now = host.stamp()
    for incident, proposals in list_proposals(host, incidents, registry, permissions, seen, healed):
        for proposal in proposals:
            name = proposal.remediation.name
            known = standing.pop((incident.id, name), None)
            if (known and known.plan) == proposal.plan:
                continue
            if proposal.plan is not None and _enough(journal, incident, name):
                continue
            if known:
                journal.end_attempt(known.id, Outcome.CLOSED, proposal.refusal or "another plan fits now", now)
            if proposal.plan is not None:
                mode = permissions.remediations[name].mode
                journal.begin_attempt(incident.id, name, mode, proposal.plan, Outcome.PROPOSED, "", now)
    for over in standing.values():
        journal.end_attempt(over.id, Outcome.CLOSED, "the incident no longer fires", now)


def _enough(journal: Journal, incident: Incident, remediation: str) -> bool:
    proposed = (one for one in journal.attempts(incident.id) if one.remediation == remediation)
    return sum(one.outcome in (Outcome.PROPOSED, Outcome.CLOSED) for one in proposed) >= MOST_PROPOSALS


def finding_of(incident: Incident) -> Finding:
    """Return the finding that an incident last recorded."""
    return Finding(
        fault=incident.fault,
        subject=incident.subject,
        severity=incident.severity,
        summary=incident.summary,
        evidence=incident.evidence,
    )


def choose(
    proposals: Iterable[Proposal], permit: Callable[[Proposal], Refusal | None] = lambda proposal: None
) -> tuple[AnyRemediation, Plan]:
    """Return the first that has a plan and a permit; Refused with every reason when none has."""
    reasons, needs_person = [], False
    for proposal in proposals:
        if proposal.plan is None:
            refusal = Refusal(reason=proposal.refusal)
        elif (permitted := permit(proposal)) is None:
            return proposal.remediation, proposal.plan
        else:
            refusal = permitted
        reasons.append(f"{proposal.remediation.name}: {refusal.reason}")
        needs_person = needs_person or refusal.needs_person
    raise Refused(
        "; ".join(reasons) or "no remediation knows this fault; `watchdog explain` says what a person can do",
        needs_person=needs_person,
    )


def why_stays(remediation: AnyRemediation, case: Case) -> str:
    """Ask a remediation why what it did must stay, "" when it need not; one that breaks has no say in that."""
    if remediation.stays is None:
        return ""
    try:
        with redirect_stdout(sys.stderr):
            return str(remediation.stays(case))
    except (Exception, SystemExit):  # noqa: BLE001 - a remediation that raises must not keep us from undoing
        return ""


def _ask(host: Host, case: Case, remediation: AnyRemediation, settings: RemediationSettings) -> Proposal:
    if settings.mode == "off":
        return Proposal(remediation=remediation, plan=None, refusal='switched off (mode = "off")')
    try:
        with redirect_stdout(sys.stderr):  # stdout is ours, and a script may read it as JSON
            planned = remediation.plan(host, case, settings)
        plan = msgspec.convert(msgspec.to_builtins(planned), Plan)
    except Refused as refusal:
        return Proposal(remediation=remediation, plan=None, refusal=shorten(str(refusal)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a remediation that raises costs only itself
        refusal_text = f"its planning raised {type(error).__name__}: {error}"
        return Proposal(remediation=remediation, plan=None, refusal=shorten(refusal_text))
    if problem := _nonsense(plan):
        return Proposal(remediation=remediation, plan=None, refusal=problem)
    return Proposal(remediation=remediation, plan=plan)


def _nonsense(plan: Plan) -> str:
    """Say why a plan cannot be meant so, "" when it can: whoever heals holds the history's lock so long."""
    if len(plan.steps) > MOST_STEPS:
        return f"its plan has {len(plan.steps)} steps (at most {MOST_STEPS})"
    if not 0 <= plan.settle_seconds <= LONGEST_SETTLE_SECONDS:  # nor is it a number at all (NaN)
        return f"its plan settles for {plan.settle_seconds:g} s (0 to {LONGEST_SETTLE_SECONDS:g} s)"
    return ""
