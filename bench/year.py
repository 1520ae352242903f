"""A synthetic year: seven checks every 30 s, fifteen metrics, an incident every 17 hours, a reboot a month.

What happens in a run is a function of its number. A run in which something happens is recorded by the store
itself; the quiet ones between two such are put in at once, as the rows that the store would have come to. A test
holds a slice of it against what recording run by run really writes.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection

from watchdog.flapping import Track
from watchdog.history.connect import connect_writer
from watchdog.history.cycle import Cycle
from watchdog.history.metrics import ROLL_UP, SeriesKey, metric_values, name_series
from watchdog.history.records import HOUR_SECONDS, MINUTE_SECONDS, Keep
from watchdog.history.spans import EXTEND_SPAN, LATEST_SPANS, span_extension
from watchdog.history.store import History
from watchdog.history.writing import name_checks, note_boots
from watchdog.incidents import Advanced, State
from watchdog.model import (
    CheckResult,
    Finding,
    Incident,
    IncidentState,
    Message,
    Metric,
    Note,
    Severity,
    Stamp,
    Transition,
)

# Each check with its metrics, (subject, name).
METRICS = {
    "bond": (("bond0", "members_up"), ("bond0/eth0", "link_failures"), ("bond0/eth1", "link_failures")),
    "clock_step": (("clock", "step_seconds"),),
    "clock_sync": (("clock", "offset_seconds"), ("clock", "root_dispersion_seconds"), ("clock", "frequency_ppm")),
    "ipvs": (("192.168.100.10:8080", "servers"), ("192.168.100.10:8080", "connections_per_second")),
    "proxy_port": (("192.168.100.21:8080", "connect_seconds"), ("192.168.100.22:8080", "connect_seconds")),
    "service": (("dovecot.service", "processes"), ("dovecot.service", "restarts")),
    "vrrp": (("eth0/vrid51", "adverts_per_second"), ("eth0/vrid51", "priority")),
}
CHECKS = tuple(METRICS)
SERIES = tuple((check, subject, name) for check, pairs in METRICS.items() for subject, name in pairs)
SUBJECTS = 5
START_NS = 1_767_225_600_000_000_000  # 2026-01-01
FIRST_SECONDS, DOWN_SECONDS = 60, 90
# In steps of 1/1024, so that sums are exact in any order; a prime number, so that no two hours are alike.
_PERIOD = 1021
_VALUES = [
    [random.Random(f"{series} {n}").randrange(1, 1 << 20) / 1024 for n in range(_PERIOD)] * 2  # noqa: S311
    for series in SERIES
]


@dataclass(frozen=True, kw_only=True)
class Tale:
    """How much happens, in numbers of runs."""

    runs: int = 365 * 2880
    every_seconds: int = 30
    runs_between_incidents: int = 2100
    runs_in_a_boot: int = 30 * 2880
    keep: Keep = field(default_factory=Keep)

    def stamp(self, run: int) -> Stamp:
        """When a run was."""
        boot, nth = divmod(run, self.runs_in_a_boot)
        seconds = FIRST_SECONDS + nth * self.every_seconds
        before = boot * (self.runs_in_a_boot * self.every_seconds + FIRST_SECONDS + DOWN_SECONDS)
        return Stamp(
            boot_id=f"00000000-0000-4000-8000-{boot:012d}",
            boottime_ns=seconds * 1_000_000_000,
            wall_ns=START_NS + (before + seconds) * 1_000_000_000,
        )

    @cached_property
    def outages(self) -> tuple["Outage", ...]:
        """Every incident of the tale; each (fault, subject) comes again only when it is long over."""
        chance = random.Random(1)  # noqa: S311
        longest = self.runs_between_incidents // 3
        return tuple(
            Outage(id=n, first=n * self.runs_between_incidents, over=n * self.runs_between_incidents + length)
            for n in range(1, self.runs // self.runs_between_incidents)
            if (length := chance.randrange(2, longest))
        )

    @cached_property
    def events(self) -> tuple[int, ...]:
        """The runs in which something happens, in order: among them the first and the last of each boot."""
        boots = range(0, self.runs, self.runs_in_a_boot)
        edges = {run for start in boots for run in (start, min(start + self.runs_in_a_boot, self.runs) - 1)}
        return tuple(sorted(edges.union(*((outage.first, outage.over) for outage in self.outages))))

    def cycle(self, run: int) -> Cycle:
        """What a run came to."""
        now = self.stamp(run)
        # At most one is open at a time; one that is over is told of in that very run.
        near = [o for o in self.outages_at(run // self.runs_between_incidents) if o.first <= run <= o.over]
        incidents = tuple(outage.incident(self, run) for outage in near)
        still_open = {i.key: i for i in incidents if i.state is not IncidentState.RESOLVED}
        began = 1 + run // self.runs_between_incidents
        return Cycle(
            host="lb1.example.net",
            started=now,
            ended=now,
            results=tuple(_result(check, run, near) for check in CHECKS),
            memories=dict.fromkeys(CHECKS, b'{"seen":["bond0/eth0","bond0/eth1"],"since_ns":%d}' % run),
            advanced=Advanced(
                state=State(
                    incidents=still_open,
                    tracks={key: Track(recent="1" * min(run - near[0].first + 1, 20)) for key in still_open},
                    next_id=began,
                ),
                changed=incidents,
                transitions=tuple(change for outage in near for change in outage.transitions(self, run)),
            ),
            messages=tuple(message for outage in near for message in outage.messages(run)),
        )

    def outages_at(self, number: int) -> tuple["Outage", ...]:
        """The outage with this number, if there is one."""
        return self.outages[number - 1 : number] if number else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One incident: found from its first run on, no longer in the run in which it is over."""

    id: int
    first: int
    over: int

    @property
    def check(self) -> str:
        """Who finds it."""
        return CHECKS[self.id % len(CHECKS)]

    @property
    def fault(self) -> str:
        """Its code."""
        return f"{self.check}.down"

    @property
    def subject(self) -> str:
        """What it is on."""
        return f"bond0/eth{self.id // len(CHECKS) % SUBJECTS}"

    @property
    def summary(self) -> str:
        """What a person reads."""
        return (
            f"{self.subject} is down for {self.id} s (alert at 5 s): the next cable that is pulled is an outage; "
            "look at the switch port and at the cable"
        )

    def incident(self, tale: Tale, run: int) -> Incident:
        """The incident as it stands in a run."""
        opened, over = tale.stamp(self.first), run == self.over
        return Incident(
            id=self.id,
            fault=self.fault,
            subject=self.subject,
            severity=Severity.CRITICAL,
            state=IncidentState.RESOLVED if over else IncidentState.FIRING,
            summary=self.summary,
            evidence={"link": "eth1", "mii_status": "down", "speed_mbps": 0, "since_seconds": self.id * 1.5},
            opened=opened,
            last_seen=tale.stamp(min(run, self.over - 1)),
            fired=opened,
            resolved=tale.stamp(run) if over else None,
            told=Severity.CRITICAL,
        )

    def transitions(self, tale: Tale, run: int) -> Iterator[Transition]:
        """What changed in a run."""
        at = tale.stamp(run)
        if run == self.first:
            for before, after in ((None, IncidentState.PENDING), (IncidentState.PENDING, IncidentState.FIRING)):
                yield Transition(incident_id=self.id, at=at, before=before, after=after, reason=self.summary)
        if run == self.over:
            states = (IncidentState.FIRING, IncidentState.RESOLVED)
            yield Transition(
                incident_id=self.id, at=at, before=states[0], after=states[1], reason="no longer found"
            )

    def messages(self, run: int) -> Iterator[Message]:
        """What was told in a run."""
        if run in (self.first, self.over):
            yield Message(
                key=f"{self.id}:{run}:ops",
                target="ops",
                incident_id=self.id,
                title=f"lb1: {self.fault} on {self.subject}",
                body=self.summary * 3,
                severity=Severity.CRITICAL,
                recovery=run == self.over,
            )


