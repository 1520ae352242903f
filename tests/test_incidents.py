"""A story is a list of runs; each run is what one check said and what came of it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from watchdog.flapping import Track
from watchdog.incidents import Advanced, Key, State, advance
from watchdog.model import (
    Cause,
    CheckResult,
    Fault,
    Finding,
    Incident,
    IncidentState,
    Reach,
    Severity,
    Stamp,
    Transition,
    Unseen,
)
from watchdog.telling import outages

PENDING, FIRING, RESOLVED = IncidentState
WARNING, CRITICAL = Severity


def fault(code: str, *, causes: tuple[Cause, ...] = (), event: bool = False, pending: float = 0.0) -> Fault:
    return Fault(
        code=code,
        title=code,
        severity=CRITICAL,
        why="it hurts",
        advice="mend it",
        causes=causes,
        event=event,
        quiet_seconds=3600.0,
        pending_seconds=pending,
    )


DOWN = fault("bond.down")
MEMBER = fault("bond.member", causes=(Cause(fault="bond.down", reach=Reach.SUBJECT),))
SLOW = fault("bond.slow", pending=120.0)
STEP = fault("clock.step", event=True)
SERVICE = fault("service.down", causes=(Cause(fault="clock.step"), Cause(fault="bond.member")))
FAULTS = {one.code: one for one in (DOWN, MEMBER, SLOW, STEP, SERVICE)}


def at(seconds: float, boot: str = "boot-1") -> Stamp:
    return Stamp(boot_id=boot, boottime_ns=int(seconds * 1e9), wall_ns=1_700_000_000_000_000_000)


def said(check: str, *findings: Finding, unseen: tuple[str, ...] = ()) -> CheckResult:
    return CheckResult(
        check=check,
        judged=True,
        findings=findings,
        unseen=tuple(Unseen(subject=subject, reason="gone while reading") for subject in unseen),
    )


def unknown(check: str, *findings: Finding) -> CheckResult:
    return CheckResult(check=check, judged=False, reason="needs CAP_NET_ADMIN", findings=findings)


def absent(check: str) -> CheckResult:
    return CheckResult(check=check, judged=True, applicable=False, reason="no bond on this host")


def through(*runs: tuple[Stamp, Sequence[CheckResult]], state: State | None = None) -> tuple[Advanced, ...]:
    """Advance run by run and return what each changed."""
    state = state or State()
    story = []
    for now, results in runs:
        story.append(advance(state, results, FAULTS, now))
        state = story[-1].state
    return tuple(story)


def changes(*story: Advanced) -> list[tuple[int, IncidentState | None, IncidentState]]:
    return [(one.incident_id, one.before, one.after) for advanced in story for one in advanced.transitions]


def only(advanced: Advanced) -> Incident:
    """Return the one incident that is open."""
    (incident,) = advanced.state.incidents.values()
    return incident


EMPTY = said("bond")
BOND_DOWN = said("bond", DOWN.on("bond0", "down"))
BOND_SLOW = said("bond", SLOW.on("bond0", "slow"))
STEPPED = said("clock", STEP.on("clock", "stepped"))
QUIET = said("clock")


def more_of(what: str, severity: Severity = CRITICAL, **evidence: str) -> Finding:
    return replace(STEP.on("clock", what, severity=severity, **evidence), completes=True)


def test_what_completes_an_event_says_more_of_it_and_is_no_further_occurrence() -> None:
    warning = said("clock", STEP.on("clock", "stepped", severity=WARNING))
    first, second = through((at(0), [warning]), (at(5), [said("clock", more_of("by ntpd", author="ntpd"))]))
    incident = only(second)
    assert (incident.summary, incident.evidence, incident.severity) == ("by ntpd", {"author": "ntpd"}, CRITICAL)
    assert (incident.occurrences, incident.last_seen, incident.id) == (1, at(0), only(first).id)
    assert changes(first, second) == [(1, None, FIRING), (1, FIRING, FIRING)]
    assert second.changed == (incident,)


def test_what_completes_is_no_less_bad_than_it_was_and_opens_nothing() -> None:
    milder = said("clock", more_of("by ntpd", WARNING))
    assert only(through((at(0), [STEPPED]), (at(5), [milder]))[1]).severity is CRITICAL
    assert through((at(0), [milder]))[0].changed == ()


def test_what_happened_comes_before_what_completes_something_older() -> None:
    both = said("clock", more_of("by ntpd"), STEP.on("clock", "again", severity=WARNING), more_of("by hand"))
    incident = only(through((at(0), [STEPPED]), (at(5), [both]))[1])
    assert (incident.summary, incident.occurrences, incident.last_seen) == ("again", 2, at(5))


def test_what_lasts_cannot_be_completed_but_is_seen_again() -> None:
    again = said("bond", replace(DOWN.on("bond0", "still down"), completes=True))
    incident = only(through((at(0), [BOND_DOWN]), (at(5), [again]))[1])
    assert (incident.summary, incident.last_seen) == ("still down", at(5))


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param([(at(0), [EMPTY])], [], id="nothing-found"),
        pytest.param([(at(0), [BOND_DOWN])], [(1, None, FIRING)], id="fires-at-once"),
        pytest.param([(at(0), [BOND_DOWN]), (at(9), [BOND_DOWN])], [(1, None, FIRING)], id="lasts"),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(9), [EMPTY])], [(1, None, FIRING), (1, FIRING, RESOLVED)], id="resolves"
        ),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(9), [EMPTY]), (at(18), [BOND_DOWN])],
            [(1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING)],
            id="comes-back-as-another-incident",
        ),
        pytest.param(
            [(at(0), [BOND_SLOW]), (at(119.9), [BOND_SLOW])], [(1, None, PENDING)], id="pending-until-it-lasted"
        ),
        pytest.param(
            [(at(0), [BOND_SLOW]), (at(120), [BOND_SLOW])],
            [(1, None, PENDING), (1, PENDING, FIRING)],
            id="pending-fires-when-it-lasted",
        ),
        pytest.param(
            [(at(0), [BOND_SLOW]), (at(500), [EMPTY])],
            [(1, None, PENDING), (1, PENDING, RESOLVED)],
            id="pending-and-gone-is-dropped",
        ),
        pytest.param(
            [(at(0), [BOND_SLOW]), (at(500), [unknown("bond")]), (at(501), [BOND_SLOW])],
            [(1, None, PENDING), (1, PENDING, FIRING)],
            id="pending-does-not-fire-on-unknown",
        ),
        pytest.param(
            [(at(900), [BOND_SLOW]), (at(119, "boot-2"), [BOND_SLOW])],
            [(1, None, PENDING)],
            id="pending-across-a-reboot-counts-this-boot-only",
        ),
        pytest.param(
            [(at(900), [BOND_SLOW]), (at(120, "boot-2"), [BOND_SLOW])],
            [(1, None, PENDING), (1, PENDING, FIRING)],
            id="pending-across-a-reboot-fires-when-this-boot-is-long-enough",
        ),
        pytest.param(
            [(at(0), [STEPPED]), (at(3599), [QUIET])], [(1, None, FIRING)], id="event-stays-until-it-is-quiet"
        ),
        pytest.param(
            [(at(0), [STEPPED]), (at(3600), [QUIET])],
            [(1, None, FIRING), (1, FIRING, RESOLVED)],
            id="event-resolves-when-quiet",
        ),
        pytest.param(
            [(at(0), [STEPPED]), (at(3000), [STEPPED]), (at(6599), [QUIET])],
            [(1, None, FIRING)],
            id="event-is-quiet-since-the-last-one",
        ),
        pytest.param(
            [(at(9000), [STEPPED]), (at(3599, "boot-2"), [QUIET])],
            [(1, None, FIRING)],
            id="quiet-across-a-reboot-is-not-cut-short",
        ),
        pytest.param(
            [(at(0), [STEPPED]), (at(9999), [unknown("clock")]), (at(9999), [EMPTY])],
            [(1, None, FIRING)],
            id="event-does-not-resolve-on-unknown-nor-by-another-check",
        ),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(9), [unknown("bond")])], [(1, None, FIRING)], id="unknown-does-not-resolve"
        ),
        pytest.param(
            [(at(0), [unknown("bond", *BOND_DOWN.findings)])], [], id="unknown-does-not-open-whatever-it-carries"
        ),
        pytest.param([(at(0), [BOND_DOWN]), (at(9), [QUIET])], [(1, None, FIRING)], id="another-check-ran"),
        pytest.param([(at(0), [BOND_DOWN]), (at(9), [])], [(1, None, FIRING)], id="no-check-ran"),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(9), [absent("bond")])],
            [(1, None, FIRING), (1, FIRING, RESOLVED)],
            id="not-applicable-resolves",
        ),
        pytest.param(
            [(at(0), [STEPPED]), (at(9), [absent("clock")])],
            [(1, None, FIRING), (1, FIRING, RESOLVED)],
            id="not-applicable-resolves-an-event-before-it-is-quiet",
        ),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(9), [said("bond", unseen=("bond0",))])],
            [(1, None, FIRING)],
            id="unseen-does-not-resolve",
        ),
        pytest.param(
            [(at(0), [said("bond", MEMBER.on("bond0/eth1", ""))]), (at(9), [said("bond", unseen=("bond0",))])],
            [(1, None, FIRING)],
            id="unseen-covers-what-is-below",
        ),
        pytest.param(
            [(at(0), [said("bond", DOWN.on("bond01", ""))]), (at(9), [said("bond", unseen=("bond0",))])],
            [(1, None, FIRING), (1, FIRING, RESOLVED)],
            id="unseen-does-not-cover-a-longer-name",
        ),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(9), [said("bond", unseen=("bond0/eth1",))])],
            [(1, None, FIRING), (1, FIRING, RESOLVED)],
            id="unseen-does-not-cover-what-is-above",
        ),
        pytest.param(
            [(at(0), [said("bond", *BOND_DOWN.findings, unseen=("bond0",))])],
            [(1, None, FIRING)],
            id="what-was-found-counts-though-not-all-was-seen",
        ),
        pytest.param(
            [(at(0), [STEPPED]), (at(9999), [said("clock", unseen=("clock",))])],
            [(1, None, FIRING)],
            id="unseen-is-not-quiet",
        ),
        pytest.param(
            [(at(0), [said("bond", SERVICE.on("dovecot", ""))])], [], id="a-fault-of-another-check-opens-nothing"
        ),
        pytest.param(
            [(at(0), [said("bond", fault("bond.unheard_of").on("bond0", ""))])],
            [],
            id="a-fault-not-in-the-catalogue-opens-nothing",
        ),
        pytest.param(
            [
                (
                    at(0),
                    [said("clock", STEP.on("clock", "")), said("bond", SLOW.on("b", ""), DOWN.on("a", ""))],
                )
            ],
            [(1, None, FIRING), (2, None, PENDING), (3, None, FIRING)],
            id="ids-in-the-order-of-results-then-of-findings",
        ),
        pytest.param(
            [(at(0), [BOND_DOWN, EMPTY, BOND_DOWN])],
            [(1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING)],
            id="one-check-thrice-in-a-run-counts-one-after-the-other",
        ),
    ],
)
def test_transitions(
    runs: list[tuple[Stamp, list[CheckResult]]], expected: list[tuple[int, IncidentState | None, IncidentState]]
) -> None:
    assert changes(*through(*runs)) == expected


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        pytest.param([(at(0), [BOND_DOWN])], "found", id="fires"),
        pytest.param([(at(0), [BOND_SLOW])], "found; fires when it has lasted 2 min", id="pending"),
        pytest.param([(at(0), [BOND_SLOW]), (at(120), [BOND_SLOW])], "still found after 2 min", id="lasted"),
        pytest.param(
            [(at(0), [BOND_SLOW]), (at(1), [EMPTY])], "gone before it had lasted 2 min", id="pending-dropped"
        ),
        pytest.param([(at(0), [BOND_DOWN]), (at(1), [EMPTY])], "no longer found", id="resolved"),
        pytest.param([(at(0), [STEPPED]), (at(3600), [QUIET])], "quiet for 1 h", id="event-resolved"),
        pytest.param(
            [(at(0), [BOND_DOWN]), (at(1), [absent("bond")])],
            "not applicable: no bond on this host",
            id="not-applicable",
        ),
    ],
)
def test_a_transition_says_why(runs: list[tuple[Stamp, list[CheckResult]]], reason: str) -> None:
    assert through(*runs)[-1].transitions[-1].reason == reason


def test_an_incident_opens_with_all_that_was_found() -> None:
    finding = DOWN.on("bond0", "bond0 is down", severity=WARNING, members=2)
    advanced = advance(State(next_id=7), [said("bond", finding)], FAULTS, at(5))
    incident = Incident(
        id=7,
        fault="bond.down",
        subject="bond0",
        severity=WARNING,
        state=FIRING,
        summary="bond0 is down",
        evidence={"members": 2},
        opened=at(5),
        last_seen=at(5),
        fired=at(5),
        told=WARNING,
    )
    assert advanced == Advanced(
        state=State(incidents={incident.key: incident}, tracks={incident.key: Track(recent="01")}, next_id=8),
        changed=(incident,),
        transitions=(Transition(incident_id=7, at=at(5), before=None, after=FIRING, reason="found"),),
    )


def test_a_pending_incident_has_not_fired() -> None:
    first, second = through((at(0), [BOND_SLOW]), (at(130), [BOND_SLOW]))
    assert (only(first).state, only(first).fired, only(first).told) == (PENDING, None, None)
    assert (only(second).opened, only(second).fired) == (at(0), at(130))


def test_a_lasting_fault_follows_its_newest_finding() -> None:
    better = DOWN.on("bond0", "one member is back", severity=WARNING, up=1)
    _, second = through((at(0), [BOND_DOWN]), (at(9), [said("bond", better)]))
    now = only(second)
    assert (now.summary, now.evidence, now.severity) == ("one member is back", {"up": 1}, WARNING)
    assert (now.opened, now.last_seen, now.occurrences) == (at(0), at(9), 1)
    assert second.changed == (now,)
    assert not second.transitions


def test_each_new_event_counts_and_is_told_of_in_the_newest_words() -> None:
    again = STEP.on("clock", "stepped again", severity=WARNING, seconds=-0.6)
    *_, last = through((at(0), [STEPPED]), (at(9), [QUIET]), (at(18), [said("clock", again)]))
    now = only(last)
    assert (now.occurrences, now.summary, now.evidence) == (2, "stepped again", {"seconds": -0.6})
    assert now.last_seen == at(18)


def test_every_event_counts_also_when_one_look_finds_several() -> None:
    thrice = said("clock", *(STEP.on("clock", f"step {number}") for number in range(3)))
    first, second, last = through((at(0), [thrice]), (at(9), [STEPPED]), (at(18), [thrice]))
    assert [only(one).occurrences for one in (first, second, last)] == [3, 4, 7]


def test_what_lasts_is_one_however_often_a_look_says_so() -> None:
    twice = said("bond", *(DOWN.on("bond0", "down") for _ in range(2)))
    first, second = through((at(0), [twice]), (at(9), [twice]))
    assert [only(one).occurrences for one in (first, second)] == [1, 1]


@pytest.mark.parametrize("severities", [(WARNING, CRITICAL), (CRITICAL, WARNING)])
def test_an_event_is_as_bad_as_its_worst_until_it_is_quiet(severities: tuple[Severity, Severity]) -> None:
    *_, last = through(*((at(9), [said("clock", STEP.on("clock", "", severity=one))]) for one in severities))
    assert only(last).severity is CRITICAL


@pytest.mark.parametrize(
    ("severities", "chosen"),
    [
        pytest.param([WARNING, CRITICAL], 1, id="worse-comes-later"),
        pytest.param([CRITICAL, WARNING], 0, id="worse-comes-first"),
        pytest.param([CRITICAL, CRITICAL], 0, id="the-first-of-equals"),
    ],
)
def test_of_findings_of_one_key_the_worse_wins(severities: list[Severity], chosen: int) -> None:
    findings = [STEP.on("clock", str(number), severity=one) for number, one in enumerate(severities)]
    (advanced,) = through((at(0), [said("clock", *findings)]))
    assert only(advanced).summary == str(chosen)


def test_a_resolved_incident_leaves_the_state_and_keeps_what_it_was() -> None:
    first, second = through((at(0), [BOND_DOWN]), (at(9), [EMPTY]))
    assert not second.state.incidents
    assert second.changed == (replace(only(first), state=RESOLVED, resolved=at(9)),)


def test_a_fault_no_longer_known_resolves_whichever_check_ran() -> None:
    (first,) = through((at(0), [BOND_DOWN, STEPPED]))
    second = advance(first.state, [], {"clock.step": STEP}, at(9))
    assert [(one.fault, one.state) for one in second.changed] == [("bond.down", RESOLVED)]
    assert [one.reason for one in second.transitions] == ["fault no longer known"]
    assert set(second.state.incidents) == {("clock.step", "clock")}
    assert not second.state.tracks


def test_what_did_not_change_is_not_among_the_changed() -> None:
    first, second = through((at(0), [BOND_DOWN, STEPPED]), (at(9), [BOND_DOWN, QUIET]))
    assert [one.fault for one in first.changed] == ["bond.down", "clock.step"]
    assert [one.fault for one in second.changed] == ["bond.down"]  # seen again; the clock was only quiet


# Flapping


def bond(results: str) -> list[tuple[Stamp, list[CheckResult]]]:
    return [(at(60 * n), [BOND_DOWN if result == "1" else EMPTY]) for n, result in enumerate(results)]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param("101", [(1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING)], id="comes-back-once"),
        pytest.param(
            "101010",
            [
                (1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING), (2, FIRING, RESOLVED),
                (3, None, FIRING), (3, FIRING, FIRING),
            ],
            id="the-third-time-it-stays",
        ),
        pytest.param(
            "101010" + "10" * 9,
            [
                (1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING), (2, FIRING, RESOLVED),
                (3, None, FIRING), (3, FIRING, FIRING),
            ],
            id="and-goes-on-without-a-word",
        ),
        pytest.param(
            "101010" + "0" * 16,
            [
                (1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING), (2, FIRING, RESOLVED),
                (3, None, FIRING), (3, FIRING, FIRING),
            ],
            id="held-while-four-changes-are-in-the-window",
        ),
        pytest.param(
            "101010" + "0" * 17,
            [
                (1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING), (2, FIRING, RESOLVED),
                (3, None, FIRING), (3, FIRING, FIRING), (3, FIRING, RESOLVED),
            ],
            id="resolves-when-settled-and-gone",
        ),
        pytest.param(
            "101010" + "1" * 18,
            [
                (1, None, FIRING), (1, FIRING, RESOLVED), (2, None, FIRING), (2, FIRING, RESOLVED),
                (3, None, FIRING), (3, FIRING, FIRING), (3, FIRING, FIRING),
            ],
            id="ends-when-settled-and-still-there",
        ),
    ],
)  # fmt: skip
def test_a_fault_that_comes_and_goes(
    results: str, expected: list[tuple[int, IncidentState | None, IncidentState]]
) -> None:
    assert changes(*through(*bond(results))) == expected


def test_flapping_says_when_it_begins_and_ends() -> None:
    story = through(*bond("101010" + "1" * 18))
    begin, end = (one.reason for advanced in story for one in advanced.transitions if one.before is one.after)
    assert begin == "flapping: came or went 6 times in the last 7 results (begins at 6)"
    assert end == "no longer flapping: came or went 3 times in the last 21 results (ends below 4)"
    assert only(story[5]).flapping
    assert not only(story[-1]).flapping


def test_unknown_results_do_not_count_as_coming_or_going() -> None:
    runs = [run for one in bond("10" * 2) for run in (one, (one[0], [unknown("bond")]))]
    assert through(*runs)[-1].state.tracks == {("bond.down", "bond0"): Track(recent="01010")}


def test_an_event_does_not_flap() -> None:
    story = through(*((at(5000 * n), [STEPPED if n % 2 else QUIET]) for n in range(40)))
    assert not story[-1].state.tracks
    assert not any(one.flapping for advanced in story for one in advanced.changed)


def test_a_pending_incident_of_a_flapping_fault_is_still_dropped() -> None:
    story = through(*((at(60 * n), [EMPTY if n % 2 else BOND_SLOW]) for n in range(40)))
    assert {(before, after) for _, before, after in changes(*story)} == {(None, PENDING), (PENDING, RESOLVED)}


def test_it_flaps_from_the_moment_it_fires() -> None:
    runs = [(at(60 * n), [EMPTY if n % 2 else BOND_SLOW]) for n in range(6)]
    story = through(*runs, (at(360), [BOND_SLOW]), (at(480), [BOND_SLOW]))
    assert changes(story[-1]) == [(4, PENDING, FIRING), (4, FIRING, FIRING)]


def test_not_applicable_ends_flapping_too() -> None:
    story = through(*bond("101010"), (at(999), [absent("bond")]))
    assert changes(story[-1]) == [(3, FIRING, RESOLVED)]
    assert not story[-1].changed[0].flapping
    assert not story[-1].state.tracks


@pytest.mark.parametrize(
    ("results", "kept"),
    [
        pytest.param("0" * 30, False, id="never-seen"),
        pytest.param("1" + "0" * 20, True, id="seen-within-21-results"),
        pytest.param("1" + "0" * 21, False, id="not-seen-for-21-results"),
        pytest.param("1" + "0" * 21 + "0", False, id="and-does-not-come-back-by-itself"),
    ],
)
def test_a_track_is_kept_while_it_says_something(results: str, kept: bool) -> None:
    assert bool(through(*bond(results))[-1].state.tracks) is kept


def test_a_forgotten_track_stays_forgotten_when_the_check_ran_twice() -> None:
    story = through(*bond("1" + "0" * 20), (at(9999), [EMPTY, EMPTY]))
    assert not story[-1].state.tracks


# Causes: the rules are told in test_causes; here that each run looks at all incidents again.


def test_an_incident_is_linked_to_a_cause_that_another_check_finds_later() -> None:
    service = said("service", SERVICE.on("dovecot", "killed"))
    first, second = through((at(0), [service]), (at(9), [STEPPED]))
    assert not only(first).inhibited
    dovecot = second.state.incidents["service.down", "dovecot"]
    assert (dovecot.inhibited, dovecot.caused_by) == (True, (2,))
    assert dovecot in second.changed


def test_it_stays_linked_but_is_no_longer_inhibited_when_the_cause_is_gone() -> None:
    service = said("service", SERVICE.on("dovecot", "killed"))
    story = through((at(0), [STEPPED, service]), (at(3600), [QUIET]))
    assert (only(story[-1]).inhibited, only(story[-1]).caused_by) == (False, (1,))


def test_what_resolves_is_no_longer_inhibited() -> None:
    service = said("service", SERVICE.on("dovecot", "killed"))
    story = through((at(0), [STEPPED, service]), (at(9), [said("service")]))
    assert [(one.id, one.state, one.inhibited) for one in story[-1].changed] == [(2, RESOLVED, False)]


# What there was to tell


def told(*runs: tuple[Stamp, Sequence[CheckResult]]) -> list[Severity | None]:
    """Return what was told, run by run, of dovecot."""
    latest: list[Severity | None] = [None]
    for advanced in through(*runs):
        latest.append(next((one.told for one in advanced.changed if one.subject == "dovecot"), latest[-1]))
    return latest[1:]


def dovecot(severity: Severity = CRITICAL) -> CheckResult:
    return said("service", SERVICE.on("dovecot", "killed", severity=severity))


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param([(at(0), [dovecot(WARNING)])], [WARNING], id="fires"),
        pytest.param([(at(0), [dovecot(WARNING)]), (at(1), [dovecot()])], [WARNING, CRITICAL], id="worsens"),
        pytest.param(
            [(at(0), [dovecot()]), (at(1), [dovecot(WARNING)])], [CRITICAL, CRITICAL], id="what-was-said-stays"
        ),
        pytest.param([(at(0), [STEPPED, dovecot()])], [None], id="inhibited"),
        pytest.param(
            [(at(0), [STEPPED, dovecot()]), (at(1), [said("service")])], [None, None], id="resolved-untold"
        ),
        pytest.param(
            [(at(0), [STEPPED, dovecot()]), (at(3600), [QUIET])], [None, CRITICAL], id="its-cause-is-gone"
        ),
        pytest.param(
            [(at(0), [dovecot()]), (at(1), [STEPPED]), (at(2), [said("service")])],
            [CRITICAL] * 3,
            id="inhibited-only-after-it-was-told",
        ),
    ],
)
def test_an_incident_knows_how_loudly_it_was_told(
    runs: list[tuple[Stamp, list[CheckResult]]], expected: list[Severity | None]
) -> None:
    assert told(*runs) == expected


# Whatever happens

SUBJECTS = ("s", "s/1", "s/1/x", "s/2", "t")
ALL_CHECKS = ("bond", "clock", "service")


@dataclass(frozen=True)
class Clock:
    """A host's clocks: the machine may reboot, and sleep (BOOTTIME jumps), and have its wall clock set."""

    boot: int = 0
    seconds: float = 0.0
    wall_ns: int = 1_700_000_000_000_000_000

    def stamp(self) -> Stamp:
        return Stamp(boot_id=f"boot-{self.boot}", boottime_ns=int(self.seconds * 1e9), wall_ns=self.wall_ns)


