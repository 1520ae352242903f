"""Makes the report of what the history holds of a period: pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite

from watchdog.history.period import Ack, IncidentLine, PeriodRecord, Sample
from watchdog.history.records import Proof
from watchdog.model import Evidence, IncidentState, Severity, Stamp, Verdict
from watchdog.report.audit import availability as fared
from watchdog.report.audit import shape
from watchdog.report.audit.axis import Interval, gaps, union
from watchdog.report.audit.clock import ClockStep, WallErrors, find_steps
from watchdog.report.audit.entries import Teller, told
from watchdog.report.audit.scene import Details, Scene
from watchdog.steps import NOT_TRIED, Attempt, Outcome

OFFSET, DRIFT = "offset_seconds", "drift_ppm"
CLOCK_CHECK = "clock_step"
_UNDONE = (Outcome.NO_EFFECT, Outcome.STEP_FAILED, Outcome.ROLLED_BACK, Outcome.ROLLBACK_FAILED)


def build(
    scene: Scene,
    host: str,
    *,
    details: Details | None = None,
    before: Interval | None = None,
    proof: Proof | None = None,
    samples: Iterable[Sample] = (),
    most_incidents: int | None = None,
    series: bool = True,
) -> shape.Report:
    """Return the report; `before` is the period to compare with.

    Of more than `most_incidents` those that are open are told of, then the newest; all of them count. Of notes and
    steps of the clock as many are told of.
    """
    record, axis, period = scene.record, scene.axis, scene.period
    details = details or Details()
    looks = fared.place_looks(record.spans, axis, scene.gap_seconds)
    looked = fared.watched(looks, period)
    wanted = {
        check: one for check, one in looked.items() if not scene.filters.checks or check in scene.filters.checks
    }
    incidents = scene.incidents
    subjects, checks = _availability(scene, period, wanted)
    every_step = find_steps(_clock_events(record), axis)
    steps = [step for step in every_step if period.holds(step.at)]
    attempts = [one for one in record.attempts if scene.holds(one.started)]
    kept = {one.id for one in incidents}
    attempts = [one for one in attempts if not scene.filters.named() or one.incident_id in kept]
    # JSON has no word for the others.
    measured = [one for one in samples if all(map(isfinite, (one.minimum, one.maximum, one.total)))]
    teller = Teller(scene, WallErrors.after(every_step), details, attempts, looks)
    everywhere = union(interval for one in looked.values() for interval in one.looked)
    notes = [
        note
        for note in record.notes
        if not note.fault and scene.holds(note.at) and scene.filters.take(note.check, "", note.subject)
    ]
    told_of = choose(incidents, most_incidents)
    began, ended = _wall(scene, period.start), _wall(scene, period.end)
    return shape.Report(
        host=host,
        hosts=list(dict.fromkeys(boot.host for boot in record.ledger.boots if boot.host)) or [host],
        at=record.now.wall_text,
        since_seconds=period.seconds,
        began_at=began,
        ended_at=ended,
        exact=not _reboots(scene),
        reboots=_reboots(scene),
        filters=scene.filters.named(),
        coverage=[_coverage(check, one, period) for check, one in wanted.items()],
        gaps=[_gap(scene, one) for one in gaps(everywhere, period)],
        subjects=[_availability_of(one, period) for one in subjects],
        # What has nothing to watch on this host is not available, nor the opposite: coverage says so.
        checks=[_availability_of(one, period) for one in checks if one.incidents or _applies(wanted, one.name)],
        clock=_clock(scene, steps, measured, most_incidents),
        open=_open(incidents),
        incidents=[teller.incident(one) for one in told_of],
        incidents_left_out=len(incidents) - len(told_of),
        remediations=_remediations(attempts),
        attempts=[teller.attempt(one) for one in attempts],
        notifications=_notifications(record),
        holds=[hold for hold in map(teller.hold, record.holds) if hold is not None],
        acknowledgements=[_acknowledgement(ack) for ack in record.acks if scene.holds(ack.at)],
        configurations=[
            shape.Configuration(path=one.path, sha256=one.sha256, at=one.at.wall_text)
            for one in record.configurations
            if scene.holds(one.at)
        ],
        notes=[
            shape.Note(at=note.at.wall_text, check=note.check, subject=note.subject, summary=note.summary)
            for note in (notes if most_incidents is None else notes[-most_incidents:])
        ],
        notes_left_out=record.notes_left_out
        + (0 if most_incidents is None else max(0, len(notes) - most_incidents)),
        totals=totals(period, incidents, subjects, everywhere, steps, attempts),
        before=None if before is None else _before(scene, before, looks, every_step),
        proof=None if proof is None else _proof(proof),
        series=_series(scene, measured) if series else [],
    )


def _applies(looked: Mapping[str, fared.Watched], check: str) -> bool:
    """Tell whether a check had anything to watch at any time of the period."""
    return check not in looked or any(verdict is not Verdict.NOT_APPLICABLE for verdict in looked[check].said)


def choose(incidents: Sequence[IncidentLine], most: int | None) -> Sequence[IncidentLine]:
    """Return at most so many incidents, oldest first: those that are open, the worst of them, then the newest."""
    if most is None or len(incidents) <= most:
        return incidents
    still = [one for one in incidents if not one.resolved]
    over = [one for one in incidents if one.resolved]
    still.sort(key=lambda one: (one.severity is not Severity.CRITICAL, -one.id))
    chosen = [*still, *reversed(over)][:most]
    return sorted(chosen, key=lambda one: one.id)


def _open(incidents: Iterable[IncidentLine]) -> shape.Open:
    still = [one for one in incidents if one.resolved is None]
    pending = sum(one.state is IncidentState.PENDING for one in still)
    worst = Severity.worst(one.severity for one in still if one.state is IncidentState.FIRING)
    return shape.Open(incidents=len(still) - pending, worst=worst.value if worst else "", pending=pending)


def totals(
    period: Interval,
    incidents: Sequence[IncidentLine],
    subjects: Iterable[fared.Availability],
    everywhere: Iterable[Interval],
    steps: Sequence[ClockStep],
    attempts: Iterable[Attempt],
) -> shape.Totals:
    """Return what a period is compared by."""
    subjects = tuple(subjects)
    fired = [one for one in incidents if one.fired is not None]
    return shape.Totals(
        seconds=period.seconds,
        watched_seconds=sum(one.within(period).seconds for one in everywhere),
        incidents=len(fired),
        critical=sum(one.severity is Severity.CRITICAL for one in fired),
        down_seconds=sum(one.seconds("down") for one in subjects),
        degraded_seconds=sum(one.seconds("degraded") for one in subjects),
        steps=len(steps),
        healed=sum(one.outcome is Outcome.HEALED for one in attempts),
    )


def _before(
    scene: Scene, period: Interval, looks: Mapping[str, Sequence[fared.Look]], every_step: Sequence[ClockStep]
) -> shape.Totals | None:
    """Return the totals of another period; None when nobody was watching then."""
    looked = fared.watched(looks, period)
    everywhere = union(interval for one in looked.values() for interval in one.looked)
    if not everywhere:
        return None
    incidents = [one for one, _ in scene.open_in(period)]
    subjects, _ = _availability(scene, period, looked)
    steps = [step for step in every_step if period.holds(step.at)]
    attempts = [one for one in scene.record.attempts if period.holds(scene.axis.place(one.started))]
    return totals(period, incidents, subjects, everywhere, steps, attempts)


def _availability(
    scene: Scene, period: Interval, looked: Mapping[str, fared.Watched]
) -> tuple[tuple[fared.Availability, ...], tuple[fared.Availability, ...]]:
    subjects = [
        pair for pair in scene.record.subjects if pair[0] in looked and scene.filters.take(pair[0], "", pair[1])
    ]
    return fared.availability(
        scene.open_in(period), subjects if not scene.filters.faults else (), looked, scene.faults, period
    )


def _clock_events(record: PeriodRecord) -> Iterable[tuple[Stamp, str, str, Evidence]]:
    return (
        (note.at, note.fault, note.summary, note.evidence) for note in record.notes if note.check == CLOCK_CHECK
    )


def _reboots(scene: Scene) -> int:
    return sum(scene.period.start < start <= scene.period.end for start in scene.axis.starts.values())


def _wall(scene: Scene, place: int) -> str:
    """Return what the wall clock showed at a place, as the nearest stamp of its boot knows."""
    now, starts = scene.record.now, scene.axis.starts
    known = [
        stamp
        for boot in scene.record.ledger.boots
        if starts.get(boot.boot_id, place + 1) <= place
        for stamp in (boot.first, boot.last)
    ]
    known += [now] if starts[now.boot_id] <= place or not known else []
    latest = max(known, key=lambda stamp: starts.get(stamp.boot_id, 0)).boot_id
    known = [stamp for stamp in known if stamp.boot_id == latest]
    nearest = min(known, key=lambda stamp: abs(scene.axis.place(stamp) - place))
    wall_ns = nearest.wall_ns - (scene.axis.place(nearest) - place)
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _gap(scene: Scene, gap: Interval) -> shape.Gap:
    reboot = any(start > 0 and gap.start <= start <= gap.end for start in scene.axis.starts.values())
    why = "a reboot lies within; how long the host was off is not known" if reboot else "no check looked"
    return shape.Gap(
        began_at=_wall(scene, gap.start), ended_at=_wall(scene, gap.end), seconds=gap.seconds, why=why
    )


def _coverage(check: str, one: fared.Watched, period: Interval) -> shape.Coverage:
    seconds = sum(interval.seconds for interval in one.looked)
    return shape.Coverage(
        check=check,
        watched_seconds=seconds,
        runs=one.runs,
        verdict_seconds={
            verdict.value: sum(interval.seconds for interval in one.said[verdict])
            for verdict in Verdict
            if verdict in one.said
        },
        reasons=list(one.reasons),
        share=min(1.0, seconds / period.seconds) if period.seconds else 0.0,
        unwatched=len(gaps(one.looked, period)),
    )


def _availability_of(one: fared.Availability, period: Interval) -> shape.Availability:
    return shape.Availability(
        name=one.name,
        check=one.check,
        ok_seconds=one.seconds("ok"),
        degraded_seconds=one.seconds("degraded"),
        down_seconds=one.seconds("down"),
        unknown_seconds=one.seconds("unknown"),
        up=one.up,
        incidents=one.incidents,
        strip=[
            shape.Stretch(begins_seconds=(start - period.start) / 1e9, seconds=(end - start) / 1e9, state=state)
            for start, end, state in one.strip
        ],
    )


def _clock(scene: Scene, steps: Sequence[ClockStep], samples: Sequence[Sample], most: int | None) -> shape.Clock:
    def spread(name: str) -> shape.Spread | None:
        own = [one for one in samples if one.name == name and one.count > 0]
        if not own:
            return None
        number = sum(one.count for one in own)
        return shape.Spread(
            minimum=min(one.minimum for one in own),
            maximum=max(one.maximum for one in own),
            mean=sum(one.total for one in own) / number,
            samples=number,
        )

    return shape.Clock(
        steps=[
            shape.ClockStep(
                at=step.stamp.wall_text,
                begins_seconds=max(0, step.at - scene.period.start) / 1e9,
                seconds=step.seconds,
                author=step.author,
                fault=step.fault,
                summary=step.summary,
            )
            for step in (steps if most is None else steps[-most:])
        ],
        steps_left_out=0 if most is None else max(0, len(steps) - most),
        sum_seconds=sum(step.seconds for step in steps),
        steps_back=sum(step.seconds < 0 for step in steps),
        steps_ahead=sum(step.seconds > 0 for step in steps),
        offset=spread(OFFSET),
        drift=spread(DRIFT),
    )


def _remediations(attempts: Iterable[Attempt]) -> list[shape.Remediation]:
    by_name: dict[str, Counter[Outcome]] = defaultdict(Counter)
    for one in attempts:
        by_name[one.remediation][one.outcome] += 1
    return [_remediation(name, outcomes) for name, outcomes in sorted(by_name.items())]


def _remediation(name: str, outcomes: Counter[Outcome]) -> shape.Remediation:
    tried = sum(count for outcome, count in outcomes.items() if outcome not in NOT_TRIED)
    over = tried - outcomes[Outcome.RUNNING]
    return shape.Remediation(
        remediation=name,
        tried=tried,
        healed=outcomes[Outcome.HEALED],
        undone=sum(outcomes[outcome] for outcome in _UNDONE),
        harmed=outcomes[Outcome.HARMED],
        refused=outcomes[Outcome.REFUSED],
        proposed=outcomes[Outcome.PROPOSED] + outcomes[Outcome.CLOSED],
        success=outcomes[Outcome.HEALED] / over if over else None,
    )


def _notifications(record: PeriodRecord) -> shape.Notifications:
    states: dict[str, dict[str, int]] = defaultdict(dict)
    for target, state, number in record.fates:
        states[target][state] = number
    by_state = Counter[str]()
    for own in states.values():
        by_state.update(own)
    return shape.Notifications(
        waiting=by_state["pending"],
        sent=by_state["sent"],
        refused=by_state["refused"],
        expired=by_state["expired"],
        targets=[shape.Target(target=target, states=own) for target, own in states.items()],
        not_delivered=[told(one) for one in record.unsent],
    )


def _acknowledgement(ack: Ack) -> shape.Acknowledgement:
    return shape.Acknowledgement(incident=ack.incident_id, who=ack.who, why=ack.why, at=ack.at.wall_text)


def _proof(proof: Proof) -> shape.AuditProof:
    return shape.AuditProof(
        proven=proof.proven,
        rows=proof.head.count,
        head=str(proof.head),
        broken="" if proof.broken is None else f"row {proof.broken.row}: {proof.broken.text}",
        differences=list(proof.differences),
    )


def _series(scene: Scene, samples: Iterable[Sample]) -> list[shape.Series]:
    by_name: dict[tuple[str, str, str], list[shape.Point]] = defaultdict(list)
    for one in samples:
        if one.count > 0 and scene.filters.take(one.check, "", one.subject):
            by_name[one.check, one.subject, one.name].append(
                shape.Point(
                    begins_seconds=scene.begins(one.start),
                    at=one.start.wall_text,
                    minimum=one.minimum,
                    mean=one.total / one.count,
                    maximum=one.maximum,
                )
            )
    return [
        shape.Series(check=check, subject=subject, name=name, points=points)
        for (check, subject, name), points in sorted(by_name.items())
    ]