def write_year(path: Path, tale: Tale | None = None) -> None:
    """Write the history of a tale: a year, unless another is given."""
    tale = tale or Tale()
    # Minutes that would have been forgotten by the end are not written at all.
    minutes_from = tale.runs - int((tale.keep.minute_retention_seconds + HOUR_SECONDS) // tale.every_seconds)
    with _open(path, tale) as history:
        quiet = connect_writer(path)
        before = -1
        for run in tale.events:
            if run > before + 1:
                with quiet.begin():
                    _write_quiet(quiet, tale, range(before + 1, run), minutes_from)
            _record(history, tale, run)
            before = run
        quiet.close()
        _finish(history, tale)


def write_run_by_run(path: Path, tale: Tale) -> None:
    """Write the same as it would really come about."""
    with _open(path, tale) as history:
        for run in range(tale.runs):
            _record(history, tale, run)
        _finish(history, tale)


def _open(path: Path, tale: Tale) -> History:
    return History.open(path, now=tale.stamp(0), wait_seconds=0, command="bench", keep=tale.keep)


def _record(history: History, tale: Tale, run: int) -> None:
    cycle = tale.cycle(run)
    history.record(cycle)
    if cycle.messages:
        for due in history.due_messages(cycle.ended, 10):
            history.mark_sent(due.message.key, cycle.ended)


def _finish(history: History, tale: Tale) -> None:
    history.prune(tale.stamp(tale.runs - 1), tale.keep.retention_seconds, tale.keep.minute_retention_seconds)


def _write_quiet(connection: Connection, tale: Tale, runs: range, minutes_from: int) -> None:
    """Write runs of one boot in which every check says what it said before."""
    last = tale.stamp(runs[-1])
    boot = note_boots(connection, last)[last.boot_id]
    gap_ns = tale.every_seconds * 1_000_000_000
    spans = connection.execute(LATEST_SPANS).all()
    connection.execute(EXTEND_SPAN, [span_extension(span.id, last, len(runs), gap_ns) for span in spans])
    check_ids = name_checks(connection, CHECKS)
    keys = [SeriesKey(check_ids[check], subject, name) for check, subject, name in SERIES]
    ids = name_series(connection, keys)
    for resolution, part in ((MINUTE_SECONDS, runs[max(minutes_from - runs.start, 0) :]), (HOUR_SECONDS, runs)):
        rows = [
            metric_values(resolution, boot, tale.stamp(bucket[0]), ids[key], _values(number, bucket))
            for bucket in _buckets(tale, part, resolution)
            for number, key in enumerate(keys)
        ]
        if rows:
            connection.execute(ROLL_UP, rows)


def _buckets(tale: Tale, runs: range, resolution_seconds: int) -> Iterator[range]:
    """Cut runs into those that share a bucket."""
    if tale.every_seconds > resolution_seconds:
        yield from (range(run, run + 1) for run in runs)
        return
    start = runs.start
    while start < runs.stop:
        seconds = tale.stamp(start).boottime_ns // 1_000_000_000
        left = resolution_seconds - seconds % resolution_seconds
        stop = min(start - (-left // tale.every_seconds), runs.stop)
        yield range(start, stop)
        start = stop


def _values(series: int, runs: range) -> tuple[float, ...]:
    start = runs.start % _PERIOD
    return tuple(_VALUES[series][start : start + len(runs)])


def _result(check: str, run: int, near: list[Outage]) -> CheckResult:
    found = tuple(
        Finding(fault=o.fault, subject=o.subject, severity=Severity.CRITICAL, summary=o.summary)
        for o in near
        if o.check == check and run < o.over
    )
    notes = tuple(
        Note(
            subject="clock",
            summary=f"the clock went back {o.id / 1000} s",
            evidence={"step_seconds": -o.id / 1000},
        )
        for o in near
        if check == "clock_step" and run == o.first
    )
    metrics = tuple(
        Metric(subject=subject, name=name, value=_VALUES[number][run % _PERIOD])
        for number, (owner, subject, name) in enumerate(SERIES)
        if owner == check
    )
    return CheckResult(check=check, judged=True, findings=found, notes=notes, metrics=metrics)


if __name__ == "__main__":
    write_year(Path(sys.argv[1]))