@st.composite
def clocks(draw: st.DrawFn, before: Clock) -> Clock:
    wall_ns = draw(st.one_of(st.just(before.wall_ns), st.integers(0, 2**62)))
    length = draw(st.sampled_from([0.0, 1.0, 60.0, 119.0, 120.0, 3600.0, 86_400.0 * 30]))
    if draw(st.integers(0, 9)) == 0:
        return Clock(boot=before.boot + 1, seconds=length, wall_ns=wall_ns)
    return Clock(boot=before.boot, seconds=before.seconds + length, wall_ns=wall_ns)


def findings_of(check: str) -> st.SearchStrategy[tuple[Finding, ...]]:
    codes = [one for one in FAULTS.values() if one.check == check]
    finding = st.builds(
        lambda of, subject, severity: of.on(subject, f"{of.code} on {subject}", severity=severity),
        st.sampled_from(codes),
        st.sampled_from(SUBJECTS),
        st.sampled_from(Severity),
    )
    return st.lists(finding, max_size=4).map(tuple)


@st.composite
def results(draw: st.DrawFn, checks: Sequence[str] = ALL_CHECKS) -> CheckResult:
    check = draw(st.sampled_from(checks))
    findings = draw(findings_of(check))
    match draw(st.sampled_from(["judged"] * 6 + ["unknown", "absent"])):
        case "unknown":
            return unknown(check, *findings)
        case "absent":
            return absent(check)
        case _:
            unseen = draw(st.lists(st.sampled_from(SUBJECTS), max_size=1).map(tuple))
            return said(check, *findings, unseen=unseen)


