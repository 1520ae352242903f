"""Puts single incidents, attempts and holds into the report's shape: pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from watchdog.history.period import IncidentLine, Notification, PastHold
from watchdog.model import Stamp
from watchdog.plain import plain_evidence
from watchdog.report.audit import shape
from watchdog.report.audit.availability import Look
from watchdog.report.audit.clock import WallErrors
from watchdog.report.audit.scene import Details, Scene
from watchdog.steps import Attempt, JournalEntry, Outcome


class Teller:
    """Tells of single things, with what is known around them."""

    def __init__(
        self,
        scene: Scene,
        errors: WallErrors,
        details: Details,
        attempts: Sequence[Attempt],
        looks: Mapping[str, Sequence[Look]],
    ) -> None:
        self._scene, self._errors, self._details, self._looks = scene, errors, details, looks
        self._causes = {one.id: one.caused_by for one in scene.record.incidents}
        self._attempts: dict[int, list[Attempt]] = defaultdict(list)
        for attempt in attempts:
            self._attempts[attempt.incident_id].append(attempt)
        # The first to say so: later ones change nothing.
        self._acks = {ack.incident_id: ack for ack in reversed(scene.record.acks)}

    def incident(self, one: IncidentLine) -> shape.Incident:
        """Return an incident with what is known of it."""
        scene, fault = self._scene, self._scene.faults.get(one.fault)
        lasted = scene.record.ledger.lasted(one.opened, one.resolved or scene.record.now)
        ack = self._acks.get(one.id)
        attempts = self._attempts.get(one.id, [])
        healed = [attempt for attempt in attempts if attempt.outcome is Outcome.HEALED]
        evidence = self._details.evidence.get(one.id)
        evidence = dict(plain_evidence(evidence)) if isinstance(evidence, dict) else {}
        advice = evidence.get("advice")
        return shape.Incident(
            id=one.id,
            fault=one.fault,
            title=fault.title if fault else "",
            subject=one.subject,
            severity=one.severity.value,
            state=one.state.value,
            opened_at=one.opened.wall_text,
            resolved_at=one.resolved.wall_text if one.resolved else None,
            duration_seconds=round(lasted.seconds, 3),
            duration_exact=lasted.exact,
            begins_seconds=scene.begins(one.opened),
            wall_off_seconds=round(self._errors.of(one.opened), 3),
            caused_by=next(iter(one.caused_by), None),
            causes=list(one.caused_by),
            chain=self._chain(one.id),
            inhibited=one.inhibited,
            flapping=one.flapping,
            fired=one.fired is not None,
            occurrences=one.occurrences,
            summary=one.summary,
            why=fault.why if fault else "",
            advice=advice if isinstance(advice, str) and advice else fault.advice if fault else "",
            detected_within_seconds=self._detected_within(one),
            acknowledged_after_seconds=self._since(one.fired or one.opened, ack.at) if ack else None,
            acknowledged_by=ack.who if ack else "",
            healed_by=healed[-1].remediation if healed else "",
            evidence=evidence,
            timeline=[
                shape.Change(
                    at=change.at.wall_text,
                    after_seconds=self._since(one.opened, change.at),
                    state=change.after.value,
                    reason=change.reason,
                )
                for change in self._details.transitions.get(one.id, ())
            ],
            attempts=[self.attempt(attempt) for attempt in attempts],
            told=[told(notification) for notification in self._details.told.get(one.id, ())],
        )

    def attempt(self, one: Attempt) -> shape.Attempt:
        """Return an attempt with its journal."""
        return shape.Attempt(
            id=one.id,
            incident=one.incident_id,
            remediation=one.remediation,
            mode=one.mode,
            outcome=one.outcome.value,
            # Who refuses says its name first, for a terminal; here it has a place of its own.
            reason=one.reason.removeprefix(f"{one.remediation}: "),
            at=one.started.wall_text,
            took_seconds=self._since(one.started, one.ended) if one.ended else None,
            permission=one.permission,
            summary=one.plan.summary,
            steps=[step.describe() for step in one.plan.steps],
            journal=[_logged(entry) for entry in one.journal],
        )

    def hold(self, one: PastHold) -> shape.Hold | None:
        """Return a hold that was in force at some time of the period, None for any other."""
        hold, scene = one.hold, self._scene
        place = scene.axis.place
        began = place(hold.began)
        ends = [place(one.ended)] if one.ended else []
        ends += [] if hold.seconds is None else [began + round(hold.seconds * 1e9)]
        if began > scene.period.end or min(ends, default=scene.period.end) < scene.period.start:
            return None
        return shape.Hold(
            id=hold.id,
            kind=hold.kind,
            pattern=hold.pattern,
            who=hold.who,
            why=hold.why,
            at=hold.began.wall_text,
            seconds=hold.seconds,
            ended_at=one.ended.wall_text if one.ended else None,
            ended_by=one.ended_by,
        )

    def _since(self, earlier: Stamp, later: Stamp) -> float:
        return round(self._scene.record.ledger.lasted(earlier, later).seconds, 3)

    def _chain(self, number: int) -> list[int]:
        """Return the likeliest causes from an incident to its root; a circle in foreign data ends."""
        chain: list[int] = []
        while (causes := self._causes.get(number, ())) and causes[0] not in chain and len(chain) < 100:
            number = causes[0]
            chain.append(number)
        return chain

    def _detected_within(self, one: IncidentLine) -> float | None:
        """Return how long before its opening the same check had looked and not found it; None: not known."""
        axis, looks = self._scene.axis, self._looks.get(one.fault.partition(".")[0], ())
        opened = axis.place(one.opened)
        before = bisect_left(looks, opened, key=_starts)
        if not before or looks[before - 1].span.first.boot_id != one.opened.boot_id:
            return None
        last = looks[before - 1]
        return round((opened - last.end) / 1e9 if last.end < opened else last.span.longest_gap_seconds, 3)


def told(one: Notification) -> shape.Told:
    """Return a notification and its fate."""
    return shape.Told(
        target=one.target,
        title=one.title,
        at=one.created.wall_text,
        state=one.state,
        sent_at=one.sent.wall_text if one.sent else None,
        attempts=one.attempts,
        error=one.last_error,
    )


def _starts(look: Look) -> int:
    return look.start


def _logged(entry: JournalEntry) -> shape.LoggedStep:
    return shape.LoggedStep(
        step=entry.step.describe(),
        undo="" if entry.undo is None else entry.undo.describe(),
        state=entry.state,
        output=entry.output,
    )
