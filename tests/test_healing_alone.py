"""What is healed unasked: which incident, when not, what is recorded of that, and who is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from tests.stand_ins import Clock, ClockedHost, StandInEyes, StandInJournal
from watchdog.config import HealingSettings, Permissions
from watchdog.errors import Refused
from watchdog.healing import Brakes, Healer, Treatment, families, heal_alone
from watchdog.healing.news import compose_news
from watchdog.host import Host
from watchdog.model import CheckResult, Fault, Incident, IncidentState, Message, Severity
from watchdog.plugin import Case, Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.routing import Policy, Route
from watchdog.steps import AnyStep, LinkChange, Outcome, Plan, Prepared

DOWN = Fault(code="bond.member_down", title="", severity=Severity.WARNING, why="", advice="look at the cable")
ROUTES = (Route(severity=Severity.WARNING, to=("ops",)), Route(severity=Severity.CRITICAL, to=("on-call",)))


def incident(number: int, link: str, **changes: Any) -> Incident:
    now = Clock(seconds=500).stamp()
    base = Incident(
        id=number,
        fault=DOWN.code,
        subject=link,
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary=f"{link} is down",
        evidence={},
        opened=now,
        last_seen=now,
    )
    return replace(base, **changes)


def raise_it(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    link = case.finding.subject
    if link.startswith("cable"):
        raise Refused("its cable is down")
    return Plan(summary="", steps=(LinkChange(link=link, up=True),), settle_seconds=0, lasting=False)


@dataclass(slots=True, kw_only=True)
class Night:
    """A host on which one remediation may act alone."""

    mode: Any = "auto"
    down: set[str]
    works: bool = True
    refuses: str = ""
    other_too: bool = False
    clock: Clock = field(default_factory=Clock)
    journal: StandInJournal = field(default_factory=StandInJournal)
    healing: HealingSettings = field(default_factory=HealingSettings)

    def prepare(self, step: AnyStep, host: Host) -> Prepared:
        assert isinstance(step, LinkChange)
        return Prepared(needed=True, undo=LinkChange(link=step.link, up=not step.up))

    def do(self, step: AnyStep, host: Host) -> str:
        assert isinstance(step, LinkChange)
        if self.works:
            (self.down.discard if step.up else self.down.add)(step.link)
        return "so it is"

    def look(self) -> CheckResult:
        found = tuple(DOWN.on(link, f"{link} is down") for link in sorted(self.down))
        return CheckResult(check="bond", judged=True, findings=found)

    def cycle(
        self, *incidents: Incident, silenced: Mapping[int, str] | None = None, **brakes: Any
    ) -> tuple[Incident, Treatment] | None:
        def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
            if self.refuses:
                raise Refused(self.refuses)
            return raise_it(host, case, settings)

        remediations = {
            name: Remediation(
                name=name, title="", heals=(DOWN.code,), risk="low", settings=RemediationSettings, plan=one
            )
            for name, one in (("raise_it", plan), *((("other", raise_it),) if self.other_too else ()))
        }
        healer = Healer(
            host=ClockedHost(self.clock),
            registry=Registry(checks={}, remediations=remediations, faults={DOWN.code: DOWN}),
            permissions=Permissions(
                remediations=dict.fromkeys(remediations, RemediationSettings(mode=self.mode)), healing=self.healing
            ),
            journal=self.journal,
            eyes=StandInEyes(check="bond", see=self.look),
            news=self.news,
            actuator=self,
            wait=self.clock.wait,
        )
        held = silenced or {}
        return heal_alone(
            healer,
            incidents,
            Brakes(**brakes),
            lambda one: held.get(one.id, ""),
            lambda name: f"{name} by line 3",
            lambda: {"bond": self.look()},
        )

    def news(self, one: Incident, outcome: Outcome, reason: str, plan: Plan | None) -> tuple[Message, ...]:
        return compose_news(one, outcome, reason, plan, fault=DOWN, policy=Policy(host="lab", routes=ROUTES))

    @property
    def ended(self) -> list[tuple[int, str]]:
        return [(one.incident_id, one.outcome.value) for one in self.journal.kept]


def test_one_incident_a_cycle_is_healed() -> None:
    night = Night(down={"eth0", "eth1"})
    tried = night.cycle(incident(1, "eth0"), incident(2, "eth1"))
    assert tried is not None
    assert (tried[0].id, tried[1].outcome) == (1, Outcome.HEALED)
    assert night.down == {"eth1"}
    (attempt,) = night.journal.kept
    assert attempt.mode == "auto"
    assert night.journal.verified == [(1, "")]
    assert night.journal.told == [], "a cure is told with the recovery"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"inhibited": True}, {}, id="the-cause-first"),
        pytest.param({}, {"severity": Severity.CRITICAL}, id="the-worse-first"),
        pytest.param({"inhibited": True, "severity": Severity.CRITICAL}, {}, id="the-cause-before-the-worse"),
        pytest.param({"state": IncidentState.PENDING}, {}, id="what-is-pending-may-pass"),
        pytest.param({"state": IncidentState.RESOLVED}, {}, id="what-is-over-is-over"),
        pytest.param({"subject": "cable0"}, {}, id="what-cannot-be-healed-holds-up-nothing"),
        pytest.param({"subject": "gone0"}, {}, id="what-is-gone-holds-up-nothing"),
        pytest.param({"flapping": True}, {}, id="what-flaps-holds-up-nothing"),
    ],
)
def test_which_is_healed(first: dict[str, Any], second: dict[str, Any]) -> None:
    night = Night(down={"eth0", "eth1", "cable0"})
    tried = night.cycle(replace(incident(1, "eth0"), **first), replace(incident(2, "eth1"), **second))
    assert tried is not None
    assert tried[0].id == 2


@pytest.mark.parametrize("mode", ["propose", "off"])
def test_nothing_is_healed_or_recorded_that_nobody_opted_in_to(mode: str) -> None:
    night = Night(down={"eth0"}, mode=mode)
    assert night.cycle(incident(1, "eth0")) is None
    assert night.ended == []


@pytest.mark.parametrize(
    ("brakes", "reason"),
    [
        pytest.param({"pauses": ("eva: disks",)}, "healing is paused (eva: disks)", id="paused"),
        pytest.param({"maintenance": "eva: move"}, "under maintenance (eva: move)", id="maintenance"),
        pytest.param({"silenced": {1: "eva: known"}}, "silenced (eva: known)", id="silenced"),
        pytest.param({"families": 3}, "3 checks have firing faults", id="storm"),
    ],
)
def test_what_holds_it_back_is_recorded_once(brakes: dict[str, Any], reason: str) -> None:
    night = Night(down={"eth0"})
    for _ in range(3):
        assert night.cycle(incident(1, "eth0"), **brakes) is None
    (refusal,) = night.journal.kept
    assert refusal.outcome is Outcome.REFUSED
    assert reason in refusal.reason
    assert night.down == {"eth0"}


@pytest.mark.parametrize(
    ("reasons", "recorded"),
    [
        pytest.param(["its cable is down", "no carrier"] * 30, 2, id="two-that-alternate"),
        pytest.param(
            [f"{chr(a)}{chr(b)} is busy" for a in range(97, 107) for b in range(97, 107)], 10, id="ever-new"
        ),
    ],
)
def test_refusals_do_not_flood_the_history(reasons: list[str], recorded: int) -> None:
    night = Night(down={"eth0"})
    for reason in reasons:
        night.refuses = reason
        night.cycle(incident(1, "eth0"))
    assert night.ended == [(1, "refused")] * recorded
    night.refuses = ""
    night.cycle(incident(1, "eth0"), families=3)
    assert "3 checks have firing faults" in night.journal.kept[-1].reason, "where a person must know, it is told"
    assert len(night.journal.told) == 1


def test_what_a_person_must_know_does_not_flood_the_outbox() -> None:
    night = Night(down={"eth0"})
    for count in range(100):
        night.refuses = f"{chr(97 + count // 10)}{chr(97 + count % 10)} is busy"
        night.other_too = True
        night.cycle(incident(1, "eth0"), families=3)
    assert len(night.journal.told) == 20


def test_a_silence_holds_back_only_what_it_is_about() -> None:
    night = Night(down={"eth0", "eth1"})
    tried = night.cycle(incident(1, "eth0"), incident(2, "eth1"), silenced={1: "eva: known"})
    assert tried is not None
    assert tried[0].id == 2


def test_what_does_not_help_is_told_and_then_that_a_person_must_look() -> None:
    night = Night(down={"eth0"}, works=False)
    for _ in range(8):
        night.cycle(incident(1, "eth0"))
        night.clock.wait(150)
    assert night.ended == [(1, "no_effect"), (1, "no_effect"), (1, "no_effect"), (1, "refused")]
    titles = [message.title for message in night.journal.told]
    assert titles == [
        "[warning] lab: no effect: bond.member_down eth0",
        "[warning] lab: no effect: bond.member_down eth0",
        "[warning] lab: no effect: bond.member_down eth0",
        "[warning] lab: not healed: bond.member_down eth0",
    ]
    keys = [message.key for message in night.journal.told]
    assert len(set(keys)) == 2, "the outbox keeps the first of each"
    tried, given_up = night.journal.told[0].body.splitlines(), night.journal.told[-1].body.splitlines()
    assert tried[:2] == ["eth0 is down", "tried: ip link set dev eth0 up"]
    assert "what to do: look at the cable" in tried
    assert given_up[1].startswith("not healed: raise_it: 3 attempts on this incident did not cure it")


def test_one_remediation_after_the_other_is_tried_and_then_a_person_is_told() -> None:
    order = HealingSettings(first={DOWN.code: ("other",)}, hourly=9, daily=9)
    night = Night(down={"eth0"}, works=False, other_too=True, healing=order)
    for _ in range(9):
        night.cycle(incident(1, "eth0"))
        night.clock.wait(150)
    tried = [(one.remediation, one.outcome) for one in night.journal.kept]
    assert tried[:6] == [("other", Outcome.NO_EFFECT)] * 3 + [("raise_it", Outcome.NO_EFFECT)] * 3
    assert [outcome for _, outcome in tried[6:]] == [Outcome.REFUSED]
    assert night.journal.told[-1].title == "[warning] lab: not healed: bond.member_down eth0"


def test_a_cooldown_is_no_news() -> None:
    night = Night(down={"eth0"}, works=False)
    night.cycle(incident(1, "eth0"))
    told = len(night.journal.told)
    night.cycle(incident(1, "eth0"))
    assert night.ended == [(1, "no_effect"), (1, "refused")]
    assert len(night.journal.told) == told


def test_a_cooldown_holds_though_the_incident_ended_and_began_anew() -> None:
    """Right after a roll-back the fault may not be seen for a look, as that two machines are active is not."""
    night = Night(down={"eth0"}, works=False)
    night.cycle(incident(1, "eth0"))
    night.cycle(incident(2, "eth0"))
    assert night.ended == [(1, "no_effect"), (2, "refused")]
    assert "the last attempt was" in night.journal.kept[-1].reason
    night.cycle(incident(3, "eth1"))
    assert night.ended[2:] == [], "what is gone needs none"
    night.down.add("eth1")
    night.cycle(incident(3, "eth1"))
    assert night.ended[2:] == [(3, "no_effect")], "another plan is not held up"
    night.clock.wait(150)
    night.cycle(incident(4, "eth0"))
    assert night.ended[3:] == [(4, "no_effect")]


def test_what_was_healed_and_comes_again_is_healed_again_at_once() -> None:
    night = Night(down={"eth0"})
    night.cycle(incident(1, "eth0"))
    night.down.add("eth0")
    night.cycle(incident(2, "eth0"))
    assert night.ended == [(1, "healed"), (2, "healed")]


def test_a_budget_spent_is_told_to_a_person() -> None:
    night = Night(down={"eth0", "eth1"}, healing=HealingSettings(hourly=1))
    night.cycle(incident(1, "eth0"), incident(2, "eth1"))
    assert night.cycle(incident(2, "eth1")) is None
    assert night.ended == [(1, "healed"), (2, "refused")]
    assert [message.target for message in night.journal.told] == ["ops"]


def test_a_critical_one_is_told_to_both() -> None:
    night = Night(down={"eth0"})
    messages = night.news(
        incident(1, "eth0", severity=Severity.CRITICAL, summary="evil\x1b[31m\nsubject"),
        Outcome.REFUSED,
        "3 attempts",
        None,
    )
    assert [message.target for message in messages] == ["ops", "on-call"]
    assert "\x1b" not in messages[0].body
    assert len({message.key for message in messages}) == 2


def test_a_reason_that_no_encoding_has_is_told_all_the_same() -> None:
    (message,) = Night(down=set()).news(incident(1, "eth0"), Outcome.REFUSED, "no device \udce9th0", None)
    assert message.body.encode()


def test_a_message_names_some_of_very_many_steps() -> None:
    plan = Plan(summary="", steps=tuple(LinkChange(link=f"eth{n}", up=True) for n in range(10_000)))
    (message,) = Night(down=set()).news(incident(1, "eth0"), Outcome.NO_EFFECT, "still down", plan)
    tried = [text for text in message.body.splitlines() if text.startswith("tried: ")]
    assert tried[-2:] == ["tried: ip link set dev eth9 up", "tried: 9990 more"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({}, {"number": 2}, id="another-incident"),
        pytest.param({}, {"reason": "paused"}, id="another-reason"),
    ],
)
def test_what_is_told_again(one: dict[str, Any], other: dict[str, Any]) -> None:
    def key(number: int = 1, reason: str = "3 attempts") -> str:
        night = Night(down=set())
        return night.news(incident(number, "eth0"), Outcome.REFUSED, reason, None)[0].key

    assert key(**one) != key(**other)
    assert key(reason="3 attempts") == key(reason="4 attempts")


def test_families_are_checks_with_a_fault_of_their_own() -> None:
    def of(fault: str, **changes: Any) -> Incident:
        return incident(1, "x", fault=fault, **changes)

    assert families([]) == 0
    assert families([of("bond.down"), of("bond.member_down"), of("vrrp.split_brain")]) == 2
    assert families([of("bond.down"), of("service.down", inhibited=True)]) == 1
    assert families([of("bond.down", state=IncidentState.PENDING), of("watchdog.check_failed")]) == 0
