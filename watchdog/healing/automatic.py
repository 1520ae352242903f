"""Heals what its owner allowed to be healed unasked: at most one incident a cycle, causes before effects.

A refusal is recorded when it is new: who asks in the morning why nothing was done finds the reason, once. Where
only a person can help, a person is told, once as well.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile

from msgspec.structs import replace

from watchdog import selfwatch
from watchdog.config import Permissions
from watchdog.errors import Refused
from watchdog.healing.attempt import Treatment
from watchdog.healing.healer import Consent, Healer
from watchdog.healing.news import without_numbers
from watchdog.healing.situating import Brakes
from watchdog.model import CheckResult, Incident, IncidentState, Severity
from watchdog.registry import AnyRemediation, Registry
from watchdog.steps import Outcome

# Without a try in between, on one incident.
_MOST_REFUSALS = 10
_MOST_TOLD = 20

_RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1}


def heal_alone(
    healer: Healer,
    incidents: Sequence[Incident],
    brakes: Brakes,
    silenced: Callable[[Incident], str],
    permission: Callable[[str], str],
    look_around: Callable[[], Mapping[str, CheckResult]],
) -> tuple[Incident, Treatment] | None:
    """Heal the first incident that may be healed; None when there was none. Raises HistoryError.

    `silenced` says who silenced an incident and why ("": nobody), `permission` which setting permits a
    remediation, `look_around` what every check says now, where it must be known.
    """
    consent = Consent(asked=False, permission=permission)
    candidates = _in_order(incidents, healer.registry, healer.permissions)
    seen = look_around() if candidates else {}
    for incident in candidates:
        held = replace(brakes, silence=silenced(incident))
        try:
            treatment = healer.heal(incident, incidents, held, consent, seen)
        except Refused as refusal:
            _record_refusal(healer, incident, refusal)
            continue
        if treatment.outcome is not None:
            return incident, treatment
    return None


def families(incidents: Iterable[Incident]) -> int:
    """Return how many checks have a fault that fires on its own account.

    What another caused does not count, nor what the watchdog says of itself.
    """
    firing = (one for one in incidents if one.state is IncidentState.FIRING and not one.inhibited)
    return len({one.fault.partition(".")[0] for one in firing} - {selfwatch.NAME})


def _in_order(incidents: Iterable[Incident], registry: Registry, permissions: Permissions) -> list[Incident]:
    """Return those that something may heal alone; causes before what they caused, the worst and oldest first."""
    may = [one for one in incidents if one.state is IncidentState.FIRING and _healers(one, registry, permissions)]
    return sorted(may, key=lambda one: (one.inhibited, _RANK[one.severity], one.id))


def _healers(incident: Incident, registry: Registry, permissions: Permissions) -> tuple[AnyRemediation, ...]:
    """Return the remediations for an incident that the owner lets act alone."""
    healers = registry.healers(incident.fault)
    return tuple(one for one in healers if permissions.remediations[one.name].mode == "auto")


def _record_refusal(healer: Healer, incident: Incident, refusal: Refused) -> None:
    """Record why nothing was done, unless that was said since the last try; tell who must know.

    A reason that is ever another one (an address, an order) is recorded so many times, and no more.
    """
    others = (Outcome.PROPOSED, Outcome.CLOSED, Outcome.DRY_RUN)
    words = [one for one in healer.journal.attempts(incident.id) if one.outcome not in others]
    refusals = tuple(takewhile(lambda one: one.outcome is Outcome.REFUSED, reversed(words)))
    said = {without_numbers(one.reason) for one in refusals}
    most = _MOST_TOLD if refusal.needs_person else _MOST_REFUSALS
    if len(refusals) >= most or without_numbers(str(refusal)) in said:
        return
    healer.record_refusal(incident, refusal, "auto", tell=refusal.needs_person)
