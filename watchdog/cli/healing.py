"""Puts together what healing needs: the history as its journal, the checks as its eyes, what holds it back."""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from watchdog.cli.app import App, complain
from watchdog.cli.hands import demand_trusted, hands_of
from watchdog.healing import (
    Brakes,
    Healer,
    Problem,
    families,
    finding_of,
    problem_after_crash,
    recover,
    why_stays,
)
from watchdog.healing.news import compose_news
from watchdog.healing.timed_rollback import not_verified_within, timed_rollback
from watchdog.history.store import History
from watchdog.model import CheckResult, Incident, Message
from watchdog.plugin import Case
from watchdog.steps import Attempt, Outcome, Plan


def healer_of(app: App, history: History, tell: Callable[[str], None] = complain) -> Healer:
    """Return what heals on this host."""
    registry, actuator = hands_of(app, history)
    return Healer(
        host=app.host,
        registry=registry,
        actuator=actuator,
        permissions=app.config.permissions,
        journal=history,
        eyes=HistoryEyes(app, history.load_memories),
        tell=tell,
        news=partial(_news, app),
        watched_over=lambda attempt_id, plan: timed_rollback(
            app.host, history, partial(_keeper_argv, app), attempt_id, plan
        ),
    )


def _news(app: App, incident: Incident, outcome: Outcome, reason: str, plan: Plan | None) -> tuple[Message, ...]:
    fault, policy = app.registry.faults.get(incident.fault), app.config.policy(app.host.name())
    return compose_news(incident, outcome, reason, plan, fault=fault, policy=policy)


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


def recover_all(
    app: App,
    history: History,
    tell: Callable[[str], None] = complain,
    overdue: Mapping[int, float] = MappingProxyType({}),
) -> None:
    """End what a crash left of an attempt at healing: keep what has cured, undo what has not.

    Those in `overdue` had so many seconds to be verified, and are undone.
    """
    if not history.attempts(None, Outcome.RUNNING):
        return
    demand_trusted(app)
    recover(
        app.host,
        history,
        partial(_problem_of, app, history, overdue),
        stays=partial(why_left, app, history),
        news=partial(_news_of_cut_off, app),
        tell=tell,
        actuator=hands_of(app, history)[1],
    )


def why_left(app: App, history: History, attempt: Attempt) -> str:
    """Look, and ask the remediation whether what it brought into service is the last healthy one by now."""
    remediation, incident = app.registry.remediations.get(attempt.remediation), _incident_of(app, attempt)
    if remediation is None or remediation.stays is None or incident is None:
        return ""
    results = HistoryEyes(app, history.load_memories).look_around()
    return why_stays(remediation, Case(finding=finding_of(incident), results=results))


def _keeper_argv(app: App, attempt_id: int, seconds: float, channel: int, healer: int) -> list[str]:
    """Return what undoes an attempt in our place: `watchdog recover`, on the same files, wherever it runs."""
    options = ["--history", str(app.history_path.absolute())]
    if app.config_path:
        options += ["--config", str(app.config_path.absolute())]
    words = {"attempt": attempt_id, "after": seconds, "channel": channel, "healer": healer}
    given = [word for name, value in words.items() for word in (f"--{name}", str(value))]
    # -P: a folder named watchdog here is none of ours.
    return [sys.executable, "-P", "-m", "watchdog.cli", *options, "recover", *given]


def _problem_of(app: App, history: History, overdue: Mapping[int, float], attempt: Attempt) -> Problem | None:
    if attempt.id in overdue:
        return Problem(outcome=Outcome.ROLLED_BACK, text=not_verified_within(overdue[attempt.id]))
    incidents = history.load_state().incidents.values()
    incident = next((one for one in incidents if one.id == attempt.incident_id), None)
    if incident is None:
        return Problem(outcome=Outcome.ROLLED_BACK, text="its incident is no longer open")
    fault = app.registry.faults.get(incident.fault)
    if fault is None:
        return Problem(outcome=Outcome.ROLLED_BACK, text=f"no check knows {incident.fault} any more")
    eyes = HistoryEyes(app, history.load_memories)
    return problem_after_crash(finding_of(incident), eyes.look(fault.check))


def _news_of_cut_off(app: App, attempt: Attempt, outcome: Outcome, reason: str) -> tuple[Message, ...]:
    """Return what a person must be told of an attempt that nobody asked for, however it was cut off."""
    incident = _incident_of(app, attempt) if attempt.mode == "auto" else None
    return _news(app, incident, outcome, reason, attempt.plan) if incident else ()


def _incident_of(app: App, attempt: Attempt) -> Incident | None:
    """Return what an attempt was for, open or not."""
    with app.read_history() as reader:
        records = reader.incidents(open_only=False, since_seconds=None, now=app.host.stamp())
    return next((one.incident for one in records if one.incident.id == attempt.incident_id), None)
