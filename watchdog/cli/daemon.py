"""`watchdog daemon`: stays, and looks by schedule and by signal of the kernel."""

import os
import sys
from contextlib import closing, redirect_stdout

import click

from watchdog.cli.app import App
from watchdog.cli.cycle import run_cycle
from watchdog.cli.publishing import Publication
from watchdog.daemon.door import door_path
from watchdog.daemon.house import House
from watchdog.daemon.log import WARNING, Log
from watchdog.daemon.loop import Daemon
from watchdog.daemon.memory import be_small
from watchdog.daemon.supervisor import Supervisor
from watchdog.daemon.visiting import is_kept
from watchdog.errors import HistoryError

_AGAIN = "_WATCHDOG_STARTED_OVER"


@click.command("daemon")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Stay: look at every check as often as `every` says, and at once when the kernel tells of a change.

    SIGHUP takes up changed settings, SIGTERM ends. Under systemd it reports itself (Type=notify-reload,
    WatchdogSec=) and logs to the journal with fields (WATCHDOG_FAULT, WATCHDOG_SUBJECT, ...), else to stderr.
    One daemon keeps a history; `watchdog run` beside it has the daemon look.
    """
    app: App = ctx.obj
    log = Log(os.environ)
    if is_kept(app.history_path):
        raise HistoryError(f"a watchdog daemon keeps the history {app.history_path} already: one is enough")
    be_small()
    app.stays = True
    _shed(app)
    publication = Publication(lambda text: log.say(text, WARNING))
    daemon = Daemon(_Loading(app, log, publication), app.take_history, log, Supervisor(os.environ))
    # A plugin may print; stdout is nobody's.
    with redirect_stdout(sys.stderr), closing(publication):
        publication.begin(app)
        daemon.run(door_path(app.history_path))


def _shed(app: App) -> None:
    """Start over once where the history was made or brought up to date just now.

    What that took (Alembic, 12 MB) would stay in memory for as long as we do.
    """
    app.take_history().close()
    if "alembic" in sys.modules and _AGAIN not in os.environ:
        os.environ[_AGAIN] = "1"
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606, TID251 - it is ourselves


class _Loading:
    """Makes the house from the settings: the first time those that were read already, then read anew."""

    def __init__(self, app: App, log: Log, publication: Publication) -> None:
        self._app, self._log, self._publication, self._first = app, log, publication, True

    def __call__(self) -> House:
        app = self._app
        if not self._first:
            app = App(config_path=self._app.config_path, history_path=self._app.history_path)
            app.plugins, app.host, app.stays = self._app.plugins, self._app.host, True
        app.tell = self._log.say
        house = self._house(app)
        if not self._first:
            self._publication.take_up(app)
        self._first = False
        return house

    def _house(self, app: App) -> House:
        return House(
            engine=app.engine,
            names=app.enabled_checks,
            cycle=lambda history, looked, beside, deliver: run_cycle(
                app,
                history,
                [seen.result.check for seen in looked.seen],
                looked=looked,
                beside=beside,
                tell=self._log.say,
                deliver=deliver,
                publish=self._publication.publish,
            ),
            heals=any(one.mode == "auto" for one in app.config.remediations.values()),
            targets=app.targets,
            pace=app.pace,
        )
