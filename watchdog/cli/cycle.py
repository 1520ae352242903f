"""One cycle, whole: look, record, heal what may be healed unasked, propose the rest, tell whom it concerns."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from watchdog.cli.app import App, complain
from watchdog.cli.healing import HistoryEyes, brakes_of, healer_of, recover_all
from watchdog.cli.interrupts import signals_interrupt
from watchdog.cli.publishing import write_metrics
from watchdog.engine import Looked, Ran
from watchdog.errors import HistoryError, Refused
from watchdog.healing import heal_alone, record_proposals
from watchdog.healing.turn import my_turn
from watchdog.history.store import History
from watchdog.model import CheckResult, Incident
from watchdog.steps import Outcome


def run_cycle(
    app: App,
    history: History | None,
    names: Iterable[str],
    *,
    heals: bool = True,
    looked: Looked | None = None,
    beside: Mapping[str, CheckResult] = MappingProxyType({}),
    tell: Callable[[str], None] = complain,
    deliver: Callable[[History], object] | None = None,
    publish: Callable[[App], None] | None = None,
) -> Ran:
    """Run one cycle of these checks; `heals` False: after what a person asked for, which it must not undo.

    The daemon's checks have looked already (`looked`), and others a little before (`beside`).

    A history that fails on the way costs what it was needed for, never what the checks say.
    """
    names = tuple(names)
    if history is None:
        return _pinged(app, app.engine.run(None, names))
    try:
        if history.attempts(None, Outcome.RUNNING):
            with my_turn():
                recover_all(app, history, tell)
    except (HistoryError, Refused) as error:
        # Recorded, this cycle could end the incident whose attempt is still to be judged.
        return _pinged(app, replace(_run(app, None, names, looked), unrecorded=str(error)))
    ran = _pinged(app, _run(app, history, names, looked))
    if ran.unrecorded:
        return ran
    try:
        _note_settings(app, history)
        if heals and (check := _heal(app, history, ran, tell)):
            # So that what was healed ends at once, and those who were told of it hear of that, too.
            again = app.engine.run(history, dict.fromkeys((*names, check)))
            ran = replace(ran if again.unrecorded else again, before=ran.cycle)
        if set(app.enabled_checks) <= {*names, *beside}:  # who did not look around cannot plan
            record_proposals(
                app.host,
                ran.cycle.advanced.state.incidents.values(),
                app.registry,
                app.config.permissions,
                history,
                {**beside, **_said(ran)},
            )
        app.engine.tell_anew(history)
        (deliver or app.deliver)(history)
    except HistoryError as error:
        tell(f"what was found is recorded, but what could heal it or who was told is not: {error}")
    if publish:
        publish(app)
    else:
        write_metrics(app, app.config.metrics.textfile, tell)
    return ran


def _pinged(app: App, ran: Ran) -> Ran:
    """Let who waits for it know that a cycle is over, and whether it is on record."""
    if app.pinger:
        app.pinger.cycle_is_over(recorded=not ran.unrecorded)
    return ran


def _note_settings(app: App, history: History) -> None:
    """Record once which settings are in force."""
    if not app.settings_noted:
        source = app.config.source
        history.note_configuration(str(source) if source else "", app.config.digest, app.host.stamp())
        app.settings_noted = True


def _run(app: App, history: History | None, names: tuple[str, ...], looked: Looked | None) -> Ran:
    return app.engine.run(history, names) if looked is None else app.engine.conclude(history, looked)


def _heal(app: App, history: History, ran: Ran, tell: Callable[[str], None]) -> str:
    """Heal what the owner lets be healed unasked; return whose fault that was tried on, "" when nothing was."""
    if all(settings.mode != "auto" for settings in app.config.remediations.values()):
        return ""
    incidents = tuple(ran.cycle.advanced.state.incidents.values())
    now = app.host.stamp()
    silences = [hold for hold in history.holds(now) if hold.kind == "silence"]

    def silenced(incident: Incident) -> str:
        return "; ".join(hold.describe(now) for hold in silences if hold.covers(incident.fault, incident.subject))

    try:
        with my_turn(), signals_interrupt():
            tried = heal_alone(
                healer_of(app, history, tell),
                incidents,
                brakes_of(app, history, incidents),
                silenced,
                app.config.permission,
                lambda: _said(ran) | _said_by_the_others(app, history, ran),
            )
    except Refused as refusal:  # somebody with another history heals now
        tell(str(refusal))
        return ""
    if tried is None:
        return ""
    incident, treatment = tried
    word = treatment.outcome.value.replace("_", " ") if treatment.outcome else "nothing to do"
    tell(f"#{incident.id} {incident.fault} on {incident.subject}: {word}: {treatment.reason}")
    return app.registry.faults[incident.fault].check


def _said(ran: Ran) -> dict[str, CheckResult]:
    return {result.check: result for result in ran.cycle.results}


def _said_by_the_others(app: App, history: History, ran: Ran) -> dict[str, CheckResult]:
    """Look at what this cycle left out (`watchdog run bond`): what healing breaks must be told from what was."""
    missing = [name for name in app.enabled_checks if name not in _said(ran)]
    return HistoryEyes(app, history.load_memories).look_at(missing) if missing else {}
