"""Healing over days, in any order of events: faults, cures, harm, crashes, reboots, pauses. Its promises hold.

The host is a stand-in (links with a cause for each being down); the guards, the healer and what it writes are the
real ones. Time is the test's own, so the budgets are held against a clock that healing does not have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.stand_ins import Clock, ClockedHost, StandInJournal
from watchdog.actuator import StepFailed
from watchdog.config import HealingSettings, Permissions
from watchdog.healing import Brakes, Healer, Problem, families, heal_alone, recover
from watchdog.host import Host
from watchdog.model import CheckResult, Fault, Incident, IncidentState, Severity, Unseen
from watchdog.plugin import Case, Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.steps import AnyStep, Attempt, LinkChange, Outcome, Plan, Prepared

HOUR, DAY = 3600.0, 86400.0
LINKS = ("eth0", "eth1", "eth2")
DOWN = Fault(code="bond.member_down", title="", severity=Severity.WARNING, why="", advice="")
SLOW = Fault(code="bond.slow", title="", severity=Severity.WARNING, why="", advice="")
OTHERS = tuple(
    Fault(code=f"{name}.wrong", title="", severity=Severity.WARNING, why="", advice="") for name in ("dns", "raid")
)
LIMITS = HealingSettings(hourly=2, daily=5, storm_families=3)
COOLDOWN, ATTEMPTS = 120.0, 2


class Killed(BaseException):
    """Stands for SIGKILL."""


@dataclass(slots=True)
class World:
    """Links that are up or not, work or not (`cable`), and are slow until they are bounced."""

    up: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(LINKS, True))
    cable: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(LINKS, True))
    slow: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    blind: bool = False
    elsewhere: set[str] = field(default_factory=set)
    breaks_elsewhere: bool = False
    dead: bool = False

    def healthy(self) -> set[str]:
        return {link for link in LINKS if self.up[link] and self.cable[link]}

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        assert isinstance(step, LinkChange)
        return Prepared(needed=self.up[step.link] != step.up, undo=replace_up(step, up=self.up[step.link]))

    def do(self, step: AnyStep, host: Host) -> str:
        assert isinstance(step, LinkChange)
        if self.dead:
            raise Killed
        if step.link in self.stuck:
            raise StepFailed(f"{step.describe()}: device busy")
        assert step.up or self.healthy() != {step.link}, "the last healthy one was taken out"
        self.up[step.link] = step.up
        if step.up:
            self.slow.discard(step.link)
        if self.breaks_elsewhere:
            self.elsewhere.add("dns.wrong")
        return "so it is"

    def look(self, check: str) -> CheckResult:
        if check != "bond":
            wrong = [fault for fault in OTHERS if fault.check == check and fault.code in self.elsewhere]
            return CheckResult(check=check, judged=True, findings=tuple(one.on("it", "wrong") for one in wrong))
        unseen = tuple(Unseen(subject=link, reason="half read") for link in LINKS if self.blind)
        down = [DOWN.on(link, "down") for link in LINKS if link not in self.healthy()]
        slow = [SLOW.on(link, "slow") for link in sorted(self.slow)]
        return CheckResult(check=check, judged=True, findings=(*down, *slow), unseen=unseen)

    def look_around(self) -> Mapping[str, CheckResult]:
        return {name: self.look(name) for name in ("bond", "dns", "raid")}


def replace_up(step: LinkChange, *, up: bool) -> LinkChange:
    return LinkChange(link=step.link, up=up)


def raise_link(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    return Plan(
        summary="", steps=(LinkChange(link=case.finding.subject, up=True),), settle_seconds=2, lasting=False
    )


def stays(case: Case) -> str:
    down = {one.subject for one in case.results["bond"].findings if one.fault == DOWN.code}
    return "the last one" if set(LINKS) - down == {case.finding.subject} else ""


def bounce_link(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    link = case.finding.subject
    down = {one.subject for one in case.results["bond"].findings if one.fault == DOWN.code}
    return Plan(
        summary="",
        steps=(LinkChange(link=link, up=False), LinkChange(link=link, up=True)),
        settle_seconds=2,
        lasting=False,
        healthy_left=len(set(LINKS) - down - {link}),
    )


REGISTRY = Registry(
    checks={},
    remediations={
        "raise_link": Remediation(
            name="raise_link",
            title="",
            heals=(DOWN.code,),
            risk="low",
            settings=RemediationSettings,
            plan=raise_link,
            stays=stays,
        ),
        "bounce_link": Remediation(
            name="bounce_link",
            title="",
            heals=(SLOW.code, DOWN.code),
            risk="low",
            settings=RemediationSettings,
            plan=bounce_link,
            stays=stays,
        ),
    },
    faults={fault.code: fault for fault in (DOWN, SLOW, *OTHERS)},
)


class HealingMachine(RuleBasedStateMachine):
    """Days on a host whose owner lets two remediations act alone."""

    def __init__(self) -> None:
        super().__init__()
        self.world, self.clock = World(), Clock(seconds=50.0)
        self.now = 0.0  # true time, which healing does not have
        self.incidents: dict[tuple[str, str], Incident] = {}
        self.next_id, self.pauses, self.boots = 1, list[str](), 1
        self.began: list[tuple[float, int, str]] = []
        self.journal = StandInJournal(on_write=self.see_write)
        self.die_at = 0
        self.falls = set[str]()

    @initialize(
        modes=st.fixed_dictionaries(
            {name: st.sampled_from(["auto"] * 6 + ["propose", "off"]) for name in REGISTRY.remediations}
        )
    )
    def opt_in(self, modes: dict[str, str]) -> None:
        self.modes = modes
        self.permissions = Permissions(
            remediations={
                name: RemediationSettings(mode=mode, attempts=ATTEMPTS, cooldown=COOLDOWN)  # type: ignore[arg-type]
                for name, mode in modes.items()
            },
            healing=LIMITS,
        )

    # What the journal is told is what is checked: at each write of it.

    def see_write(self, number: int, moment: str) -> None:
        if self.world.dead or (moment == "before" and self.die_at and number >= self.die_at):
            self.world.dead = True
            raise Killed
        if moment == "before":
            return
        running = [one for one in self.journal.kept if one.outcome is Outcome.RUNNING]
        assert len(running) <= 1, "two at once"
        for one in running:
            if not one.journal and one.id not in {id_ for _, id_, _ in self.began}:
                self.see_begin(one)

    def see_begin(self, attempt: Attempt) -> None:
        self.began.append((self.now, attempt.id, attempt.remediation))
        incident = next(one for one in self.incidents.values() if one.id == attempt.incident_id)
        same = [
            one
            for one in self.journal.kept
            if one.incident_id == incident.id
            and one.remediation == attempt.remediation
            and one.outcome is not Outcome.REFUSED
        ]
        assert self.modes[attempt.remediation] == "auto", "nobody opted in"
        assert not self.pauses, "while paused"
        assert not self.world.blind, "healed in the dark"
        assert incident.state is IncidentState.FIRING
        assert len(same) <= ATTEMPTS, "more attempts on an incident than allowed"
        assert families(self.incidents.values()) < LIMITS.storm_families, "in a storm"

    def wait(self, seconds: float) -> None:
        self.clock.wait(seconds)
        self.now += seconds
        if self.falls and any(one.outcome is Outcome.RUNNING for one in self.journal.kept):
            for link in self.falls:
                self.world.cable[link] = False

    # What happens.

    @rule(link=st.sampled_from(LINKS))
    def somebody_sets_a_link_down(self, link: str) -> None:
        self.world.up[link] = False

    @rule(link=st.sampled_from(LINKS))
    def a_cable_goes(self, link: str) -> None:
        self.world.cable[link] = False

    @rule(link=st.sampled_from(LINKS))
    def a_cable_comes(self, link: str) -> None:
        self.world.cable[link] = True

    @rule(link=st.sampled_from(LINKS))
    def a_link_gets_slow(self, link: str) -> None:
        self.world.slow.add(link)

    @rule(link=st.sampled_from(LINKS))
    def a_link_gets_stuck_or_free(self, link: str) -> None:
        self.world.stuck ^= {link}

    @rule(fault=st.sampled_from([fault.code for fault in OTHERS]))
    def something_else_breaks_or_is_mended(self, fault: str) -> None:
        self.world.elsewhere ^= {fault}

    @rule(harmful=st.booleans())
    def what_is_done_harms_or_not(self, harmful: bool) -> None:
        self.world.breaks_elsewhere = harmful

    @rule(blind=st.booleans())
    def the_check_can_see_or_not(self, blind: bool) -> None:
        self.world.blind = blind

    @rule()
    def somebody_pauses(self) -> None:
        self.pauses.append("eva: disks")

    @precondition(lambda self: self.pauses)
    @rule()
    def somebody_resumes(self) -> None:
        self.pauses.pop()

    @rule(seconds=st.sampled_from([1.0, 30.0, COOLDOWN, HOUR / 2, HOUR, DAY / 2]))
    def time_passes(self, seconds: float) -> None:
        self.wait(seconds)

    @rule(minutes=st.integers(1, 60))
    def the_host_reboots(self, minutes: int) -> None:
        self.now += minutes * 60.0
        self.boots += 1
        self.clock = Clock(seconds=1.0, boot_id=f"boot-{self.boots}")
        self.world.up = dict.fromkeys(LINKS, True)
        self.recover()

    @rule(writes=st.integers(1, 8))
    def it_is_killed_in_its_next_attempt(self, writes: int) -> None:
        self.die_at = self.journal.writes + writes

    @rule(link=st.sampled_from(LINKS), slow=st.booleans(), seconds=st.sampled_from([1.0, COOLDOWN, HOUR / 4]))
    def something_is_wrong_and_the_next_cycle_sees_it(self, link: str, slow: bool, seconds: float) -> None:
        if slow:
            self.world.slow.add(link)
        else:
            self.world.up[link] = False
        self.wait(seconds)
        self.a_cycle()

    @rule(link=st.sampled_from(LINKS))
    def a_member_falls_while_another_one_is_raised(self, link: str) -> None:
        """The cure works, harm is found, and by now what was raised may be all that is left."""
        self.world.up = {one: one != link for one in LINKS}
        self.falls = set(LINKS) - {link}
        self.a_cycle()
        self.falls = set()

    @rule(link=st.sampled_from(LINKS))
    def the_last_one_that_works_gets_slow(self, link: str) -> None:
        self.all_is_mended()
        self.world.up = dict.fromkeys(LINKS, True)
        self.world.cable = {one: one == link for one in LINKS}
        self.world.slow = {link}
        self.wait(DAY)
        self.a_cycle()

    @rule()
    def all_is_mended(self) -> None:
        self.world.cable, self.world.slow = dict.fromkeys(LINKS, True), set()
        self.world.stuck, self.world.elsewhere = set(), set()
        self.world.blind = self.world.breaks_elsewhere = False
        self.pauses = []

    @rule(link=st.sampled_from(LINKS))
    def it_keeps_failing(self, link: str) -> None:
        """One incident that no attempt cures, and a watchdog that has all the time."""
        self.world.cable[link], self.world.up[link] = False, False
        for _ in range(4):
            self.wait(HOUR)
            self.a_cycle()

    @rule()
    def a_cycle(self) -> None:
        self.recover()
        self.track()
        incidents = tuple(self.incidents.values())
        healer = Healer(
            host=ClockedHost(self.clock),
            registry=REGISTRY,
            permissions=self.permissions,
            journal=self.journal,
            eyes=self.world,
            actuator=self.world,
            wait=self.wait,
        )
        brakes = Brakes(pauses=tuple(self.pauses), families=families(incidents))
        before = dict(self.world.up)
        try:
            tried = heal_alone(healer, incidents, brakes, lambda one: "", lambda name: "", self.world.look_around)
        except Killed:
            self.recover()
            return
        if tried and tried[1].outcome in (Outcome.NO_EFFECT, Outcome.STEP_FAILED, Outcome.ROLLED_BACK):
            assert "left in place" in tried[1].reason or self.world.up == before, "what did not help is undone"
        self.track()

    def track(self) -> None:
        """Stand for the incidents' life: what is found fires, what is no longer found is over."""
        results = self.world.look_around()
        if self.world.blind:
            return
        found = {(one.fault, one.subject): one for result in results.values() for one in result.findings}
        for key, one in found.items():
            if key not in self.incidents:
                now = self.clock.stamp()
                self.incidents[key] = Incident(
                    id=self.next_id,
                    fault=one.fault,
                    subject=one.subject,
                    severity=one.severity,
                    state=IncidentState.FIRING,
                    summary=one.summary,
                    evidence={},
                    opened=now,
                    last_seen=now,
                )
                self.next_id += 1
        self.incidents = {key: one for key, one in self.incidents.items() if key in found}

    def recover(self) -> None:
        """Stand for the next start after a crash."""
        self.world.dead, self.die_at = False, 0
        stuck, self.world.stuck = self.world.stuck, set()

        def problem_of(attempt: Attempt) -> Problem | None:
            incident = next((i for i in self.incidents.values() if i.id == attempt.incident_id), None)
            result = self.world.look("bond")
            gone = incident is None or all((f.fault, f.subject) != incident.key for f in result.findings)
            still = Problem(outcome=Outcome.NO_EFFECT, text="still there")
            return None if gone and not result.unseen else still

        recover(ClockedHost(self.clock), self.journal, problem_of, actuator=self.world)
        self.world.stuck = stuck

    @invariant()
    def budgets_hold(self) -> None:
        for at, _, _ in self.began:
            within = [began for began, _, _ in self.began if at <= began]
            assert sum(began < at + HOUR for began in within) <= LIMITS.hourly, "more than the hourly budget"
            assert sum(began < at + DAY for began in within) <= LIMITS.daily, "more than the daily budget"

    @invariant()
    def nothing_is_left_under_way(self) -> None:
        assert all(one.outcome is not Outcome.RUNNING for one in self.journal.kept)


TestHealing = HealingMachine.TestCase
TestHealing.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
