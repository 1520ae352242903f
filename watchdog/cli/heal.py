"""`watchdog heal`: what could heal an incident, as the commands a person would type; and, asked to, doing it."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import click

from watchdog.cli.app import App
from watchdog.cli.cycle import run_cycle
from watchdog.cli.healing import HistoryEyes, brakes_of, healer_of, recover_all, signals_roll_back
from watchdog.cli.person import name_person
from watchdog.errors import Refused, WatchdogError
from watchdog.healing import Consent, Proposal, Treatment, case_of, choose, list_proposals, propose
from watchdog.history.store import History
from watchdog.model import CheckResult, Incident, IncidentState, Json
from watchdog.registry import AnyRemediation
from watchdog.report.page import Part, inert, item, line, write, write_json
from watchdog.steps import AnyStep, Attempt, Outcome, Plan

FAILED = 2
_UNCHANGED = (None, Outcome.DRY_RUN)


@click.command("heal")
@click.argument("incident_id", metavar="[INCIDENT]", type=int, required=False)
@click.option("--dry-run", is_flag=True, help="Say whether it would be permitted, record that, change nothing.")
@click.option(
    "--apply", "wanted", is_flag=True, help="Do it, verify it by the check that found the fault, or undo it."
)
@click.option("--yes", is_flag=True, help="Do not ask before --apply.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context, incident_id: int | None, dry_run: bool, wanted: bool, yes: bool, as_json: bool
) -> None:
    """Look, and show what could heal the open incidents, or the one given; with --apply, heal that one.

    Without --apply nothing is changed. What was done can be taken back: watchdog rollback ATTEMPT.

    Exit codes: 0 healed, shown or nothing to do; 2 the attempt failed (what it changed was undone, or the
    text says what is left); 3 refused, or an error of usage.
    """
    if dry_run and wanted:
        raise click.UsageError("--dry-run and --apply exclude each other")
    if (wanted or dry_run) and incident_id is None:
        option = "--apply" if wanted else "--dry-run"
        raise click.UsageError(f"{option} needs to know which: watchdog heal INCIDENT {option}")
    app: App = ctx.obj
    everything = _incidents(app)
    if incident_id is None:
        _show(_list(app, everything), as_json)
        return
    incident = _find(everything, incident_id)
    if not wanted and not dry_run:
        _show([(incident, _propose(app, incident, everything))], as_json)
        return
    treat = _apply if wanted else _try_dry
    treatment = treat(app, incident, everything, yes=yes, as_json=as_json)
    _conclude(incident, treatment, as_json)
    ctx.exit(0 if treatment.outcome in (*_UNCHANGED, Outcome.HEALED) else FAILED)


def _incidents(app: App) -> tuple[Incident, ...]:
    with app.read_history() as reader:
        records = reader.incidents(open_only=False, since_seconds=None, now=app.host.stamp())
    return tuple(record.incident for record in records)


def _find(incidents: Sequence[Incident], incident_id: int) -> Incident:
    for incident in incidents:
        if incident.id == incident_id:
            return incident
    raise WatchdogError(f"there is no incident {incident_id}; watchdog incidents --all lists them")


def _list(app: App, everything: Sequence[Incident]) -> Sequence[tuple[Incident, Sequence[Proposal]]]:
    """Return what could heal the open incidents, by what is seen now, where there is anything to plan for."""
    firing = [one for one in everything if one.state is IncidentState.FIRING]
    healable = any(app.registry.healers(one.fault) for one in firing)
    seen = _look_around(app) if healable else {}
    return list_proposals(app.host, _open(everything), app.registry, app.config.permissions, seen, _healed(app))


def _propose(app: App, incident: Incident, everything: Sequence[Incident]) -> tuple[Proposal, ...]:
    healable = incident.state is not IncidentState.RESOLVED and app.registry.healers(incident.fault)
    seen = _look_around(app) if healable else {}
    case = case_of(incident, _open(everything), seen, _healed(app))
    return propose(app.host, case, app.registry, app.config.permissions)


def _open(incidents: Sequence[Incident]) -> tuple[Incident, ...]:
    return tuple(one for one in incidents if one.state is not IncidentState.RESOLVED)


def _look_around(app: App) -> Mapping[str, CheckResult]:
    with app.read_history() as reader:
        return HistoryEyes(app, reader.memories).look_around()


def _healed(app: App) -> tuple[Attempt, ...]:
    with app.read_history() as reader:
        return reader.attempts(None, Outcome.HEALED)


def _try_dry(
    app: App, incident: Incident, everything: Sequence[Incident], *, yes: bool, as_json: bool
) -> Treatment:
    """Do all but the change; `yes` is not needed."""
    if not as_json:
        _show([(incident, _propose(app, incident, everything))], as_json, applying=True)
    with app.open_history() as history:
        current = history.load_state().incidents.values()
        found = next((one for one in current if one.id == incident.id), None)
        if found is None:
            return Treatment(outcome=None, reason="the incident is resolved; there is nothing to heal")
        brakes = brakes_of(app, history, current)
        healer = healer_of(app, history)
        try:
            return healer.try_dry(found, tuple(current), brakes, name_person(os.environ))
        except Refused as refusal:
            healer.record_refusal(found, refusal, "propose", name_person(os.environ))
            raise


def _apply(app: App, incident: Incident, everything: Sequence[Incident], *, yes: bool, as_json: bool) -> Treatment:
    """Show the plan, have it approved, and only then take the history's lock and heal."""
    if incident.state is IncidentState.RESOLVED:
        return Treatment(outcome=None, reason="the incident is resolved; nothing was done")
    proposals = _propose(app, incident, everything)
    approved = choose(proposals)
    if not as_json:
        _show([(incident, proposals)], as_json, applying=True)
    if not yes:
        have_approved(f"watchdog heal {incident.id} --apply --yes")
    who = f"{name_person(os.environ)}, by watchdog heal {incident.id} --apply"
    consent = Consent(asked=True, permission=lambda name: who, approve=partial(_is_approved, approved))

    def tell(text: str) -> None:
        click.echo(f"  {inert(text)}", err=as_json)

    with signals_roll_back(), app.open_history() as history:
        recover_all(app, history, tell)
        return _heal(app, history, incident, consent, tell)


