"""`watchdog heal`: what could heal an incident, as the commands a person would type; and, asked to, doing it."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import click

from watchdog.cli.app import App
from watchdog.cli.cycle import run_cycle
from watchdog.cli.healing import HistoryEyes, brakes_of, healer_of, recover_all
from watchdog.cli.interrupts import signals_interrupt
from watchdog.cli.person import name_person
from watchdog.cli.proposed import conclude, show
from watchdog.errors import Refused, WatchdogError
from watchdog.healing import Consent, Proposal, Treatment, case_of, list_proposals, propose
from watchdog.healing.turn import my_turn
from watchdog.history.store import History
from watchdog.model import CheckResult, Incident, IncidentState
from watchdog.registry import AnyRemediation
from watchdog.report.page import inert
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
        show(_list(app, everything), as_json)
        return
    incident = _find(everything, incident_id)
    if not wanted and not dry_run:
        show([(incident, _propose(app, incident, everything))], as_json)
        return
    treat = _apply if wanted else _try_dry
    treatment = treat(app, incident, everything, yes=yes, as_json=as_json)
    conclude(incident, treatment, as_json)
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
        show([(incident, _propose(app, incident, everything))], as_json, applying=True)
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
    """Show the plan that would be permitted, have it approved without holding the history's lock, and heal."""
    if incident.state is IncidentState.RESOLVED:
        return Treatment(outcome=None, reason="the incident is resolved; nothing was done")
    who = f"{name_person(os.environ)}, by watchdog heal {incident.id} --apply"
    proposals = _propose(app, incident, everything)

    def tell(text: str) -> None:
        click.echo(f"  {inert(text)}", err=as_json)

    with my_turn(), signals_interrupt(), app.open_history() as history:
        recover_all(app, history, tell)
        approved = _choose(app, history, incident, proposals, who)
    if not as_json:
        show([(incident, [one for one in proposals if one.remediation is approved[0]])], as_json, applying=True)
    if not yes:
        have_approved(f"watchdog heal {incident.id} --apply --yes")
    consent = Consent(asked=True, permission=lambda name: who, approve=partial(_is_approved, approved))
    with my_turn(), signals_interrupt(), app.open_history() as history:
        recover_all(app, history, tell)
        return _heal(app, history, incident, consent, tell)


def _choose(
    app: App, history: History, incident: Incident, proposals: Sequence[Proposal], who: str
) -> tuple[AnyRemediation, Plan]:
    healer, current = healer_of(app, history), history.load_state().incidents.values()
    try:
        return healer.choose(proposals, incident, brakes_of(app, history, current), asked=True)
    except Refused as refusal:
        healer.record_refusal(incident, refusal, "propose", who)
        raise


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
        run_cycle(app, history, (found.fault.partition(".")[0],), heals=False)
    return treatment


def have_approved(how: str) -> None:
    """Ask the person; Refused unless the answer is yes. `how` is the command that does not ask."""
    if not (sys.stdin and sys.stdin.isatty()):  # None: somebody closed it
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
    return "; ".join(step.brief() for step in steps)
