"""Which messages a cycle gives rise to: pure. One outage is one message to each target.

Recovery is told only where the failure was (as Tailscale's health warnings do); what is inhibited is told under
its root, and by itself once it fires with no cause left.
"""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchdog.causes import roots
from watchdog.incidents import Advanced, State
from watchdog.model import Fault, Incident, IncidentState, Message, Severity
from watchdog.units import render_seconds

# A message is read on a phone: of a root's consequences it names this many.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What is at least as bad as `severity` is told to every target in `to`."""

    severity: Severity
    to: tuple[str, ...]

    def takes(self, severity: Severity) -> bool:
        """Tell whether a fault as bad as this goes this way."""
        return Severity.worst((self.severity, severity)) is severity


class _News(enum.Enum):
    FIRED = "fired"
    FLAPPING = "flapping"
    RECOVERED = "recovered"


def compose(
    advanced: Advanced, before: State, faults: Mapping[str, Fault], routes: Iterable[Route], host: str
) -> tuple[Message, ...]:
    """Return the messages of one cycle, `before` being the state that it began with.

    An incident is told to a target when it fires there for the first time: when it begins to fire, when its last
    cause is gone and it still fires, when it becomes bad enough for the target's route. A target that was told
    is told once more when it begins to flap, and when it is over. What would be told twice (it flaps again) has
    the same key, of which the outbox keeps the first.
    """
    routes = tuple(routes)
    was = {incident.id: incident for incident in before.incidents.values()}
    reasons = {change.incident_id: change.reason for change in advanced.transitions}
    consequences = _consequences(advanced.state)
    messages = []
    for incident in advanced.changed:
        for news, target in _news(incident, was.get(incident.id), routes):
            body = _body(incident, news, reasons, faults.get(incident.fault), consequences.get(incident.id, ()))
            messages.append(
                Message(
                    key=_key(incident, news, target, host),
                    target=target,
                    incident_id=incident.id,
                    title=_title(incident, news, host),
                    body=body,
                    severity=incident.severity,
                    recovery=news is _News.RECOVERED,
                )
            )
    return tuple(messages)


def _news(incident: Incident, was: Incident | None, routes: Sequence[Route]) -> Iterator[tuple[_News, str]]:
    """Yield what there is to tell of an incident, and to which target."""
    told_before = _audience(was, routes)
    begins_to_flap = incident.flapping and not incident.inhibited and not (was and was.flapping)
    for target in _audience(incident, routes):
        if incident.state is IncidentState.RESOLVED:
            yield _News.RECOVERED, target
        elif target not in told_before:
            yield (_News.FLAPPING if incident.flapping else _News.FIRED), target
        elif begins_to_flap:
            yield _News.FLAPPING, target


def _audience(incident: Incident | None, routes: Sequence[Route]) -> Mapping[str, None]:
    """Return the targets that were told of an incident, each once, in the order of the routes."""
    told = incident.told if incident else None
    if told is None:
        return {}
    return dict.fromkeys(target for route in routes if route.takes(told) for target in route.to)


def _consequences(state: State) -> Mapping[int, list[Incident]]:
    """Return the inhibited incidents that fire, by the id of the nearest one above that is told itself."""
    by_id = {incident.id: incident for incident in state.incidents.values()}
    under: dict[int, list[Incident]] = defaultdict(list)
    for incident in by_id.values():
        if incident.inhibited and incident.state is IncidentState.FIRING:
            above = next((one for one in reversed(roots(incident, by_id)) if not one.inhibited), incident)
            under[above.id].append(incident)
    return under


def _key(incident: Incident, news: _News, target: str, host: str) -> str:
    """Return what makes a repeat recognisable; when it opened tells it from the same id in a fresh history."""
    opened = f"{incident.opened.boot_id}+{incident.opened.boottime_ns}"
    return f"{host}/{incident.id}/{news.value}/{target}/{opened}"


def _title(incident: Incident, news: _News, host: str) -> str:
    label = "recovered" if news is _News.RECOVERED else incident.severity.value
    flaps = " is flapping" if news is _News.FLAPPING else ""
    return _one_line(f"[{label}] {host}: {incident.fault} {incident.subject}{flaps}")


def _body(
    incident: Incident,
    news: _News,
    reasons: Mapping[int, str],
    fault: Fault | None,
    consequences: Sequence[Incident],
) -> str:
    if news is _News.RECOVERED:
        lines = _recovery(incident, reasons)
    else:
        lines = _failure(incident, news, reasons, fault, consequences)
    return "\n".join(map(_one_line, lines))


def _failure(
    incident: Incident,
    news: _News,
    reasons: Mapping[int, str],
    fault: Fault | None,
    consequences: Sequence[Incident],
) -> Iterator[str]:
    yield incident.summary
    yield f"since: {incident.opened.wall_text}"
    if news is _News.FLAPPING:
        yield f"{reasons.get(incident.id, 'flapping')}; the next message comes when it is over"
    if fault is not None:
        yield f"why: {fault.why}"
        yield f"what to do: {fault.advice}"
    for other in consequences[:MOST_NAMED]:
        yield f"also: {other.fault} {other.subject}: {other.summary}"
    if len(consequences) > MOST_NAMED:
        yield f"also: {len(consequences) - MOST_NAMED} more"
    yield f"more: `watchdog explain {incident.fault}`, `watchdog incidents`"


def _recovery(incident: Incident, reasons: Mapping[int, str]) -> Iterator[str]:
    if reason := reasons.get(incident.id):
        yield f"over: {reason}"
    if incident.resolved is not None:
        at_least = "" if incident.resolved.boot_id == incident.opened.boot_id else "at least "
        length = render_seconds(incident.resolved.seconds_since(incident.opened))
        yield f"open for {at_least}{length}, since {incident.opened.wall_text}"
    yield f"it was: {incident.summary}"
    yield "more: `watchdog incidents --all`"


def _one_line(text: str) -> str:
    """Keep what a foreign host or the kernel named from adding lines, header fields or terminal codes."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
