"""A synthetic year: seven checks every 30 s, fifteen metrics, an incident every 17 hours, a reboot a month.

What happens in a run is a function of its number, and so is every row that the store would have come to by the
end: `write_year` puts those in at once. A test holds a slice of it against what recording run by run writes.
"""

import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path

from sqlalchemy import Connection, Table, insert

from watchdog.flapping import Track
from watchdog.history.connect import connect_writer
from watchdog.history.cycle import Cycle
from watchdog.history.metrics import SeriesKey, metric_values, name_series
from watchdog.history.models import INCIDENTS, MEMORIES, METRICS, NOTES, OUTBOX, SPANS, TRANSITIONS
from watchdog.history.records import HOUR_SECONDS, MINUTE_SECONDS, Keep
from watchdog.history.rows import (
    Ordinals,
    Values,
    encode_json,
    incident_values,
    message_values,
    stamp_values,
    transition_values,
)
from watchdog.history.spans import span_values
from watchdog.history.store import History
from watchdog.history.targets import note_success
from watchdog.history.writing import name_checks, note_boots, write_upkeep
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
MEASURED = {
    "bond": (("bond0", "members_up"), ("bond0/eth0", "link_failures"), ("bond0/eth1", "link_failures")),
    "clock_step": (("clock", "step_seconds"),),
    "clock_sync": (("clock", "offset_seconds"), ("clock", "root_dispersion_seconds"), ("clock", "frequency_ppm")),
    "ipvs": (("192.168.100.10:8080", "servers"), ("192.168.100.10:8080", "connections_per_second")),
    "proxy_port": (("192.168.100.21:8080", "connect_seconds"), ("192.168.100.22:8080", "connect_seconds")),
    "service": (("dovecot.service", "processes"), ("dovecot.service", "restarts")),
    "vrrp": (("eth0/vrid51", "adverts_per_second"), ("eth0/vrid51", "priority")),
}
CHECKS = tuple(MEASURED)
SERIES = tuple((check, subject, name) for check, pairs in MEASURED.items() for subject, name in pairs)
HOST = "lb1.example.net"
START_NS = 1_767_225_600_000_000_000  # 2026-01-01
FIRST_SECONDS, DOWN_SECONDS = 60, 90
_NOTED_BY = "clock_step"
_AT_ONCE = 10_000
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
    subjects_of_a_check: int = 5
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
            Outage(
                id=n,
                first=n * self.runs_between_incidents,
                over=n * self.runs_between_incidents + length,
                subject=f"bond0/eth{n // len(CHECKS) % self.subjects_of_a_check}",
            )
            for n in range(1, self.runs // self.runs_between_incidents)
            if (length := chance.randrange(2, longest))
        )

    @property
    def boots(self) -> tuple[range, ...]:
        """The runs of each boot."""
        starts = range(0, self.runs, self.runs_in_a_boot)
        return tuple(range(start, min(start + self.runs_in_a_boot, self.runs)) for start in starts)

    def near(self, run: int) -> list["Outage"]:
        """Return the outage that is seen, or is over, in a run: at most one is open at a time."""
        return [o for o in self.outages_at(run // self.runs_between_incidents) if o.first <= run <= o.over]

    def cycle(self, run: int) -> Cycle:
        """What a run came to."""
        now = self.stamp(run)
        near = self.near(run)  # one that is over is told of in that very run
        incidents = tuple(outage.incident(self, run) for outage in near)
        still_open = {i.key: i for i in incidents if i.state is not IncidentState.RESOLVED}
        return Cycle(
            host=HOST,
            started=now,
            ended=now,
            results=tuple(_result(check, run, near) for check in CHECKS),
            memories=dict.fromkeys(CHECKS, _memory(run)),
            advanced=Advanced(
                state=State(
                    incidents=still_open,
                    tracks={key: Track(recent="1" * min(run - near[0].first + 1, 20)) for key in still_open},
                    next_id=self.next_id(run),
                ),
                changed=incidents,
                transitions=tuple(change for outage in near for change in outage.transitions(self, run)),
            ),
            messages=tuple(message for outage in near for message in outage.messages(run)),
        )

    def next_id(self, run: int) -> int:
        """The number of the next incident after a run."""
        return 1 + run // self.runs_between_incidents

    def outages_at(self, number: int) -> tuple["Outage", ...]:
        """The outage with this number, if there is one."""
        return self.outages[number - 1 : number] if number else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One incident: found from its first run on, no longer in the run in which it is over."""

    id: int
    first: int
    over: int
    subject: str

    @property
    def check(self) -> str:
        """Who finds it."""
        return CHECKS[self.id % len(CHECKS)]

    @property
    def fault(self) -> str:
        """Its code."""
        return f"{self.check}.down"

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


# An incident every 105 minutes, 5,004 in the year; on 196 subjects, and eight more are measured.
BUSY = Tale(runs_between_incidents=210, subjects_of_a_check=28)


def write_year(path: Path, tale: Tale) -> None:
    """Write the history of a tale."""
    with _open(path, tale) as history:
        connection = connect_writer(path)
        with connection.begin():
            _write_rows(connection, tale)
        connection.close()
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


def _write_rows(connection: Connection, tale: Tale) -> None:
    """Write every table as it would be by the end, had nothing been forgotten."""
    last, edges = tale.stamp(tale.runs - 1), [edge for boot in tale.boots for edge in (boot[0], boot[-1])]
    for run in edges:
        note_boots(connection, tale.stamp(run), host=HOST)
    ordinals = note_boots(connection, last)
    check_ids = name_checks(connection, CHECKS)
    outages, happened = tale.outages, [(o, run) for o in tale.outages for run in (o.first, o.over)]
    at = stamp_values("at", last, ordinals)
    rows: dict[Table, Iterable[Values]] = {
        SPANS: _spans(tale, check_ids, ordinals),
        METRICS: _metrics(connection, tale, check_ids, ordinals),
        NOTES: _notes(tale, check_ids, ordinals),
        MEMORIES: ({"check_id": check_ids[name], "value": _memory(tale.runs - 1), **at} for name in CHECKS),
        INCIDENTS: (incident_values(o.incident(tale, o.over), ordinals) for o in outages),
        TRANSITIONS: (transition_values(t, ordinals) for o, run in happened for t in o.transitions(tale, run)),
        OUTBOX: (_sent(message, tale.stamp(run), ordinals) for o, run in happened for message in o.messages(run)),
    }
    for table, own in rows.items():
        left = iter(own)
        while some := list(islice(left, _AT_ONCE)):
            connection.execute(insert(table), some)
    if outages:
        note_success(connection, "ops", tale.stamp(outages[-1].over), ordinals)
    write_upkeep(connection, next_incident_id=tale.next_id(tale.runs - 1))


def _sent(message: Message, at: Stamp, ordinals: Ordinals) -> Values:
    return {**message_values(message, at, ordinals), "state": "sent", **stamp_values("sent", at, ordinals)}


def _spans(tale: Tale, check_ids: Mapping[str, int], ordinals: Ordinals) -> Iterator[Values]:
    """Yield what each check said for how long: something else from and to an outage it finds, and on each boot."""
    begun = []
    for number, check in enumerate(CHECKS):
        own = [outage for outage in tale.outages if outage.check == check]
        edges = {boot[0] for boot in tale.boots}.union(*((o.first, o.over) for o in own))
        begun += [(a, number, b) for a, b in pairwise(sorted({*edges, tale.runs}))]
    for run, number, end in sorted(begun):
        first, last, check = tale.stamp(run), tale.stamp(end - 1), CHECKS[number]
        said = _result(check, run, tale.near(run)).verdict.value
        yield {
            **span_values(check_ids[check], said, "", ordinals[first.boot_id], first),
            "last_boottime_ns": last.boottime_ns,
            "last_wall_ns": last.wall_ns,
            "count": end - run,
            "longest_gap_ns": tale.every_seconds * 1_000_000_000 if end > run + 1 else 0,
        }


def _metrics(
    connection: Connection, tale: Tale, check_ids: Mapping[str, int], ordinals: Ordinals
) -> Iterator[Values]:
    keys = [SeriesKey(check_ids[check], subject, name) for check, subject, name in SERIES]
    ids = name_series(connection, keys)
    # Minutes that would have been forgotten by the end are not written at all.
    minutes_from = tale.runs - int((tale.keep.minute_retention_seconds + HOUR_SECONDS) // tale.every_seconds)
    for boot in tale.boots:
        ordinal = ordinals[tale.stamp(boot[0]).boot_id]
        for resolution, runs in (
            (MINUTE_SECONDS, boot[max(minutes_from - boot.start, 0) :]),
            (HOUR_SECONDS, boot),
        ):
            for bucket in _buckets(tale, runs, resolution):
                first = tale.stamp(bucket[0])
                for number, key in enumerate(keys):
                    yield metric_values(resolution, ordinal, first, ids[key], _values(number, bucket))


def _notes(tale: Tale, check_ids: Mapping[str, int], ordinals: Ordinals) -> Iterator[Values]:
    for outage in tale.outages:
        for note in _result(_NOTED_BY, outage.first, [outage]).notes:
            yield {
                "check_id": check_ids[_NOTED_BY],
                "subject": note.subject,
                "summary": note.summary,
                "evidence": encode_json(note.evidence),
                "fault": "",
                **stamp_values("at", tale.stamp(outage.first), ordinals),
            }


def _memory(run: int) -> bytes:
    return b'{"seen":["bond0/eth0","bond0/eth1"],"since_ns":%d}' % run


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
        if check == _NOTED_BY and run == o.first
    )
    metrics = tuple(
        Metric(subject=subject, name=name, value=_VALUES[number][run % _PERIOD])
        for number, (owner, subject, name) in enumerate(SERIES)
        if owner == check
    )
    return CheckResult(check=check, judged=True, findings=found, notes=notes, metrics=metrics)


if __name__ == "__main__":
    write_year(Path(sys.argv[1]), BUSY if sys.argv[2:] == ["busy"] else Tale())
