"""What there is to tell of, once for each outage: pure.

An *outage* is what is open and linked: an effect, what may have caused it, what else that caused. Of all that is
new in it one incident speaks, and it is told as bad as the worst of them:

- the topmost event (the step, not the service that died of it), under the name of its root where it has one; it
  speaks for the whole outage, causes and effects, until it is over;
- where nothing happened that only lasts, each topmost fault, for all that it caused and that lasts too.

So what a standing fault has been told as does not swallow an event: that VMware Tools may set the clock was told
weeks ago, that the clock went back today is news. Nor what is worse than it. And a cause that is found after its
event was told is no news while the event is; should it outlast it, it is told then.

An event is news when it happens or gets worse, never later: not because what spoke for it is over.

What a person silenced speaks for nothing else. It speaks for itself all the same, to nobody as long as that is in
force; who is told then, and what of it later, is decided in deciding.py.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from watchdog.model import Fault, Incident, IncidentState, Severity

_RANK = {None: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


def tell(
    incidents: Sequence[Incident],
    before: Mapping[int, Incident],
    faults: Mapping[str, Fault],
    silenced: Collection[int] = (),
) -> tuple[Incident, ...]:
    """Return the incidents, in the order given, those that speak with what there is to tell of them (`told`).

    They are all that are not resolved, linked to their causes; `before` are those the cycle began with, by id;
    `silenced` the ids of those of which a person wants to hear nothing now.
    """
    told: dict[int, Severity] = {}
    for outage in outages(incidents):
        told |= _tell(outage, before, faults, [one for one in outage if one.id not in silenced])
        if any(one.id in silenced for one in outage):
            spoken = tuple(replace(one, told=told[one.id]) if one.id in told else one for one in outage)
            told |= _tell(spoken, before, faults, spoken)
    return tuple(replace(one, told=told[one.id]) if one.id in told else one for one in incidents)


def outages(incidents: Iterable[Incident]) -> tuple[tuple[Incident, ...], ...]:
    """Return the incidents by outage: those that a path of links joins, in the order given."""
    by_id = {one.id: one for one in incidents}
    linked: dict[int, list[int]] = defaultdict(list)
    for one in by_id.values():
        for cause in one.caused_by:
            linked[one.id].append(cause)
            linked[cause].append(one.id)
    number: dict[int, int] = {}
    for start in by_id:
        ahead = [] if start in number else [start]
        while ahead:
            if (here := ahead.pop()) in by_id and here not in number:
                number[here] = start
                ahead += linked[here]
    found: dict[int, list[Incident]] = defaultdict(list)
    for one in by_id.values():
        found[number[one.id]].append(one)
    return tuple(map(tuple, found.values()))


def above(incident: Incident, by_id: Mapping[int, Incident]) -> frozenset[int]:
    """Return the ids of what may have caused an incident, of what may have caused that, and so on."""
    found: set[int] = set()
    ahead = list(incident.caused_by)
    while ahead:
        if (here := ahead.pop()) in by_id and here not in found:
            found.add(here)
            ahead += by_id[here].caused_by
    return frozenset(found - {incident.id})


def _tell(
    outage: Sequence[Incident],
    before: Mapping[int, Incident],
    faults: Mapping[str, Fault],
    among: Sequence[Incident],
) -> dict[int, Severity]:
    """Return who speaks for what is new `among` the incidents of an outage, and how bad it is."""
    fresh = [one for one in among if _is_fresh(one, before.get(one.id), faults[one.fault])]
    by_id = {one.id: one for one in outage}
    causes = {one.id: above(one, by_id) for one in fresh}
    events = {one.id for one in among if faults[one.fault].event}
    speaking = {one.id for one in among}
    news = {
        one.id: one
        for one in fresh
        # Who was told already speaks for it: any event, and for what is none also whatever may have caused it.
        if all(
            _RANK[by_id[number].told] < _RANK[one.severity]
            for number in (events if one.id in events else events | (causes[one.id] & speaking))
        )
    }
    if happened := {number: one for number, one in news.items() if number in events}:
        speaker = min(_tops(happened, causes), key=lambda one: (-_RANK[one.severity], one.id))
        return {speaker.id: _worst(news.values())}
    told: dict[int, Severity] = {}
    while news:
        for top in _tops(news, causes):
            below = [one for one in news.values() if one.id == top.id or top.id in causes[one.id]]
            told[top.id] = _worst(below)
        news = {number: one for number, one in news.items() if not {number, *causes[number]} & told.keys()}
    return told


def _is_fresh(one: Incident, was: Incident | None, fault: Fault) -> bool:
    """Tell whether it is worse than it was told; an event also has to have happened or got worse just now."""
    if one.state is not IncidentState.FIRING or _RANK[one.told] >= _RANK[one.severity]:
        return False
    fired_before = was is not None and was.state is IncidentState.FIRING
    return not fault.event or not fired_before or (was is not None and was.severity is not one.severity)


def _tops(among: Mapping[int, Incident], causes: Mapping[int, frozenset[int]]) -> list[Incident]:
    """Return those that nothing among them may have caused; of a circle in foreign data, its oldest."""
    tops = [one for one in among.values() if not causes[one.id] & among.keys()]
    return tops or [min(among.values(), key=lambda one: one.id)]


def _worst(incidents: Iterable[Incident]) -> Severity:
    return max((one.severity for one in incidents), key=_RANK.__getitem__)
