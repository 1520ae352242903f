"""A story is a list of runs, as in test_incidents; here: what of it is told, and to whom."""

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.telling_in_memory import Outbox
from watchdog.contents import facts_of
from watchdog.incidents import Advanced, State, advance
from watchdog.model import Cause, CheckResult, Evidence, Fault, Finding, IncidentState, Message, Severity, Stamp
from watchdog.routing import Policy, Route
from watchdog.telling import outages

WARNING, CRITICAL = Severity


def fault(code: str, *causes: str, event: bool = False) -> Fault:
    return Fault(
        code=code,
        title=code,
        severity=CRITICAL,
        why=f"{code} hurts",
        advice=f"mend {code}",
        causes=tuple(Cause(fault=one) for one in causes),
        event=event,
    )


STEP = fault("clock.step", event=True)
SERVICE = fault("service.down", "clock.step")
MAIL = fault("mail.stuck", "service.down")
FAULTS = {one.code: one for one in (STEP, SERVICE, MAIL)}
OPS = (Route(severity=WARNING, to=("ops",)),)
OPS_AND_PAGER = (*OPS, Route(severity=CRITICAL, to=("pager", "ops")))

Run = tuple[float, Sequence[CheckResult]]


def at(seconds: float, boot: str = "boot-1") -> Stamp:
    return Stamp(
        boot_id=boot, boottime_ns=int(seconds * 1e9), wall_ns=1_795_366_452_000_000_000 + int(seconds * 1e9)
    )


def said(check: str, *findings: Finding) -> CheckResult:
    return CheckResult(check=check, judged=True, findings=findings)


def stepped(severity: Severity = CRITICAL) -> CheckResult:
    return said("clock", STEP.on("clock", "went back 18.0 s", severity=severity))


def killed(severity: Severity = CRITICAL, subject: str = "dovecot") -> CheckResult:
    return said("service", SERVICE.on(subject, "killed itself", severity=severity))


STUCK = said("mail", MAIL.on("queue", "40 wait"))
WELL, ALIVE, MOVING = said("clock"), said("service"), said("mail")


def told(
    runs: Sequence[Run], routes: Sequence[Route] = OPS, faults: Mapping[str, Fault] = FAULTS
) -> list[list[Message]]:
    """Return the messages run by run."""
    state, messages, outbox = State(), list[list[Message]](), outbox_of(routes)
    for seconds, results in runs:
        advanced = advance(state, results, faults, at(seconds))
        messages.append(outbox.cycle(advanced, state, faults, at(seconds)))
        state = advanced.state
    return messages


def outbox_of(routes: Sequence[Route]) -> Outbox:
    return Outbox(policy=Policy(host="web1", routes=tuple(routes)))


def news(messages: Sequence[Message]) -> list[tuple[str, str, str]]:
    """Return what was told: (fault, what of it, target)."""
    return [(one.title.split()[2], one.key.split("/")[2], one.target) for one in messages]


FIRED = [("service.down", "fired", "ops")]
RECOVERED = [("service.down", "recovered", "ops")]
FLAPS = [("service.down", "flapping", "ops")]
STEP_FIRED = [("clock.step", "fired", "ops")]
STEP_OVER = [("clock.step", "recovered", "ops")]