def _heal(
    app: App, history: History, incident: Incident, consent: Consent, tell: Callable[[str], None]
) -> Treatment:
    current = tuple(history.load_state().incidents.values())
    found = next((one for one in current if one.id == incident.id), None)
    if found is None:
        return Treatment(outcome=None, reason="the incident is resolved; nothing was done")
    healer = healer_of(app, history, tell)
    try:
        treatment = healer.heal(found, current, brakes_of(app, history, current), consent)
    except Refused as refusal:
        healer.record_refusal(found, refusal, "propose", consent.permission(""))
        raise
    if treatment.outcome in (None, Outcome.HEALED):
        # So that status shows the end at once, and those who were told hear of it.
        run_cycle(app, history, (found.fault.partition(".")[0],))
    return treatment


def have_approved(how: str) -> None:
    """Ask the person; Refused unless the answer is yes. `how` is the command that does not ask."""
    if not sys.stdin.isatty():
        raise Refused(f"nobody can be asked here; to apply it unasked: {how}")
    if not click.confirm("Do it now?", err=True):
        raise Refused("not approved; nothing was changed")


def _is_approved(approved: tuple[AnyRemediation, Plan], remediation: AnyRemediation, plan: Plan) -> bool:
    """Tell that what would be done is what was shown; Refused when the host has changed in between."""
    if (approved[0].name, approved[1].steps) != (remediation.name, plan.steps):
        raise Refused(
            f"what is seen now asks for another plan than the one shown ({_commands(plan.steps)});"
            " look at it again"
        )
    return True


def _commands(steps: Sequence[AnyStep]) -> str:
    return "; ".join(step.describe() for step in steps)


def _show(shown: Sequence[tuple[Incident, Sequence[Proposal]]], as_json: bool, *, applying: bool = False) -> None:
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
            yield item("would run", step.describe(), 4)
        yield from _caution(proposal.plan)
    if any(proposal.plan for proposal in proposals) and incident.state is IncidentState.FIRING and not applying:
        yield item("to apply it", f"watchdog heal {incident.id} --apply")


def _caution(plan: Plan) -> Iterator[Part]:
    words = [] if plan.lasting else ["it does not survive a restart"]
    words += [plan.note] if plan.note else []
    if words:
        yield item("beware   ", "; ".join(words), 4)


def _conclude(incident: Incident, treatment: Treatment, as_json: bool) -> None:
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
