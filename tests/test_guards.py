from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.guards import COOLDOWN_SECONDS, MAX_ATTEMPTS, Situation, permit
from watchdog.model import IncidentState, Stamp


def at(seconds: float, boot: str = "this-boot") -> Stamp:
    return Stamp(boot_id=boot, boottime_ns=round(seconds * 1e9), wall_ns=0)


FREE = Situation(
    mode="propose",
    approved=True,
    state=IncidentState.FIRING,
    flapping=False,
    running=False,
    attempts=0,
    last=None,
    now=at(10_000),
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({}, None, id="firing-approved-first-attempt"),
        pytest.param({"mode": "off"}, "switched off", id="off"),
        pytest.param({"mode": "auto"}, "not offered", id="auto-does-not-exist"),
        pytest.param({"approved": False}, "approval", id="nobody-approved"),
        pytest.param({"state": IncidentState.PENDING}, "pending, not firing", id="pending"),
        pytest.param({"state": IncidentState.RESOLVED}, "resolved, not firing", id="resolved"),
        pytest.param({"flapping": True}, "flapping", id="flapping"),
        pytest.param({"running": True}, "one at a time", id="another-one-runs"),
        pytest.param({"attempts": MAX_ATTEMPTS - 1}, None, id="last-attempt-allowed"),
        pytest.param({"attempts": MAX_ATTEMPTS}, "3 attempts", id="attempts-used-up"),
        pytest.param({"last": at(10_000 - COOLDOWN_SECONDS)}, None, id="cooldown-just-over"),
        pytest.param({"last": at(10_000.001 - COOLDOWN_SECONDS)}, "ago; wait", id="cooldown-just-not-over"),
        pytest.param({"last": at(10_000)}, "0 ms ago", id="attempt-just-now"),
        pytest.param({"last": at(99_999, "boot-before"), "now": at(COOLDOWN_SECONDS)}, None, id="reboot-long-ago"),
        pytest.param({"last": at(1, "boot-before"), "now": at(30)}, "30.0 s ago", id="reboot-just-now"),
        pytest.param(
            {"mode": "off", "approved": False, "running": True}, "switched off", id="most-lasting-reason-first"
        ),
    ],
)
def test_permit(change: dict[str, Any], reason: str | None) -> None:
    said = permit(replace(FREE, **change))
    assert said is None if reason is None else said is not None and reason in said


stamps = st.builds(at, st.floats(0, 1e7), st.sampled_from(["this-boot", "boot-before"]))
situations = st.builds(
    Situation,
    mode=st.sampled_from(["off", "propose", "auto"]),
    approved=st.booleans(),
    state=st.sampled_from(IncidentState),
    flapping=st.booleans(),
    running=st.booleans(),
    attempts=st.integers(0, 10),
    last=st.none() | stamps,
    now=stamps,
)


@given(situations)
def test_what_is_permitted_breaks_no_rule(situation: Situation) -> None:
    reason = permit(situation)
    allowed = (
        situation.mode == "propose"
        and situation.approved
        and situation.state is IncidentState.FIRING
        and not situation.flapping
        and not situation.running
        and situation.attempts < MAX_ATTEMPTS
        and (situation.last is None or situation.now.seconds_since(situation.last) >= COOLDOWN_SECONDS)
    )
    assert (reason is None) == allowed
    assert reason is None or reason.strip()


@given(situations, st.integers(-(10**18), 10**18))
def test_the_wall_clock_decides_nothing(situation: Situation, step_ns: int) -> None:
    stepped = replace(situation, now=replace(situation.now, wall_ns=situation.now.wall_ns + step_ns))
    assert permit(stepped) == permit(situation)


def test_the_modes_of_the_settings_are_those_the_guards_know() -> None:
    from watchdog.plugin import RemediationSettings

    assert get_args(RemediationSettings.__annotations__["mode"]) == get_args(Situation.__annotations__["mode"])
