"""`watchdog actuator`: root's hands for the daemon; started by host-watchdog-heal.socket, and not by a person."""

import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchdog.cli.app import App, complain
from watchdog.errors import WatchdogError
from watchdog.files import exists
from watchdog.healing.turn import my_turn
from watchdog.model import CheckResult
from watchdog.trust import untrusted_way

if TYPE_CHECKING:
    from watchdog.privileged.duty import House

LEDGER = "ledger.json"


@click.command("actuator", hidden=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Do what the owner of this host opted in to, for the daemon that asks; end when nobody asks any more."""
    from watchdog.privileged.duty import Duty
    from watchdog.privileged.ledger import Ledger
    from watchdog.privileged.server import allowed_users, inherited_socket, serve

    app: App = ctx.obj
    listener = inherited_socket(os.environ)
    duty = Duty(host=app.host, load=_Loading(app), ledger=Ledger(_own_folder(os.environ) / LEDGER), turn=my_turn)
    with redirect_stdout(sys.stderr), listener:
        serve(listener, duty, allowed_users(), complain)


class _Loading:
    """Reads the settings anew each time: their owner may have changed his mind since."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self) -> "House":
        from watchdog.privileged.duty import House

        app = App(config_path=self._app.config_path, history_path=None)
        app.plugins, app.host = self._app.plugins, self._app.host

        def look(memories: Mapping[str, bytes]) -> Mapping[str, CheckResult]:
            return app.engine.look_at(app.enabled_checks, memories)

        return House(config=app.config, registry=app.registry, look=look)


def _own_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder that systemd made for us (StateDirectory=); nobody else may write there."""
    named = environ.get("STATE_DIRECTORY", "")
    if not named.startswith("/") or not exists(Path(named)):
        raise WatchdogError("$STATE_DIRECTORY names no folder: see StateDirectory= in host-watchdog-heal.service")
    if problem := untrusted_way(Path(named)):
        raise WatchdogError(f"the list of what was done is in others' hands: {problem}")
    return Path(named)
