"""Incidents as a person reads them at night: how they stand, since when, what to do, said once."""

from collections.abc import Mapping, Sequence

import pytest
from msgspec.structs import replace

from tests.history.make import at, incident, resolved
from watchdog.history.records import IncidentRecord
from watchdog.model import Fault, Incident, IncidentState, Json, Lasted, Severity
from watchdog.report.page import render_plain
from watchdog.report.story import headline, story, tally
from watchdog.steps import Attempt, LinkChange, Outcome, Plan

DOWN = Fault(
    code="bond.member_down",
    title="down",
    severity=Severity.WARNING,
    why="It hurts.",
    advice="Mend it.",
    pending_seconds=60.0,
)
STEP = Fault(
    code="clock_step.backward",
    title="back",
    severity=Severity.CRITICAL,
    why="Dovecot.",
    advice="Find who.",
    event=True,
)
FAULTS = {fault.code: fault for fault in (DOWN, STEP)}


def record(
    one: Incident, seconds: float = 90.0, *, exact: bool = True, attempts: tuple[Attempt, ...] = ()
) -> IncidentRecord:
    return IncidentRecord(
        incident=one, lasted=Lasted(seconds=seconds, exact=exact), transitions=(), attempts=attempts
    )


def attempt(number: int, outcome: Outcome, reason: str = "") -> Attempt:
    plan = Plan(summary="raise it", steps=(LinkChange(link="eth1", up=True),))
    return Attempt(
        id=number,
        incident_id=1,
        remediation="bond_raise_member",
        mode="propose",
        outcome=outcome,
        reason=reason,
        plan=plan,
        started=at(70),
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(record(incident(), 0.0), "since 2026-09-21 14:13:30 UTC (new)", id="seen-for-the-first-time"),
        pytest.param(record(incident(), 90.0), "since 2026-09-21 14:13:30 UTC (90.0 s)", id="firing"),
        pytest.param(
            record(incident(), 0.5, exact=False),
            "since 2026-09-21 14:13:30 UTC (at least 0.5 s)",
            id="a-reboot-lies-between",
        ),
        pytest.param(
            record(incident(state=IncidentState.PENDING)),
            "pending, since 2026-09-21 14:13:30 UTC (90.0 s)",
            id="pending",
        ),
        pytest.param(
            record(incident(flapping=True, occurrences=7)),
            "flapping, 7 times, since 2026-09-21 14:13:30 UTC (90.0 s)",
            id="flapping",
        ),
        pytest.param(
            record(resolved(1, opened=at(10), ended=at(100))),
            "resolved, 2026-09-21 14:13:30 to 14:15:00 UTC (90.0 s)",
            id="resolved-the-same-day",
        ),
        pytest.param(
            record(resolved(1, opened=at(10), ended=at(100, "boot-b")), exact=False),
            "resolved, 2026-09-21 14:13:30 to 2026-09-22 14:15:00 UTC (at least 90.0 s)",
            id="resolved-another-day",
        ),
    ],
)
def test_headline(told: IncidentRecord, expected: str) -> None:
    assert headline(told) == f"bond.member_down on bond0/eth1, {expected}"


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        pytest.param([], "no open incident", id="none"),
        pytest.param([resolved(1, opened=at(1), ended=at(2))], "no open incident", id="only-resolved"),
        pytest.param([incident()], "1 incident open, the worst is warning", id="one"),
        pytest.param(
            [incident(), incident(2, severity=Severity.CRITICAL)],
            "2 incidents open, the worst is critical",
            id="two",
        ),
        pytest.param([incident(state=IncidentState.PENDING)], "1 incident pending", id="pending"),
        pytest.param(
            [incident(), incident(2, severity=Severity.CRITICAL, state=IncidentState.PENDING)],
            "1 incident open, the worst is warning; 1 incident pending",
            id="both",
        ),
    ],
)
def test_tally(incidents: Sequence[Incident], expected: str) -> None:
    assert tally([record(one) for one in incidents]) == expected


def test_what_to_do_is_said_once_for_each_fault() -> None:
    records = [record(incident(n, summary=f"eth{n} is down")) for n in (1, 2, 3)]
    told = render_plain(story(records, FAULTS))
    assert told.count("It hurts.") == told.count("Mend it.") == 1
    assert told.count("    what to do  as #1\n") == 1
    assert told.endswith("eth3 is down\n    what to do  as #1")


def test_what_is_resolved_needs_nothing_done() -> None:
    told = render_plain(story([record(resolved(1, opened=at(10), ended=at(100)))], FAULTS))
    assert told == (
        "#1 warning  bond.member_down on bond0/eth1, resolved, 2026-09-21 14:13:30 to 14:15:00 UTC (90.0 s)\n"
        "    eth1 is down"
    )


@pytest.mark.parametrize(
    ("one", "last"),
    [
        pytest.param(
            incident(state=IncidentState.PENDING), "    fires       when it has lasted 60.0 s", id="pending"
        ),
        pytest.param(
            incident(fault=STEP.code, subject="clock"), "    resolves    after 1 h without another", id="event"
        ),
        pytest.param(incident(), "    what to do  Mend it.", id="lasting"),
    ],
)
def test_what_comes_next_by_itself(one: Incident, last: str) -> None:
    assert render_plain(story([record(one)], FAULTS)).splitlines()[-1] == last


