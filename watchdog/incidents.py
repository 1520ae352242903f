"""Findings become incidents: pure, with time as an argument.

pending → firing → resolved per (fault, subject), after Prometheus' alerting rules (rules/alerting.go). Only what a
check could judge opens or resolves anything: *unknown* leaves every incident as it is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

import msgspec
from msgspec.structs import replace

from watchdog.causes import explain
from watchdog.flapping import BEGINS_AT, ENDS_BELOW, Track, follow
from watchdog.heard import silence
from watchdog.holds import Hold
from watchdog.model import (
    CheckResult,
    Fault,
    Finding,
    Incident,
    IncidentState,
    Severity,
    Stamp,
    Transition,
)
from watchdog.telling import tell
from watchdog.units import render_seconds

Key = tuple[str, str]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All that `advance` carries from run to run: the incidents that are not resolved, and the tracks."""

    incidents: Mapping[Key, Incident] = msgspec.field(default_factory=dict)
    tracks: Mapping[Key, Track] = msgspec.field(default_factory=dict)
    next_id: int = 1


class Advanced(msgspec.Struct, frozen=True, kw_only=True):
    """What one cycle changed: the state to carry on, every incident that is new or different, the transitions."""

    state: State
    changed: tuple[Incident, ...]
    transitions: tuple[Transition, ...]


def advance(
    state: State,
    results: Iterable[CheckResult],
    faults: Mapping[str, Fault],
    now: Stamp,
    holds: Sequence[Hold] = (),
) -> Advanced:
    """Turn what the checks said into incidents and transitions.

    A check that is not among the results is not touched, save that its incidents are linked to what may have
    caused them. A finding whose fault is not in the catalogue, or is another check's, opens nothing. `holds` say
    what is silenced.
    `changed` is ordered by id, `transitions` as they happened.
    """
    cycle = _Cycle(
        faults=faults,
        now=now,
        next_id=state.next_id,
        open=dict(state.incidents),
        tracks=dict(state.tracks),
    )
    cycle.forget_unknown_faults()
    for result in results:
        if not result.applicable:
            cycle.leave(result)
        elif result.judged:
            cycle.judge(result)
    before = {incident.id: incident for incident in state.incidents.values()}
    linked = explain(cycle.open.values(), faults)
    silenced = [one.id for one in linked if silence(holds, one, now)] if holds else ()
    remaining = tell(linked, before, faults, silenced)
    changed = (one for one in (*cycle.closed, *remaining) if one != before.get(one.id))
    return Advanced(
        state=State(
            incidents={incident.key: incident for incident in remaining},
            tracks=cycle.tracks,
            next_id=cycle.next_id,
        ),
        changed=tuple(sorted(changed, key=lambda one: one.id)),
        transitions=tuple(cycle.transitions),
    )


def _outdoes(one: Finding, other: Finding) -> bool:
    if one.completes != other.completes:
        return other.completes
    return _worse(other.severity, one.severity) is not other.severity


def _worse(one: Severity, other: Severity) -> Severity:
    return Severity.worst((one, other)) or one


