"""What the tests of the history are made of: stamps, results and cycles with as little said as possible."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from watchdog.flapping import Track
from watchdog.history.cycle import Cycle
from watchdog.history.records import Keep
from watchdog.history.store import History
from watchdog.incidents import Advanced, Key, State
from watchdog.model import (
    CheckResult,
    Finding,
    Incident,
    IncidentState,
    Message,
    Metric,
    Severity,
    Stamp,
    Transition,
)

EPOCH_NS = 1_790_000_000_000_000_000


def at(seconds: float, boot: str = "boot-a") -> Stamp:
    """The moment this many seconds after a boot. Each boot's wall clock starts a day after the one before."""
    day = (ord(boot[-1]) - ord("a")) * 86_400_000_000_000
    boottime_ns = round(seconds * 1e9)
    return Stamp(boot_id=boot, boottime_ns=boottime_ns, wall_ns=EPOCH_NS + day + boottime_ns)


def open_history(path: Path, now: Stamp | None = None, **keep: float) -> History:
    return History.open(path, now=now or at(10), wait_seconds=0, command="test", keep=Keep(**keep))


def result(check: str = "bond", *, verdict: str = "ok", reason: str = "", **metrics: float) -> CheckResult:
    """A check's result with a verdict; metrics are of the subject `clock`."""
    severity = {"warning": Severity.WARNING, "critical": Severity.CRITICAL}.get(verdict)
    found = (
        () if severity is None else (Finding(fault=f"{check}.down", subject="s", severity=severity, summary="x"),)
    )
    return CheckResult(
        check=check,
        judged=verdict not in ("unknown", "not_applicable"),
        applicable=verdict != "not_applicable",
        reason=reason,
        findings=found,
        metrics=tuple(Metric(subject="clock", name=name, value=value) for name, value in metrics.items()),
    )


def cycle(
    now: Stamp,
    *results: CheckResult,
    memories: Mapping[str, bytes] | None = None,
    incidents: Iterable[Incident] = (),
    tracks: Mapping[Key, Track] | None = None,
    transitions: tuple[Transition, ...] = (),
    messages: tuple[Message, ...] = (),
    next_id: int = 1,
) -> Cycle:
    """A cycle that began and ended now; the incidents given are what changed, the open ones the state."""
    incidents = tuple(incidents)
    still_open = {i.key: i for i in incidents if i.state is not IncidentState.RESOLVED}
    state = State(incidents=still_open, tracks=tracks or {}, next_id=next_id)
    return Cycle(
        host="mx1",
        started=now,
        ended=now,
        results=results,
        memories=memories or {},
        advanced=Advanced(state=state, changed=incidents, transitions=transitions),
        messages=messages,
    )


def incident(number: int = 1, *, opened: Stamp | None = None, **fields: Any) -> Incident:
    """A firing incident, opened at 10 s."""
    opened = opened or at(10)
    plain: dict[str, Any] = {
        "fault": "bond.member_down",
        "subject": f"bond0/eth{number}",
        "severity": Severity.WARNING,
        "state": IncidentState.FIRING,
        "summary": "eth1 is down",
        "evidence": {},
        "last_seen": opened,
        "fired": opened,
    }
    return Incident(id=number, opened=opened, **(plain | fields))


def resolved(number: int, *, opened: Stamp, ended: Stamp, **fields: Any) -> Incident:
    return incident(number, opened=opened, state=IncidentState.RESOLVED, resolved=ended, **fields)


def message(key: str = "1:firing", incident_id: int = 1, **fields: Any) -> Message:
    plain: dict[str, Any] = {"target": "ops", "title": "t", "body": "b", "severity": Severity.WARNING}
    return Message(key=key, incident_id=incident_id, **(plain | fields))
