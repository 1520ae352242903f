"""Which incident caused which, all the way to the root: pure.

Links follow the catalogue's `causes`. An incident is inhibited while a cause of it, or a cause of a cause, fires;
the walk goes along the links between incidents that are not resolved, so a resolved one in the middle ends it:
what it caused is then linked to what remains by the catalogue or not at all.

The registry refuses a catalogue with a cycle, but a link from an older catalogue may run the other way. So both
linking and inhibiting go by one order of the faults, causes first, and pass over what runs against it: no incident
can inhibit itself, and of those that are inhibited each has a firing ancestor that is not.

The catalogue says what may cause a fault, likeliest first. What a check saw may say more (a log line names who
stepped the clock): then the finding's evidence holds `likely_causes`, fault codes that go before the others, in
their order, and `ruled_out_causes`, to which it is not linked. Neither can add to the catalogue.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from watchdog.model import Cause, Fault, Incident, IncidentState, Json, Reach

# The incidents a cause may mean, newest first: by fault, reach, and what the subjects then have in common. It is
# an index, because a thousand incidents compared with one another are a million comparisons.
_Index = Mapping[tuple[str, Reach, str], list[int]]


def explain(incidents: Iterable[Incident], faults: Mapping[str, Fault]) -> tuple[Incident, ...]:
    """Return the incidents, in the order given, linked to their causes and inhibited where one fires.

    They are all that are not resolved, and their faults are in the catalogue.
    """
    incidents = tuple(incidents)
    order = _causes_first(faults)
    index = _index(incidents)
    linked = [_link(incident, faults, order, index) for incident in incidents]
    # Whether an incident fires or something above it does; filled causes first.
    loud: dict[int, bool] = {}
    inhibited: dict[int, bool] = {}
    for incident in sorted(linked, key=lambda one: (order[one.fault], one.id)):
        inhibited[incident.id] = any(loud.get(cause, False) for cause in incident.caused_by)
        loud[incident.id] = inhibited[incident.id] or incident.state is IncidentState.FIRING
    return tuple(
        one if one.inhibited == inhibited[one.id] else replace(one, inhibited=inhibited[one.id]) for one in linked
    )


def roots(incident: Incident, by_id: Mapping[int, Incident]) -> tuple[Incident, ...]:
    """Return the chain from the root to the incident, which comes last (and alone when it has no cause).

    Where there are several causes it goes by the likeliest that inhibits, else by the likeliest.
    """
    chain = [incident]
    passed = {incident.id}
    while True:
        causes = [by_id[i] for i in chain[-1].caused_by if i in by_id and i not in passed]
        if not causes:
            return tuple(reversed(chain))
        inhibiting = (one for one in causes if one.inhibited or one.state is IncidentState.FIRING)
        chain.append(next(inhibiting, causes[0]))
        passed.add(chain[-1].id)


def _causes_first(faults: Mapping[str, Fault]) -> Mapping[str, int]:
    """Return a number for each fault, higher than that of any fault that may cause it (depth-first)."""
    order: dict[str, int] = {}
    visited: set[str] = set()

    def visit(code: str) -> None:
        if code in visited or code not in faults:
            return
        visited.add(code)
        for cause in faults[code].causes:
            visit(cause.fault)
        order[code] = len(order)

    for code in faults:
        visit(code)
    return order


def _index(incidents: Iterable[Incident]) -> _Index:
    index: dict[tuple[str, Reach, str], list[int]] = defaultdict(list)
    for incident in sorted(incidents, key=lambda one: -one.id):
        for reach in Reach:
            index[incident.fault, reach, reach.part(incident.subject)].append(incident.id)
    return index


def _link(incident: Incident, faults: Mapping[str, Fault], order: Mapping[str, int], index: _Index) -> Incident:
    """Link an incident to its causes of now; those it was linked to before stay, behind them.

    But what happened was caused by what was so then: that its cause is over since makes no other one the likelier.
    """
    fault = faults[incident.fault]
    now: dict[int, str] = {}
    for cause in _causes(incident, fault):
        if order.get(cause.fault, len(order)) < order[incident.fault]:
            found = index.get((cause.fault, cause.reach, cause.reach.part(incident.subject)), ())
            # Ids are given in the order in which incidents open, so they need no clock.
            for number in found:
                if number < incident.id or not cause.precedes:
                    now.setdefault(number, cause.fault)
    if fault.event:
        likely = _codes(incident, "likely_causes")
        named = [number for number, code in now.items() if code in likely]
        caused_by = (*named, *_in_place([one for one in now if one not in named], now, incident.caused_by))
    else:
        caused_by = tuple(dict.fromkeys((*now, *incident.caused_by)))
    return incident if caused_by == incident.caused_by else replace(incident, caused_by=caused_by)


def _in_place(numbers: list[int], now: Iterable[int], before: Sequence[int]) -> list[int]:
    """Return them with those of before that are over, each still ahead of whom it was ahead of."""
    placed, now = list(numbers), set(now)
    for place in reversed(range(len(before))):
        if before[place] not in now:
            followers = [placed.index(one) for one in before[place + 1 :] if one in placed]
            placed.insert(min(followers, default=len(placed)), before[place])
    return placed


def _causes(incident: Incident, fault: Fault) -> list[Cause]:
    """Return what may have caused it, likeliest first, by the catalogue and by what was seen of it."""
    likely, ruled_out = (_codes(incident, key) for key in ("likely_causes", "ruled_out_causes"))
    possible = [cause for cause in fault.causes if cause.fault not in ruled_out]
    return sorted(possible, key=lambda one: likely.index(one.fault) if one.fault in likely else len(likely))


def _codes(incident: Incident, key: str) -> Sequence[Json]:
    codes = incident.evidence.get(key)
    return codes if isinstance(codes, Sequence) and not isinstance(codes, str) else ()
