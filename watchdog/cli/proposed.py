"""What `watchdog heal` shows: proposals as the commands a person would type, and how an attempt ended."""

from collections.abc import Iterator, Mapping, Sequence

from watchdog.cli.stdout import write, write_json
from watchdog.healing import Proposal, Treatment
from watchdog.model import Incident, IncidentState, Json
from watchdog.report.page import Part, item, line
from watchdog.steps import AnyStep, Outcome, Plan


def show(shown: Sequence[tuple[Incident, Sequence[Proposal]]], as_json: bool, *, applying: bool = False) -> None:
    """Show incidents and what could heal each; `applying` leaves out how to apply it."""
    if as_json:
        write_json([_shown_json(incident, proposals) for incident, proposals in shown])
    elif shown:
        write([part for one in shown for part in _shown_parts(*one, applying=applying)])
    else:
        write([line("nothing that a remediation could heal; watchdog incidents lists what is open")])


def _shown_parts(incident: Incident, proposals: Sequence[Proposal], *, applying: bool) -> Iterator[Part]:
    severity = incident.severity.value
    text = f"{incident.fault} on {incident.subject}: {incident.summary}"
    yield item(f"#{incident.id} {severity}", text, 0, severity)
    if incident.state is IncidentState.RESOLVED:
        yield line("  it is resolved: there is nothing to heal")
        return
    if not proposals:
        yield line(f"  no remediation knows this fault; watchdog explain {incident.fault}")
    for proposal in proposals:
        if proposal.plan is None:
            yield item(proposal.remediation.name, f"refuses: {proposal.refusal}")
            continue
        yield item(proposal.remediation.name, proposal.plan.summary)
        for step in proposal.plan.steps:
            yield from command_parts(step, 4)
        yield from _caution(proposal.plan)
    if any(proposal.plan for proposal in proposals) and incident.state is IncidentState.FIRING and not applying:
        yield item("to apply it", f"watchdog heal {incident.id} --apply")


def command_parts(step: AnyStep, indent: int = 2) -> Iterator[Part]:
    """Return a step as the command it is, a difference below it line by line."""
    command, *more = step.describe().split("\n")
    yield item("would run", command, indent)
    yield from (line(f"{'':{indent + 2}}{text}") for text in more)


def _caution(plan: Plan) -> Iterator[Part]:
    words = [] if plan.lasting else ["it does not survive a restart"]
    words += [plan.note] if plan.note else []
    if words:
        yield item("beware   ", "; ".join(words), 4)


def conclude(incident: Incident, treatment: Treatment, as_json: bool) -> None:
    """Show how an attempt ended, and how it can be taken back."""
    if as_json:
        write_json(_treatment_json(incident, treatment))
        return
    word = treatment.outcome.value.replace("_", " ") if treatment.outcome else "nothing to do"
    back = f"; to take it back: watchdog rollback {treatment.attempt_id}" if _can_go_back(treatment) else ""
    write([line(f"#{incident.id} {word}: {treatment.reason}{back}", "heading")])


def _can_go_back(treatment: Treatment) -> bool:
    healed = treatment.outcome is Outcome.HEALED
    return healed and any(entry.may_have_changed and entry.undo for entry in treatment.journal)


def _shown_json(incident: Incident, proposals: Sequence[Proposal]) -> Mapping[str, Json]:
    return {
        "id": incident.id,
        "fault": incident.fault,
        "subject": incident.subject,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "summary": incident.summary,
        "proposals": [_proposal_json(proposal) for proposal in proposals],
    }


def _proposal_json(proposal: Proposal) -> Mapping[str, Json]:
    plan = proposal.plan
    return {
        "remediation": proposal.remediation.name,
        "refused": proposal.refusal or None,
        "summary": plan.summary if plan else None,
        "steps": [step.describe() for step in plan.steps] if plan else [],
        "lasting": plan.lasting if plan else None,
        "note": plan.note if plan else None,
    }


def _treatment_json(incident: Incident, treatment: Treatment) -> Mapping[str, Json]:
    return {
        "incident": incident.id,
        "attempt": treatment.attempt_id,
        "outcome": treatment.outcome.value if treatment.outcome else None,
        "reason": treatment.reason,
        "steps": [
            {"step": entry.step.describe(), "state": entry.state, "output": entry.output}
            for entry in treatment.journal
        ],
    }
