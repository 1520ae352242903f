"""`watchdog recover`, hidden: what healing starts beside itself to undo what is not verified in time."""

import os
import socket
from contextlib import suppress

import click

from watchdog.cli.app import App
from watchdog.cli.healing import recover_all
from watchdog.errors import HistoryError, Refused
from watchdog.healing.timed_rollback import Keeper
from watchdog.healing.turn import my_turn
from watchdog.steps import Outcome

# Whoever holds the history's lock by then is a cycle of checks, which ends, or hangs for longer than we wait.
_TRIES = 60


@click.command("recover", hidden=True)
@click.option("--attempt", "attempt_id", type=int, required=True, help="The attempt to undo.")
@click.option("--after", "seconds", type=float, required=True, help="Seconds, unless it ends before.")
@click.option("--channel", type=int, required=True, help="Descriptor of the socket to the healer.")
@click.option("--healer", type=int, required=True, help="Descriptor of the healer's process.")
@click.pass_context
def command(ctx: click.Context, attempt_id: int, seconds: float, channel: int, healer: int) -> None:
    """Wait, then undo the attempt if it has not ended."""
    app: App = ctx.obj
    # Read now: who waits to undo something must not learn then that it cannot.
    _ = app.engine, app.history_path
    with socket.socket(fileno=channel) as connected:
        keeper = Keeper(host=app.host, channel=connected, healer=healer)
        if keeper.wait(seconds) or keeper.end_healer():
            return
    os.close(healer)
    for _ in range(_TRIES - 1):
        with suppress(HistoryError, Refused):
            _undo(app, attempt_id, seconds)
            return
    _undo(app, attempt_id, seconds)


def _undo(app: App, attempt_id: int, seconds: float) -> None:
    """Undo the attempt unless somebody has ended it. Raises HistoryError while another holds the lock."""
    with app.open_history() as history:
        if any(one.id == attempt_id for one in history.attempts(None, Outcome.RUNNING)):
            with my_turn():
                recover_all(app, history, overdue={attempt_id: seconds})
