"""Who is told what in a cycle: pure, over the incidents, what was told of them, acknowledgements and holds.

Who speaks for an outage is decided in telling.py. Here each target hears of it

- once, when what speaks begins to fire or becomes bad enough for a route; again when an event happens again and
  worse, when what lasts begins to flap, and when it is over;
- not while a person wants it so (a silence, maintenance). What lasts longer than that is told then; an event
  cannot be told later as if it were new, so its message is written at once and held.
- again at an interval, while it goes on and nobody has acknowledged it; an event does not go on;
- where a route waits for somebody to acknowledge, when nobody has.

A route that looks at what a fault is takes an outage for any incident in it: who minds the mail hears of the step
that Dovecot died of.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from watchdog.content import Kind
from watchdog.heard import TELLS, Heard, Written, number_of, silence
from watchdog.holds import Hold
from watchdog.incidents import Advanced, State
from watchdog.model import Ack, Fault, Incident, IncidentState, Severity, Stamp
from watchdog.routing import Policy, Route, audience, cannot_hear
from watchdog.telling import above, outages

_RANK = {None: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What one target is to be told of one incident. `number` counts reminders; `held` keeps it back for now."""

    kind: Kind
    incident: Incident
    target: str
    severity: Severity
    route: Route | None = None
    held: Hold | None = None
    number: int = 0
    after_seconds: float = 0.0


def decide(
    advanced: Advanced, before: State, faults: Mapping[str, Fault], policy: Policy, heard: Heard, now: Stamp
) -> tuple[News, ...]:
    """Return the news of a cycle, `before` being the state that it began with."""
    was = {incident.id: incident for incident in before.incidents.values()}
    over = [one for one in advanced.changed if one.state is IncidentState.RESOLVED]
    news = [one for incident in over for one in _recovered(incident, policy, heard)]
    if not policy.routes:
        return tuple(news)
    for outage in outages(advanced.state.incidents.values()):
        if any(one.told for one in outage):
            deciding = _Deciding(outage, was, faults, policy, heard, now)
            news += (*deciding.fresh(), *deciding.overdue())
    # The end of one thing before the beginning of another: both may be of one outage, which then goes on.
    return tuple(sorted(news, key=lambda one: (one.kind != "recovered", one.incident.id)))


def _recovered(incident: Incident, policy: Policy, heard: Heard) -> Iterator[News]:
    routes = audience(policy.routes, incident.told, *incident.key)
    for target in heard.told(incident.id):
        yield News(
            kind="recovered",
            incident=incident,
            target=target,
            severity=incident.severity,
            route=routes.get(target),
        )


