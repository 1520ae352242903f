"""`watchdog rollback`: take back what an attempt at healing changed."""

import os
from functools import partial

import click

from watchdog.cli.app import App
from watchdog.cli.cycle import run_cycle
from watchdog.cli.hands import demand_trusted, hands_of
from watchdog.cli.heal import FAILED, have_approved
from watchdog.cli.healing import recover_all, why_left
from watchdog.cli.interrupts import signals_interrupt
from watchdog.cli.person import name_person
from watchdog.cli.proposed import command_parts
from watchdog.cli.stdout import write, write_json
from watchdog.errors import Refused, WatchdogError
from watchdog.healing import Treatment, take_back, to_take_back
from watchdog.healing.turn import my_turn
from watchdog.history.store import History
from watchdog.report.page import inert, line
from watchdog.steps import Attempt, Outcome


@click.command("rollback")
@click.argument("attempt_id", metavar="ATTEMPT", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, attempt_id: int, yes: bool, as_json: bool) -> None:
    """Undo what an attempt changed, last step first; `watchdog incidents --all` and `report` number the attempts.

    A file that somebody has changed since is left alone, and so is what a restart of the host undid by itself.

    Exit codes: 0 taken back; 2 some of it could not be (the text says what is left); 3 refused, or an error of
    usage.
    """
    app: App = ctx.obj
    with app.read_history() as reader:
        attempt = reader.attempt(attempt_id)
    if attempt is None:
        raise WatchdogError(f"there is no attempt {attempt_id}; watchdog incidents --all numbers them")
    undoing = to_take_back(attempt, app.host)
    if not as_json:
        write([line(f"attempt {attempt.id}, {attempt.remediation}: {attempt.plan.summary}", "heading")])
        write([part for step in undoing for part in command_parts(step)])
    if not yes:
        have_approved(f"watchdog rollback {attempt_id} --yes")

    def tell(text: str) -> None:
        click.echo(f"  {inert(text)}", err=as_json)

    with my_turn(), signals_interrupt(), app.open_history() as history:
        demand_trusted(app)
        recover_all(app, history, tell)
        now = _again(history, attempt)
        if to_take_back(now, app.host) != undoing:
            raise Refused(
                f"attempt {attempt_id} went on meanwhile and changed more or less than was shown; look again"
            )
        treatment = take_back(
            app.host,
            history,
            now,
            name_person(os.environ),
            partial(why_left, app, history, now),
            tell=tell,
            actuator=hands_of(app, history)[1],
        )
        # What is found now, the fault perhaps that it had healed, is shown and told at once.
        run_cycle(app, history, app.enabled_checks, heals=False)
    _conclude(treatment, as_json)
    ctx.exit(0 if treatment.outcome is Outcome.ROLLED_BACK else FAILED)


def _again(history: History, attempt: Attempt) -> Attempt:
    """Return the attempt as it is recorded now that nobody else can write."""
    return next(one for one in history.attempts(attempt.incident_id) if one.id == attempt.id)


def _conclude(treatment: Treatment, as_json: bool) -> None:
    outcome = treatment.outcome.value if treatment.outcome else ""
    if as_json:
        write_json({"attempt": treatment.attempt_id, "outcome": outcome, "reason": treatment.reason})
    else:
        write([line(f"{outcome.replace('_', ' ')}: {treatment.reason}", "heading")])