def service(results: str) -> list[Run]:
    return [(60.0 * n, [killed() if result == "1" else ALIVE]) for n, result in enumerate(results)]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param([(0, [ALIVE])], [[]], id="nothing-wrong"),
        pytest.param([(0, [killed()])], [FIRED], id="fires"),
        pytest.param([(0, [killed()]), (1, [killed()])], [FIRED, []], id="told-once"),
        pytest.param([(0, [killed()]), (1, [ALIVE])], [FIRED, RECOVERED], id="recovers"),
        pytest.param([(0, [stepped(), killed()])], [STEP_FIRED], id="one-message-for-root-and-consequence"),
        pytest.param([(0, [stepped(), killed(), STUCK])], [STEP_FIRED], id="and-for-what-that-caused"),
        pytest.param(
            [(0, [stepped(), killed()]), (1, [ALIVE])], [STEP_FIRED, []], id="no-recovery-of-what-was-not-told"
        ),
        pytest.param(
            [(0, [stepped(), killed()]), (3600, [WELL])],
            [STEP_FIRED, STEP_OVER + FIRED],
            id="told-when-its-cause-is-gone-and-it-still-fires",
        ),
        pytest.param(
            [(0, [stepped(), killed()]), (3600, [WELL]), (3601, [ALIVE])],
            [STEP_FIRED, STEP_OVER + FIRED, RECOVERED],
            id="and-then-its-recovery-too",
        ),
        pytest.param(
            [(0, [stepped(), killed()]), (3600, [WELL, ALIVE])],
            [STEP_FIRED, STEP_OVER],
            id="gone-with-its-cause",
        ),
        pytest.param(
            [(0, [killed()]), (1, [stepped()]), (2, [ALIVE])],
            [FIRED, STEP_FIRED, RECOVERED],
            id="recovery-of-what-was-told-before-its-cause-was-found",
        ),
        pytest.param(
            [(0, [killed()]), (1, [stepped()]), (3601, [WELL])],
            [FIRED, STEP_FIRED, STEP_OVER],
            id="not-told-again-when-its-cause-is-gone",
        ),
        pytest.param(
            service("1010101010"),
            [FIRED, RECOVERED, FIRED, RECOVERED, FIRED, FLAPS, [], [], [], []],
            id="flapping-is-told-once",
        ),
        pytest.param(
            service("101010" + "0" * 17),
            [FIRED, RECOVERED, FIRED, RECOVERED, FIRED, FLAPS, *[[]] * 16, RECOVERED],
            id="recovers-when-it-has-settled",
        ),
        pytest.param(
            service("101010" + "1" * 20 + "0"),
            [FIRED, RECOVERED, FIRED, RECOVERED, FIRED, FLAPS, *[[]] * 20, RECOVERED],
            id="to-settle-while-it-lasts-is-no-news",
        ),
        pytest.param(
            [(0, [stepped()]), *((n, [ALIVE if n % 2 else killed()]) for n in range(2, 8)), (4000, [WELL])],
            [STEP_FIRED, *[[]] * 6, STEP_OVER + FLAPS],
            id="told-as-flapping-when-it-flapped-under-its-cause",
        ),
        pytest.param(
            [*service("10101"), (280, [stepped()]), (300, [ALIVE])],
            [FIRED, RECOVERED, FIRED, RECOVERED, FIRED, STEP_FIRED, []],
            id="flapping-under-its-cause-is-no-news",
        ),
    ],
)
def test_what_is_told(runs: list[Run], expected: list[list[tuple[str, str, str]]]) -> None:
    assert [news(messages) for messages in told(runs)] == expected


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        pytest.param([WARNING, None], [[("fired", "ops")], [("recovered", "ops")]], id="warning"),
        pytest.param(
            [CRITICAL, None],
            [[("fired", "ops"), ("fired", "pager")], [("recovered", "ops"), ("recovered", "pager")]],
            id="critical-reaches-each-target-once",
        ),
        pytest.param(
            [WARNING, CRITICAL, None],
            [[("fired", "ops")], [("fired", "pager")], [("recovered", "ops"), ("recovered", "pager")]],
            id="what-worsens-reaches-those-who-have-not-heard",
        ),
        pytest.param(
            [CRITICAL, WARNING, CRITICAL, WARNING, None],
            [[("fired", "ops"), ("fired", "pager")], [], [], [], [("recovered", "ops"), ("recovered", "pager")]],
            id="all-who-heard-hear-of-the-end",
        ),
    ],
)
def test_who_is_told(severities: list[Severity | None], expected: list[list[tuple[str, str]]]) -> None:
    runs = [(float(n), [killed(one) if one else ALIVE]) for n, one in enumerate(severities)]
    assert [[(one[1], one[2]) for one in news(messages)] for messages in told(runs, OPS_AND_PAGER)] == expected


@pytest.mark.parametrize("routes", [(), (Route(severity=CRITICAL, to=()),)])
def test_without_a_target_nothing_is_told(routes: tuple[Route, ...]) -> None:
    assert told([(0, [killed()]), (1, [ALIVE])], routes) == [[], []]


@pytest.mark.parametrize(
    ("route", "severity", "takes"),
    [
        pytest.param(WARNING, WARNING, True, id="warning-takes-warning"),
        pytest.param(WARNING, CRITICAL, True, id="warning-takes-what-is-worse"),
        pytest.param(CRITICAL, WARNING, False, id="critical-leaves-warning"),
        pytest.param(CRITICAL, CRITICAL, True, id="critical-takes-critical"),
    ],
)
def test_a_route_takes_what_is_at_least_as_bad(route: Severity, severity: Severity, takes: bool) -> None:
    assert Route(severity=route, to=("ops",)).takes(severity, "bond.down", "bond0") is takes