def test_who_comes_later_sees_what_was_tried_and_what_could_be() -> None:
    attempts = (
        attempt(1, Outcome.CLOSED, "approved, as try 2"),
        attempt(2, Outcome.ROLLED_BACK, "still down"),
        attempt(3, Outcome.PROPOSED),
    )
    told = render_plain(story([record(incident(), attempts=attempts)], FAULTS))
    assert told.splitlines()[-3:] == [
        "    tried       ip link set dev eth1 up at 2026-09-21 14:14:30 UTC, rolled back: still down (try 2)",
        "    could run   ip link set dev eth1 up",
        "    allow it    watchdog heal 1 --apply",
    ]


def tree(*incidents: Incident) -> list[str]:
    """Return the labels and headlines of the story, its blank lines as "", advice left out."""
    told = render_plain(story([record(one) for one in incidents], {})).splitlines()
    labels = [line.split(" on ")[0] for line in told if not line or ("#" in line and "caused by" not in line)]
    return [" ".join(label.split("  ")) for label in labels]


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        pytest.param(
            [
                incident(1, fault="v"),
                incident(2, fault="s", caused_by=(1,)),
                incident(3, fault="k", caused_by=(2,)),
            ],
            ["#1 warning v", " └ #2 warning s", "  └ #3 warning k"],
            id="one-chain",
        ),
        pytest.param(
            [incident(1, fault="v"), incident(2, fault="n"), incident(3, fault="s", caused_by=(2, 1))],
            ["#2 warning n", "or #1 warning v", " └ #3 warning s"],
            id="the-likelier-cause-first-the-other-right-behind-it",
        ),
        pytest.param(
            [
                incident(1, fault="v"),
                incident(2, fault="n"),
                incident(3, fault="s", caused_by=(2, 1)),
                incident(4, fault="f", caused_by=(1,)),
            ],
            ["#1 warning v", " └ #4 warning f", "", "#2 warning n", " └ #3 warning s"],
            id="a-cause-with-a-place-of-its-own-keeps-it",
        ),
        pytest.param(
            [
                incident(1, fault="v"),
                incident(2, fault="n"),
                incident(3, fault="s", caused_by=(2, 1)),
                incident(4, fault="f", caused_by=(2, 1)),
            ],
            ["#2 warning n", "or #1 warning v", " └ #3 warning s", " └ #4 warning f"],
            id="two-effects-of-the-same-two",
        ),
        pytest.param(
            [incident(1, fault="v"), incident(2, fault="s", caused_by=(7, 1))],
            ["#1 warning v", " └ #2 warning s"],
            id="a-cause-that-is-not-shown",
        ),
        pytest.param(
            [incident(1, fault="v", caused_by=(2,)), incident(2, fault="s", caused_by=(1,))],
            ["#1 warning v", " └ #2 warning s"],
            id="a-circle-in-foreign-data-is-shown",
        ),
    ],
)
def test_the_tree(incidents: Sequence[Incident], expected: list[str]) -> None:
    assert tree(*incidents) == expected


def test_another_possible_cause_is_named_and_has_its_own_advice() -> None:
    step = incident(3, fault=STEP.code, subject="clock", caused_by=(1, 2), summary="went back")
    other = incident(2, fault="n", summary="n may step")
    faults = FAULTS | {"n": DOWN}
    told = render_plain(story([record(incident(1)), record(other), record(step)], faults))
    assert "or #2 warning  n on" in told
    assert "  or caused by #2" in told.splitlines()[-1]
    assert told.count("Mend it.") == 1, "once for each fault"


@pytest.mark.parametrize(
    ("causes", "said"),
    [
        pytest.param((1,), "\n  caused by #1", id="one"),
        pytest.param((1, 2), "\n  caused by #1 or #2", id="the-likeliest-first"),
    ],
)
def test_a_cause_that_is_over_and_not_shown_is_named(causes: tuple[int, ...], said: str) -> None:
    step = incident(3, fault="s", caused_by=causes)
    assert said in render_plain(story([record(step)], FAULTS)).replace("\n    ", "\n  ")


def test_what_was_refused_before_any_step_was_planned_has_no_hole_in_its_line() -> None:
    refused = replace(attempt(1, Outcome.REFUSED, "too soon"), plan=Plan(summary="", steps=()))
    told = render_plain(story([record(incident(), attempts=(refused,))], FAULTS))
    assert "\n    tried       at 2026-09-21 14:14:30 UTC, refused: too soon (try 1)" in told


@pytest.mark.parametrize(
    ("likely", "possibly"),
    [
        pytest.param({}, False, id="no-check-looks-for-who-did-it"),
        pytest.param({"likely_causes": ["v"]}, False, id="named"),
        pytest.param({"likely_causes": []}, True, id="nobody-named"),
        pytest.param({"likely_causes": ["n"]}, True, id="another-named"),
        pytest.param({"likely_causes": 7}, False, id="foreign-data"),
    ],
)
def test_a_cause_that_nothing_names_is_only_possible(likely: Mapping[str, Json], possibly: bool) -> None:
    step = replace(incident(2, fault="s", caused_by=(1,)), evidence=likely)
    told = render_plain(story([record(incident(1, fault="v")), record(step)], FAULTS))
    assert ("possibly caused by #1: nothing names who did it" in told) is possibly


def test_what_a_check_worked_out_for_this_host_outweighs_the_catalogue() -> None:
    one = replace(incident(), evidence={"advice": "Put it into /etc/here."})
    told = render_plain(story([record(one)], FAULTS))
    assert "what to do  Put it into /etc/here." in told
    assert "Mend it." not in told