class _Cycle(msgspec.Struct, kw_only=True):
    """The work in hand: copies of what `advance` was given, changed until every result is in."""

    faults: Mapping[str, Fault]
    now: Stamp
    next_id: int
    open: dict[Key, Incident]
    tracks: dict[Key, Track]
    closed: list[Incident] = msgspec.field(default_factory=list)
    transitions: list[Transition] = msgspec.field(default_factory=list)
    keys: dict[str, dict[Key, None]] = msgspec.field(default_factory=dict)
    """The keys of each check that are open or tracked, in order: a set that remembers it."""

    def forget_unknown_faults(self) -> None:
        """Close what the catalogue no longer names, and sort the rest by check."""
        for key in (*self.open, *self.tracks):
            if key[0] in self.faults:
                self._keys_of(self.faults[key[0]].check)[key] = None
            else:
                self._close(key, "fault no longer known")
                self.tracks.pop(key, None)

    def leave(self, result: CheckResult) -> None:
        """Close all of a check that has nothing to watch here any more."""
        for key in self.keys.pop(result.check, {}):
            self._close(key, f"not applicable: {result.reason}")
            self.tracks.pop(key, None)

    def judge(self, result: CheckResult) -> None:
        """Follow a check that could judge: what it found, and what it did not though it could see it."""
        unseen = {one.subject for one in result.unseen}
        found = self._worst(result)
        times = Counter((one.fault, one.subject) for one in result.findings if not one.completes)
        known = [key for key in self._keys_of(result.check) if key in self.open or key in self.tracks]
        for key, finding in found.items():
            self._see(key, finding, times[key])
        for key in known:
            if key not in found and not _covered(key[1], unseen):
                self._miss(key)

    def _keys_of(self, check: str) -> dict[Key, None]:
        return self.keys.setdefault(check, {})

    def _worst(self, result: CheckResult) -> dict[Key, Finding]:
        """Return the check's findings by key, of several the worst, of equals the first.

        What happened comes before what only completes what happened before.
        """
        found: dict[Key, Finding] = {}
        for finding in result.findings:
            fault = self.faults.get(finding.fault)
            if fault is None or fault.check != result.check:
                continue
            key = (finding.fault, finding.subject)
            known = found.get(key)
            if known is None or _outdoes(finding, known):
                found[key] = finding
        return found

    def _see(self, key: Key, finding: Finding, times: int) -> None:
        """Follow a finding, the worst of so many of its key: of an event each is one that happened."""
        fault = self.faults[key[0]]
        times = times if fault.event else 1
        incident = self.open.get(key)
        if fault.event and finding.completes:
            if incident is not None:  # else it is over, or was never told: it does not happen again by that
                self.open[key] = _complete(incident, finding)
                self._note(incident, incident.state, "more is known of it")
            return
        track = self._follow(key, seen=True)
        if incident is None:
            self._open(key, finding, times)
        else:
            self.open[key] = incident = _refresh(incident, finding, fault, self.now, times)
            if incident.state is IncidentState.PENDING and self._lasted(incident, fault):
                self._fire(incident, f"still found after {render_seconds(fault.pending_seconds)}")
        self._flap(key, track)

    def _miss(self, key: Key) -> None:
        fault = self.faults[key[0]]
        track = self._follow(key, seen=False)
        incident = self.open.get(key)
        if incident is None:
            return
        if incident.state is IncidentState.PENDING:
            self._close(key, f"gone before it had lasted {render_seconds(fault.pending_seconds)}")
        elif fault.event:
            if self.now.seconds_since(incident.last_seen) >= fault.quiet_seconds:
                self._close(key, f"quiet for {render_seconds(fault.quiet_seconds)}")
        elif track.flapping:
            self._flap(key, track)
        else:
            self._close(key, "no longer found")

    def _follow(self, key: Key, *, seen: bool) -> Track:
        """Keep the key's track and return it; an event happens rather than lasts, so it has none."""
        if self.faults[key[0]].event:
            self.tracks.pop(key, None)
            return Track()
        track = follow(self.tracks.get(key, Track()), seen=seen)
        if track.forgettable:
            self.tracks.pop(key, None)
        else:
            self.tracks[key] = track
        return track

    def _open(self, key: Key, finding: Finding, times: int) -> None:
        fault = self.faults[finding.fault]
        incident = Incident(
            id=self.next_id,
            fault=finding.fault,
            subject=finding.subject,
            severity=finding.severity,
            state=IncidentState.PENDING,
            summary=finding.summary,
            evidence=finding.evidence,
            opened=self.now,
            last_seen=self.now,
            occurrences=times,
        )
        self.next_id += 1
        self._keys_of(fault.check)[key] = None
        if fault.pending_seconds <= 0:
            self._fire(incident, "found", before=None)
        else:
            self.open[key] = incident
            self._note(incident, None, f"found; fires when it has lasted {render_seconds(fault.pending_seconds)}")

    def _lasted(self, incident: Incident, fault: Fault) -> bool:
        return self.now.seconds_since(incident.opened) >= fault.pending_seconds

    def _fire(self, incident: Incident, reason: str, before: IncidentState | None = IncidentState.PENDING) -> None:
        firing = replace(incident, state=IncidentState.FIRING, fired=self.now)
        self.open[incident.key] = firing
        self._note(firing, before, reason)

    def _flap(self, key: Key, track: Track) -> None:
        """Mark the begin or the end of flapping; a pending incident has not been told, so it has no need."""
        incident = self.open[key]
        if incident.state is not IncidentState.FIRING or incident.flapping == track.flapping:
            return
        self.open[key] = incident = replace(incident, flapping=track.flapping)
        came_and_went = f"came or went {track.changes} times in the last {len(track.recent)} results"
        reason = (
            f"flapping: {came_and_went} (begins at {BEGINS_AT})"
            if track.flapping
            else f"no longer flapping: {came_and_went} (ends below {ENDS_BELOW})"
        )
        self._note(incident, IncidentState.FIRING, reason)

    def _close(self, key: Key, reason: str) -> None:
        incident = self.open.pop(key, None)
        if incident is None:
            return
        resolved = replace(
            incident, state=IncidentState.RESOLVED, resolved=self.now, inhibited=False, flapping=False
        )
        self.closed.append(resolved)
        self._note(resolved, incident.state, reason)

    def _note(self, incident: Incident, before: IncidentState | None, reason: str) -> None:
        self.transitions.append(
            Transition(incident_id=incident.id, at=self.now, before=before, after=incident.state, reason=reason)
        )


def _refresh(incident: Incident, finding: Finding, fault: Fault, now: Stamp, times: int) -> Incident:
    """Let an incident follow its newest finding.

    What lasts is as bad as it is now. What happened again is as bad as it ever was until it has been quiet, so
    that a small step does not hide a large one before it.
    """
    return replace(
        incident,
        severity=_worse(incident.severity, finding.severity) if fault.event else finding.severity,
        occurrences=incident.occurrences + (times if fault.event else 0),
        summary=finding.summary,
        evidence=finding.evidence,
        last_seen=now,
    )


def _complete(incident: Incident, finding: Finding) -> Incident:
    """Let an incident say more of what happened; it has not happened again."""
    return replace(
        incident,
        severity=_worse(incident.severity, finding.severity),
        summary=finding.summary,
        evidence=finding.evidence,
    )


def _covered(subject: str, unseen: set[str]) -> bool:
    """Tell whether a subject or one above it was unseen, as Unseen.covers does for one (here: without a loop)."""
    return bool(unseen) and any(above in unseen for above in _upwards(subject))


def _upwards(subject: str) -> Iterator[str]:
    """Yield a subject's first part, the first two, and so on to the whole: `bond0`, `bond0/eth1`."""
    return accumulate(subject.split("/"), "{}/{}".format)