def test_a_failure_says_what_why_and_what_to_do() -> None:
    ((message,),) = told([(0, [stepped(), STUCK, killed()])])
    assert replace(message, content=None) == Message(
        key="web1/1/fired/ops/boot-1+0",
        target="ops",
        incident_id=1,
        title="[critical] web1: clock.step clock",
        body="""\
went back 18.0 s
since: 2026-11-22 16:54:12 UTC
so what: clock.step hurts
what to do: mend clock.step
also: mail.stuck queue: 40 wait
also: service.down dovecot: killed itself
more: `watchdog explain clock.step`, `watchdog incidents`, `watchdog ack 1`""",
        severity=CRITICAL,
    )


def test_values_are_told_in_words_and_what_is_for_programs_is_not() -> None:
    twice = {"why": "refused", "outcome": "refused"}
    evidence: Evidence = {
        "error": "no way",
        **twice,
        "here": True,
        "step_seconds": -18.0,
        "steps": 0,
        "servers": ["a"],
    }
    assert [(one.name, one.value) for one in facts_of(evidence, "it failed: no way")] == [
        ("why", "refused"),
        ("step", "-18.0 s"),
        ("steps", "0"),
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("went back 18.0 s at once", []),
        ("went back 118.0 s", ["18.0 s"]),
        ("went back 18.0 s.", []),
        ("", ["18.0 s"]),
    ],
)
def test_a_value_that_is_said_already_is_not_told_twice(said: str, told: list[str]) -> None:
    assert [one.value for one in facts_of({"step_seconds": 18.0}, said)] == told


@pytest.mark.parametrize(
    ("tells", "shown"),
    [(None, ["mode", "miimon"]), ((), []), (("miimon_ms", "gone"), ["miimon"])],
)
def test_a_fault_chooses_what_of_its_evidence_a_message_shows(
    tells: tuple[str, ...] | None, shown: list[str]
) -> None:
    down = replace(fault("bond.member_down"), tells=tells)
    found = said("bond", down.on("bond0/eth1", "eth1 is down", member="eth1", mode="802.3ad", miimon_ms=100))
    ((message,),) = told([(60, [found])], faults={down.code: down})
    assert message.content
    assert [one.name for one in message.content.facts] == shown


def test_a_recovery_says_why_it_is_over_and_how_long_it_was() -> None:
    _, (message,) = told([(60, [killed(WARNING)]), (7260, [ALIVE])])
    assert replace(message, content=None) == Message(
        key="web1/1/recovered/ops/boot-1+60000000000",
        target="ops",
        incident_id=1,
        title="[recovered] web1: service.down dovecot",
        body="""\
over: no longer found
open for 2 h, since 2026-11-22 16:55:12 UTC
it was: killed itself
more: `watchdog incidents --all`""",
        severity=WARNING,
        recovery=True,
    )


HAZARD = replace(fault("hazard.on"), severity=WARNING)
DAEMON = replace(fault("daemon.may_step"), severity=WARNING)
CAUSED = replace(STEP, causes=(Cause(fault="hazard.on"), Cause(fault="daemon.may_step")))
KILLED = replace(SERVICE, event=True)
WITH_ROOTS = {one.code: one for one in (HAZARD, DAEMON, CAUSED, KILLED, MAIL)}
ON = said("hazard", HAZARD.on("tools", "the hypervisor may set this clock"))
MAY = said("daemon", DAEMON.on("ntpd", "it may step the clock"))
BACK = said("clock", CAUSED.on("clock", "went back 18.0 s; likely ntpd", likely_causes=["daemon.may_step"]))
BACK_A_LITTLE = said("clock", CAUSED.on("clock", "went back 1.0 s", severity=WARNING))
DEAD = said("service", KILLED.on("dovecot", "killed itself"))


