"""What of a cycle is worth a line in the log: incidents that changed their state."""

from watchdog.daemon.log import ERROR, NOTICE, WARNING, Log
from watchdog.history.cycle import Cycle
from watchdog.model import Incident, IncidentState, Severity, Transition


def tell_transitions(log: Log, cycle: Cycle) -> None:
    """Say each change of an incident's state, with fields to ask the journal for."""
    incidents = {one.id: one for one in (*cycle.advanced.state.incidents.values(), *cycle.advanced.changed)}
    for transition in cycle.advanced.transitions:
        if incident := incidents.get(transition.incident_id):
            what = f"#{incident.id} {incident.fault} on {incident.subject}: {incident.summary}"
            log.say(
                f"{transition.after.value}: {what}",
                _priority(incident, transition),
                WATCHDOG_INCIDENT=incident.id,
                WATCHDOG_FAULT=incident.fault,
                WATCHDOG_SUBJECT=incident.subject,
                WATCHDOG_STATE=transition.after.value,
                WATCHDOG_SEVERITY=incident.severity.value,
            )


def _priority(incident: Incident, transition: Transition) -> int:
    if transition.after is not IncidentState.FIRING:
        return NOTICE
    return ERROR if incident.severity is Severity.CRITICAL else WARNING
