from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from watchdog.guards import DAY_SECONDS, HOUR_SECONDS, Limits, Situation, permit
from watchdog.model import IncidentState
from watchdog.steps import RISKS

AUTO = Limits(mode="auto", attempts=3, cooldown_seconds=120.0, risk="low", hourly=2, daily=4, storm_families=3)
FREE = Situation(
    limits=AUTO,
    approved=False,
    state=IncidentState.FIRING,
    flapping=False,
    risk="low",
    running=False,
    attempts=0,
    last_seconds=None,
    by_itself_seconds=(),
    families=1,
    takes_out=False,
    healthy_left=None,
    taken_back="",
    pauses=(),
    silence="",
    maintenance="",
)


@pytest.mark.parametrize(
    ("change", "alone", "asked"),
    [
        pytest.param({}, None, None, id="firing-first-attempt"),
        pytest.param({"limits": replace(AUTO, mode="off")}, "switched off", "switched off", id="off"),
        pytest.param({"limits": replace(AUTO, mode="propose")}, "a person's approval", None, id="propose"),
        pytest.param({"healthy_left": 1}, None, None, id="one-stays-in-service"),
        pytest.param({"healthy_left": 0}, "last healthy one", "last healthy one", id="never-the-last-one"),
        pytest.param({"takes_out": True}, "how many stay", "how many stay", id="takes-out-and-does-not-know"),
        pytest.param({"takes_out": True, "healthy_left": 1}, None, None, id="takes-out-and-one-stays"),
        pytest.param({"risk": "medium"}, "risk is medium", None, id="above-the-ceiling"),
        pytest.param({"risk": "medium", "limits": replace(AUTO, risk="medium")}, None, None, id="at-the-ceiling"),
        pytest.param({"risk": "low", "limits": replace(AUTO, risk="high")}, None, None, id="below-the-ceiling"),
        pytest.param(
            {"taken_back": "taken back by eva"}, "undid the same (taken back by eva)", None, id="taken-back"
        ),
        pytest.param({"silence": "eva: known"}, "silenced (eva: known)", None, id="silenced"),
        pytest.param({"maintenance": "nightly"}, "under maintenance (nightly)", None, id="maintenance"),
        pytest.param({"pauses": ("eva: disks",)}, "paused (eva: disks)", "`watchdog resume`", id="paused"),
        pytest.param({"state": IncidentState.PENDING}, "pending, not", "pending, not", id="pending"),
        pytest.param({"state": IncidentState.RESOLVED}, "resolved, not", "resolved, not", id="resolved"),
        pytest.param({"flapping": True}, "flapping", "flapping", id="flapping"),
        pytest.param({"running": True}, "one at a time", "one at a time", id="another-one-runs"),
        pytest.param({"attempts": 2}, None, None, id="last-attempt-allowed"),
        pytest.param({"attempts": 3}, "3 attempts", "3 attempts", id="attempts-used-up"),
        pytest.param({"last_seconds": 120.0}, None, None, id="cooldown-just-over"),
        pytest.param({"last_seconds": 119.999}, "ago; wait", "ago; wait", id="cooldown-just-not-over"),
        pytest.param({"last_seconds": 0.0}, "0 ms ago", "0 ms ago", id="attempt-just-now"),
        pytest.param({"families": 2}, None, None, id="no-storm-yet"),
        pytest.param({"families": 3}, "3 checks have firing faults", None, id="storm"),
        pytest.param({"by_itself_seconds": (10,)}, None, None, id="hourly-budget-left"),
        pytest.param(
            {
                "by_itself_seconds": (
                    10,
                    3599.9,
                )
            },
            "2 attempts within the last hour",
            None,
            id="hourly-spent",
        ),
        pytest.param(
            {
                "by_itself_seconds": (
                    10,
                    3600,
                )
            },
            None,
            None,
            id="hourly-just-free",
        ),
        pytest.param(
            {
                "by_itself_seconds": (
                    4000,
                    5000,
                    6000,
                    86399.9,
                )
            },
            "4 attempts within the last day",
            None,
            id="daily-spent",
        ),
        pytest.param(
            {
                "by_itself_seconds": (
                    4000,
                    5000,
                    6000,
                    86400,
                )
            },
            None,
            None,
            id="daily-just-free",
        ),
    ],
)
def test_permit(change: dict[str, Any], alone: str | None, asked: str | None) -> None:
    """By itself, and when a person asked for it."""
    for approved, reason in ((False, alone), (True, asked)):
        said = permit(replace(FREE, approved=approved, **change))
        assert said is None if reason is None else said is not None and reason in said.reason


def test_the_most_lasting_reason_comes_first() -> None:
    case = replace(FREE, limits=replace(AUTO, mode="off"), flapping=True, running=True, families=9)
    said = permit(case)
    assert said is not None
    assert "switched off" in said.reason


ages = st.floats(0, 1e7)
situations = st.builds(
    Situation,
    limits=st.builds(
        Limits,
        mode=st.sampled_from(["off", "propose", "auto"]),
        attempts=st.integers(0, 5),
        cooldown_seconds=st.floats(0, 1e5),
        risk=st.sampled_from(RISKS),
        hourly=st.integers(0, 5),
        daily=st.integers(0, 9),
        storm_families=st.integers(1, 5),
    ),
    approved=st.booleans(),
    state=st.sampled_from(IncidentState),
    flapping=st.booleans(),
    risk=st.sampled_from(RISKS),
    running=st.booleans(),
    attempts=st.integers(0, 9),
    last_seconds=st.none() | ages,
    by_itself_seconds=st.lists(ages, max_size=12),
    families=st.integers(0, 9),
    takes_out=st.booleans(),
    healthy_left=st.none() | st.integers(-1, 3),
    pauses=st.lists(st.just("eva: why"), max_size=2),
    silence=st.sampled_from(["", "eva: why"]),
    maintenance=st.sampled_from(["", "nightly"]),
)


@given(situations)
def test_what_is_permitted_keeps_every_promise(case: Situation) -> None:
    if permit(case) is not None:
        return
    limits = case.limits
    assert limits.mode != "off"
    assert case.healthy_left is None or case.healthy_left > 0
    assert not case.takes_out or case.healthy_left is not None
    assert case.state is IncidentState.FIRING
    assert not case.flapping
    assert not case.running
    assert not case.pauses
    assert case.attempts < limits.attempts
    assert case.last_seconds is None or case.last_seconds >= limits.cooldown_seconds
    if not case.approved:
        assert limits.mode == "auto"
        assert RISKS.index(case.risk) <= RISKS.index(limits.risk)
        assert not case.silence
        assert not case.maintenance
        assert case.families < limits.storm_families
        assert sum(ago < HOUR_SECONDS for ago in case.by_itself_seconds) < limits.hourly
        assert sum(ago < DAY_SECONDS for ago in case.by_itself_seconds) < limits.daily


@given(situations)
def test_a_person_is_never_refused_what_would_be_done_without_one(case: Situation) -> None:
    if permit(replace(case, approved=False)) is None:
        assert permit(replace(case, approved=True)) is None