def test_an_outage_under_a_root_that_was_told_long_ago_is_told_under_its_name() -> None:
    warned, (message,), nothing, (recovery,) = told(
        [(0, [ON]), (86400, [ON, BACK, DEAD]), (86460, [ON, WELL, ALIVE]), (90060, [ON, WELL, ALIVE])],
        faults=WITH_ROOTS,
    )
    assert [one.title for one in warned] == ["[warning] web1: hazard.on tools"]
    assert nothing == []
    assert replace(message, content=None) == Message(
        key="web1/2/fired/ops/boot-1+86400000000000",
        target="ops",
        incident_id=2,
        title="[critical] web1: clock.step clock (possible root: hazard.on tools)",
        body="""\
went back 18.0 s; likely ntpd
since: 2026-11-23 16:54:12 UTC
possible root: hazard.on tools: the hypervisor may set this clock
so what: clock.step hurts
what to do: mend hazard.on
also: service.down dovecot: killed itself
more: `watchdog explain clock.step`, `watchdog incidents`, `watchdog ack 2`""",
        severity=CRITICAL,
    )
    assert recovery.title == "[recovered] web1: clock.step clock"
    assert recovery.body.splitlines()[-2:] == [
        "still there, and may cause it again: hazard.on tools: the hypervisor may set this clock",
        "more: `watchdog incidents --all`",
    ]


def test_of_two_possible_roots_the_likelier_is_the_root() -> None:
    ((message,),) = told([(0, [ON, MAY, BACK, DEAD])], faults=WITH_ROOTS)
    assert message.title == "[critical] web1: clock.step clock (root: daemon.may_step ntpd)"
    assert message.body.splitlines()[2:6] == [
        "root: daemon.may_step ntpd: it may step the clock",
        "or: hazard.on tools: the hypervisor may set this clock",
        "so what: clock.step hurts",
        "what to do: mend daemon.may_step",
    ]


def test_what_a_check_worked_out_for_this_host_outweighs_the_catalogue() -> None:
    here = said("daemon", DAEMON.on("ntpd", "it may step the clock", advice="add -x to NTPD_OPTS"))
    ((message,),) = told([(0, [here, BACK])], faults=WITH_ROOTS)
    assert "what to do: add -x to NTPD_OPTS" in message.body.splitlines()


def test_what_lies_between_the_root_and_who_speaks_is_named() -> None:
    *_, (message,) = told([(0, [ON, BACK_A_LITTLE]), (60, [ON, DEAD])], faults=WITH_ROOTS)
    assert message.title == "[critical] web1: service.down dovecot (root: hazard.on tools)"
    assert message.body.splitlines()[2:4] == [
        "root: hazard.on tools: the hypervisor may set this clock",
        "which caused: clock.step clock: went back 1.0 s",
    ]


def test_an_event_that_happens_again_and_worse_is_told_to_those_who_heard_too() -> None:
    runs = [(0.0, [BACK_A_LITTLE]), (60.0, [BACK]), (120.0, [BACK]), (9000.0, [WELL])]
    messages = told(runs, OPS_AND_PAGER, WITH_ROOTS)
    assert [[(one[1], one[2]) for one in news(run)] for run in messages] == [
        [("fired", "ops")],
        [("worse", "ops"), ("fired", "pager")],
        [],
        [("recovered", "ops"), ("recovered", "pager")],
    ]
    assert {one.title for one in messages[1]} == {"[critical] web1: clock.step clock"}


def test_a_root_that_is_new_with_something_worse_is_told_as_bad_as_that() -> None:
    lasting = {one.code: one for one in (HAZARD, replace(SERVICE, causes=(Cause(fault="hazard.on"),)))}
    ((for_ops, for_pager),) = told([(0, [ON, killed()])], OPS_AND_PAGER, lasting)
    assert [one.target for one in (for_ops, for_pager)] == ["ops", "pager"]
    assert (for_ops.title, for_ops.severity) == ("[critical] web1: hazard.on tools", CRITICAL)


def test_a_length_across_a_reboot_is_a_lower_bound() -> None:
    first = advance(State(), [killed()], FAULTS, at(9000))
    second = advance(first.state, [ALIVE], FAULTS, at(90, "boot-2"))
    outbox = outbox_of(OPS)
    outbox.cycle(first, State(), FAULTS, at(9000))
    (message,) = outbox.cycle(second, first.state, FAULTS, at(90, "boot-2"))
    assert "open for at least 90.0 s, since" in message.body


def test_flapping_says_so() -> None:
    *_, (message,) = told(service("101010"))
    assert message.title == "[critical] web1: service.down dovecot is flapping"
    assert "flapping: came or went 6 times in the last 7 results (begins at 6); that it comes" in message.body


def test_of_many_consequences_the_first_are_named() -> None:
    services = said("service", *(SERVICE.on(f"unit{n}", "killed") for n in range(13)))
    ((message,),) = told([(0, [stepped(), services])])
    assert [line for line in message.body.splitlines() if line.startswith("also")] == [
        *(f"also: service.down unit{n}: killed" for n in range(10)),
        "also: 3 more",
    ]


