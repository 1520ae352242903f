"""What a command is handed: host, plugins, settings and history, each made when first asked for."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchdog.errors import ConfigError, HistoryError, Problem

if TYPE_CHECKING:  # each is imported where it is used, for a quick `--help`
    from watchdog.config import Config
    from watchdog.engine import Engine
    from watchdog.history.read import Reader
    from watchdog.history.store import History
    from watchdog.host import Host
    from watchdog.notify import Drained, Pace, ReadUrl
    from watchdog.notify.ping import Pinger
    from watchdog.registry import Registry


class App:
    """The parts of one invocation, put together on demand."""

    def __init__(self, *, config_path: Path | None, history_path: Path | None) -> None:
        self.config_path = config_path
        self._history_path = history_path
        # Who hears what goes wrong beside the work: a person, or the daemon's log.
        self.tell: Callable[[str], None] = complain
        # Whether other cycles follow soon, as in the daemon.
        self.stays = False
        # The settings in force are recorded once.
        self.settings_noted = False

    @cached_property
    def host(self) -> "Host":
        """The machine we run on."""
        from watchdog.host import Host

        return Host()

    @cached_property
    def plugins(self) -> "Registry":
        """Every plugin, whatever the settings say. Raises ConfigError."""
        from watchdog import registry, selfwatch

        return registry.load(selfwatch.FAULTS)

    @cached_property
    def registry(self) -> "Registry":
        """Every plugin, with what it heals under the settings in force. Raises ConfigError."""
        return self.plugins.as_set(self.config.remediations)

    @cached_property
    def config(self) -> "Config":
        """The settings in force; warnings go to stderr. Raises ConfigError."""
        from watchdog import config

        loaded = config.load(config.find_path(self.config_path, os.environ), self.plugins)
        for warning in loaded.warnings:
            complain(warning)
        return loaded

    @cached_property
    def engine(self) -> "Engine":
        """One engine over these parts. Raises ConfigError, also for templates that could not say what it finds."""
        from watchdog.engine import Engine

        self.try_templates(self.config)
        return Engine(
            host=self.host,
            registry=self.registry,
            config=self.config,
            stays=self.stays,
            ping_trouble=lambda: self.pinger.trouble if self.pinger else "",
        )

    @cached_property
    def pinger(self) -> "Pinger | None":
        """Who pings while cycles run and are recorded; None: nobody waits for it."""
        settings = self.config.notify.ping
        if settings is None:
            return None
        from watchdog.notify.ping import Pinger

        return Pinger(
            lambda: settings.read(os.environ, "[notify.ping]"),
            settings.every,
            settings.fail_suffix,
            self.host.stamp,
            self.tell,
        )

    @cached_property
    def history_path(self) -> Path:
        """Where the history lives: the option, else the settings, else by who we are."""
        from watchdog.history.paths import default_path

        configured = self.config.history.path
        return self._history_path or (Path(configured) if configured else default_path(os.environ, os.geteuid()))

    @contextmanager
    def open_history(self) -> "Iterator[History]":
        """Open the history for writing, alone; a daemon that keeps it lends it. Raises HistoryError."""
        from watchdog.daemon.visiting import borrowed

        wait = self.config.history.lock_wait
        with borrowed(self.history_path, wait), self.take_history() as history:
            yield history

    def take_history(self) -> "History":
        """Open the history for writing, alone. Raises HistoryError when another process has it for too long."""
        from watchdog.history.records import Keep
        from watchdog.history.store import History

        settings = self.config.history
        return History.open(
            self.history_path,
            now=self.host.stamp(),
            wait_seconds=settings.lock_wait,
            command=shlex.join(["watchdog", *sys.argv[1:]]),
            keep=Keep(
                gap_seconds=settings.gap,
                retention_seconds=settings.retention,
                minute_retention_seconds=settings.minute_retention,
            ),
        )

    @contextmanager
    def try_history(self) -> "Iterator[History | None]":
        """Open the history for writing; when it cannot be used, say why and go on without it (None)."""
        with ExitStack() as stack:
            try:
                history = stack.enter_context(self.open_history())
            except HistoryError as error:
                complain(f"{error}; nothing is recorded this time")
                yield None
            else:
                yield history

    def read_history(self) -> "Reader":
        """Open the history for reading, beside any writer. Raises HistoryError."""
        from watchdog.history.read import Reader

        return Reader.open(self.history_path)

    @staticmethod
    def try_templates(config: "Config") -> None:
        """Try the templates that the settings name. Raises ConfigError with file and line."""
        if config.notify.templates:
            from watchdog.notify.checking import problems_in

            if problems := problems_in(config.notify.templates, os.environ):
                raise ConfigError(problems)

    @property
    def enabled_checks(self) -> "tuple[str, ...]":
        """The names of the checks that are switched on."""
        return tuple(name for name in sorted(self.registry.checks) if self.config.checks[name].enabled)

    @property
    def targets(self) -> "Mapping[str, ReadUrl]":
        """Whom to notify: by name, what reads the apprise URL when it is needed."""
        targets = self.config.notify.targets
        return {name: partial(target.resolve, os.environ) for name, target in targets.items()}

    def deliver(self, history: "History") -> "Drained":
        """Send the notifications whose time has come, within the time the settings give."""
        from watchdog.cli.interrupts import signals_interrupt
        from watchdog.notify import drain

        with signals_interrupt():  # what is known by then is marked
            return drain(history, self.targets, self.host.stamp, self.pace)

    @property
    def pace(self) -> "Pace":
        """What bounds the notifying."""
        from watchdog.notify import Pace

        settings = self.config.notify
        return Pace(
            limit_seconds=float(settings.drain_limit),
            most_at_once=settings.most_at_once,
            expire_after_seconds=float(settings.expire_after),
            templates=str(settings.templates or ""),
        )

    def check_names(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the checks to run: those wanted, else all. Raises ConfigError for unknown ones."""
        from watchdog.registry import nearest

        known = self.registry.checks
        unknown = [
            Problem(
                source="command line",
                key="CHECK",
                expected=f"the name of a check ({', '.join(sorted(known))})",
                found=repr(name),
                nearest=nearest(name, known),
            )
            for name in wanted
            if name not in known
        ]
        if unknown:
            raise ConfigError(unknown)
        return tuple(dict.fromkeys(wanted)) or tuple(sorted(known))


def complain(text: str) -> None:
    """Say something to the person at stderr, on one line; if nobody listens there, that is that."""
    from watchdog.report.page import inert

    with suppress(OSError):
        click.echo(f"watchdog: {inert(text)}", err=True)
