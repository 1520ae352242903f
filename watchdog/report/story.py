"""Incidents as a person reads them: one outage as one story, its root first, what it caused below. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from watchdog.heard import describe_ack
from watchdog.history.records import IncidentRecord
from watchdog.model import Fault, Incident, IncidentState, Lasted, Severity, Stamp
from watchdog.report.page import Item, Part, item, line
from watchdog.steps import Attempt, Outcome
from watchdog.units import render_seconds

_NEW_SECONDS = 1.0  # what has lasted less was seen for the first time just now
# A proposal is told as what could be run; one that stands no longer, or was only gone through, as nothing.
_NOT_TRIED = (Outcome.PROPOSED, Outcome.CLOSED, Outcome.DRY_RUN)


class _Place(msgspec.Struct, frozen=True):
    """Where an incident stands in the tree, `below` which; `instead` of the one before it, it may be the root."""

    record: IncidentRecord
    depth: int = 0
    below: Incident | None = None
    instead: bool = False


def story(records: Sequence[IncidentRecord], faults: Mapping[str, Fault]) -> Iterator[Part]:
    """Yield the incidents as a tree; below each what was tried and what could heal it.

    Below each root that is open stands what to do, once for each fault.
    """
    explained: dict[str, int] = {}
    for number, place in enumerate(_tree(records)):
        record, depth, incident = place.record, place.depth, place.record.incident
        if number and depth == 0 and not place.instead:
            yield line()
        yield from _told(place)
        fault = faults.get(incident.fault)
        if fault and depth == 0 and incident.state is not IncidentState.RESOLVED:
            yield from _advice(fault, incident, explained.setdefault(fault.code, incident.id))
        if record.ack and depth == 0:
            yield item("known     ", f"acknowledged {describe_ack(record.ack)}", 4)
        yield from _tried(record, 4 + 2 * depth)
        yield from _proposal(record, 4 + 2 * depth)


def tally(records: Sequence[IncidentRecord]) -> str:
    """Say how many incidents are open and how bad the worst is; what is pending has not counted yet."""
    firing = [record.incident for record in records if record.incident.state is IncidentState.FIRING]
    pending = sum(record.incident.state is IncidentState.PENDING for record in records)
    worst = Severity.worst(incident.severity for incident in firing)
    parts = [f"{_count(len(firing), 'incident')} open, the worst is {worst.value}"] if worst else []
    parts += [f"{_count(pending, 'incident')} pending"] if pending else []
    return "; ".join(parts) or "no open incident"


def moment(stamp: Stamp) -> str:
    """Write when something was, for people's eyes."""
    return f"{stamp.wall:%Y-%m-%d %H:%M:%S} UTC"


def attempts(record: IncidentRecord) -> Iterator[Item]:
    """Yield what was proposed for an incident or done about it, an item each."""
    for attempt in record.attempts:
        outcome = attempt.outcome.value.replace("_", " ")
        reason = f": {attempt.reason}" if attempt.reason else ""
        text = f"{attempt.remediation} {outcome}{reason} ({_steps_text(attempt)})"
        yield item(f"try {attempt.id}", text, 4)


def headline(record: IncidentRecord) -> str:
    """Say which incident it is, on what, how it stands and since when, or from when to when."""
    incident = record.incident
    words = [] if incident.state is IncidentState.FIRING else [incident.state.value]
    words += ["flapping"] if incident.flapping else []
    words += [f"{incident.occurrences} times"] if incident.occurrences > 1 else []
    stands = f"{', '.join(words)}, " if words else ""
    return f"{incident.fault} on {incident.subject}, {stands}{_when(incident, record.lasted)}"