def test_a_fault_no_longer_known_recovers_in_the_words_there_are() -> None:
    first = advance(State(), [killed()], FAULTS, at(0))
    second = advance(first.state, [], {}, at(1))
    outbox = outbox_of(OPS)
    outbox.cycle(first, State(), FAULTS, at(0))
    (message,) = outbox.cycle(second, first.state, {}, at(1))
    assert message.recovery
    assert message.body.startswith("over: fault no longer known\n")


def test_the_same_id_in_a_fresh_history_has_another_key() -> None:
    fresh = [told([(seconds, [killed()])])[0][0].key for seconds in (0, 1)]
    assert fresh == ["web1/1/fired/ops/boot-1+0", "web1/1/fired/ops/boot-1+1000000000"]


def test_foreign_names_add_no_line_and_no_control_code() -> None:
    finding = SERVICE.on("x\r\nBcc: a@b\x1b[2J", "one\ntwo\u2028three\udcff")
    ((message,),) = told([(0, [said("service", finding)])])
    assert message.title == "[critical] web1: service.down x Bcc: a@b [2J"
    assert message.body.splitlines()[0] == "one two three"


# Whatever happens

CHECKS = {"clock": STEP, "service": SERVICE, "mail": MAIL}


@st.composite
def a_result(draw: st.DrawFn) -> CheckResult:
    check = draw(st.sampled_from(sorted(CHECKS)))
    found = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(Severity))
    findings = [
        CHECKS[check].on(subject, "found", severity=severity)
        for subject, severity in draw(st.lists(found, max_size=2))
    ]
    result = said(check, *findings)
    return draw(st.sampled_from([result, result, result, replace(result, judged=False)]))


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[Stamp, list[CheckResult]]]:
    """Runs of a host that may reboot and sleep in between."""
    boot, seconds, runs = 0, 0.0, []
    for results in draw(st.lists(st.lists(a_result(), max_size=3), max_size=40)):
        seconds += draw(st.sampled_from([0.0, 30.0, 3600.0, 1e6]))
        if draw(st.integers(0, 19)) == 0:
            boot, seconds = boot + 1, draw(st.floats(0, 100))
        runs.append((at(seconds, f"boot-{boot}"), results))
    return runs


def composed(runs: list[tuple[Stamp, list[CheckResult]]]) -> list[tuple[Advanced, tuple[Message, ...]]]:
    state, story, outbox = State(), list[tuple[Advanced, tuple[Message, ...]]](), outbox_of(OPS_AND_PAGER)
    for now, results in runs:
        advanced = advance(state, results, FAULTS, now)
        story.append((advanced, tuple(outbox.cycle(advanced, state, FAULTS, now))))
        state = advanced.state
    return story


@settings(deadline=None)
@given(stories())
def test_each_target_hears_of_an_end_if_and_only_if_it_heard_of_the_beginning(
    runs: list[tuple[Stamp, list[CheckResult]]],
) -> None:
    heard = set[tuple[int, str]]()
    for advanced, messages in composed(runs):
        resolved = {one.id for one in advanced.changed if one.state is IncidentState.RESOLVED}
        over = {(one.incident_id, one.target) for one in messages if one.recovery}
        assert over == {(number, target) for number, target in heard if number in resolved}
        heard |= {(one.incident_id, one.target) for one in messages if not one.recovery}


@settings(deadline=None)
@given(stories())
def test_whatever_lasts_is_told_by_itself_or_with_the_outage_it_belongs_to(
    runs: list[tuple[Stamp, list[CheckResult]]],
) -> None:
    for advanced, messages in composed(runs):
        told = {one.incident_id for one in messages if one.target == "ops"}
        for outage in outages(advanced.state.incidents.values()):
            loudest = Severity.worst(one.told for one in outage if one.told)
            for one in outage:
                if one.state is IncidentState.FIRING and not FAULTS[one.fault].event:
                    assert loudest in (one.severity, CRITICAL), "nobody heard of it"
            news = [one for one in outage if one.id in told]
            assert len(news) <= 1 or not any(FAULTS[one.fault].event for one in news), "one outage, one message"


@settings(deadline=None)
@given(stories())
def test_nothing_is_said_twice_save_that_it_flaps(runs: list[tuple[Stamp, list[CheckResult]]]) -> None:
    keys = [message.key for _, messages in composed(runs) for message in messages]
    again = [key for number, key in enumerate(keys) if key in keys[:number]]
    assert all(re.search("/flapping/", key) for key in again)
