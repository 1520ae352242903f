"""`watchdog maintenance`: a window in which nobody is told and nothing is healed by itself."""

import click

from watchdog.cli import holding
from watchdog.cli.app import App
from watchdog.cli.durations import DURATION
from watchdog.units import Duration


@click.command("maintenance")
@click.option("--for", "seconds", type=DURATION, metavar="DURATION", help="How long, such as 2h; required.")
@click.option("--why", metavar="TEXT", help="For who finds it; required.")
@click.option("--end", "number", type=int, metavar="ID", help="End a window before its time.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(app: App, seconds: Duration | None, why: str | None, number: int | None, as_json: bool) -> None:
    """Tell nobody and heal nothing by itself on this host for some time, while somebody works on it.

    Unlike a pause it always ends by itself, and `watchdog heal --apply` still does what a person asks for.
    Without options, list the windows that are open. What still goes on afterwards is told then; of what only
    happened meanwhile one message tells. Who was told before hears when it is over, all the same.
    """
    if number is not None:
        if seconds is not None or why is not None:
            raise click.UsageError("--end takes no other option but --json")
        holding.end(app, "maintenance", number, as_json)
    elif seconds is None and why is None:
        holding.show(app, "maintenance", as_json)
    elif seconds is None:
        raise click.UsageError("--for DURATION is needed, such as --for 2h: a window ends by itself")
    else:
        holding.begin(app, "maintenance", seconds, why, as_json)
