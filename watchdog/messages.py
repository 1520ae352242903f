"""Which messages a cycle gives rise to: pure. One outage is one message to each target.

Who speaks for an outage, and when, is decided in telling.py; here it is put into words, under the name of the root
and with its advice. Recovery is told only where the failure was (as Tailscale's health warnings do).
"""

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from watchdog.causes import roots
from watchdog.incidents import Advanced, State
from watchdog.model import Fault, Incident, IncidentState, Message, Severity
from watchdog.telling import above, outages
from watchdog.units import render_seconds

# A notification target that does not take messages: the engine's own fault, on the target's name.
TARGET_DEAD = "watchdog.target_dead"
# A message is read on a phone: of what belongs to an outage it names this many.
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
    WORSE = "worse"
    FLAPPING = "flapping"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What fires beside who speaks: the chain of causes, root first, other possible causes, what else belongs."""

    chain: tuple[Incident, ...] = ()
    alternatives: tuple[Incident, ...] = ()
    others: tuple[Incident, ...] = ()

    @property
    def root(self) -> Incident | None:
        return next(iter(self.chain), None)

    def root_word(self, speaker: Incident) -> str:
        """Return how sure the root is: a link that nobody names makes it a possible one."""
        sure = all(one.names(cause) for cause, one in pairwise((*self.chain, speaker)))
        return "root" if sure else "possible root"


def compose(
    advanced: Advanced,
    before: State,
    faults: Mapping[str, Fault],
    routes: Iterable[Route],
    host: str,
    healed: Mapping[int, str] | None = None,
) -> tuple[Message, ...]:
    """Return the messages of one cycle, `before` being the state that it began with.

    `healed` says of incidents, by id, what the watchdog did that cured them.

    An incident is told to a target when it speaks for its outage there for the first time: when it begins to
    fire, when what spoke for it is gone and it still fires, when it becomes bad enough for the target's route. A
    target that was told is told once more when an event happens again and worse, when what lasts begins to flap,
    and when it is over. What would be told twice (it flaps again) has the same key, of which the outbox keeps the
    first.
    """
    routes = tuple(routes)
    was = {incident.id: incident for incident in before.incidents.values()}
    reasons = {change.incident_id: change.reason for change in advanced.transitions}
    messages = []
    told = [(one, list(_news(one, was.get(one.id), faults.get(one.fault), routes))) for one in advanced.changed]
    around = _look_around([one for one, news in told if news], advanced.state)
    for incident, news_by_target in told:
        fault = faults.get(incident.fault)
        severity = _loudness(incident, was.get(incident.id))
        reason = (healed or {}).get(incident.id) or reasons.get(incident.id, "")
        for news, target in news_by_target:
            messages.append(
                Message(
                    key=_key(incident, news, target, host),
                    target=target,
                    incident_id=incident.id,
                    title=_title(incident, severity, news, around[incident.id], host),
                    body=_body(incident, news, reason, fault, around[incident.id], faults),
                    severity=severity,
                    recovery=news is _News.RECOVERED,
                )
            )
    return tuple(messages)


def _news(
    incident: Incident, was: Incident | None, fault: Fault | None, routes: Sequence[Route]
) -> Iterator[tuple[_News, str]]:
    """Yield what there is to tell of an incident, and to which target."""
    told_before = _audience(was, routes)
    begins_to_flap = incident.flapping and not incident.inhibited and not (was and was.flapping)
    happened_worse = fault is not None and fault.event and was is not None and incident.told is not was.told
    for target in _audience(incident, routes):
        if incident.state is IncidentState.RESOLVED:
            yield _News.RECOVERED, target
        elif target not in told_before:
            yield (_News.FLAPPING if incident.flapping else _News.FIRED), target
        elif happened_worse:
            yield _News.WORSE, target
        elif begins_to_flap:
            yield _News.FLAPPING, target


def excluded(incident: Incident, target: str) -> bool:
    """Tell whether a target is not told of an incident: of its own death it could not be."""
    return incident.fault == TARGET_DEAD and incident.subject == target


def _loudness(incident: Incident, was: Incident | None) -> Severity:
    """Return how bad a message is: as bad as the outage that it speaks for, where that is its news."""
    newly_told = incident.told is not (was.told if was else None)
    return incident.told if incident.told and newly_told else incident.severity


def _audience(incident: Incident | None, routes: Sequence[Route]) -> Mapping[str, None]:
    """Return the targets that were told of an incident, each once, in the order of the routes."""
    if incident is None or incident.told is None:
        return {}
    told = incident.told
    targets = (target for route in routes if route.takes(told) for target in route.to)
    return dict.fromkeys(target for target in targets if not excluded(incident, target))


def _look_around(speakers: Sequence[Incident], state: State) -> Mapping[int, _Around]:
    """Return what to say beside each speaker, by its id."""
    by_id = {incident.id: incident for incident in state.incidents.values()}
    outage_of = {one.id: outage for outage in outages(by_id.values()) for one in outage} if speakers else {}
    return {one.id: _look_around_one(one, by_id, outage_of.get(one.id, ())) for one in speakers}


def _look_around_one(speaker: Incident, by_id: Mapping[int, Incident], outage: Sequence[Incident]) -> _Around:
    firing = {one.id: one for one in by_id.values() if one.state is IncidentState.FIRING}
    causes = above(speaker, by_id)
    chain = [one for one in roots(speaker, by_id)[:-1] if one.id in firing]
    on_chain = {speaker.id, *(one.id for one in chain)}
    nearest_first = [number for one in (speaker, *reversed(chain)) for number in one.caused_by]
    alternatives = dict.fromkeys((*nearest_first, *sorted(causes)))
    return _Around(
        chain=tuple(chain),
        alternatives=tuple(firing[number] for number in alternatives if number in firing.keys() - on_chain),
        others=tuple(one for one in outage if one.inhibited and one.id in firing.keys() - on_chain - causes),
    )


def _key(incident: Incident, news: _News, target: str, host: str) -> str:
    """Return what makes a repeat recognisable; when it opened tells it from the same id in a fresh history."""
    opened = f"{incident.opened.boot_id}+{incident.opened.boottime_ns}"
    return f"{host}/{incident.id}/{news.value}/{target}/{opened}"


def _title(incident: Incident, severity: Severity, news: _News, around: _Around, host: str) -> str:
    label = "recovered" if news is _News.RECOVERED else severity.value
    flaps = " is flapping" if news is _News.FLAPPING else ""
    root = ""
    if around.root and label != "recovered":
        root = f" ({around.root_word(incident)}: {around.root.fault} {around.root.subject})"
    return one_line(f"[{label}] {host}: {incident.fault} {incident.subject}{flaps}{root}")


def _body(
    incident: Incident,
    news: _News,
    reason: str,
    fault: Fault | None,
    around: _Around,
    faults: Mapping[str, Fault],
) -> str:
    if news is _News.RECOVERED:
        lines = _recovery(incident, reason, around)
    else:
        lines = _failure(incident, news, reason, fault, around, faults)
    return "\n".join(map(one_line, lines))


def _failure(
    incident: Incident,
    news: _News,
    reason: str,
    fault: Fault | None,
    around: _Around,
    faults: Mapping[str, Fault],
) -> Iterator[str]:
    yield incident.summary
    yield f"since: {incident.opened.wall_text}"
    if news is _News.FLAPPING:
        yield f"{reason or 'flapping'}; the next message comes when it is over"
    for number, cause in enumerate(around.chain):
        yield f"{'which caused' if number else around.root_word(incident)}: {_named(cause)}"
    for cause in around.alternatives[:MOST_NAMED]:
        yield f"or: {_named(cause)}"
    if fault is not None:
        yield f"why: {fault.why}"
        root = faults.get(around.root.fault) if around.root else None
        yield f"what to do: {around.root.advice(root) if around.root and root else incident.advice(fault)}"
    for other in around.others[:MOST_NAMED]:
        yield f"also: {_named(other)}"
    if len(around.others) > MOST_NAMED:
        yield f"also: {len(around.others) - MOST_NAMED} more"
    yield f"more: `watchdog explain {incident.fault}`, `watchdog incidents`"


def _recovery(incident: Incident, reason: str, around: _Around) -> Iterator[str]:
    if reason:
        yield f"over: {reason}"
    if incident.resolved is not None:
        at_least = "" if incident.resolved.boot_id == incident.opened.boot_id else "at least "
        length = render_seconds(incident.resolved.seconds_since(incident.opened))
        yield f"open for {at_least}{length}, since {incident.opened.wall_text}"
    yield f"it was: {incident.summary}"
    if around.root:
        yield f"still there, and may cause it again: {_named(around.root)}"
    yield "more: `watchdog incidents --all`"


def _named(incident: Incident) -> str:
    return f"{incident.fault} {incident.subject}: {incident.summary}"


def one_line(text: str) -> str:
    """Return a text on one line: what a foreign host or the kernel named adds no header and no control code."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