def _when(incident: Incident, lasted: Lasted) -> str:
    length = render_seconds(lasted.seconds) if lasted.exact else f"at least {render_seconds(lasted.seconds)}"
    if incident.resolved:
        same_day = incident.opened.wall.date() == incident.resolved.wall.date()
        began = f"{incident.opened.wall:%Y-%m-%d %H:%M:%S}"
        ended = f"{incident.resolved.wall:%H:%M:%S} UTC" if same_day else moment(incident.resolved)
        return f"{began} to {ended} ({length})"
    new = lasted.exact and lasted.seconds < _NEW_SECONDS
    return f"since {moment(incident.opened)} ({'new' if new else length})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _tree(records: Sequence[IncidentRecord]) -> Iterator[_Place]:
    """Yield each record once, below its likeliest cause that is among them.

    Another possible cause that has no other place comes right behind the likeliest.
    """
    here = {record.incident.id: record for record in records}
    causes = {number: [one for one in record.incident.caused_by if one in here] for number, record in here.items()}
    children: dict[int | None, list[int]] = defaultdict(list)
    for number, above in causes.items():
        children[above[0] if above else None].append(number)
    instead: dict[int, list[int]] = defaultdict(list)
    shown: set[int] = set()
    for first, *others in filter(None, causes.values()):
        lone = [one for one in others if not causes[one] and one not in children and one not in shown]
        instead[first] += lone
        shown |= {*lone}

    def below(numbers: Sequence[int], depth: int, cause: Incident | None = None) -> Iterator[_Place]:
        for number in numbers:
            if number not in shown:
                shown.add(number)
                yield _Place(here[number], depth, cause)
                yield from (_Place(here[other], depth, cause, instead=True) for other in instead[number])
                yield from below(children[number], depth + 1, here[number].incident)

    yield from below(children[None], 0)
    yield from below(list(here), 0)  # what foreign data links in a circle


def _told(place: _Place) -> Iterator[Part]:
    incident, depth = place.record.incident, place.depth
    branch = "  " * depth + ("└ " if depth else "") + ("or " if place.instead else "")
    label = f"{branch}#{incident.id} {incident.severity.value}"
    yield item(label, headline(place.record), 0, incident.severity.value)
    yield item("", incident.summary, 2 * depth + 2)
    if place.below and not incident.names(place.below):
        yield item("", f"possibly caused by #{place.below.id}: nothing names who did it", 2 * depth + 2)
    if others := [one for one in incident.caused_by if place.below is None or one != place.below.id]:
        words = "or caused by" if place.below else "caused by"
        yield item("", f"{words} {' or '.join(f'#{other}' for other in others)}", 2 * depth + 2)


def _advice(fault: Fault, incident: Incident, told_at: int) -> Iterator[Item]:
    """Yield what to do about an incident, once a page for its fault: at the incident with the id `told_at`."""
    if told_at != incident.id:
        yield item("what to do", f"as #{told_at}", 4)
        return
    yield item("so what   ", fault.why, 4)
    yield item("what to do", incident.advice(fault), 4)
    if incident.state is IncidentState.PENDING:
        yield item("fires     ", f"when it has lasted {render_seconds(fault.pending_seconds)}", 4)
    elif fault.event:
        yield item("resolves  ", f"after {render_seconds(fault.quiet_seconds)} without another", 4)


def _tried(record: IncidentRecord, indent: int) -> Iterator[Item]:
    for attempt in record.attempts:
        if attempt.outcome not in _NOT_TRIED:
            outcome = attempt.outcome.value.replace("_", " ")
            reason = f": {attempt.reason}" if attempt.reason else ""
            steps = f"{_steps_text(attempt)} " if attempt.plan.steps else ""
            text = f"{steps}at {moment(attempt.started)}, {outcome}{reason} (try {attempt.id})"
            yield item("tried     ", text, indent)


def _proposal(record: IncidentRecord, indent: int) -> Iterator[Part]:
    for attempt in record.attempts:
        if attempt.outcome is Outcome.PROPOSED:
            yield item("could run ", _steps_text(attempt), indent)
            yield item("allow it  ", f"watchdog heal {record.incident.id} --apply", indent)


def _steps_text(attempt: Attempt) -> str:
    return "; ".join(step.brief() for step in attempt.plan.steps)
