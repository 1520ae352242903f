"""The outage this project started from, told with the real catalogue: whatever comes first, it is one story.

A guest on ESXi whose VMware Tools set the clock, an ntpd that may step it, a step back of 18 s, a dead Dovecot.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations

import pytest
from msgspec.structs import replace

from checks._clock_step.facts import ClockFacts, ClockMemory, Traces
from checks._clock_step.steps import Reading
from checks.clock_step import CHECK, ClockStepSettings
from tests.telling_in_memory import Outbox
from watchdog import registry, selfwatch
from watchdog.history.records import IncidentRecord
from watchdog.incidents import State, advance
from watchdog.logs import LogLine, LogMark, LogPosition, LogTail
from watchdog.model import CheckResult, Finding, Incident, Lasted, Message, Severity, Stamp
from watchdog.report.page import render_plain
from watchdog.report.story import story
from watchdog.routing import Policy, Route

FAULTS = registry.load(selfwatch.FAULTS).faults
ROUTES = (Route(severity=Severity.WARNING, to=("ops",)),)
S = 10**9
NTPD_SAID = "Nov 22 18:39:10 mx1 ntpd[77]: CLOCK: time stepped by -18.000027"
LASTING = ("vmware", "ntp", "offset")
ORDERS = [*permutations(("vmware", "ntp", "step", "killed"))]


def a_step(*lines: str, early: bool = False) -> Finding:
    """Return what clock_step finds when the clock went back 18 s and these lines were logged.

    `early`: what it says at once in the daemon, before it has read them.
    """
    before = ClockMemory(
        boot_id="a",
        boottime_ns=100 * S,
        wall_ns=1_795_371_000 * S,
        log=LogPosition(marks={"/var/log/syslog": LogMark(inode=1)}),
    )
    mark = LogMark(inode=1, offset=9)
    tail = LogTail(
        begins={},
        ends={"/var/log/syslog": mark},
        lines=tuple(LogLine(source="/var/log/syslog", mark=mark, text=line) for line in lines),
        problems={},
    )
    now = Reading(boottime_ns=160 * S, wall_ns=before.wall_ns + 42 * S)
    facts = ClockFacts(
        boot_id="a",
        boottime_ns=now.boottime_ns,
        wall_ns=now.wall_ns,
        looks_again=early,
        traces=None if early else Traces(logs=tail, steppers=(), again=now),
    )
    (finding,) = (one for one in CHECK.judge(facts, before, ClockStepSettings()) if isinstance(one, Finding))
    return finding


FINDINGS: Mapping[str, Finding] = {
    "vmware": FAULTS["vmware_timesync.enabled"].on("vmware-tools", "VMware Tools time sync is on"),
    "ntp": FAULTS["ntp_can_step.unlimited"].on("ntpd", "ntpd may set the clock back", severity=Severity.CRITICAL),
    "offset": FAULTS["clock_sync.offset"].on("clock", "the clock is 18 s ahead"),
    "step": a_step(NTPD_SAID),
    "killed": FAULTS["service.killed_by_clock_step"].on("dovecot.service", "Dovecot killed 3 of its processes"),
}
NAMES = {finding.fault: name for name, finding in FINDINGS.items()}


def live(*cycles: Sequence[str], findings: Mapping[str, Finding] = FINDINGS) -> tuple[State, list[list[Message]]]:
    """Run cycles a minute apart, then one when the hour of quiet is over; what lasts is found ever after."""
    state, lasting, told = State(), set[str](), list[list[Message]]()
    outbox = Outbox(policy=Policy(host="mx1", routes=ROUTES))
    moments = [*range(60, 60 * len(cycles) + 1, 60), 60 * len(cycles) + 3600]
    for seconds, said in zip(moments, (*cycles, ()), strict=True):
        lasting |= {name for name in said if name in LASTING}
        found = [findings[name] for name in {*said, *lasting}]
        results = [
            CheckResult(check=check, judged=True, findings=tuple(f for f in found if f.fault.startswith(check)))
            for check in ("vmware_timesync", "ntp_can_step", "clock_step", "clock_sync", "service")
        ]
        now = Stamp(boot_id="a", boottime_ns=seconds * S, wall_ns=(1_795_371_000 + seconds) * S)
        advanced = advance(state, results, FAULTS, now)
        told.append(outbox.cycle(advanced, state, FAULTS, now))
        if seconds <= 60 * len(cycles):
            at_night = advanced.state
        state = advanced.state
    return at_night, told


def told_of(messages: list[list[Message]]) -> list[list[str]]:
    """Return whom each message is about, recoveries behind a tilde."""
    return [
        sorted(("~" if one.recovery else "") + NAMES[one.title.split()[2]] for one in cycle) for cycle in messages
    ]


def status(state: State) -> list[str]:
    """Return the story's headlines as names, with the sign of their place."""
    records = [
        IncidentRecord(incident=one, lasted=Lasted(seconds=9, exact=True), transitions=(), attempts=())
        for one in sorted(state.incidents.values(), key=lambda one: one.id)
    ]
    lines = render_plain(story(records, {})).splitlines()
    heads = [line.split() for line in lines if "critical  " in line or "warning  " in line]
    return [
        ("└ " if "└" in words else "or " if "or" in words else "") + NAMES[words[words.index("on") - 1]]
        for words in heads
    ]


