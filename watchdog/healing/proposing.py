"""Asks the remediations what they would do, and keeps the open proposals true. Changes nothing on the host."""

import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass

import msgspec

from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.healing.contracts import Journal
from watchdog.host import Host
from watchdog.model import Finding, Incident, IncidentState
from watchdog.plugin import Case, RemediationSettings
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import Attempt, Outcome, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
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
    healed: tuple[Attempt, ...] = (),
) -> tuple[tuple[Incident, tuple[Proposal, ...]], ...]:
    """Return each firing incident that a remediation knows, with what those remediations propose."""
    firing = (i for i in incidents if i.state is IncidentState.FIRING and registry.healers(i.fault))
    return tuple(
        (i, propose(host, Case(finding=finding_of(i), healed=healed), registry, permissions)) for i in firing
    )


def record_proposals(
    host: Host,
    incidents: Iterable[Incident],
    registry: Registry,
    permissions: Permissions,
    journal: Journal,
) -> None:
    """Keep the journal's open proposals true: one per incident and remediation, with the plan of now.

    A proposal whose plan no longer holds, or whose incident is over, is ended and says why.
    """
    standing = {(a.incident_id, a.remediation): a for a in journal.attempts(None, Outcome.PROPOSED)}
    healed = journal.attempts(None, Outcome.HEALED)
    now = host.stamp()
    for incident, proposals in list_proposals(host, incidents, registry, permissions, healed):
        for proposal in proposals:
            name = proposal.remediation.name
            known = standing.pop((incident.id, name), None)
            if known and known.plan == proposal.plan:
                continue
            if known:
                journal.end_attempt(known.id, Outcome.CLOSED, proposal.refusal or "another plan fits now", now)
            if proposal.plan is not None:
                journal.begin_attempt(
                    incident.id,
                    name,
                    permissions.remediations[name].mode,
                    proposal.plan,
                    Outcome.PROPOSED,
                    "",
                    now,
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


def choose(
    proposals: Iterable[Proposal], permit: Callable[[Proposal], str | None] = lambda proposal: None
) -> tuple[AnyRemediation, Plan]:
    """Return the first that has a plan and a permit; Refused with every reason when none has."""
    reasons = []
    for proposal in proposals:
        refusal = proposal.refusal if proposal.plan is None else permit(proposal)
        if proposal.plan is not None and refusal is None:
            return proposal.remediation, proposal.plan
        reasons.append(f"{proposal.remediation.name}: {refusal}")
    raise Refused(
        "; ".join(reasons) or "no remediation knows this fault; `watchdog explain` says what a person can do"
    )


def _ask(host: Host, case: Case, remediation: AnyRemediation, settings: RemediationSettings) -> Proposal:
    if settings.mode == "off":
        return Proposal(remediation=remediation, plan=None, refusal='switched off (mode = "off")')
    try:
        with redirect_stdout(sys.stderr):  # stdout is ours, and a script may read it as JSON
            planned = remediation.plan(host, case, settings)
        plan = msgspec.convert(msgspec.to_builtins(planned), Plan)
    except Refused as refusal:
        return Proposal(remediation=remediation, plan=None, refusal=str(refusal))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a remediation that raises costs only itself
        refusal_text = f"its planning raised {type(error).__name__}: {error}"
        return Proposal(remediation=remediation, plan=None, refusal=refusal_text)
    return Proposal(remediation=remediation, plan=plan)
