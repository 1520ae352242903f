"""`watchdog resume`: healing may go on."""

import click

from watchdog.cli import holding
from watchdog.cli.app import App


@click.command("resume")
@click.argument("number", metavar="[ID]", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(app: App, number: int | None, as_json: bool) -> None:
    """End all pauses on this host, or the one with this ID, and say whose they were.

    What is left of other holds (maintenance, silences) is shown; those are ended by their own commands.
    """
    holding.end(app, "pause", number, as_json)
