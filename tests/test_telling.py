"""Who speaks for an outage, and when: a story is a list of runs, each the faults that are found in it.

`hazard` and `worse_hazard` last (as VMware's time sync, and an NTP daemon that may step), `step` and `killed`
happen, `down` lasts; each may be caused by those before it.
"""

from collections.abc import Sequence

import pytest

from watchdog.incidents import State, advance
from watchdog.model import Cause, CheckResult, Fault, Incident, IncidentState, Severity, Stamp
from watchdog.telling import above, outages, tell

WARNING, CRITICAL = Severity
HOUR = 3600.0


def fault(name: str, *causes: str, severity: Severity = CRITICAL, event: bool = False) -> Fault:
    return Fault(
        code=f"{name}.x",
        title=name,
        severity=severity,
        why="w",
        advice="a",
        causes=tuple(Cause(fault=f"{cause}.x") for cause in causes),
        event=event,
        quiet_seconds=HOUR,
    )


CATALOGUE = {
    "hazard": fault("hazard", severity=WARNING),
    "worse_hazard": fault("worse_hazard"),
    "step": fault("step", "worse_hazard", "hazard", event=True),
    "killed": fault("killed", "step", event=True),
    "down": fault("down", "killed"),
    "other": fault("other", event=True),
}
FAULTS = {one.code: one for one in CATALOGUE.values()}


def at(seconds: float) -> Stamp:
    return Stamp(boot_id="a", boottime_ns=int(seconds * 1e9), wall_ns=10**18)


def results(said: str) -> list[CheckResult]:
    """Return what every check says: `said` are the faults found, `!` marks those that are warnings only."""
    found = {word.rstrip("!"): WARNING if word.endswith("!") else None for word in said.split()}
    return [
        CheckResult(
            check=name,
            judged=True,
            findings=(one.on("s", name, severity=found[name]),) if name in found else (),
        )
        for name, one in CATALOGUE.items()
    ]


def told(story: Sequence[tuple[float, str]]) -> list[str]:
    """Return run by run who speaks for the first time or is told as worse, `!` as a warning only."""
    state, heard = State(), list[str]()
    for seconds, said in story:
        before = {one.id: one.told for one in state.incidents.values()}
        state = advance(state, results(said), FAULTS, at(seconds)).state
        speaking = [one for one in state.incidents.values() if one.told is not before.get(one.id)]
        words = [f"{one.summary}{'!' if one.told is WARNING else ''}" for one in speaking]
        heard.append(" ".join(sorted(words)))
    return heard


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param([(0, "hazard")], ["hazard!"], id="what-lasts"),
        pytest.param([(0, "step")], ["step"], id="what-happens"),
        pytest.param([(0, "hazard"), (9, "hazard")], ["hazard!", ""], id="once"),
        pytest.param(
            [(0, "hazard"), (9, "hazard step killed")], ["hazard!", "step"],
            id="a-standing-warning-does-not-swallow-the-outage",
        ),
        pytest.param(
            [(0, "worse_hazard"), (9, "worse_hazard step killed")], ["worse_hazard", "step"],
            id="nor-does-one-as-bad",
        ),
        pytest.param(
            [(0, "worse_hazard"), (9, "worse_hazard step!")], ["worse_hazard", "step!"],
            id="nor-one-that-is-worse",
        ),
        pytest.param([(0, "hazard step killed down")], ["step"], id="all-at-once-the-event-speaks"),
        pytest.param([(0, "hazard worse_hazard step killed")], ["step"], id="for-both-its-causes"),
        pytest.param([(0, "hazard step!")], ["step!"], id="no-louder-than-the-worst"),
        pytest.param([(0, "step! killed")], ["step"], id="as-loud-as-the-worst"),
        pytest.param(
            [(0, "hazard"), (1, "hazard step"), (2, "hazard killed")], ["hazard!", "step", ""], id="in-order"
        ),
        pytest.param(
            [(0, "killed"), (1, "step"), (2, "hazard worse_hazard")], ["killed", "", ""], id="in-the-other-order"
        ),
        pytest.param(
            [(0, "hazard"), (1, "hazard killed"), (2, "hazard step")], ["hazard!", "killed", ""],
            id="the-step-found-last",
        ),
        pytest.param([(0, "step"), (1, "down")], ["step", "down"], id="no-link-no-outage"),
        pytest.param([(0, "step killed"), (1, "down")], ["step", ""], id="what-it-led-to-later"),
        pytest.param(
            [(0, "step killed down"), (HOUR, "down")], ["step", "down"], id="what-outlasts-it-is-told-then"
        ),
        pytest.param(
            [(0, "hazard step"), (HOUR, "hazard")], ["step", "hazard!"],
            id="the-cause-that-outlasts-it-is-told-then",
        ),
        pytest.param(
            [(0, "killed"), (9, "step"), (HOUR, ""), (HOUR + 8, "")], ["killed", "", "", ""],
            id="an-event-is-no-news-later-because-what-spoke-for-it-is-over",
        ),
        pytest.param(
            [(0, "hazard step"), (60, "hazard step"), (120, "hazard step")], ["step", "", ""],
            id="again-within-the-hour",
        ),
        pytest.param(
            [(0, "hazard step"), (HOUR, "hazard"), (2 * HOUR, "hazard step")], ["step", "hazard!", "step"],
            id="again-after-it-was-over",
        ),
        pytest.param([(0, "step!"), (60, "step killed")], ["step!", "step"], id="again-and-worse"),
        pytest.param([(0, "step!"), (60, "killed")], ["step!", "killed"], id="an-effect-that-is-worse"),
        pytest.param([(0, "step! killed!"), (60, "down")], ["step!", "down"], id="what-lasts-and-is-worse"),
        pytest.param(
            [(0, "killed! step!"), (60, "step!"), (120, "hazard step!")], ["step!", "", ""],
            id="a-cause-no-worse-found-later",
        ),
        pytest.param(
            [(0, "killed! step!"), (60, "worse_hazard step!")], ["step!", "worse_hazard"],
            id="a-worse-cause-found-later",
        ),
        pytest.param(
            [(0, "down"), (60, "down killed")], ["down", "killed"], id="a-standing-effect-swallows-no-event"
        ),
        pytest.param([(0, "step other")], ["other step"], id="two-outages"),
    ],
)  # fmt: skip
def test_who_speaks(story: list[tuple[float, str]], expected: list[str]) -> None:
    assert told(story) == expected


