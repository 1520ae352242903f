"""Reads from the history what a report needs, and has it built."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from watchdog.errors import WatchdogError
from watchdog.history.period import IncidentLine, Notification, PeriodRecord, Sample
from watchdog.history.read import Reader
from watchdog.model import Fault, IncidentState, Severity, Stamp, Transition
from watchdog.report.audit.axis import Axis, Interval
from watchdog.report.audit.build import DRIFT, OFFSET, build, choose
from watchdog.report.audit.ranking import Weight, rank
from watchdog.report.audit.scene import Details, Filters, Scene
from watchdog.report.audit.shape import Report
from watchdog.report.audit.when import anchors, find_wall
from watchdog.units import Duration

LATENCIES = ("connect_seconds", "first_byte_seconds", "answer_seconds", "round_trip_seconds")
# Few enough points for a chart, whatever the period.
_MOST_POINTS = 400
_EVER_SECONDS = 100 * 366 * 86400.0


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to know: since when, until when (None: now), about what, and how much of it.

    `most_incidents` None: all of them. `details`: with the timeline, evidence, step log and messages of each;
    `whole_only`: of those only that a page tells of whole (ranking.py).
    `series`: with what was measured, for charts.
    """

    since: Duration | datetime
    until: Duration | datetime | None = None
    filters: Filters = msgspec.field(default_factory=Filters)
    most_incidents: int | None = None
    details: bool = True
    whole_only: bool = False
    series: bool = True
    prove: bool = True


def gather(
    reader: Reader, wish: Wish, host: str, faults: Mapping[str, Fault], now: Stamp, gap_seconds: float
) -> Report:
    """Return the report of a period. Raises HistoryError; WatchdogError for a period that is none."""
    # Twice as long, for what was before it; where a date is asked for all of it, as only the record knows where.
    relative = isinstance(wish.since, Duration) and wish.until is None
    record = reader.period(
        2 * float(wish.since) if relative and isinstance(wish.since, Duration) else _EVER_SECONDS, now
    )
    axis = Axis.over(record.ledger, now)

    def place(when: Duration | datetime) -> int:
        if isinstance(when, Duration):
            return max(0, axis.end - round(when * 1e9))
        ends = [stamp for boot in record.ledger.boots for stamp in (boot.first, boot.last)]
        known = anchors(record.spans, [*ends, now], axis)
        found = find_wall(round(when.timestamp() * 1e9), known)
        return axis.end if found is None else found

    period = Interval(place(wish.since), axis.end if wish.until is None else place(wish.until))
    if period.end < period.start or _backwards(wish):
        raise WatchdogError("the period ends before it begins: --until lies before --since")
    if wish.filters.hosts:
        record = _only(record, wish.filters.hosts)
    scene = Scene(
        record=record, axis=axis, period=period, faults=faults, gap_seconds=gap_seconds, filters=wish.filters
    )
    length = period.end - period.start
    earlier = Interval(max(0, period.start - length), period.start)
    hours = max(1, round(period.seconds / 3600 / _MOST_POINTS))
    return build(
        scene,
        host,
        details=_details(reader, scene, wish),
        before=earlier if earlier.end > earlier.start else None,
        proof=reader.prove_audit() if wish.prove else None,
        samples=_samples(reader, scene, (OFFSET, DRIFT, *(LATENCIES if wish.series else ())), hours),
        series=wish.series,
        most_incidents=wish.most_incidents,
    )


def _backwards(wish: Wish) -> bool:
    """Tell whether a period ends before it begins; of a young history both may lie before its beginning."""
    if isinstance(wish.since, Duration) and isinstance(wish.until, Duration):
        return wish.until > wish.since
    return isinstance(wish.since, datetime) and isinstance(wish.until, datetime) and wish.until < wish.since


def _samples(reader: Reader, scene: Scene, names: Sequence[str], hours: int) -> tuple[Sample, ...]:
    """Return what was measured in the period, in whole hours: the record reaches further back than it."""
    ago_seconds = (scene.axis.end - scene.period.start) / 1e9
    begin = scene.record.ledger.cutoff(scene.record.now, ago_seconds)
    found = reader.samples(names, begin, hours)
    return tuple(one for one in found if scene.axis.place(one.start) <= scene.period.end)


def _only(record: PeriodRecord, hosts: Sequence[str]) -> PeriodRecord:
    """Return what was recorded while the host was called one of these: a history can outlive a name."""
    boots = {boot.boot_id for boot in record.ledger.boots if boot.host in hosts}
    return replace(
        record,
        spans=tuple(one for one in record.spans if one.first.boot_id in boots),
        incidents=tuple(one for one in record.incidents if one.opened.boot_id in boots),
        notes=tuple(one for one in record.notes if one.at.boot_id in boots),
        attempts=tuple(one for one in record.attempts if one.started.boot_id in boots),
        unsent=tuple(one for one in record.unsent if one.created.boot_id in boots),
        acks=tuple(one for one in record.acks if one.at.boot_id in boots),
        holds=tuple(one for one in record.holds if one.hold.began.boot_id in boots),
        configurations=tuple(one for one in record.configurations if one.at.boot_id in boots),
    )


def _details(reader: Reader, scene: Scene, wish: Wish) -> Details:
    chosen = choose(scene.incidents, wish.most_incidents)
    if not wish.details:
        # Of what is open, what to do is told, and the check may have worked that out for this host.
        return Details(evidence=reader.evidence([one.id for one in chosen if one.resolved is None]))
    ids = rank(_weight(one, scene) for one in chosen) if wish.whole_only else [one.id for one in chosen]
    transitions: dict[int, list[Transition]] = {}
    told: dict[int, list[Notification]] = {}
    for change in reader.transitions(ids):
        transitions.setdefault(change.incident_id, []).append(change)
    for message in reader.notifications(ids):
        if message.incident_id is not None:
            told.setdefault(message.incident_id, []).append(message)
    return Details(transitions=transitions, told=told, evidence=reader.evidence(ids))


def _weight(one: IncidentLine, scene: Scene) -> Weight:
    lasted = scene.record.ledger.lasted(one.opened, one.resolved or scene.record.now)
    return Weight(
        one.id,
        one.state is not IncidentState.RESOLVED,
        one.severity is Severity.CRITICAL,
        round(lasted.seconds, 3),
    )
