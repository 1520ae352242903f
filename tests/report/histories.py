"""Histories of outages, recorded through the real store and the real incident logic, at moments that are given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.history.make import EPOCH_NS
from watchdog import registry, selfwatch
from watchdog.history.cycle import Cycle
from watchdog.history.read import Reader
from watchdog.history.records import Keep
from watchdog.history.store import History
from watchdog.incidents import Advanced, advance
from watchdog.model import (
    CheckResult,
    Evidence,
    Fault,
    Finding,
    IncidentState,
    Message,
    Metric,
    Note,
    Severity,
    Stamp,
)
from watchdog.report.audit.gather import Wish, gather
from watchdog.report.audit.shape import Report
from watchdog.steps import BondOption, JournalEntry, LinkChange, Outcome, Plan, UnitAction
from watchdog.units import Duration

HOST = "mx1"
GAP_SECONDS = 900.0


@cache
def faults() -> Mapping[str, Fault]:
    return registry.load(selfwatch.FAULTS).faults


@dataclass(kw_only=True)
class Recorder:
    """A host whose checks say what they are told to, and whose clock is set as it is told."""

    path: Path
    checks: tuple[str, ...]
    name: str = HOST
    boot: int = 0
    now_seconds: float = 10.0
    wall_off_seconds: float = 0.0
    bad: dict[str, dict[str, Finding]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keep = Keep(gap_seconds=GAP_SECONDS)
        self.history = History.open(self.path, now=self.stamp, wait_seconds=0, command="test", keep=keep)

    @property
    def stamp(self) -> Stamp:
        wall = self.boot * 86400 + self.now_seconds + self.wall_off_seconds
        return Stamp(
            boot_id=f"boot-{self.boot}",
            boottime_ns=round(self.now_seconds * 1e9),
            wall_ns=EPOCH_NS + round(wall * 1e9),
        )

    def find(self, fault: str, subject: str, summary: str, evidence: Evidence | None = None) -> None:
        """From the next look on the check finds this."""
        severity = faults()[fault].severity
        found = Finding(fault=fault, subject=subject, severity=severity, summary=summary, evidence=evidence or {})
        self.bad.setdefault(fault.partition(".")[0], {})[f"{fault} {subject}"] = found

    def cure(self, fault: str, subject: str) -> None:
        """From the next look on the check finds it no longer."""
        del self.bad[fault.partition(".")[0]][f"{fault} {subject}"]

    def look(
        self,
        *events: Finding,
        blind: Mapping[str, str] | None = None,
        notes: Mapping[str, Note] | None = None,
        metrics: Mapping[str, Metric] | None = None,
    ) -> None:
        """Have every check look once, now."""
        blind, notes, metrics = blind or {}, notes or {}, metrics or {}
        results = tuple(
            CheckResult(
                check=check,
                judged=check not in blind,
                reason=blind.get(check, ""),
                findings=()
                if check in blind
                else (*self.bad.get(check, {}).values(), *(e for e in events if e.fault.startswith(f"{check}."))),
                notes=(notes[check],) if check in notes else (),
                metrics=(metrics[check],) if check in metrics else (),
            )
            for check in self.checks
        )
        state = self.history.load_state()
        advanced = advance(state, results, faults(), self.stamp)
        self.history.record(
            Cycle(
                host=self.name,
                started=self.stamp,
                ended=self.stamp,
                results=results,
                memories={},
                advanced=advanced,
                happened=events,
                messages=tuple(_messages(advanced)),
            )
        )

    def pass_time(self, seconds: float, every_seconds: float = 60.0) -> None:
        """Look every so often until so much has passed."""
        until = self.now_seconds + seconds
        while self.now_seconds + every_seconds <= until:
            self.now_seconds += every_seconds
            self.look()
        self.now_seconds = until

    def step(self, seconds: float, author: str = "") -> None:
        """Set the clock, and have clock_step see it at the next look, a second later."""
        begins = self.now_seconds
        self.wall_off_seconds += seconds
        self.now_seconds += 1
        word = "back" if seconds < 0 else "ahead"
        code = "clock_step.backward" if seconds < 0 else "clock_step.forward"
        evidence = {
            "step_seconds": seconds,
            "author": author,
            "window_begins_boottime_seconds": begins,
            "window_ends_boottime_seconds": self.now_seconds,
        }
        summary = f"the clock went {word} {abs(seconds)} s (alert at 0.5 s), by {author or 'nobody known'}"
        self.look(
            Finding(fault=code, subject="clock", severity=Severity.WARNING, summary=summary, evidence=evidence)
        )

    def reboot(self, off_seconds: float = 40.0) -> None:
        """Start the host anew; its wall clock goes on."""
        self.boot += 1
        self.wall_off_seconds += self.now_seconds + off_seconds - 86400
        self.now_seconds = 10.0

    def crash(self) -> None:
        """Have the process that looks end and another begin."""
        self.history.close()
        self.__post_init__()

    def report(self, since: str = "30d", **wish: object) -> Report:
        """Return the report as of now."""
        with Reader.open(self.path) as reader:
            wanted = Wish(since=Duration.parse(since), **wish)  # type: ignore[arg-type]
            return gather(reader, wanted, self.name, faults(), self.stamp, GAP_SECONDS)


def _messages(advanced: Advanced) -> Iterator[Message]:
    """Tell one target of all that fires and all that is over."""
    incidents = {one.id: one for one in advanced.changed}
    for change in advanced.transitions:
        if change.after is not IncidentState.PENDING:
            one = incidents[change.incident_id]
            yield Message(
                key=f"{one.id}:{change.after.value}",
                target="ops",
                incident_id=one.id,
                title=f"[{change.after.value}] {HOST}: {one.fault} on {one.subject}",
                body=one.summary,
                severity=one.severity,
                recovery=change.after is IncidentState.RESOLVED,
            )


def dovecot(path: Path) -> Recorder:
    """The clock is set back, Dovecot kills itself; it is started again, with leave; then it is set back again."""
    host = Recorder(path=path, checks=("clock_step", "service"))
    host.look(metrics={"clock_step": Metric(subject="clock", name="offset_seconds", value=0.002)})
    host.pass_time(7200)
    host.step(-18.0, "chronyd")
    host.find("service.down", "dovecot.service", "dovecot.service is down: it ended by itself at 18:39:10")
    host.pass_time(180)
    plan = Plan(summary="start dovecot.service", steps=(UnitAction(unit="dovecot.service", action="start"),))
    host.history.begin_attempt(2, "restart_service", "auto", Plan(summary="", steps=()), Outcome.REFUSED,
        "the clock was set 120 s ago, wait for 300 s", host.stamp)  # fmt: skip
    host.pass_time(180)
    number = host.history.begin_attempt(2, "restart_service", "auto", plan, Outcome.RUNNING, "", host.stamp,
        permission='mode = "auto", /etc/watchdog/watchdog.toml line 12, sha256 5d41402a')  # fmt: skip
    host.history.write_entry(
        number, 0, JournalEntry(step=plan.steps[0], undo=None, state="done", output="started"), host.stamp
    )
    host.now_seconds += 5
    host.cure("service.down", "dovecot.service")
    host.look()
    host.history.write_verification(number, "", host.stamp)
    host.history.end_attempt(number, Outcome.HEALED, "the check no longer finds it", host.stamp)
    host.pass_time(1800)
    host.step(-2.0)
    host.pass_time(1800)
    return host


def split_brain(path: Path) -> Recorder:
    """Two routers are master; a person silences it, and it is still open."""
    host = Recorder(path=path, checks=("clock_sync", "vrrp"))
    host.look()
    host.pass_time(86400 * 2, 600)
    host.find(
        "vrrp.split_brain",
        "eth0/vrid51",
        "10.0.0.2 and 10.0.0.3 both send as master of VRID 51: connections break at random",
        {"masters": ["10.0.0.2", "10.0.0.3"], "advice": "see which switch drops VRRP between the two"},
    )
    host.pass_time(1800, 60)
    host.history.add_hold(
        kind="silence", who="alice (uid 0)", why="the switch is being changed", seconds=7200, now=host.stamp,
        pattern="eth0/vrid51",
    )  # fmt: skip
    host.pass_time(1800, 60)
    return host


def bond(path: Path) -> Recorder:
    """A member fails in the night, the host is rebooted, the watch has a gap; a remediation is rolled back."""
    host = Recorder(path=path, checks=("bond",))
    host.look()
    host.pass_time(3600)
    host.find("bond.member_down", "bond0/eth1", "eth1 of bond0 is down: bond0 has one member left")
    host.pass_time(600)
    plan = Plan(summary="raise eth1", steps=(LinkChange(link="eth1", up=True),))
    number = host.history.begin_attempt(
        1, "bond_raise_member", "propose", plan, Outcome.RUNNING, "", host.stamp, permission="alice (uid 0)"
    )
    undo = LinkChange(link="eth1", up=False)
    host.history.write_entry(
        number, 0, JournalEntry(step=plan.steps[0], undo=undo, state="undone", output="no carrier"), host.stamp
    )
    host.history.end_attempt(number, Outcome.ROLLED_BACK, "eth1 is still down", host.stamp)
    other = Plan(summary="use eth0", steps=(BondOption(bond="bond0", option="active_slave", value="eth0"),))
    host.history.begin_attempt(1, "bond_use_primary", "propose", other, Outcome.PROPOSED, "", host.stamp)
    host.reboot()
    host.look()
    host.pass_time(1200)
    host.now_seconds += 5400  # nobody looks
    host.look()
    host.cure("bond.member_down", "bond0/eth1")
    host.pass_time(1800)
    return host


def proxy(path: Path) -> Recorder:
    """A proxy dies, the pool sends it connections on; the check goes blind for a while."""
    host = Recorder(path=path, checks=("ipvs", "proxy_port"))
    host.look()
    host.pass_time(3600)
    host.find("proxy_port.dead", "192.168.100.21:8080", "192.168.100.21:8080 does not answer (3 tries, 1 s each)")
    host.find(
        "ipvs.dead_server_in_pool",
        "192.168.100.10:8080/192.168.100.21:8080",
        "192.168.100.21:8080 is dead and has weight 1 in 192.168.100.10:8080: a third of the connections fail",
    )
    host.pass_time(900)
    host.cure("ipvs.dead_server_in_pool", "192.168.100.10:8080/192.168.100.21:8080")
    host.pass_time(600)
    for _ in range(10):
        host.now_seconds += 60
        host.look(blind={"proxy_port": "may not open a socket: needs CAP_NET_RAW"})
    host.cure("proxy_port.dead", "192.168.100.21:8080")
    host.pass_time(3600)
    return host


STORIES: Mapping[str, Callable[[Path], Recorder]] = {
    "dovecot": dovecot,
    "split-brain": split_brain,
    "bond": bond,
    "proxy": proxy,
}
