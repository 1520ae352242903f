"""Puts together what healing needs: the history as its journal, the checks as its eyes, what holds it back."""

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from watchdog.cli.app import App, complain
from watchdog.healing import Brakes, Healer, Problem, families, finding_of, problem_after_crash, recover
from watchdog.healing.news import compose_news
from watchdog.history.store import History
from watchdog.model import CheckResult, Incident, Message
from watchdog.steps import Attempt, Outcome, Plan


def healer_of(app: App, history: History, tell: Callable[[str], None] = complain) -> Healer:
    """Return what heals on this host."""

    def news(incident: Incident, outcome: Outcome, reason: str, plan: Plan | None) -> tuple[Message, ...]:
        fault, routes = app.registry.faults.get(incident.fault), app.config.routes
        return compose_news(incident, outcome, reason, plan, fault=fault, routes=routes, host=app.host.name())

    return Healer(
        host=app.host,
        registry=app.registry,
        permissions=app.config.permissions,
        journal=history,
        eyes=HistoryEyes(app, history.load_memories),
        tell=tell,
        news=news,
    )


class HistoryEyes:
    """The checks, with what the history remembers for them: watchdog.healing.contracts.Eyes."""

    def __init__(self, app: App, memories: Callable[[], Mapping[str, bytes]]) -> None:
        self._app, self._memories = app, memories

    def look(self, check: str) -> CheckResult:
        """Run one check now."""
        return self.look_at((check,))[check]

    def look_around(self) -> Mapping[str, CheckResult]:
        """Run every check that is switched on."""
        return self.look_at(self._app.enabled_checks)

    def look_at(self, names: Iterable[str]) -> dict[str, CheckResult]:
        """Run these checks side by side."""
        return self._app.engine.look_at(names, self._memories())


def brakes_of(app: App, history: History, incidents: Iterable[Incident]) -> Brakes:
    """Return what holds healing back now, on this host as a whole."""
    now = app.host.stamp()
    holds = history.holds(now)
    return Brakes(
        pauses=tuple(hold.describe(now) for hold in holds if hold.kind == "pause"),
        maintenance="; ".join(hold.describe(now) for hold in holds if hold.kind == "maintenance"),
        families=families(incidents),
    )


def recover_all(app: App, history: History, tell: Callable[[str], None] = complain) -> None:
    """End what a crash left of an attempt at healing: keep what has cured, undo what has not."""
    recover(app.host, history, partial(_problem_of, app, history), tell=tell)


def _problem_of(app: App, history: History, attempt: Attempt) -> Problem | None:
    incidents = history.load_state().incidents.values()
    incident = next((one for one in incidents if one.id == attempt.incident_id), None)
    if incident is None:
        return Problem(outcome=Outcome.ROLLED_BACK, text="its incident is no longer open")
    fault = app.registry.faults.get(incident.fault)
    if fault is None:
        return Problem(outcome=Outcome.ROLLED_BACK, text=f"no check knows {incident.fault} any more")
    eyes = HistoryEyes(app, history.load_memories)
    return problem_after_crash(finding_of(incident), eyes.look(fault.check))


@contextmanager
def signals_roll_back() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP when the terminal goes away with the network, roll back as Ctrl-C does."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
