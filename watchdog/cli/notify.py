"""`watchdog notify`: the notifications that wait in the outbox."""

import click

from watchdog.cli.app import App


@click.group("notify")
def command() -> None:
    """Send the notifications that wait."""


@command.command("drain", short_help="Send what is due now and say how it went.")
@click.pass_context
def drain(ctx: click.Context) -> None:
    """Send what is due now and say how it went; `run` does the same at its end. Exit code 1 when some failed."""
    app: App = ctx.obj
    with app.open_history() as history:
        drained = app.deliver(history)
    click.echo(
        f"{drained.sent} sent, {drained.failed} failed and tried again later, {drained.refused} refused for good"
    )
    ctx.exit(1 if drained.failed or drained.refused else 0)
