"""`watchdog silence`: one thing is left alone for some time, and nobody is told of it."""

import re

import click

from watchdog.cli import holding
from watchdog.cli.app import App
from watchdog.cli.durations import DURATION
from watchdog.errors import WatchdogError
from watchdog.units import Duration

_INCIDENT = re.compile(r"#?([0-9]{1,18})")


@click.command("silence")
@click.argument("pattern", metavar="[SUBJECT]", required=False)
@click.option("--for", "seconds", type=DURATION, metavar="DURATION", help="How long, such as 2h; required.")
@click.option("--why", metavar="TEXT", help="For who finds it; required.")
@click.option("--end", "number", type=int, metavar="ID", help="End a silence before its time.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    app: App, pattern: str | None, seconds: Duration | None, why: str | None, number: int | None, as_json: bool
) -> None:
    """Tell nobody of SUBJECT for some time, and do not heal it by itself. Without arguments, list the silences.

    SUBJECT is what an incident is on (bond0 covers bond0/eth1 too), a fault (bond.member_down), both as
    FAULT:SUBJECT, or the number of an open incident. In it * stands for anything and ? for one letter.

    The incident stays open and shown. What still goes on when the silence is over is told then; of what only
    happened (a step of the clock) one message tells afterwards. Who was told before hears when it is over, all the
    same. `watchdog heal --apply` still does what a person asks for.
    """
    if number is not None:
        if pattern is not None or seconds is not None or why is not None:
            raise click.UsageError("--end takes no other option but --json, and no SUBJECT")
        holding.end(app, "silence", number, as_json)
    elif pattern is None and seconds is None and why is None:
        holding.show(app, "silence", as_json)
    elif pattern is None or not pattern.strip():
        raise click.UsageError("SUBJECT is needed: what `watchdog incidents` shows behind `on`")
    elif seconds is None:
        raise click.UsageError("--for DURATION is needed, such as --for 2h: a silence ends by itself")
    else:
        holding.begin(app, "silence", seconds, why, as_json, _pattern_of(app, pattern.strip()))


def _pattern_of(app: App, text: str) -> str:
    """Return the pattern that was meant: an incident's number stands for its fault on its subject."""
    found = _INCIDENT.fullmatch(text)
    if found is None:
        return text
    with app.read_history() as reader:
        records = reader.incidents(open_only=True, since_seconds=None, now=app.host.stamp())
    for record in records:
        if record.incident.id == int(found[1]):
            return f"{record.incident.fault}:{record.incident.subject}"
    raise WatchdogError(f"there is no open incident {found[1]}; watchdog incidents lists those that are open")
