"""Who is told what and when, cycle by cycle, over an outbox in memory: silences, reminders, escalation, waiting.

A story is a list of cycles: when, what is found (`!`: as a warning only), and what people did before it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.telling_in_memory import Outbox
from watchdog.content import Proposal
from watchdog.contents import Details
from watchdog.holds import Hold
from watchdog.incidents import State, advance
from watchdog.model import Ack, Cause, CheckResult, Fault, IncidentState, Message, Severity, Stamp
from watchdog.quiet import Quiet
from watchdog.routing import Policy, Route

WARNING, CRITICAL = Severity
HOUR, DAY = 3600.0, 86400.0
# 2026-11-22 00:00:00 UTC
MIDNIGHT = 1_795_305_600


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def fault(name: str, *causes: str, event: bool = False) -> Fault:
    return Fault(
        code=f"{name}.x",
        title=name,
        severity=CRITICAL,
        why=f"{name} hurts",
        advice=f"mend {name}",
        causes=tuple(Cause(fault=f"{cause}.x") for cause in causes),
        event=event,
        quiet_seconds=HOUR,
    )


CATALOGUE = {
    "hazard": fault("hazard"),
    "step": fault("step", "hazard", event=True),
    "down": fault("down", "step"),
    "other": fault("other"),
}
FAULTS = {one.code: one for one in CATALOGUE.values()}

OPS = Route(name="1", severity=WARNING, to=("ops",))
PAGER = Route(name="2", severity=CRITICAL, to=("pager",))
LATE = Route(name="2", severity=WARNING, to=("boss",), unacknowledged_after_seconds=15 * 60)
DIGEST = Route(name="1", severity=WARNING, to=("ops",), digest_seconds=DAY)
MAIL = Route(name="3", severity=WARNING, to=("mail",), faults=("down.*",))


def at(seconds: float, boot: str = "a", *, wall: float | None = None) -> Stamp:
    moment = seconds if wall is None else wall
    return Stamp(boot_id=boot, boottime_ns=round(seconds * 1e9), wall_ns=MIDNIGHT * 10**9 + round(moment * 1e9))


def results(said: str) -> list[CheckResult]:
    found = {word.rstrip("!"): WARNING if word.endswith("!") else None for word in said.split()}
    return [
        CheckResult(
            check=name,
            judged=True,
            findings=(one.on("s", name, severity=found[name], offset_seconds=18.4),) if name in found else (),
        )
        for name, one in CATALOGUE.items()
    ]


@dataclass(kw_only=True)
class Host:
    """A host and whom it tells: cycles go by, people acknowledge and silence."""

    policy: Policy
    outbox: Outbox = field(init=False)
    state: State = field(default_factory=State)
    now: Stamp = field(default_factory=lambda: at(0))

    def __post_init__(self) -> None:
        self.outbox = Outbox(policy=self.policy)

    def cycle(self, now: Stamp, said: str, details: Details | None = None) -> str:
        """Return what the targets were sent in it: `ops:fired down`, in the order of the outbox."""
        self.now = now
        before = [one for one in self.outbox.rows.values() if one.sent]
        advanced = advance(self.state, results(said), FAULTS, now, self.outbox.holds)
        self.outbox.cycle(advanced, self.state, FAULTS, now, details)
        self.state = advanced.state
        sent = [one.message for one in self.outbox.rows.values() if one.sent and one not in before]
        return ", ".join(map(in_short, sent))

    def ack(self, who: str = "anna") -> None:
        firing = [one for one in self.state.incidents.values() if one.state is IncidentState.FIRING]
        worst = Severity.worst(one.severity for one in firing)
        if worst:
            self.outbox.acks |= {
                one.id: Ack(incident_id=one.id, severity=worst, who=who, why="on it", at=self.now)
                for one in firing
            }

    def hold(self, seconds: float, pattern: str = "") -> None:
        self.outbox.holds = (
            Hold(
                id=7,
                kind="silence" if pattern else "maintenance",
                who="anna",
                why="new switch",
                began=self.now,
                seconds=seconds,
                pattern=pattern,
            ),
        )


def in_short(message: Message) -> str:
    assert message.content
    return f"{message.target}:{message.content.kind} {message.content.fault.removesuffix('.x')}"


def host(*routes: Route, **wishes: object) -> Host:
    return Host(policy=replace(Policy(host="mx1", routes=routes), **wishes))  # type: ignore[arg-type]


def told(house: Host, story: Sequence[tuple[float, str]]) -> list[str]:
    return [house.cycle(at(seconds), said) for seconds, said in story]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param([(0, "down"), (DAY - 1, "down")], ["ops:fired down", ""], id="not-yet"),
        pytest.param(
            [(0, "down"), (DAY, "down"), (DAY + 60, "down"), (2 * DAY, "down")],
            ["ops:fired down", "ops:reminder down", "", "ops:reminder down"],
            id="once-in-an-interval",
        ),
        pytest.param([(0, "step"), (DAY, "step")], ["ops:fired step", ""], id="never-of-an-event"),
        pytest.param(
            [(0, "down other"), (DAY, "down other"), (DAY + 60, "down other")],
            ["ops:fired down, ops:fired other", "ops:reminder down, ops:reminder other", ""],
            id="for-each-outage",
        ),
        pytest.param([(0, "down"), (DAY, "")], ["ops:fired down", "ops:recovered down"], id="it-is-over"),
    ],
)
def test_reminders(story: list[tuple[float, str]], expected: list[str]) -> None:
    assert told(host(OPS, remind_seconds=DAY), story) == expected


def test_who_acknowledged_is_not_reminded_until_it_gets_worse() -> None:
    house = host(OPS, remind_seconds=DAY)
    assert house.cycle(at(0), "down!") == "ops:fired down"
    house.ack()
    assert house.cycle(at(DAY), "down!") == ""
    assert house.cycle(at(2 * DAY), "down") == "ops:reminder down"


def test_reminders_count_across_reboots_by_what_passed_for_certain() -> None:
    house = host(OPS, remind_seconds=DAY)
    assert house.cycle(at(0), "down") == "ops:fired down"
    assert house.cycle(at(20 * HOUR), "down") == ""
    assert house.cycle(at(3 * HOUR, "b"), "down") == "", "23 h that are known"
    assert house.cycle(at(4 * HOUR, "b"), "down") == "ops:reminder down"


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        pytest.param([], "boss:escalated down", id="nobody"),
        pytest.param([Host.ack], "", id="acknowledged"),
        pytest.param([lambda house: house.hold(HOUR)], "", id="maintenance"),
    ],
)
def test_what_nobody_acknowledges_is_told_to_others(deeds: list[Callable[[Host], None]], expected: str) -> None:
    house = host(OPS, LATE)
    assert house.cycle(at(0), "down") == "ops:fired down"
    for deed in deeds:
        deed(house)
    assert house.cycle(at(14 * 60), "down") == ""
    assert house.cycle(at(15 * 60), "down") == expected
    assert house.cycle(at(16 * 60), "down") == "", "once"
    over = ["ops:recovered down", *(["boss:recovered down"] if expected else [])]
    assert house.cycle(at(17 * 60), "") == ", ".join(over)


def test_what_is_over_is_not_escalated() -> None:
    house = host(OPS, LATE)
    assert told(house, [(0, "down"), (60, ""), (HOUR, "")]) == ["ops:fired down", "ops:recovered down", ""]


def test_what_is_silenced_is_told_when_it_outlasts_the_silence() -> None:
    house = host(OPS)
    house.hold(HOUR, "down.x")
    story: list[tuple[float, str]] = [(0, "down other"), (60, "down"), (HOUR, "down"), (HOUR + 60, "")]
    assert told(house, story) == ["ops:fired other", "ops:recovered other", "ops:fired down", "ops:recovered down"]


def test_what_is_over_before_the_silence_is_not_told() -> None:
    house = host(OPS)
    house.hold(HOUR)
    assert told(house, [(0, "down"), (60, ""), (HOUR, "")]) == ["", "", ""]


def test_a_silenced_cause_swallows_no_effect() -> None:
    house = host(OPS)
    house.hold(HOUR, "step.*")
    assert house.cycle(at(0), "step down") == "ops:fired down"


def test_who_was_told_before_hears_of_the_end_in_the_silence() -> None:
    house = host(OPS)
    assert house.cycle(at(0), "down") == "ops:fired down"
    house.hold(HOUR)
    assert house.cycle(at(60), "") == "ops:recovered down"


def test_what_happened_in_the_maintenance_is_told_afterwards_in_one_bundle() -> None:
    house = host(OPS)
    house.hold(2 * HOUR)
    assert told(house, [(0, "step"), (60, ""), (HOUR, ""), (HOUR + 1, "")]) == ["", "", "", ""]
    assert house.cycle(at(2 * HOUR), "") == "ops:fired step, ops:recovered step"
    sent = house.outbox.sent()
    assert {one.bundle for one in sent} == {"held/7"}
    assert sent[0].content
    assert sent[0].content.reason == "during the maintenance by anna: new switch"


def test_a_silence_that_is_ended_before_its_time_holds_nothing_back() -> None:
    house = host(OPS)
    house.hold(2 * HOUR)
    assert house.cycle(at(0), "step") == ""
    house.outbox.holds = ()
    assert house.cycle(at(60), "") == "ops:fired step"


def test_a_digest_gathers_warnings_and_counts_from_the_first() -> None:
    house = host(DIGEST)
    assert house.cycle(at(0), "down!") == ""
    assert house.cycle(at(HOUR), "down! other!") == ""
    assert house.cycle(at(DAY - 1), "other!") == ""
    assert house.cycle(at(DAY), "other!") == "ops:fired down, ops:fired other, ops:recovered down"
    assert {one.bundle for one in house.outbox.sent()} == {"digest/1"}


def test_a_digest_does_not_gather_what_is_critical() -> None:
    assert host(DIGEST).cycle(at(0), "down") == "ops:fired down"


def test_who_is_reached_at_once_too_is_reached_at_once() -> None:
    assert host(DIGEST, replace(OPS, name="2")).cycle(at(0), "down!") == "ops:fired down"


NIGHT = Quiet(begins_seconds=22 * 3600, ends_seconds=7 * 3600)


def test_in_the_quiet_hours_warnings_wait_and_what_is_critical_does_not() -> None:
    house = host(OPS, quiet=NIGHT)
    assert house.cycle(at(23 * HOUR), "down! other") == "ops:fired other"
    assert house.cycle(at(30 * HOUR), "down! other") == ""
    assert house.cycle(at(31 * HOUR), "down! other") == "ops:fired down"


@pytest.mark.parametrize("stuck_at", [0.0, 23 * HOUR], ids=["midnight", "before-it"])
def test_a_clock_that_always_says_night_holds_back_for_a_day_only(stuck_at: float) -> None:
    house = host(OPS, quiet=NIGHT)
    hours = [house.cycle(at(hour * HOUR, wall=stuck_at), "down!") for hour in range(26)]
    assert [hour for hour, said in enumerate(hours) if said] == [24]


def test_what_gets_worse_while_it_waits_for_the_morning_waits_no_longer() -> None:
    house = host(OPS, quiet=NIGHT)
    assert house.cycle(at(0), "down!") == ""
    assert house.cycle(at(60), "down") == "ops:fired down"
    assert house.outbox.sent()[0].title == "[critical] mx1: down.x s"


def test_what_gets_worse_while_it_is_gathered_is_told_at_once() -> None:
    house = host(DIGEST)
    assert house.cycle(at(0), "down!") == ""
    assert house.cycle(at(60), "down") == "ops:fired down"


def test_a_clock_that_was_wrong_is_not_believed_for_longer_than_it_is() -> None:
    house = host(OPS, quiet=NIGHT)
    assert house.cycle(at(0), "down!") == "", "it says midnight"
    assert house.cycle(at(60, wall=12 * HOUR), "down!") == "ops:fired down", "it is noon"


def test_what_belongs_to_an_outage_is_found_while_the_message_waits() -> None:
    house = host(OPS, group_wait_seconds=10.0)
    assert house.cycle(at(0), "down!") == ""
    proposals = {1: [Proposal(remediation="restart", summary="restart it", command="watchdog heal 1 --apply")]}
    assert house.cycle(at(4), "step down! hazard", Details(proposals=proposals)) == ""
    assert house.cycle(at(10), "step down! hazard", Details(proposals=proposals)).startswith("ops:fired down")
    message = house.outbox.sent()[0]
    assert message.content
    assert [one.fault for one in message.content.chain] == ["hazard.x", "step.x"]
    assert "could heal it: restart it; approve it with `watchdog heal 1 --apply`" in message.body.splitlines()


def test_a_cause_that_was_healed_meanwhile_is_still_named() -> None:
    house = host(OPS, group_wait_seconds=10.0)
    house.cycle(at(0), "hazard! step")
    (hazard,) = (one for one in house.state.incidents.values() if one.fault == "hazard.x")
    cured = Details(cures={hazard.id: "healed by mend (try 1): it is gone"})
    assert house.cycle(at(5), "", cured) == ""
    assert house.cycle(at(10), "", cured) == "ops:fired step"
    (message,) = house.outbox.sent()
    assert message.content
    assert [one.fault for one in message.content.chain] == ["hazard.x"]
    assert message.content.healed == "hazard.x s: healed by mend (try 1): it is gone"


def test_the_messages_of_an_outage_have_one_thread() -> None:
    house = host(OPS, LATE)
    told(house, [(0, "step down"), (HOUR, "down"), (2 * HOUR, "down"), (3 * HOUR, "")])
    threads = [one.content.thread for one in house.outbox.sent() if one.content]
    kinds = [in_short(one) for one in house.outbox.sent()]
    assert kinds == [
        "ops:fired step",
        "ops:recovered step",
        "ops:fired down",
        "boss:escalated down",
        "ops:recovered down",
        "boss:recovered down",
    ]
    assert len(set(threads)) == 1


def test_a_route_that_minds_the_mail_hears_of_the_outage_by_what_speaks_for_it() -> None:
    house = host(OPS, MAIL)
    assert house.cycle(at(0), "step") == "ops:fired step"
    assert house.cycle(at(60), "step down") == "mail:fired step"
    assert house.cycle(at(120), "step down") == ""
    assert house.cycle(at(2 * HOUR), "") == "ops:recovered step, mail:recovered step"


def test_a_target_that_is_new_hears_of_what_goes_on_and_not_of_what_happened() -> None:
    house = host(OPS)
    assert house.cycle(at(0), "step other") == "ops:fired step, ops:fired other"
    house.outbox.policy = replace(house.policy, routes=(OPS, PAGER))
    assert house.cycle(at(60), "other") == "pager:fired other"


def test_values_are_told_with_their_units() -> None:
    house = host(OPS)
    house.cycle(at(0), "down")
    assert "offset: 18.4 s" in house.outbox.sent()[0].body.splitlines()


# Whatever happens

DEEDS = st.sampled_from(["", "", "", "", "ack", "hold", "end", "away", "back"])
SAID = st.lists(st.sampled_from([f"{name}{mark}" for name in CATALOGUE for mark in ("", "!")]), max_size=4)
EVERYTHING = (
    OPS,
    PAGER,
    replace(LATE, name="3"),
    replace(MAIL, name="4"),
    Route(name="5", severity=WARNING, to=("digest",), digest_seconds=DAY),
)


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[Stamp, str, str]]:
    """Cycles of a host that may reboot, whose clock may be set, and whose people do things in between."""
    boot, seconds, wall, cycles = 0, 0.0, 0.0, []
    for said in draw(st.lists(SAID, max_size=30)):
        passed = draw(st.sampled_from([1.0, 60.0, 1000.0, HOUR, DAY]))
        seconds, wall = seconds + passed, wall + passed
        if draw(st.integers(0, 9)) == 0:
            boot, seconds = boot + 1, draw(st.floats(0, 100))
        if draw(st.integers(0, 9)) == 0:
            wall = draw(st.floats(0, 3 * DAY))
        cycles.append((at(seconds, f"boot-{boot}", wall=wall), " ".join(dict.fromkeys(said)), draw(DEEDS)))
    return cycles


def live(house: Host, life: list[tuple[Stamp, str, str]]) -> None:
    for now, said, deed in life:
        match deed:
            case "ack":
                house.ack()
            case "hold":
                house.hold(HOUR)
            case "end":
                house.outbox.holds = ()
            case "away" | "back":
                house.outbox.away = deed == "away"
        house.cycle(now, said)


def everything_on() -> Host:
    return host(*EVERYTHING, remind_seconds=DAY, quiet=NIGHT, group_wait_seconds=10.0)


@settings(deadline=None)
@given(lives())
def test_nobody_is_told_twice_and_of_an_end_only_who_heard_of_the_beginning(
    life: list[tuple[Stamp, str, str]],
) -> None:
    house = everything_on()
    live(house, life)
    begun = set[tuple[int | None, str]]()
    for row in house.outbox.rows.values():
        message = row.message
        assert message.content
        about = (message.incident_id, message.target)
        if message.recovery:
            assert about in begun
        elif message.content.kind in ("fired", "escalated"):
            assert about not in begun
        begun.add(about)


@settings(deadline=None)
@given(lives())
def test_reminders_are_never_more_often_than_wanted(life: list[tuple[Stamp, str, str]]) -> None:
    house = everything_on()
    live(house, life)
    if not life:
        return
    passed = house.outbox.lasted(life[0][0], life[-1][0])
    rows = house.outbox.rows.values()
    for about in {(one.message.incident_id, one.message.target) for one in rows}:
        reminders = [
            one
            for one in rows
            if (one.message.incident_id, one.message.target) == about
            and one.message.content
            and one.message.content.kind == "reminder"
        ]
        assert len(reminders) <= passed / DAY


@settings(deadline=None)
@given(lives())
def test_nothing_critical_waits_for_the_quiet_hours_and_nothing_for_longer_than_a_day_of_them(
    life: list[tuple[Stamp, str, str]],
) -> None:
    house = everything_on()
    live(house, life)
    for row in house.outbox.rows.values():
        message = row.message
        if message.severity is CRITICAL and not message.recovery:
            assert message.bundle in ("", "held/7")
        assert message.wait_seconds <= DAY


@settings(deadline=None)
@given(lives())
def test_once_nothing_keeps_it_back_everybody_has_heard_of_what_goes_on(
    life: list[tuple[Stamp, str, str]],
) -> None:
    """Nothing is swallowed: not by a silence, not by the night, not by a target that was away."""
    house = everything_on()
    live(house, life)
    house.outbox.holds, house.outbox.away = (), False
    lasting = " ".join(
        f"{name}{'!' if one.severity is WARNING else ''}"
        for name, fault in CATALOGUE.items()
        for one in house.state.incidents.values()
        if one.fault == fault.code and not fault.event
    )
    moment = house.now.boottime_ns / 1e9
    for later in (2 * HOUR, 3 * DAY, 6 * DAY):
        house.cycle(at(moment + later, house.now.boot_id, wall=12 * HOUR), lasting)
    heard = {(one.incident_id, one.target) for one in house.outbox.sent()}
    speakers = [one for one in house.state.incidents.values() if one.told and not one.inhibited]
    assert all((one.id, "ops") in heard for one in speakers)
