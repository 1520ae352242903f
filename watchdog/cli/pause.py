"""`watchdog pause`: no healing on this host, for some time or until `watchdog resume`."""

import click

from watchdog.cli import holding
from watchdog.cli.app import App
from watchdog.cli.durations import DURATION
from watchdog.units import Duration


@click.command("pause")
@click.option("--for", "seconds", type=DURATION, metavar="DURATION", help="Ends by itself after that, such as 2h.")
@click.option("--why", metavar="TEXT", help="For who finds it; required.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(app: App, seconds: Duration | None, why: str | None, as_json: bool) -> None:
    """Heal nothing on this host, not even on request; watching and telling go on.

    Without --for it lasts until `watchdog resume`, also over a reboot. Several people may pause: each pause
    is a reason of its own, with an id. Without options, list the pauses in force.

    The time is counted while the host runs: over a reboot a pause may last longer, never shorter.
    """
    if seconds is None and why is None:
        holding.show(app, "pause", as_json)
    else:
        holding.begin(app, "pause", seconds, why, as_json)
