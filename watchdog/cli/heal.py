"""`watchdog heal`: what could heal an incident, as the commands a person would type; and, asked to, doing it."""

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

from watchdog.cli.app import App
from watchdog.errors import Refused, WatchdogError
from watchdog.healing import (
    Proposal,
    Treatment,
    choose,
    finding_of,
    heal_incident,
    list_proposals,
    propose,
)
from watchdog.history.store import History
from watchdog.model import Incident, IncidentState, Json
from watchdog.plugin import Case
from watchdog.registry import AnyRemediation
from watchdog.report.page import Part, inert, item, line, write, write_json
from watchdog.steps import Outcome, Plan

FAILED = 2


@click.command("heal")
@click.argument("incident_id", metavar="[INCIDENT]", type=int, required=False)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be done and change nothing (so it is without --apply)."
)
@click.option(
    "--apply", "wanted", is_flag=True, help="Do it, verify it by the check that found the fault, or undo it."
)
@click.option("--yes", is_flag=True, help="Do not ask before --apply.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context, incident_id: int | None, dry_run: bool, wanted: bool, yes: bool, as_json: bool
) -> None:
    """Show what could heal the open incidents, or the one given; with --apply, heal that one.

    Exit codes: 0 healed, shown or nothing to do; 2 the attempt failed (what it changed was undone, or the
    text says what is left); 3 refused, or an error of usage.
    """
    if dry_run and wanted:
        raise click.UsageError("--dry-run and --apply exclude each other")
    if wanted and incident_id is None:
        raise click.UsageError("--apply needs to know which: watchdog heal INCIDENT --apply")
    app: App = ctx.obj
    if incident_id is None:
        shown = list_proposals(app.host, _incidents(app), app.registry, app.config.permissions)
        _show(shown, as_json)
        return
    incident = _find(app, incident_id)
    if not wanted:
        _show([(incident, _ask(app, incident))], as_json)
        return
    treatment = _apply(app, incident, yes=yes, as_json=as_json)
    _conclude(incident, treatment, as_json)
    ctx.exit(0 if treatment.outcome in (None, Outcome.HEALED) else FAILED)


def _incidents(app: App, *, open_only: bool = True) -> tuple[Incident, ...]:
    with app.read_history() as reader:
        records = reader.incidents(open_only=open_only, since_seconds=None, now=app.host.stamp())
    return tuple(record.incident for record in records)


def _find(app: App, incident_id: int) -> Incident:
    for incident in _incidents(app, open_only=False):
        if incident.id == incident_id:
            return incident
    raise WatchdogError(f"there is no incident {incident_id}; watchdog incidents --all lists them")


def _ask(app: App, incident: Incident) -> tuple[Proposal, ...]:
    return propose(app.host, Case(finding=finding_of(incident)), app.registry, app.config.permissions)


def _apply(app: App, incident: Incident, *, yes: bool, as_json: bool) -> Treatment:
    """Show the plan, have it approved, and only then take the history's lock and heal."""
    if incident.state is IncidentState.RESOLVED:
        return Treatment(outcome=None, reason="the incident is resolved; nothing was done")
    proposals = _ask(app, incident)
    approved = choose(proposals)
    if not as_json:
        _show([(incident, proposals)], as_json, applying=True)
    if not yes:
        _have_approved(incident)

    def tell(text: str) -> None:
        click.echo(f"  {inert(text)}", err=as_json)

    with _signals_roll_back(), app.open_history() as history:
        app.recover(history, tell)
        current = _current(history, incident)
        if current is None:
            return Treatment(outcome=None, reason="the incident is resolved; nothing was done")
        check = current.fault.partition(".")[0]
        treatment = heal_incident(
            app.host,
            current,
            app.registry,
            app.config.permissions,
            history,
            lambda: app.engine_look(check, history),
            lambda remediation, plan: _is_approved(approved, (remediation, plan)),
            tell=tell,
            oversee=lambda attempt_id, plan: app.timed_rollback(history, attempt_id, plan),
        )
        if treatment.outcome in (None, Outcome.HEALED):
            app.cycle(
                history, (check,)
            )  # so that status shows the end at once, and those who were told hear of it
        return treatment


def _have_approved(incident: Incident) -> None:
    if not sys.stdin.isatty():
        raise Refused(f"nobody can be asked here; to apply it unasked: watchdog heal {incident.id} --apply --yes")
    if not click.confirm("Do it now?", err=True):
        raise Refused("not approved; nothing was changed")


def _is_approved(approved: tuple[AnyRemediation, Plan], now: tuple[AnyRemediation, Plan]) -> bool:
    """Tell that what would be done is what was shown; Refused when the host has changed in between."""
    if approved != now:
        steps = "; ".join(step.describe() for step in now[1].steps)
        raise Refused(f"what is seen now asks for another plan than the one shown ({steps}); look at it again")
    return True


def _current(history: History, incident: Incident) -> Incident | None:
    """Return the incident as it is recorded now that nobody else can write."""
    return next((i for i in history.load_state().incidents.values() if i.id == incident.id), None)


@contextmanager
def _signals_roll_back() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP when the terminal goes away with the network, roll back as Ctrl-C does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
        if not proposal.plan.lasting:
            yield item("beware   ", f"it does not survive a restart; {proposal.plan.note}", 4)
    if any(proposal.plan for proposal in proposals) and incident.state is IncidentState.FIRING and not applying:
        yield item("to apply it", f"watchdog heal {incident.id} --apply")


def _conclude(incident: Incident, treatment: Treatment, as_json: bool) -> None:
    if as_json:
        write_json(_treatment_json(incident, treatment))
        return
    word = treatment.outcome.value.replace("_", " ") if treatment.outcome else "nothing to do"
    write([line(f"#{incident.id} {word}: {treatment.reason}", "heading")])


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
