"""`watchdog ack`: somebody knows of an outage, so nobody needs to be reminded of it or woken for it."""

import os
from collections.abc import Mapping, Sequence

import click

from watchdog.cli.app import App
from watchdog.cli.person import name_person
from watchdog.cli.stdout import write, write_json
from watchdog.errors import WatchdogError
from watchdog.heard import counts, describe_ack
from watchdog.model import Ack, Incident, IncidentState, Severity
from watchdog.report.contract import ack_json
from watchdog.report.page import line
from watchdog.telling import outages


@click.command("ack")
@click.argument("number", type=int, metavar="[INCIDENT]", required=False)
@click.option("--why", default="", metavar="TEXT", help="For the others, such as: on it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(app: App, number: int | None, why: str, as_json: bool) -> None:
    """Say that you know of an incident. Without INCIDENT, list what is acknowledged.

    It counts for all that is linked to the incident, as its cause or its effect, until that is over or gets worse
    than it is now. Nobody is reminded of it meanwhile, and nobody else is called. That it is over is told as ever.
    """
    if number is None:
        if why:
            raise click.UsageError("--why needs INCIDENT: its number, as `watchdog incidents` shows it")
        _show(app, as_json=as_json)
        return
    with app.open_history() as history:
        now = app.host.stamp()
        outage = _outage_of(number, list(history.load_state().incidents.values()))
        worst = Severity.worst(one.severity for one in outage if one.state is IncidentState.FIRING)
        who = name_person(os.environ)
        for one in outage:
            history.acknowledge(one.id, worst or one.severity, who, why.strip(), now)
        acks = history.heard(now).acks
    _print([(one, acks[one.id]) for one in outage], as_json=as_json)


def _show(app: App, *, as_json: bool) -> None:
    with app.read_history() as reader:
        records = reader.incidents(open_only=True, since_seconds=None, now=app.host.stamp())
        acks = reader.acks()
    incidents = [record.incident for record in records]
    known = [(one, ack) for outage in outages(incidents) for one, ack in _in_force(outage, acks)]
    if known or as_json:
        _print(known, as_json=as_json)
    else:
        write([line("nothing is acknowledged; watchdog incidents lists what is open")])


def _in_force(outage: Sequence[Incident], acks: Mapping[int, Ack]) -> list[tuple[Incident, Ack]]:
    return [(one, acks[one.id]) for one in outage if one.id in acks and counts(acks[one.id], outage)]


def _outage_of(number: int, incidents: Sequence[Incident]) -> list[Incident]:
    """Return what is linked to an open incident, the incident itself first. Raises WatchdogError."""
    for outage in outages(incidents):
        if any(one.id == number for one in outage):
            return sorted(outage, key=lambda one: (one.id != number, one.id))
    raise WatchdogError(f"there is no open incident {number}; watchdog incidents lists those that are open")


def _print(known: Sequence[tuple[Incident, Ack]], *, as_json: bool) -> None:
    if as_json:
        about = ({"incident": one.id, "fault": one.fault, "subject": one.subject} for one, _ in known)
        write_json([{**what, **ack_json(ack)} for what, (_, ack) in zip(about, known, strict=True)])
        return
    write([line(f"#{one.id} {' on '.join(one.key)}: acknowledged {describe_ack(ack)}") for one, ack in known])
