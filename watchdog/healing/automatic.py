"""Heals what its owner allowed to be healed unasked: at most one incident a cycle, the worst and oldest first.

A refusal is recorded when it is new: who asks in the morning why nothing was done finds the reason, once.
"""

from collections.abc import Callable, Iterable, Mapping

from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.healing import Brakes, Look, Treatment, heal_incident
from watchdog.healing.attempt import Tell
from watchdog.healing.contracts import Journal
from watchdog.host import Host
from watchdog.model import Incident, IncidentState, Severity
from watchdog.registry import Registry
from watchdog.steps import Outcome, Plan

_RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1}
_NOTHING = Plan(summary="", steps=())


def heal_alone(
    host: Host,
    incidents: Iterable[Incident],
    registry: Registry,
    permissions: Permissions,
    journal: Journal,
    look: Callable[[str], Look],
    brakes: Brakes,
    silences: Mapping[int, str],
    tell: Tell,
) -> Treatment | None:
    """Heal the first incident that may be healed; None when there was none. Raises HistoryError.

    `look` returns, for a check's name, what runs it; `silences` are who silenced an incident and why, by its id.
    """
    for incident in _in_order(incidents, registry, permissions):
        held = Brakes(
            pauses=brakes.pauses,
            silence=silences.get(incident.id, ""),
            maintenance=brakes.maintenance,
            families=brakes.families,
        )
        check = registry.faults[incident.fault].check
        try:
            return heal_incident(
                host, incident, registry, permissions, journal, look(check), None, brakes=held, tell=tell
            )
        except Refused as refusal:
            _record_refusal(host, incident, str(refusal), registry, journal)
    return None


def families(incidents: Iterable[Incident]) -> int:
    """Return how many checks have a fault that fires on its own account: what another caused does not count."""
    return len(
        {
            one.fault.partition(".")[0]
            for one in incidents
            if one.state is IncidentState.FIRING and not one.inhibited
        }
    )


def _in_order(incidents: Iterable[Incident], registry: Registry, permissions: Permissions) -> list[Incident]:
    """Return those that something may heal alone; causes before what they caused."""
    may = [
        one
        for one in incidents
        if one.state is IncidentState.FIRING
        and any(permissions.remediations[healer.name].mode == "auto" for healer in registry.healers(one.fault))
    ]
    return sorted(may, key=lambda one: (one.inhibited, _RANK[one.severity], one.id))


def _record_refusal(host: Host, incident: Incident, reason: str, registry: Registry, journal: Journal) -> None:
    """Record why nothing was done, unless the last word on this incident was the same."""
    tried = [one for one in journal.attempts(incident.id) if one.outcome is not Outcome.PROPOSED]
    if tried and tried[-1].outcome is Outcome.REFUSED and _alike(tried[-1].reason, reason):
        return
    name = registry.healers(incident.fault)[0].name
    journal.begin_attempt(incident.id, name, "auto", _NOTHING, Outcome.REFUSED, reason, host.stamp())


def _alike(one: str, other: str) -> bool:
    """Tell whether two reasons differ in their numbers at most: `12 s ago` and `72 s ago` are one reason."""
    return _without_numbers(one) == _without_numbers(other)


def _without_numbers(text: str) -> str:
    return "".join("#" if char.isdigit() or char == "." else char for char in text)