class _Deciding:
    """One outage: what there is to tell of it, collected target by target."""

    def __init__(
        self,
        outage: Sequence[Incident],
        was: Mapping[int, Incident],
        faults: Mapping[str, Fault],
        policy: Policy,
        heard: Heard,
        now: Stamp,
    ) -> None:
        self._outage, self._was, self._faults, self._policy, self._heard = outage, was, faults, policy, heard
        self._by_id = {one.id: one for one in outage}
        self._firing = [one for one in outage if one.state is IncidentState.FIRING]
        # Causes first: what they are told as now counts for what they caused.
        self._speakers = sorted((one for one in self._firing if one.told), key=lambda one: (one.inhibited, one.id))
        self._silenced = {one.id: silence(heard.holds, one, now) for one in self._firing}
        self._written = heard.of(outage)
        self._told_now: dict[str, set[int]] = {}

    def fresh(self) -> Iterator[News]:
        """Yield what targets have not heard of yet."""
        for one in self._speakers:
            for target, route in audience(self._policy.at_once, one.told, *one.key).items():
                yield from self._tell(self._kind(one, target), one, target, route)
        for route in self._policy.at_once:
            if route.is_particular:
                yield from self._fresh_beside(route)

    def overdue(self) -> Iterator[News]:
        """Yield what somebody should have acknowledged."""
        if self._acknowledged is None:
            yield from self._escalated()
            yield from self._reminders()

    @property
    def _acknowledged(self) -> Ack | None:
        return self._heard.ack(self._outage)

    def _tell(self, kind: Kind | None, one: Incident, target: str, route: Route) -> Iterator[News]:
        hold = self._silenced[one.id]
        if kind is None or (hold and not self._is_event(one)) or cannot_hear(target, *one.key):
            return
        self._told_now.setdefault(target, set()).add(one.id)
        severity = one.told if one.told and self._newly(one) else one.severity
        yield News(kind=kind, incident=one, target=target, severity=severity, route=route, held=hold)

    def _kind(self, one: Incident, target: str) -> Kind | None:
        """Return what there is to tell a target of an incident that speaks; None: nothing."""
        was, kinds = self._was.get(one.id), self._kinds(one, target)
        first: Kind = "flapping" if one.flapping else "fired"
        if not kinds & {*TELLS}:
            late = not self._is_event(one) and not self._is_spoken_for(one, target)
            return first if self._newly(one) or late else None
        if self._is_event(one) and was is not None and self._newly(one):
            return "worse"
        if one.flapping and not one.inhibited and not (was and was.flapping) and "flapping" not in kinds:
            return "flapping"
        return None

    def _fresh_beside(self, route: Route) -> Iterator[News]:
        """Yield what speaks for an incident that a route minds, where who speaks is none of its business."""
        minded = [one for one in self._firing if route.takes(one.severity, *one.key) and self._concerns(one)]
        speaker = min(
            self._speakers,
            key=lambda one: (bool(self._silenced[one.id]), not self._newly(one), one.inhibited, one.id),
            default=None,
        )
        heard = {one.target for one in self._written if one.kind in TELLS}
        for target in route.to if minded and speaker else ():
            if target not in heard and target not in self._told_now and speaker:
                yield from self._tell("flapping" if speaker.flapping else "fired", speaker, target, route)

    def _concerns(self, one: Incident) -> bool:
        """Tell whether it is news now: it lasts, or it happened or got worse just now; and nobody silenced it."""
        was = self._was.get(one.id)
        begun = was is None or was.state is not IncidentState.FIRING or was.severity is not one.severity
        return not self._silenced[one.id] and (begun or not self._is_event(one))

    def _escalated(self) -> Iterator[News]:
        for route in self._policy.escalations:
            after = route.unacknowledged_after_seconds or 0.0
            told = {one.incident_id for one in self._written if _told_for(one) >= after}
            late = [
                one
                for one in self._speakers
                if one.id in told and not self._silenced[one.id] and self._minds(route, one)
            ]
            if not late:
                continue
            worst = min(late, key=lambda one: (-_RANK[one.told], one.inhibited, one.id))
            for target in route.to:
                if cannot_hear(target, *worst.key) or target in self._told_now:
                    continue
                if self._loudest(target) < _RANK[worst.told]:
                    self._told_now.setdefault(target, set()).add(worst.id)
                    yield News(
                        kind="escalated",
                        incident=worst,
                        target=target,
                        severity=worst.told or worst.severity,
                        route=route,
                        after_seconds=after,
                    )

    def _minds(self, route: Route, speaker: Incident) -> bool:
        if speaker.told and route.takes(speaker.told, *speaker.key):
            return True
        return route.is_particular and any(route.takes(one.severity, *one.key) for one in self._firing)

    def _loudest(self, target: str) -> int:
        """Return as how bad a target was told of what is still open in this outage."""
        told = (one.incident_id for one in self._written if one.target == target and one.kind in TELLS)
        return max((_RANK[self._by_id[number].told] for number in told if number in self._by_id), default=0)

    def _reminders(self) -> Iterator[News]:
        every = self._policy.remind_seconds
        if every is None:
            return
        routed = {target: route for route in self._policy.routes for target in route.to}
        standing = [one for one in self._speakers if not self._is_event(one) and not self._silenced[one.id]]
        for target in dict.fromkeys(one.target for one in self._written):
            mine = [one for one in self._written if one.target == target]
            heard = [one for one in standing if target in self._heard.told(one.id)]
            if not heard or target not in routed or target in self._told_now:
                continue
            if any(one.waiting for one in mine) or min(one.age_seconds for one in mine) < every:
                continue
            worst = min(heard, key=lambda one: (one.inhibited, -_RANK[one.told], one.id))
            ways = audience(self._policy.routes, worst.told, *worst.key)
            number = max(number_of(one.key) for one in mine if one.incident_id == worst.id)
            yield News(
                kind="reminder",
                incident=worst,
                target=target,
                severity=worst.told or worst.severity,
                route=ways.get(target) or routed[target],
                number=number + 1,
            )

    def _is_spoken_for(self, one: Incident, target: str) -> bool:
        """Tell whether a target heard of what may have caused it, as of something no less bad."""
        heard = {n for n in above(one, self._by_id) if target in self._heard.told(n)}
        heard |= self._told_now.get(target, set()) & above(one, self._by_id)
        firing = (self._by_id[number] for number in heard)
        return any(
            cause.state is IncidentState.FIRING and _RANK[cause.told] >= _RANK[one.told] for cause in firing
        )

    def _kinds(self, one: Incident, target: str) -> set[str]:
        return {written.kind for written in self._heard.by_incident.get(one.id, ()) if written.target == target}

    def _newly(self, one: Incident) -> bool:
        was = self._was.get(one.id)
        return one.told is not (was.told if was else None)

    def _is_event(self, one: Incident) -> bool:
        fault = self._faults.get(one.fault)
        return fault is not None and fault.event


def _told_for(one: Written) -> float:
    """Return for how long a message has been told, below nought for one that waits."""
    return one.told_seconds if one.kind in TELLS and one.told_seconds is not None else -1.0
