"""What `pause`, `resume`, `silence` and `maintenance` share: to begin a hold, to list them, to end one."""

import os

import click

from watchdog.cli.app import App
from watchdog.cli.person import name_person
from watchdog.cli.stdout import write, write_json
from watchdog.errors import WatchdogError
from watchdog.history.store import History
from watchdog.holds import Hold, HoldKind
from watchdog.model import Incident
from watchdog.report.holds import hold_json, holds_json, render_holds
from watchdog.report.page import Part, line
from watchdog.units import Duration

LISTED: dict[HoldKind, str] = {
    "pause": "nothing is paused",
    "silence": "nothing is silenced",
    "maintenance": "there is no maintenance",
}


def begin(
    app: App, kind: HoldKind, seconds: Duration | None, why: str | None, as_json: bool, pattern: str = ""
) -> None:
    """Record a hold and say what it comes to. Raises UsageError for what is missing, HistoryError."""
    if seconds is not None and seconds <= 0:
        raise click.UsageError("--for needs a duration above zero, such as 2h")
    if why is None or not why.strip():
        raise click.UsageError("--why TEXT is needed: who finds this host held back will want to know")
    with app.open_history() as history:
        now = app.host.stamp()
        number = history.add_hold(
            kind=kind,
            who=name_person(os.environ),
            why=why.strip(),
            seconds=None if seconds is None else float(seconds),
            pattern=pattern,
            now=now,
        )
        held = next(hold for hold in history.holds(now) if hold.id == number)
        incidents = open_incidents(history)
    if as_json:
        write_json(hold_json(held, incidents, now))
        return
    write([*render_holds([held], incidents, now), line(f"to end it before: {held.ended_by}")])


def show(app: App, kind: HoldKind, as_json: bool) -> None:
    """List the holds of a kind that are in force."""
    now = app.host.stamp()
    with app.read_history() as reader:
        holds = [hold for hold in reader.holds(now) if hold.kind == kind]
        records = reader.incidents(open_only=True, since_seconds=None, now=now)
    incidents = [record.incident for record in records]
    if as_json:
        write_json(holds_json(holds, incidents, now))
    elif holds:
        write(render_holds(holds, incidents, now))
    else:
        write([line(LISTED[kind])])


def end(app: App, kind: HoldKind, number: int | None, as_json: bool) -> None:
    """End one hold, or all of a kind (None), and say whose they were and what still holds back."""
    with app.open_history() as history:
        now = app.host.stamp()
        standing = history.holds(now)
        ended = _chosen(standing, kind, number)
        for hold in ended:
            history.end_hold(hold.id, name_person(os.environ), now)
        left = [hold for hold in standing if hold not in ended]
        incidents = open_incidents(history)
    if as_json:
        write_json({"ended": holds_json(ended, incidents, now), "left": holds_json(left, incidents, now)})
        return
    page: list[Part] = [line(f"ended {hold.kind} {hold.id} {hold.describe(now)}") for hold in ended]
    page += [line("still held back:"), *render_holds(left, incidents, now)] if left else []
    write(page or [line(LISTED[kind])])


def open_incidents(history: History) -> list[Incident]:
    """Return the incidents that are not resolved, oldest first."""
    return sorted(history.load_state().incidents.values(), key=lambda incident: incident.id)


def _chosen(standing: tuple[Hold, ...], kind: HoldKind, number: int | None) -> list[Hold]:
    """Return the holds to end. Raises WatchdogError for one that is not in force, or of another kind."""
    if number is None:
        return [hold for hold in standing if hold.kind == kind]
    for hold in standing:
        if hold.id == number and hold.kind == kind:
            return [hold]
        if hold.id == number:
            raise WatchdogError(f"{number} is no {kind} but {hold.kind}: {hold.ended_by} ends it")
    raise WatchdogError(f"no {kind} {number} is in force; watchdog {kind} lists those that are")
