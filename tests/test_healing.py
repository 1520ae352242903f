"""Healing with a stand-in journal, a world of links in memory, and a check that looks at that world.

The real kernel's part is in test_actuator.py and, killed at each write, at the end of this file.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.in_namespace import run_in_namespace
from tests.stand_ins import Clock, ClockedHost, StandInEyes, StandInJournal
from watchdog import plugin
from watchdog.actuator import StepFailed
from watchdog.config import Permissions
from watchdog.errors import HistoryError, Refused
from watchdog.healing import (
    Brakes,
    Consent,
    Healer,
    Problem,
    Treatment,
    choose,
    finding_of,
    harmed,
    harms,
    list_proposals,
    problem_after_crash,
    propose,
    record_proposals,
    recover,
    still_wrong,
)
from watchdog.host import Host
from watchdog.model import CheckResult, Fault, Finding, Incident, IncidentState, Message, Severity, Unseen
from watchdog.plugin import Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.steps import AnyStep, JournalEntry, LinkChange, Outcome, Plan, Prepared

DOWN = Fault(code="bond.member_down", title="", severity=Severity.WARNING, why="", advice="")
BOND_DOWN = Fault(code="bond.down", title="", severity=Severity.CRITICAL, why="", advice="")
SLOW = Fault(code="bond.speed_mismatch", title="", severity=Severity.WARNING, why="", advice="")
LACP = Fault(
    code="bond.lacp_not_negotiated", title="", severity=Severity.WARNING, why="", advice="", pending_seconds=60.0
)
FOUND = DOWN.on("bond0/eth1", "eth1 is down")
RAISE = Plan(summary="raise eth1", steps=(LinkChange(link="eth1", up=True),), settle_seconds=5.0, lasting=False)
TWO = Plan(
    summary="raise both",
    steps=(LinkChange(link="eth1", up=True), LinkChange(link="eth2", up=True)),
    settle_seconds=5.0,
    lasting=False,
)
NO_PARTNER = LACP.on("bond0/eth1", "eth1 has no partner")
NO_PARTNER_ON_BOND1 = LACP.on("bond1/eth3", "eth3 has no partner")
CLEAN = CheckResult(check="bond", judged=True)


def saw(*findings: Finding, unseen: tuple[Unseen, ...] = ()) -> CheckResult:
    return CheckResult(check="bond", judged=True, findings=findings, unseen=unseen)


def incident(**changes: Any) -> Incident:
    stamp = Clock(seconds=500).stamp()
    base = Incident(
        id=7,
        fault=DOWN.code,
        subject="bond0/eth1",
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary="eth1 is down",
        evidence={"member": "eth1"},
        opened=stamp,
        last_seen=stamp,
    )
    return replace(base, **changes)


def healer(name: str, answer: Plan | Exception) -> Remediation[RemediationSettings]:
    def plan(host: Host, case: plugin.Case, settings: RemediationSettings) -> Plan:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Remediation(
        name=name, title="", heals=(DOWN.code,), risk="low", settings=RemediationSettings, plan=plan
    )


def permitted(remediations: Mapping[str, RemediationSettings]) -> Permissions:
    return Permissions(remediations=remediations)


def registry_of(*healers: Remediation[Any]) -> Registry:
    faults = {fault.code: fault for fault in (DOWN, BOND_DOWN, SLOW, LACP)}
    return Registry(checks={}, remediations={h.name: h for h in healers}, faults=faults)


def asked(approve: Callable[[Any, Plan], bool] = lambda remediation, plan: True) -> Consent:
    return Consent(asked=True, permission=lambda name: f"eva permits {name}", approve=approve)


@dataclass(slots=True)
class World:
    """The links of a host: an Actuator, and what the check sees of it."""

    links: dict[str, bool] = field(default_factory=lambda: {"eth1": False, "eth2": False})
    stuck: dict[str, str] = field(default_factory=dict)  # `ip link` command -> why it fails
    done: list[str] = field(default_factory=list)

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        assert isinstance(step, LinkChange)
        if step.link not in self.links:
            raise StepFailed(f"{step.describe()}: no such device")
        up = self.links[step.link]
        return Prepared(needed=up != step.up, undo=LinkChange(link=step.link, up=up))

    def do(self, step: AnyStep, host: Host) -> str:
        assert isinstance(step, LinkChange)
        if why := self.stuck.get(step.describe()):
            raise StepFailed(f"{step.describe()}: {why}")
        self.links[step.link] = step.up
        self.done.append(step.describe())
        return "so it is"

    def look(self) -> CheckResult:
        return CLEAN if self.links["eth1"] else saw(FOUND)


@dataclass(slots=True, kw_only=True)
class Case:
    """One healing, with everything around it."""

    world: World = field(default_factory=World)
    clock: Clock = field(default_factory=Clock)
    journal: StandInJournal = field(default_factory=StandInJournal)
    plan: Plan | Exception = RAISE
    incident: Incident = field(default_factory=incident)
    mode: Any = "propose"
    approve: bool = True
    tell: Callable[[str], None] = lambda line: None

    @property
    def healer(self) -> Healer:
        return self.healer_with(self.world.look)

    def healer_with(self, look: Callable[[], CheckResult]) -> Healer:
        return Healer(
            host=ClockedHost(self.clock),
            registry=registry_of(healer("raiser", self.plan)),
            permissions=permitted({"raiser": RemediationSettings(mode=self.mode)}),
            journal=self.journal,
            eyes=StandInEyes(check="bond", see=look),
            tell=self.tell,
            actuator=self.world,
            wait=self.clock.wait,
        )

    def heal(self, look: Callable[[], CheckResult] | None = None) -> Treatment:
        consent = asked(lambda remediation, plan: self.approve)
        return self.healer_with(look or self.world.look).heal(self.incident, (self.incident,), Brakes(), consent)

    def recover(self, problem: str | None = "still down", stays: str = "") -> tuple[Treatment, ...]:
        seen = Problem(outcome=Outcome.NO_EFFECT, text=problem) if problem else None
        return recover(
            ClockedHost(self.clock),
            self.journal,
            lambda attempt: seen,
            stays=lambda attempt: stays,
            news=lambda attempt, outcome, reason: (a_message(f"{attempt.id} {outcome.value}"),),
            actuator=self.world,
        )


def in_turn(*results: CheckResult) -> Callable[[], CheckResult]:
    """Return a look that answers these one after the other, then the last for ever."""
    left = list(results)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def a_message(title: str) -> Message:
    return Message(key=title, target="ops", incident_id=7, title=title, body="", severity=Severity.WARNING)


def states(case: Case) -> list[str]:
    return [entry.state for entry in case.journal.kept[-1].journal]


# What the check must say to be convinced.


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        pytest.param(saw(), None, id="gone"),
        pytest.param(saw(FOUND), "still there: eth1 is down", id="still-there"),
        pytest.param(CheckResult(check="bond", judged=False, reason="no netlink"), "no netlink", id="unknown"),
        pytest.param(
            CheckResult(check="bond", judged=True, applicable=False, reason="no bond on this host"),
            "no bond on this host",
            id="nothing-left-to-judge",
        ),
        pytest.param(saw(unseen=(Unseen(subject="bond0/eth1", reason="gone"),)), "seen", id="unseen"),
        pytest.param(saw(unseen=(Unseen(subject="bond0", reason="gone"),)), "seen", id="root-unseen"),
        pytest.param(saw(unseen=(Unseen(subject="bond1", reason="gone"),)), None, id="other-unseen"),
    ],
)
def test_still_wrong(after: CheckResult, problem: str | None) -> None:
    said = still_wrong(FOUND, after)
    assert said is None if problem is None else said is not None and problem in said.text


UNKNOWN = CheckResult(check="vrrp", judged=False, reason="needs CAP_NET_RAW")
SPLIT = replace(FOUND, fault="vrrp.split_brain", subject="eth0/vrid51", severity=Severity.CRITICAL)


def saw_vrrp(*findings: Finding, **more: Any) -> CheckResult:
    return CheckResult(check="vrrp", judged=True, findings=findings, **more)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        pytest.param(saw(FOUND), saw(), None, id="nothing-new"),
        pytest.param(saw(FOUND), saw(DOWN.on("bond0/eth2", "down")), "eth2", id="the-other-member-fell"),
        pytest.param(saw(FOUND), saw(BOND_DOWN.on("bond0", "down")), "bond.down", id="worse"),
        pytest.param(saw(FOUND), saw(SLOW.on("bond1", "mixed")), "speed_mismatch", id="new-and-as-bad"),
        pytest.param(saw(FOUND, SLOW.on("bond0", "mixed")), saw(SLOW.on("bond0", "mixed")), None, id="as-before"),
        pytest.param(
            saw(FOUND, SLOW.on("bond0", "mixed")),
            saw(SLOW.on("bond0", "mixed", severity=Severity.CRITICAL)),
            "speed_mismatch",
            id="grew-worse",
        ),
        pytest.param(
            saw(replace(FOUND, severity=Severity.CRITICAL)), saw(SLOW.on("bond0", "mixed")), None, id="lesser-evil"
        ),
        pytest.param((saw(FOUND), saw_vrrp()), (saw(), saw_vrrp(SPLIT)), "split_brain", id="another-check"),
        pytest.param(
            (saw(FOUND), saw_vrrp()),
            (saw(), saw_vrrp(replace(SPLIT, completes=True))),
            None,
            id="more-is-known-of-what-was-there-before",
        ),
        pytest.param(
            (saw(FOUND), replace(saw_vrrp(), applicable=False)),
            (saw(), saw_vrrp(SPLIT)),
            "split_brain",
            id="began",
        ),
        pytest.param((saw(FOUND), UNKNOWN), (saw(), saw_vrrp(SPLIT)), None, id="nobody-knew-before"),
        pytest.param(
            (saw(FOUND), saw_vrrp(unseen=(Unseen(subject="eth0/vrid51", reason="lost frames"),))),
            (saw(), saw_vrrp(SPLIT)),
            None,
            id="nobody-saw-it-before",
        ),
        pytest.param((saw(FOUND), saw_vrrp()), (saw(), UNKNOWN), None, id="unknown-now-is-no-fault"),
        pytest.param(saw(FOUND), (saw(), saw_vrrp(SPLIT)), None, id="nobody-looked-before"),
    ],
)
def test_harm(before: Any, after: Any, problem: str | None) -> None:
    was, now = (
        {one.check: one for one in (some if isinstance(some, tuple) else (some,))} for some in (before, after)
    )
    found = was["bond"].findings[0]
    said = harmed(harms(found, was, now, ()))
    assert said is None if problem is None else said is not None and problem in said.text
    assert not harms(found, was, now, {finding.fault for result in now.values() for finding in result.findings})


# Proposals.


@pytest.mark.parametrize(
    ("answer", "mode", "refusal"),
    [
        pytest.param(RAISE, "propose", "", id="a-plan"),
        pytest.param(Refused("its cable is down"), "propose", "its cable is down", id="refused"),
        pytest.param(RAISE, "off", "switched off", id="off"),
        pytest.param(
            KeyError("member"), "propose", "its planning raised KeyError", id="a-remediation-that-breaks"
        ),
        pytest.param(
            Plan(summary="", steps=RAISE.steps * 201), "propose", "201 steps (at most 200)", id="more-than-a-plan"
        ),
        pytest.param(Plan(summary="", steps=RAISE.steps * 200), "propose", "", id="a-long-plan"),
        pytest.param(
            Plan(summary="", steps=(), settle_seconds=math.nan), "propose", "settles for nan s", id="no-time"
        ),
        pytest.param(
            Plan(summary="", steps=(), settle_seconds=-1), "propose", "settles for -1 s", id="back-in-time"
        ),
        pytest.param(
            Plan(summary="", steps=(), settle_seconds=3601), "propose", "settles for 3601 s", id="no-end-of-it"
        ),
        pytest.param(Plan(summary="", steps=(), settle_seconds=3600), "propose", "", id="long-but-an-end"),
    ],
)
def test_propose(answer: Plan | Exception, mode: Any, refusal: str) -> None:
    (proposal,) = propose(
        Host(),
        plugin.Case(finding=FOUND),
        registry_of(healer("raiser", answer)),
        permitted({"raiser": RemediationSettings(mode=mode)}),
    )
    assert (proposal.plan is None) == bool(refusal)
    assert refusal in proposal.refusal


@pytest.mark.parametrize("kind", [Refused, ValueError])
def test_what_a_remediation_says_is_cut_where_nobody_reads_on(kind: type[Exception]) -> None:
    (proposal,) = propose(
        Host(),
        plugin.Case(finding=FOUND),
        registry_of(healer("raiser", kind("x" * 1_000_000))),
        permitted({"raiser": RemediationSettings()}),
    )
    assert (len(proposal.refusal), proposal.refusal[-4:]) == (2000, "x...")


def test_the_first_with_a_plan_is_chosen_and_else_every_reason_is_told() -> None:
    settings = permitted({n: RemediationSettings() for n in ("a", "b", "c")})
    able = registry_of(healer("a", Refused("no")), healer("b", RAISE), healer("c", TWO))
    remediation, plan = choose(propose(Host(), plugin.Case(finding=FOUND), able, settings))
    assert (remediation.name, plan) == ("b", RAISE)
    unable = registry_of(healer("a", Refused("no")), healer("b", Refused("never")))
    with pytest.raises(Refused, match="a: no; b: never"):
        choose(propose(Host(), plugin.Case(finding=FOUND), unable, settings))
    with pytest.raises(Refused, match="no remediation knows this fault"):
        choose(())


def test_only_firing_incidents_that_a_remediation_knows_are_listed() -> None:
    known, pending = incident(), incident(id=8, state=IncidentState.PENDING)
    unknown = incident(id=9, fault="bond.no_link_monitoring")
    listed = list_proposals(
        Host(),
        [known, pending, unknown],
        registry_of(healer("raiser", RAISE)),
        permitted({"raiser": RemediationSettings()}),
        {},
    )
    assert [(i.id, [p.plan for p in proposals]) for i, proposals in listed] == [(7, [RAISE])]


def test_a_plan_that_is_ever_another_does_not_flood_the_history() -> None:
    case = Case()

    def propose_next(plan: Plan | Exception) -> None:
        able, allowed = registry_of(healer("raiser", plan)), permitted({"raiser": RemediationSettings()})
        record_proposals(ClockedHost(case.clock), [incident()], able, allowed, case.journal, {})

    for number in range(100):
        propose_next(Plan(summary=f"try {number}", steps=RAISE.steps))
    assert [one.outcome for one in case.journal.kept] == [*[Outcome.CLOSED] * 19, Outcome.PROPOSED]
    propose_next(Refused("its cable is down"))
    propose_next(RAISE)
    assert [one.outcome for one in case.journal.kept] == [Outcome.CLOSED] * 20, "what stands there stays true"


def test_the_finding_of_an_incident_is_what_it_recorded() -> None:
    assert finding_of(incident()) == DOWN.on("bond0/eth1", "eth1 is down", member="eth1")


# Healing.


def test_healed() -> None:
    lines: list[str] = []
    case = Case(tell=lines.append)
    treatment = case.heal()
    assert treatment.outcome is Outcome.HEALED
    assert case.world.links == {"eth1": True, "eth2": False}
    (attempt,) = case.journal.kept
    assert (attempt.outcome, attempt.incident_id, attempt.mode) == (Outcome.HEALED, 7, "propose")
    assert [(e.step, e.undo, e.state) for e in attempt.journal] == [
        (LinkChange(link="eth1", up=True), LinkChange(link="eth1", up=False), "done")
    ]
    assert lines == ["did ip link set dev eth1 up: so it is"]


def test_a_cure_that_takes_its_time_is_waited_for() -> None:
    case = Case()
    assert case.heal(lambda: CLEAN if case.clock.seconds >= 1005.0 else saw(FOUND)).outcome is Outcome.HEALED
    assert case.clock.seconds == 1005.0, "what is new within the time to settle counts"


def test_nobody_looks_while_it_settles() -> None:
    """A look asks time servers and knocks at ports; and only the last one would count."""
    case, moments = Case(), list[float]()

    def look() -> CheckResult:
        moments.append(case.clock.seconds)
        return case.world.look()

    case.heal(look)
    assert moments == [1000.0, 1005.0, 1005.0]


def test_a_check_that_is_convinced_at_one_look_and_not_at_the_next_is_not() -> None:
    case = Case()
    assert case.heal(in_turn(saw(FOUND), CLEAN, saw(FOUND))).outcome is Outcome.NO_EFFECT
    assert case.world.links["eth1"] is False


def test_a_fault_of_another_check_that_comes_while_it_settles_is_harm() -> None:
    case = Case()
    healing = replace(
        case.healer,
        eyes=StandInEyes(
            check="bond",
            see=case.world.look,
            see_all=lambda: {
                "bond": case.world.look(),
                "vrrp": saw_vrrp(SPLIT) if case.clock.seconds >= 1005.0 else saw_vrrp(),
            },
        ),
    )
    treatment = healing.heal(case.incident, (case.incident,), Brakes(), asked())
    assert treatment.outcome is Outcome.HARMED
    assert "vrrp.split_brain on eth0/vrid51" in treatment.reason
    assert case.world.links["eth1"] is False


@pytest.mark.parametrize(
    ("seen", "outcome", "seconds"),
    [
        pytest.param([saw(NO_PARTNER), saw()], Outcome.HEALED, 65.0, id="passes"),
        pytest.param([saw(NO_PARTNER), saw(NO_PARTNER)], Outcome.HARMED, 65.0, id="lasts"),
        pytest.param(
            [saw(NO_PARTNER, SLOW.on("bond0", "mixed")), saw()],
            Outcome.HARMED,
            5.0,
            id="beside-what-counts-at-once",
        ),
        pytest.param(
            [saw(NO_PARTNER), saw(SLOW.on("bond0", "mixed"))],
            Outcome.HARMED,
            65.0,
            id="what-counts-came-meanwhile",
        ),
        pytest.param(
            [saw(NO_PARTNER), saw(NO_PARTNER_ON_BOND1)], Outcome.HEALED, 65.0, id="another-has-not-lasted"
        ),
        pytest.param([saw(NO_PARTNER), saw(FOUND)], Outcome.NO_EFFECT, 65.0, id="no-cure-after-all"),
        pytest.param(
            [saw(NO_PARTNER), saw(unseen=(Unseen(subject="bond0", reason="gone"),))],
            Outcome.ROLLED_BACK,
            65.0,
            id="nobody-sees-any-more",
        ),
    ],
)
def test_what_must_last_to_count_is_harm_once_it_has(
    seen: list[CheckResult], outcome: Outcome, seconds: float
) -> None:
    case = Case()
    assert case.heal(in_turn(saw(FOUND), saw(), *seen)).outcome is outcome
    assert case.clock.seconds == 1000.0 + seconds


def test_what_must_last_for_longer_than_anybody_watches_is_harm_at_once() -> None:
    for seconds, outcome in ((300.0, Outcome.HEALED), (301.0, Outcome.HARMED)):
        case = Case()
        slow = replace(LACP, pending_seconds=seconds)
        healing = case.healer_with(in_turn(saw(FOUND), saw(), saw(NO_PARTNER), saw()))
        registry = replace(healing.registry, faults={**healing.registry.faults, slow.code: slow})
        treatment = replace(healing, registry=registry).heal(case.incident, (case.incident,), Brakes(), asked())
        assert treatment.outcome is outcome


def test_who_must_be_verified_in_time_does_not_wait_for_longer() -> None:
    for seconds, outcome in ((130.0, Outcome.HEALED), (120.0, Outcome.HARMED)):
        case = Case(plan=replace(RAISE, undone_after_seconds=seconds))
        assert case.heal(in_turn(saw(FOUND), saw(), saw(NO_PARTNER), saw())).outcome is outcome


def test_what_is_new_and_not_as_bad_stays_and_is_said() -> None:
    bad = replace(FOUND, severity=Severity.CRITICAL)
    treatment = Case().heal(in_turn(saw(bad), saw(SLOW.on("bond0", "mixed"))))
    assert treatment.outcome is Outcome.HEALED
    assert treatment.reason.endswith("; new beside it: bond.speed_mismatch on bond0")


def test_no_cure_is_rolled_back_when_the_time_to_settle_is_over() -> None:
    case = Case()
    treatment = case.heal(in_turn(saw(FOUND)))
    assert (treatment.outcome, treatment.reason) == (
        Outcome.NO_EFFECT,
        "the fault is still there: eth1 is down; what was done is undone",
    )
    assert case.clock.seconds == 1005.0
    assert case.world.links["eth1"] is False
    assert states(case) == ["undone"]


def test_a_cure_that_breaks_something_else_is_rolled_back() -> None:
    case = Case()
    treatment = case.heal(in_turn(saw(FOUND), saw(BOND_DOWN.on("bond0", "no member is up"))))
    assert treatment.outcome is Outcome.HARMED
    assert (
        treatment.reason == "something new is wrong: bond.down on bond0: no member is up; what was done is undone"
    )
    assert case.world.links["eth1"] is False


def test_steps_are_undone_in_reverse() -> None:
    case = Case(plan=TWO)
    assert case.heal(in_turn(saw(FOUND))).outcome is Outcome.NO_EFFECT
    assert case.world.done == [
        "ip link set dev eth1 up",
        "ip link set dev eth2 up",
        "ip link set dev eth2 down",
        "ip link set dev eth1 down",
    ]


def test_what_was_so_already_is_neither_done_nor_undone() -> None:
    case = Case(plan=TWO, world=World(links={"eth1": False, "eth2": True}))
    assert case.heal(in_turn(saw(FOUND))).outcome is Outcome.NO_EFFECT
    assert case.world.links == {"eth1": False, "eth2": True}
    assert states(case) == ["undone", "skipped"]


def test_no_effect_when_everything_was_done_already() -> None:
    case = Case(world=World(links={"eth1": True}))
    treatment = case.heal(in_turn(saw(FOUND)))
    assert treatment.outcome is Outcome.NO_EFFECT
    assert "the fault is still there" in treatment.reason
    assert case.world.done == []


@pytest.mark.parametrize(
    ("world", "why", "kept"),
    [
        pytest.param(
            World(stuck={"ip link set dev eth2 up": "needs CAP_NET_ADMIN"}),
            "needs CAP_NET_ADMIN",
            ["undone", "failed"],
            id="refused-by-the-kernel",
        ),
        pytest.param(World(links={"eth1": False}), "eth2 up: no such device", ["undone"], id="no-such-device"),
    ],
)
def test_a_step_that_fails_undoes_those_before_it(world: World, why: str, kept: list[str]) -> None:
    case = Case(plan=TWO, world=world)
    treatment = case.heal()
    assert treatment.outcome is Outcome.STEP_FAILED
    assert why in treatment.reason
    assert case.world.links["eth1"] is False
    assert states(case) == kept


def test_a_rollback_that_fails_says_what_is_left_to_do_and_undoes_the_rest() -> None:
    case = Case(plan=TWO, world=World(stuck={"ip link set dev eth2 down": "device busy"}))
    treatment = case.heal(in_turn(saw(FOUND)))
    assert treatment.outcome is Outcome.ROLLBACK_FAILED
    assert "the fault is still there" in treatment.reason
    assert "device busy" in treatment.reason
    assert "run: ip link set dev eth2 down" in treatment.reason
    assert case.world.links == {"eth1": False, "eth2": True}
    assert states(case) == ["undone", "done"]


def test_an_undo_that_breaks_keeps_nothing_else_from_being_undone() -> None:
    """Nor is it raised: what `recover` meets again at each start would end the watching for good."""

    class Breaking(World):
        def do(self, step: AnyStep, host: Host) -> str:
            if step == LinkChange(link="eth2", up=False):
                raise KeyError("no such attribute")
            return World.do(self, step, host)

    case = Case(plan=TWO, world=Breaking())
    treatment = case.heal(in_turn(saw(FOUND)))
    assert treatment.outcome is Outcome.ROLLBACK_FAILED
    assert (
        "eth2 down: it raised KeyError: 'no such attribute' (when it is possible again, run: ip link"
        in treatment.reason
    )
    assert case.world.links == {"eth1": False, "eth2": True}


def test_a_step_that_breaks_may_have_changed_something_and_is_undone() -> None:
    class Breaking(World):
        def do(self, step: AnyStep, host: Host) -> str:
            World.do(self, step, host)
            if step == LinkChange(link="eth2", up=True):
                raise KeyError("no such attribute")
            return ""

    case = Case(plan=TWO, world=Breaking())
    treatment = case.heal()
    assert (treatment.outcome, states(case)) == (Outcome.STEP_FAILED, ["undone", "undone"])
    assert treatment.reason.startswith("ip link set dev eth2 up: it raised KeyError: 'no such attribute'")
    assert case.world.links == {"eth1": False, "eth2": False}


def test_ctrl_c_while_settling_rolls_back() -> None:
    case = Case()

    def look() -> CheckResult:
        if case.world.done:
            raise KeyboardInterrupt
        return saw(FOUND)

    treatment = case.heal(look)
    assert treatment.outcome is Outcome.ROLLED_BACK
    assert "interrupted by a signal" in treatment.reason
    assert case.world.links["eth1"] is False


def test_ctrl_c_between_doing_and_recording_rolls_back() -> None:
    def interrupt(number: int, when: str) -> None:
        if (number, when) == (3, "before"):
            raise KeyboardInterrupt

    case = Case(journal=StandInJournal(on_write=interrupt))
    assert case.heal().outcome is Outcome.ROLLED_BACK
    assert case.world.done == ["ip link set dev eth1 up", "ip link set dev eth1 down"]


def test_a_second_ctrl_c_leaves_the_rest_to_recovery() -> None:
    def interrupt(number: int, when: str) -> None:
        if when == "before" and number in (3, 4):
            raise KeyboardInterrupt

    case = Case(journal=StandInJournal(on_write=interrupt))
    with pytest.raises(KeyboardInterrupt):
        case.heal()
    assert case.journal.kept[-1].outcome is Outcome.RUNNING
    (treatment,) = case.recover()
    assert treatment.outcome is Outcome.ROLLED_BACK
    assert case.world.links["eth1"] is False


def test_a_full_disk_under_the_journal_undoes_and_is_told() -> None:
    def full(number: int, when: str) -> None:
        if number >= 5:
            raise HistoryError("the disk is full")

    case = Case(plan=TWO, journal=StandInJournal(on_write=full))
    with pytest.raises(HistoryError, match="the disk is full"):
        case.heal()
    assert case.world.links == {"eth1": False, "eth2": False}
    assert case.journal.kept[-1].outcome is Outcome.RUNNING
    case.journal.on_write = lambda number, when: None
    assert [t.outcome for t in case.recover()] == [Outcome.ROLLED_BACK]


def test_nothing_is_done_that_is_not_in_the_journal() -> None:
    def full(number: int, when: str) -> None:
        if number == 2:
            raise HistoryError("the disk is full")

    case = Case(journal=StandInJournal(on_write=full))
    with pytest.raises(HistoryError, match="the disk is full"):
        case.heal()
    assert "ip link set dev eth1 up" not in case.world.done


def test_a_check_that_breaks_while_verifying_rolls_back_and_is_not_hidden() -> None:
    case = Case()
    answers = iter([saw(FOUND)])
    with pytest.raises(StopIteration):
        case.heal(lambda: next(answers))
    assert case.world.links["eth1"] is False
    assert case.journal.kept[-1].outcome is Outcome.ROLLED_BACK
    assert "StopIteration" in case.journal.kept[-1].reason


@pytest.mark.parametrize("error", [BrokenPipeError, ValueError("I/O operation on closed file")])
def test_a_listener_that_has_gone_away_stops_nothing(error: Exception) -> None:
    def closed(line: str) -> None:
        raise error

    case = Case(tell=closed)
    assert case.heal(in_turn(saw(FOUND))).outcome is Outcome.NO_EFFECT
    assert case.world.links["eth1"] is False


def test_a_fault_that_is_gone_needs_no_healing() -> None:
    case = Case()
    assert case.heal(in_turn(CLEAN)).outcome is None
    assert case.journal.kept == []


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        pytest.param(Case(approve=False), "not approved", id="not-approved"),
        pytest.param(Case(mode="off"), "switched off", id="off"),
        pytest.param(Case(plan=Refused("its cable is down")), "raiser: its cable is down", id="plan-refused"),
        pytest.param(Case(incident=incident(state=IncidentState.PENDING)), "pending, not firing", id="pending"),
        pytest.param(Case(incident=incident(flapping=True)), "flapping", id="flapping"),
    ],
)
def test_refused_before_anything_is_changed(case: Case, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        case.heal()
    assert reason in str(refused.value)
    assert case.world.done == []
    assert case.journal.kept == []


def test_a_person_is_not_asked_for_what_would_be_refused_anyway() -> None:
    case, names = Case(incident=incident(flapping=True)), list[str]()
    consent = asked(lambda remediation, plan: bool(names.append(remediation.name)))
    with pytest.raises(Refused, match="flapping"):
        case.healer.heal(case.incident, (), Brakes(), consent)
    assert names == []


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(CheckResult(check="bond", judged=False, reason="needs CAP_NET_ADMIN"), id="unknown"),
        pytest.param(CheckResult(check="bond", judged=True, applicable=False, reason="no bond"), id="no-bond"),
        pytest.param(saw(unseen=(Unseen(subject="bond0", reason="vanished while read"),)), id="unseen"),
        pytest.param(saw(FOUND, unseen=(Unseen(subject="bond0", reason="half read"),)), id="seen-in-part"),
    ],
)
def test_nothing_is_healed_in_the_dark(seen: CheckResult) -> None:
    case = Case()
    with pytest.raises(Refused, match="healed in the dark"):
        case.heal(in_turn(seen))
    assert case.world.done == []


def test_attempts_and_cooldown_are_counted_per_incident() -> None:
    case = Case()
    for tried in range(3):
        assert case.heal(in_turn(saw(FOUND))).outcome is Outcome.NO_EFFECT
        case.clock.wait(60)
        with pytest.raises(Refused, match="attempts on this incident" if tried == 2 else "the last attempt was"):
            case.heal()
        case.clock.wait(60)
    other = dataclasses.replace(case, incident=incident(id=8))
    assert other.heal().outcome is Outcome.HEALED


def test_proposals_and_refusals_in_the_journal_are_no_attempts() -> None:
    case = Case()
    now = case.clock.stamp()
    for outcome in (Outcome.PROPOSED, Outcome.REFUSED) * 3:
        case.journal.begin_attempt(7, "raiser", "propose", RAISE, outcome, "", now)
    assert case.heal().outcome is Outcome.HEALED


def test_one_attempt_at_a_time_on_the_whole_host() -> None:
    case = Case()
    case.journal.begin_attempt(99, "raiser", "propose", RAISE, Outcome.RUNNING, "", Clock(seconds=1).stamp())
    with pytest.raises(Refused, match="one at a time"):
        case.heal()


# Recovery.


class Killed(BaseException):
    """Stands for SIGKILL: from here on nothing this process does has any effect."""


@dataclass(slots=True)
class MortalWorld(World):
    dead: bool = False

    def do(self, step: AnyStep, host: Host) -> str:
        if self.dead:
            raise Killed
        return super(MortalWorld, self).do(step, host)


@given(
    st.dictionaries(st.sampled_from(["eth1", "eth2", "eth3"]), st.booleans(), min_size=3),
    st.lists(st.builds(LinkChange, link=st.sampled_from(["eth1", "eth2", "eth3"]), up=st.booleans()), max_size=5),
    st.integers(1, 20),
    st.sampled_from(["before", "after"]),
)
def test_killed_at_any_write_the_world_is_as_it_was(
    links: dict[str, bool], steps: list[LinkChange], write: int, when: str
) -> None:
    world = MortalWorld(links=dict(links))

    def die(number: int, moment: str) -> None:
        if world.dead or (number, moment) == (write, when):
            world.dead = True
            raise Killed

    case = Case(
        world=world,
        journal=StandInJournal(on_write=die),
        plan=Plan(summary="", steps=tuple(steps), settle_seconds=0.0, lasting=False, healthy_left=1),
    )
    try:
        case.heal(in_turn(saw(FOUND)))  # the check is never convinced
    except Killed:
        case.journal.on_write = lambda number, moment: None
        world.dead = False
        case.recover()
    assert world.links == links
    assert case.recover() == ()
    assert all(a.outcome in (Outcome.ROLLED_BACK, Outcome.NO_EFFECT) for a in case.journal.kept)


def interrupted(plan: Plan, boot_id: str = "this-boot") -> Case:
    """Return what a crash left behind that came after the last step and before the check was asked."""
    case = Case(plan=plan, world=World(links={"eth1": True}))
    now = Clock(boot_id=boot_id).stamp()
    attempt_id = case.journal.begin_attempt(7, "raiser", "propose", plan, Outcome.RUNNING, "", now)
    entry = JournalEntry(step=plan.steps[0], undo=LinkChange(link="eth1", up=False), state="done")
    case.journal.write_entry(attempt_id, 0, entry, now)
    return case


LASTING = Plan(summary=RAISE.summary, steps=RAISE.steps, lasting=True)


@pytest.mark.parametrize(
    ("case", "up_after", "reason"),
    [
        pytest.param(interrupted(RAISE), False, "before it was verified: still down", id="same-boot"),
        pytest.param(
            interrupted(RAISE, "boot-before"), True, "the host has restarted since", id="restart-undid-it"
        ),
        pytest.param(interrupted(LASTING, "boot-before"), False, "still down", id="lasting-over-the-restart"),
    ],
)
def test_recover(case: Case, up_after: bool, reason: str) -> None:
    (treatment,) = case.recover()
    assert treatment.outcome is Outcome.ROLLED_BACK
    assert reason in treatment.reason
    assert case.world.links["eth1"] is up_after
    assert case.recover() == ()


@pytest.mark.parametrize(
    ("stays", "reason", "eth1"),
    [
        pytest.param("", "no member is up; what was done is undone", False, id="to-its-end"),
        pytest.param("it is the last one", "left in place: it is the last one", True, id="not-the-last-one"),
    ],
)
def test_a_roll_back_that_was_cut_off_is_brought_to_its_end(stays: str, reason: str, eth1: bool) -> None:
    """That the fault is gone is no cure where half of what was done is undone."""
    case = Case(plan=TWO)
    world, undone = case.world, LinkChange(link="eth2", up=False)

    def die(number: int, when: str) -> None:
        if when == "after" and any(entry.state == "undone" for entry in case.journal.kept[-1].journal):
            raise Killed

    case.journal.on_write = die
    with pytest.raises(Killed):
        case.heal(in_turn(saw(FOUND), saw(BOND_DOWN.on("bond0", "no member is up"))))
    case.journal.on_write = lambda number, when: None
    assert (world.done[-1], world.links) == (undone.describe(), {"eth1": True, "eth2": False})
    (treatment,) = case.recover(problem=None, stays=stays)
    assert treatment.outcome is Outcome.ROLLED_BACK
    assert treatment.reason.startswith("interrupted while it was being undone: something new is wrong: bond.down")
    assert treatment.reason.endswith(reason)
    assert world.links == {"eth1": eth1, "eth2": False}
    assert case.recover() == ()


def test_what_was_found_to_harm_is_undone_also_where_the_process_died_before_it_could() -> None:
    world = MortalWorld(links={"eth1": False})
    case = Case(world=world)

    def die(number: int, when: str) -> None:
        if when == "after" and case.journal.verified:
            world.dead = True
            raise Killed

    case.journal.on_write = die
    with pytest.raises(Killed):
        case.heal(in_turn(saw(FOUND), saw(BOND_DOWN.on("bond0", "no member is up"))))
    case.journal.on_write = lambda number, when: None
    world.dead = False
    assert world.links["eth1"] is True
    (treatment,) = case.recover(problem=None)
    assert (treatment.outcome, case.world.links["eth1"]) == (Outcome.ROLLED_BACK, False)
    assert "bond.down on bond0: no member is up; what was done is undone" in treatment.reason


def test_what_has_cured_before_the_crash_stays() -> None:
    case = interrupted(RAISE)
    (treatment,) = case.recover(problem=None)
    assert treatment.outcome is Outcome.HEALED
    assert case.world.links["eth1"] is True
    assert case.recover() == ()


def test_a_recovery_does_not_take_the_last_healthy_one_out_of_service() -> None:
    case = interrupted(RAISE)
    (treatment,) = case.recover("the check could not judge: dark", stays="eth1 is all that bond0 has")
    assert treatment.outcome is Outcome.ROLLED_BACK
    assert treatment.reason.endswith("what was done is left in place: eth1 is all that bond0 has")
    assert case.world.links["eth1"] is True


def test_what_was_cut_off_before_it_changed_anything_has_healed_nothing() -> None:
    case = Case()
    now = case.clock.stamp()
    case.journal.begin_attempt(7, "raiser", "auto", RAISE, Outcome.RUNNING, "", now)
    (treatment,) = case.recover(problem=None)
    assert (treatment.outcome, treatment.reason) == (
        Outcome.ROLLED_BACK,
        "interrupted; it left nothing changed",
    )


def test_a_person_hears_how_an_attempt_that_was_cut_off_ended() -> None:
    case = interrupted(RAISE)
    case.recover()
    assert [message.title for message in case.journal.told] == ["1 rolled_back"]


@pytest.mark.parametrize(
    ("seen", "problem"),
    [
        pytest.param(saw(), None, id="cured"),
        pytest.param(saw(FOUND), "the fault is still there: eth1 is down", id="not-cured"),
        pytest.param(saw(DOWN.on("bond0/eth2", "down")), None, id="cured-and-now-the-last-member"),
        pytest.param(saw(BOND_DOWN.on("bond0", "down")), None, id="cured-and-worse-came-since"),
        pytest.param(
            saw(unseen=(Unseen(subject="bond0", reason="half read"),)),
            "bond0 could not be seen: half read",
            id="unseen",
        ),
        pytest.param(
            CheckResult(check="bond", judged=False, reason="dark"),
            "the check could not judge: dark",
            id="unknown-is-not-cured",
        ),
    ],
)
def test_after_a_crash_the_check_decides(seen: CheckResult, problem: str | None) -> None:
    said = problem_after_crash(FOUND, seen)
    assert (said and said.text) == problem


def test_a_recovery_that_fails_says_what_is_left_to_do() -> None:
    case = interrupted(RAISE)
    case.world.stuck = {"ip link set dev eth1 down": "no such device"}
    (treatment,) = case.recover()
    assert treatment.outcome is Outcome.ROLLBACK_FAILED
    assert "run: ip link set dev eth1 down" in treatment.reason


def test_killed_by_sigkill_at_each_write_the_real_link_is_put_back(tmp_path: Path) -> None:
    told = run_in_namespace("tests.killed_healing", str(tmp_path))
    assert [case["moment"] for case in told] == [
        f"{w} write {n}" for n in range(1, 7) for w in ("before", "after")
    ]
    assert all(case["killed"] for case in told)
    # The deaths between the change and its roll-back are those that leave it behind.
    assert [c["moment"] for c in told if c["at_death"]["up"]] == [
        f"{w} write {n}" for n in (3, 4) for w in ("before", "after")
    ]
    assert not any(case["recovered"]["up"] for case in told)
    # At the last write it had ended by itself.
    assert [c["recovered"]["outcome"] for c in told] == [None, *["rolled_back"] * 10, "no_effect"]
    assert not any(case["recovered_again"] for case in told)
