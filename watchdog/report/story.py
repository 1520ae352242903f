"""Incidents as a person reads them: one outage as one story, its root first, what it caused below. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from watchdog.history.records import IncidentRecord
from watchdog.model import Fault, Incident, IncidentState, Lasted
from watchdog.report.page import Item, Part, item, line
from watchdog.steps import Attempt, Outcome
from watchdog.units import render_seconds


def story(records: Sequence[IncidentRecord], faults: Mapping[str, Fault]) -> Iterator[Part]:
    """Yield the incidents as a tree; below each root that is open what to do, below each what could heal it."""
    for number, (record, depth) in enumerate(_tree(records)):
        if number and depth == 0:
            yield line()
        yield from _told(record, depth)
        if record.incident.state is not IncidentState.RESOLVED:
            fault = faults.get(record.incident.fault)
            if fault and depth == 0:
                yield item("so what   ", fault.why, 4)
                yield item("what to do", fault.advice, 4)
            yield from _proposal(record, 4 + 2 * depth)


def attempts(record: IncidentRecord) -> Iterator[Item]:
    """Yield what was proposed for an incident or done about it, an item each."""
    for attempt in record.attempts:
        outcome = attempt.outcome.value.replace("_", " ")
        reason = f": {attempt.reason}" if attempt.reason else ""
        text = f"{attempt.remediation} {outcome}{reason} ({_steps_text(attempt)})"
        yield item(f"try {attempt.id}", text, 4)


def headline(record: IncidentRecord) -> str:
    """Say which incident it is, on what, since when and how it stands."""
    incident = record.incident
    began = f"since {incident.opened.wall:%Y-%m-%d %H:%M:%S}"
    return (
        f"{incident.fault} on {incident.subject}, {_state_text(incident)} {began} ({lasted_text(record.lasted)})"
    )


def lasted_text(lasted: Lasted) -> str:
    """Write a duration; one that spans a reboot is a lower bound and says so."""
    return render_seconds(lasted.seconds) if lasted.exact else f"at least {render_seconds(lasted.seconds)}"


def _tree(records: Sequence[IncidentRecord]) -> Iterator[tuple[IncidentRecord, int]]:
    """Yield each record once with its depth, below its likeliest cause that is among them."""
    here = {record.incident.id for record in records}
    children: dict[int | None, list[IncidentRecord]] = {}
    for record in records:
        parent = next((cause for cause in record.incident.caused_by if cause in here), None)
        children.setdefault(parent, []).append(record)

    def below(parent: int | None, depth: int) -> Iterator[tuple[IncidentRecord, int]]:
        for record in children.get(parent, ()):
            yield record, depth
            yield from below(record.incident.id, depth + 1)

    return below(None, 0)


def _told(record: IncidentRecord, depth: int) -> Iterator[Part]:
    incident = record.incident
    branch = "  " * depth + ("└ " if depth else "")
    label = f"{branch}#{incident.id} {incident.severity.value}"
    yield item(label, headline(record), 0, incident.severity.value)
    yield item("", incident.summary, 2 * depth + 2)
    if others := incident.caused_by[1:]:
        yield item("", f"or caused by {', '.join(f'#{other}' for other in others)}", 2 * depth + 2)


def _state_text(incident: Incident) -> str:
    words = [incident.state.value]
    words += ["flapping"] if incident.flapping else []
    words += [f"{incident.occurrences} times"] if incident.occurrences > 1 else []
    return ", ".join(words)


def _proposal(record: IncidentRecord, indent: int) -> Iterator[Part]:
    for attempt in record.attempts:
        if attempt.outcome is Outcome.PROPOSED:
            yield item("could run ", _steps_text(attempt), indent)
            yield item("allow it  ", f"watchdog heal {record.incident.id} --apply", indent)


def _steps_text(attempt: Attempt) -> str:
    return "; ".join(step.describe() for step in attempt.plan.steps)