LASTING = {
    "a.x": fault("a", severity=WARNING),
    "b.x": fault("b", "a"),
    "c.x": fault("c", "b"),
}


def lasting(
    number: int, code: str, *causes: int, severity: Severity = CRITICAL, told: Severity | None = None
) -> Incident:
    return Incident(
        id=number,
        fault=f"{code}.x",
        subject=str(number),
        severity=severity,
        state=IncidentState.FIRING,
        summary="",
        evidence={},
        opened=at(0),
        last_seen=at(0),
        caused_by=causes,
        told=told,
    )


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        pytest.param(
            [lasting(1, "a", severity=WARNING), lasting(2, "b", 1)], {1: CRITICAL}, id="the-root-as-bad-as-all"
        ),
        pytest.param(
            [lasting(1, "a", severity=WARNING, told=WARNING), lasting(2, "b", 1), lasting(3, "c", 2)],
            {1: WARNING, 2: CRITICAL}, id="under-a-told-root-the-topmost-that-is-worse",
        ),
        pytest.param(
            [lasting(1, "a", told=WARNING), lasting(2, "b", 1, severity=WARNING)], {1: CRITICAL},
            id="a-told-root-that-got-worse",
        ),
        pytest.param(
            [lasting(1, "a"), lasting(2, "a"), lasting(3, "b", 1, 2)], {1: CRITICAL, 2: CRITICAL},
            id="two-roots-of-what-lasts-are-two-faults",
        ),
        pytest.param([lasting(1, "b", 2), lasting(2, "b", 1)], {1: CRITICAL}, id="a-circle-from-bad-data"),
        pytest.param(
            [lasting(1, "b", 2), lasting(2, "b", 1), lasting(3, "a")], {1: CRITICAL, 3: CRITICAL},
            id="a-circle-beside-another",
        ),
        pytest.param([lasting(1, "a", 1, 99)], {1: CRITICAL}, id="links-to-itself-and-to-nobody"),
    ],
)  # fmt: skip
def test_who_speaks_for_what_only_lasts(incidents: list[Incident], expected: dict[int, Severity]) -> None:
    after = tell(incidents, {one.id: one for one in incidents}, LASTING)
    assert {one.id: one.told for one in after if one.told} == expected
    assert tell(after, {one.id: one for one in after}, LASTING) == after, "told once"


def test_outages_are_what_links_join() -> None:
    incidents = [lasting(1, "a"), lasting(2, "a"), lasting(3, "b", 1), lasting(4, "c", 3, 99), lasting(5, "b", 2)]
    assert [[one.id for one in outage] for outage in outages(incidents)] == [[1, 3, 4], [2, 5]]


def test_above_is_every_cause_of_a_cause() -> None:
    by_id = {
        one.id: one for one in (lasting(1, "a"), lasting(2, "b", 1, 3), lasting(3, "c", 2), lasting(4, "c", 3))
    }
    assert above(by_id[4], by_id) == {1, 2, 3}
    assert above(by_id[2], by_id) == {1, 3}
