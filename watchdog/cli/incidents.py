"""`watchdog incidents`: the incidents, as a table or as JSON."""

import click

from watchdog.cli.app import App
from watchdog.cli.stdout import write, write_json
from watchdog.report.contract import incidents_json
from watchdog.report.page import line
from watchdog.report.story import story


@click.command("incidents")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option("--all", "everything", is_flag=True, help="Also those that are resolved.")
@click.pass_obj
def command(app: App, as_json: bool, everything: bool) -> None:
    """List the incidents that are open, the newest last; with --all also the resolved ones."""
    with app.read_history() as reader:
        records = reader.incidents(open_only=not everything, since_seconds=None, now=app.host.stamp())
    if as_json:
        write_json(incidents_json(records))
    elif records:
        write(story(records, app.registry.faults))
    else:
        write([line("no incident" if everything else "no open incident; watchdog incidents --all shows the past")])
