"""What a command is handed: host, plugins, settings and history, each made when first asked for."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchdog.errors import ConfigError, HistoryError, Problem

if TYPE_CHECKING:  # each is imported where it is used, for a quick `--help`
    from watchdog.config import Config
    from watchdog.engine import Engine, Ran
    from watchdog.history.read import Reader
    from watchdog.history.store import History
    from watchdog.host import Host
    from watchdog.model import CheckResult
    from watchdog.notify import Drained
    from watchdog.registry import Registry
    from watchdog.steps import Attempt, Plan


class App:
    """The parts of one invocation, put together on demand."""

    def __init__(self, *, config_path: Path | None, history_path: Path | None) -> None:
        self.config_path = config_path
        self._history_path = history_path

    @cached_property
    def host(self) -> "Host":
        """The machine we run on."""
        from watchdog.host import Host

        return Host()

    @cached_property
    def registry(self) -> "Registry":
        """Every plugin. Raises ConfigError."""
        from watchdog import registry, selfwatch

        return registry.load(selfwatch.FAULTS)

    @cached_property
    def config(self) -> "Config":
        """The settings in force; warnings go to stderr. Raises ConfigError."""
        from watchdog import config

        loaded = config.load(config.find_path(self.config_path, os.environ), self.registry)
        for warning in loaded.warnings:
            complain(warning)
        return loaded

    @cached_property
    def engine(self) -> "Engine":
        """One engine over these parts."""
        from watchdog.engine import Engine

        return Engine(host=self.host, registry=self.registry, config=self.config)

    @cached_property
    def history_path(self) -> Path:
        """Where the history lives: the option, else the settings, else by who we are."""
        from watchdog.history.paths import default_path

        configured = self.config.history.path
        return self._history_path or (Path(configured) if configured else default_path(os.environ, os.geteuid()))

    @contextmanager
    def open_history(self) -> "Iterator[History]":
        """Open the history for writing, alone. Raises HistoryError."""
        from watchdog.history.records import Keep
        from watchdog.history.store import History

        settings = self.config.history
        with History.open(
            self.history_path,
            now=self.host.stamp(),
            wait_seconds=settings.lock_wait,
            command=shlex.join(["watchdog", *sys.argv[1:]]),
            keep=Keep(
                gap_seconds=settings.gap,
                retention_seconds=settings.retention,
                minute_retention_seconds=settings.minute_retention,
            ),
        ) as history:
            yield history

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

    def engine_look(self, name: str, history: "History") -> "CheckResult":
        """Run one check with what the history remembers for it."""
        return self.engine.look(name, history.load_memories())

    def cycle(self, history: "History | None", names: "Iterable[str]") -> "Ran":
        """Run one cycle of these checks, whole: look, record, propose what could heal, tell whom it concerns.

        A history that fails on the way costs what it was needed for, never what the checks say.
        """
        from watchdog.healing import record_proposals

        if history is None:
            return self.engine.run(None, names)
        try:
            self.recover(history)
        except HistoryError as error:
            # Recorded, this cycle could end the incident whose attempt is still to be judged.
            return replace(self.engine.run(None, names), unrecorded=str(error))
        ran = self.engine.run(history, names)
        if ran.unrecorded:
            return ran
        try:
            incidents = ran.cycle.advanced.state.incidents.values()
            record_proposals(self.host, incidents, self.registry, self.config.permissions, history)
            self.deliver(history)
        except HistoryError as error:
            complain(f"what was found is recorded, but what could heal it or who was told is not: {error}")
        return ran

    def timed_rollback(self, history: "History", attempt_id: int, plan: "Plan") -> "AbstractContextManager[None]":
        """Have an attempt undone by another process unless it ends in time; its plan says whether."""
        from watchdog.healing.timed_rollback import timed_rollback

        # The same files, wherever the other process runs; -P, as a folder named watchdog here is none of ours.
        options = ["--history", str(self.history_path.absolute())]
        if self.config_path:
            options += ["--config", str(self.config_path.absolute())]

        def argv(attempt_id: int, seconds: float, channel: int, healer: int) -> list[str]:
            words = {"attempt": attempt_id, "after": seconds, "channel": channel, "healer": healer}
            given = [word for name, value in words.items() for word in (f"--{name}", str(value))]
            return [sys.executable, "-P", "-m", "watchdog.cli", *options, "recover", *given]

        return timed_rollback(self.host, history, argv, attempt_id, plan)

    def prepare_recovery(self) -> None:
        """Load now what recovery needs: who waits to undo something must not learn then that it cannot.

        Raises ConfigError.
        """
        from watchdog import healing  # noqa: F401
        from watchdog.history import store  # noqa: F401

        _ = self.engine, self.history_path

    def recover(
        self,
        history: "History",
        tell: "Callable[[str], None] | None" = None,
        overdue: "Mapping[int, float] | None" = None,
    ) -> None:
        """End what a crash left of an attempt at healing: keep what has cured, undo what has not.

        Those in `overdue` had so many seconds to be verified, and are undone.
        """
        from watchdog.healing import Problem, finding_of, problem_after_crash, recover
        from watchdog.healing.timed_rollback import overdue as not_verified
        from watchdog.steps import Outcome

        def problem_of(attempt: "Attempt") -> Problem | None:
            if overdue and attempt.id in overdue:
                return Problem(outcome=Outcome.ROLLED_BACK, text=not_verified(overdue[attempt.id]))
            incidents = history.load_state().incidents.values()
            incident = next((one for one in incidents if one.id == attempt.incident_id), None)
            if incident is None:
                return Problem(outcome=Outcome.ROLLED_BACK, text="its incident is no longer open")
            fault = self.registry.faults.get(incident.fault)
            if fault is None:
                return Problem(outcome=Outcome.ROLLED_BACK, text=f"no check knows {incident.fault} any more")
            return problem_after_crash(finding_of(incident), self.engine_look(fault.check, history))

        recover(self.host, history, problem_of, tell=tell or complain)

    def deliver(self, history: "History") -> "Drained":
        """Send the notifications whose time has come, within the time the settings give."""
        from watchdog.notify import drain

        settings = self.config.notify
        return drain(
            history,
            {name: partial(target.resolve, os.environ) for name, target in settings.targets.items()},
            self.host.stamp,
            limit_seconds=settings.drain_limit,
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
