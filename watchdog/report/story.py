"""Incidents as a person reads them: one outage as one story, its root first, what it caused below. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from watchdog.history.read import IncidentRecord
from watchdog.model import Fault, Incident, IncidentState, Lasted
from watchdog.report.page import Cell, Line, Table, line
from watchdog.steps import Outcome
from watchdog.units import render_seconds

HEADER = ("#", "severity", "fault", "subject", "since", "what")


def story(records: Sequence[IncidentRecord], faults: Mapping[str, Fault]) -> Iterator[Line | Table]:
    """Yield the incidents as a tree, then for each root what to do and what could heal it."""
    if not records:
        return
    ordered = list(_tree(records))
    yield Table(HEADER, [_row(record, depth) for record, depth in ordered])
    roots = [record for record, depth in ordered if depth == 0]
    yield from _advice(roots, faults)
    yield from _proposals(record for record, _ in ordered)


def lasted_text(lasted: Lasted) -> str:
    """Write a duration; one that spans a reboot is a lower bound and says so."""
    return render_seconds(lasted.seconds) if lasted.exact else f"at least {render_seconds(lasted.seconds)}"


def _tree(records: Sequence[IncidentRecord]) -> Iterator[tuple[IncidentRecord, int]]:
    """Yield each record once with its depth, below its likeliest cause that is still there."""
    here = {record.incident.id: record for record in records}
    children: dict[int | None, list[IncidentRecord]] = {}
    for record in records:
        parent = next((cause for cause in record.incident.caused_by if cause in here), None)
        children.setdefault(parent, []).append(record)

    def below(parent: int | None, depth: int) -> Iterator[tuple[IncidentRecord, int]]:
        for record in children.get(parent, ()):
            yield record, depth
            yield from below(record.incident.id, depth + 1)

    return below(None, 0)


def _row(record: IncidentRecord, depth: int) -> list[Cell]:
    incident = record.incident
    state = _state_text(incident)
    return [
        Cell(str(incident.id)),
        Cell(incident.severity.value, incident.severity.value),
        Cell(("  " * (depth - 1) + "└ " if depth else "") + incident.fault),
        Cell(incident.subject),
        Cell(f"{incident.opened.wall:%m-%d %H:%M} ({lasted_text(record.lasted)})", "dim"),
        Cell(f"{state}: {incident.summary}" if state else incident.summary),
    ]


def _state_text(incident: Incident) -> str:
    """Name what is not plainly firing."""
    words = [] if incident.state is IncidentState.FIRING else [incident.state.value]
    words += ["flapping"] if incident.flapping else []
    words += [f"{incident.occurrences} times"] if incident.occurrences > 1 else []
    return ", ".join(words)


def _advice(roots: Iterable[IncidentRecord], faults: Mapping[str, Fault]) -> Iterator[Line]:
    """Say what to do about each kind of root, once."""
    for code in dict.fromkeys(record.incident.fault for record in roots):
        if code in faults:
            yield line()
            yield line(f"{code}: {faults[code].title}", "heading")
            yield line(f"  so what     {faults[code].why}")
            yield line(f"  what to do  {faults[code].advice}")


def _proposals(records: Iterable[IncidentRecord]) -> Iterator[Line]:
    for record in records:
        for attempt in record.attempts:
            if attempt.outcome is Outcome.PROPOSED:
                yield line()
                yield line(f"#{record.incident.id} could be healed: {attempt.plan.summary}", "heading")
                for step in attempt.plan.steps:
                    yield line(f"  would run   {step.describe()}")
                yield line(f"  to allow it watchdog heal {record.incident.id} --apply")