def test_all_four_in_one_cycle_are_one_story_and_one_message() -> None:
    state, told = live(["vmware", "ntp", "step", "killed"])
    assert status(state) == ["ntp", "or vmware", "└ step", "└ killed"]
    assert told_of(told) == [["step"], ["ntp", "vmware", "~step"]]
    assert [line for line in told[0][0].body.splitlines() if line.split(":")[0] in ("root", "or", "also")] == [
        "root: ntp_can_step.unlimited ntpd: ntpd may set the clock back",
        "or: vmware_timesync.enabled vmware-tools: VMware Tools time sync is on",
        "also: service.killed_by_clock_step dovecot.service: Dovecot killed 3 of its processes",
    ]
    assert FAULTS["ntp_can_step.unlimited"].advice in told[0][0].body
    assert 'likely ntpd: "CLOCK: time stepped by -18.000027"' in told[0][0].body


def test_the_daemon_waits_for_all_of_it_and_tells_it_once() -> None:
    """The dead Dovecot is found first, the step half a second later, who made it after that."""
    outbox = Outbox(
        policy=Policy(
            host="mx1", routes=(Route(severity=Severity.CRITICAL, to=("ops",)),), group_wait_seconds=10.0
        )
    )
    state, seen = State(), list[str]()
    cycles = [
        (0.0, "killed"),
        (0.5, "step"),
        (1.0, "ntp vmware"),
        (10.0, ""),
        (60.0, "ntp vmware"),
        (3700.0, "ntp"),
    ]
    for seconds, said in cycles:
        found = [FINDINGS[name] for name in said.split()]
        checks = dict.fromkeys(finding.fault.partition(".")[0] for finding in found)
        results = [
            CheckResult(
                check=check, judged=True, findings=tuple(f for f in found if f.fault.startswith(f"{check}."))
            )
            for check in (checks if seconds < 60 else ("clock_step", "service", *checks))
        ]
        now = Stamp(boot_id="a", boottime_ns=round((60 + seconds) * S), wall_ns=(1_795_371_000 + 60) * S)
        advanced = advance(state, results, FAULTS, now)
        outbox.cycle(advanced, state, FAULTS, now)
        state = advanced.state
        seen += [""] if len(outbox.sent()) == len(list(filter(None, seen))) else [outbox.sent()[-1].title]
    assert seen == [
        *[""] * 3,
        "[critical] mx1: service.killed_by_clock_step dovecot.service (root: ntp_can_step.unlimited ntpd)",
        "",
        "[recovered] mx1: service.killed_by_clock_step dovecot.service",
    ]
    content = outbox.sent()[0].content
    assert content
    assert [NAMES[one.fault] for one in (*content.chain, *content.alternatives)] == ["ntp", "step", "vmware"]


@pytest.mark.parametrize(
    "before",
    [pytest.param(["vmware", "ntp"], id="warned-long-before"), pytest.param([], id="found-with-the-step")],
)
def test_the_author_that_is_found_later_orders_the_story_and_is_no_second_message(before: list[str]) -> None:
    findings = {
        **FINDINGS,
        "early": a_step(early=True),
        "completed": replace(FINDINGS["step"], completes=True),
    }
    state, told = live(before, ["vmware", "ntp", "early"], ["completed", "killed"], findings=findings)
    assert told_of(told) == [sorted(before), ["step"], [], [*([] if before else ["ntp", "vmware"]), "~step"]]
    assert status(state) == ["ntp", "or vmware", "└ step", "└ killed"]
    step = next(one for one in state.incidents.values() if one.fault == "clock_step.backward")
    assert (step.occurrences, step.evidence["author_lines"]) == (1, (NTPD_SAID,))