class Life(RuleBasedStateMachine):
    """Any story of a host; what must hold of every incident after every run."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.state = State()
        self.runs: list[tuple[State, list[CheckResult], Stamp, Advanced]] = []
        self.latest: dict[int, IncidentState] = {}
        self.told: dict[int, Severity | None] = {}

    @rule(data=st.data(), said_now=st.lists(results(), max_size=4))
    def run(self, data: st.DataObject, said_now: list[CheckResult]) -> None:
        self.clock = data.draw(clocks(self.clock))
        self._advance(said_now)

    @rule(check=st.sampled_from(ALL_CHECKS), times=st.integers(1, 12))
    def come_and_go(self, check: str, times: int) -> None:
        """Let a fault come and go, as random results do too rarely for it to flap."""
        of = next(one for one in FAULTS.values() if one.check == check)
        for number in range(times):
            self.clock = dataclasses.replace(self.clock, seconds=self.clock.seconds + 60)
            self._advance([said(check, of.on("s", "again")) if number % 2 else said(check)])

    @precondition(lambda self: self.runs)
    @rule()
    def replay(self) -> None:
        state, said_then, now, advanced = self.runs[-1]
        assert advance(state, said_then, FAULTS, now) == advanced

    @rule(check=st.sampled_from(ALL_CHECKS), findings=findings_of("bond"), deaf=st.booleans())
    def see_nothing(self, check: str, findings: tuple[Finding, ...], deaf: bool) -> None:
        """Neither unknown nor a run of which all was unseen opens or resolves anything."""
        blind = said("bond", unseen=("s", "t")) if deaf else unknown(check, *findings)
        before = self.state
        self._advance([blind])
        assert not self.runs[-1][3].transitions
        assert not self.runs[-1][3].changed
        assert self.state == before

    def _advance(self, said_now: list[CheckResult]) -> None:
        before, incidents, tracks = self.state, dict(self.state.incidents), dict(self.state.tracks)
        advanced = advance(before, said_now, FAULTS, self.clock.stamp())
        assert (before.incidents, before.tracks) == (incidents, tracks), "the input was changed"
        self.runs.append((before, said_now, self.clock.stamp(), advanced))
        self._follow(before, advanced)
        self.state = advanced.state

    def _follow(self, before: State, advanced: Advanced) -> None:
        changed = {one.id: one for one in advanced.changed}
        assert len(changed) == len(advanced.changed)
        for change in advanced.transitions:
            assert change.before is self.latest.get(change.incident_id), "not a path"
            assert change.before is not RESOLVED
            if change.before is change.after:
                assert "flapping" in change.reason
            self.latest[change.incident_id] = change.after
            assert change.incident_id in changed
        for one in changed.values():
            assert self.latest[one.id] is one.state
            assert one.id < advanced.state.next_id
            was = self.told.get(one.id)
            assert one.told is was or one.state is FIRING, "told while nothing fired"
            self.told[one.id] = one.told
        kept = {one.id: one for one in before.incidents.values() if one.id not in changed}
        still = {number: one for number, one in changed.items() if one.state is not RESOLVED}
        assert {one.id: one for one in advanced.state.incidents.values()} == kept | still

    @invariant()
    def each_key_is_open_once_under_its_own_id(self) -> None:
        ids = [one.id for one in self.state.incidents.values()]
        assert len(set(ids)) == len(ids)
        assert all(key == one.key for key, one in self.state.incidents.items())
        assert all(one.state is not RESOLVED for one in self.state.incidents.values())

    @invariant()
    def what_is_inhibited_has_a_firing_cause_above(self) -> None:
        by_id = {one.id: one for one in self.state.incidents.values()}

        def fires_above(one: Incident) -> bool:
            causes = [by_id[number] for number in one.caused_by if number in by_id]
            return any(cause.state is FIRING or fires_above(cause) for cause in causes)

        assert all(one.inhibited is fires_above(one) for one in by_id.values())

    @invariant()
    def what_lasts_is_told_with_its_outage(self) -> None:
        for outage in outages(self.state.incidents.values()):
            loudest = Severity.worst(one.told for one in outage if one.told)
            for one in outage:
                if one.state is PENDING:
                    assert one.told is None
                elif not FAULTS[one.fault].event:
                    assert loudest in (one.severity, CRITICAL)

    @invariant()
    def flapping_holds_what_fires_and_has_a_track(self) -> None:
        for key, one in self.state.incidents.items():
            assert not one.flapping or (one.state is FIRING and self.state.tracks[key].flapping)

    @invariant()
    def memory_is_bounded(self) -> None:
        for key, track in self.state.tracks.items():
            assert not FAULTS[key[0]].event
            assert len(track.recent) <= 21
            assert key in self.state.incidents or "1" in track.recent


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase


@given(st.lists(results(), max_size=4), st.floats(0, 1e6), st.floats(0, 1e6))
def test_the_wall_clock_decides_nothing(said_now: list[CheckResult], first: float, second: float) -> None:
    """The same story with the wall clock set by years in between: the same states and reasons."""
    assume(first <= second)

    def story(wall_ns: int) -> list[tuple[Key, IncidentState, bool]]:
        later = replace(at(second), wall_ns=wall_ns)
        _, last = through((at(first), said_now), (later, [EMPTY, QUIET, said("service")]))
        return [(one.key, one.state, one.inhibited) for one in last.changed]

    assert story(0) == story(2**62)


@given(st.text("ab/", max_size=6), st.lists(st.text("ab/", max_size=4), max_size=3))
def test_unseen_covers_what_the_model_says_it_covers(subject: str, unseen: list[str]) -> None:
    """A fault that is no longer found resolves, unless its subject lies where something was unseen."""
    was = advance(State(), [said("bond", DOWN.on(subject, ""))], FAULTS, at(0)).state
    result = said("bond", unseen=tuple(unseen))
    advanced = advance(was, [result], FAULTS, at(9))
    assert bool(advanced.transitions) is not any(one.covers(subject) for one in result.unseen)