def test_warned_long_before_the_outage_is_told_all_the_same_and_its_end_too() -> None:
    state, told = live(["vmware", "ntp"], [], ["step", "killed"], [])
    assert told_of(told) == [["ntp", "vmware"], [], ["step"], [], ["~step"]]
    assert told[2][0].title == "[critical] mx1: clock_step.backward clock (root: ntp_can_step.unlimited ntpd)"
    assert {one.fault for one in state.incidents.values() if one.inhibited} == {
        "clock_step.backward",
        "service.killed_by_clock_step",
    }


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_in_whatever_order_they_arrive_the_outage_is_one_message_and_one_recovery(order: Sequence[str]) -> None:
    state, told = live(*([name] for name in order))
    assert status(state) == ["ntp", "or vmware", "└ step", "└ killed"]
    *cycles, _ = told_of(told)
    outage = [name for cycle in cycles for name in cycle if name in ("step", "killed")]
    first = next(name for name in order if name in ("step", "killed"))
    assert outage == [first]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_in_whatever_order_its_end_is_told_once(order: Sequence[str]) -> None:
    # Each event is over an hour after its own last sight, so the cycles of the end are given one by one.
    _, told = live(*([name] for name in order), *([] for _ in range(60)))
    names = [name for cycle in told_of(told) for name in cycle]
    first = next(name for name in order if name in ("step", "killed"))
    assert [name for name in names if name.startswith("~")] == [f"~{first}"]
    assert sorted(name for name in names if name in LASTING) == ["ntp", "vmware"], (
        "each hazard is told once, as such"
    )


@pytest.mark.parametrize(
    ("lines", "roots"),
    [
        pytest.param([NTPD_SAID], ["ntp", "or vmware"], id="ntpd-said-so"),
        pytest.param(
            ["[2026-11-22T18:39:10.1Z] [   debug] [timeSync] [5] Time changed by -18000000us from x"],
            ["vmware", "or ntp"],
            id="vmware-tools-said-so",
        ),
        pytest.param([], ["ntp", "or vmware"], id="nobody-said-a-word-ntp-before-vmware"),
    ],
)
def test_the_likelier_root_is_the_one_that_the_evidence_names(lines: list[str], roots: list[str]) -> None:
    state, _ = live(["vmware", "ntp", "step", "killed"], findings={**FINDINGS, "step": a_step(*lines)})
    assert status(state) == [*roots, "└ step", "└ killed"]


def test_what_a_person_did_is_put_down_to_no_daemon() -> None:
    by_hand = a_step("Nov 22 18:39:10 mx1 systemd-timedated[5]: Changed local time to Sun 2026-11-22 18:39:10 UTC")
    state, told = live(["vmware", "ntp"], ["step", "killed"], findings={**FINDINGS, "step": by_hand})
    assert status(state) == ["vmware", "ntp", "step", "└ killed"]
    assert told[1][0].title == "[critical] mx1: clock_step.backward clock"


def test_a_clock_that_was_wrong_before_is_the_root_where_nothing_else_is() -> None:
    state, told = live(["offset"], ["step", "killed"])
    assert status(state) == ["offset", "└ step", "└ killed"]
    assert told_of(told) == [["offset"], ["step"], ["~step"]]


def test_a_clock_that_is_wrong_since_is_not() -> None:
    state, _ = live(["step", "killed"], ["offset"])
    assert status(state) == ["step", "└ killed", "offset"]


def of(state: State, name: str) -> Incident:
    return next(one for one in state.incidents.values() if NAMES[one.fault] == name)


def test_the_chain_is_in_the_record_for_scripts() -> None:
    state, _ = live(["vmware", "ntp", "step", "killed"])
    assert of(state, "killed").caused_by == (of(state, "step").id,)
    assert of(state, "step").caused_by == (of(state, "ntp").id, of(state, "vmware").id)
