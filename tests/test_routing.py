"""Which way a fault goes: by how bad it is, what it is, on what, and on which host."""

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.model import Severity, Stamp
from watchdog.quiet import DAY_SECONDS, Quiet, parse_hours
from watchdog.routing import TARGET_DEAD, Route, audience, untold

WARNING, CRITICAL = Severity


def route(to: str = "ops", severity: Severity = WARNING, **what: object) -> Route:
    return Route(severity=severity, to=tuple(to.split()), **what)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "fault", "subject", "takes"),
    [
        pytest.param(route(), "bond.down", "bond0", True, id="everything"),
        pytest.param(route(faults=("bond.down",)), "bond.down", "bond0", True, id="a-fault"),
        pytest.param(route(faults=("bond.down",)), "bond.down_again", "bond0", False, id="whole"),
        pytest.param(route(faults=("vrrp.*", "bond.*")), "bond.down", "bond0", True, id="one-of-several"),
        pytest.param(route(faults=("vrrp.*",)), "bond.down", "bond0", False, id="another-fault"),
        pytest.param(route(subjects=("bond0",)), "bond.member_down", "bond0/eth1", True, id="below-a-subject"),
        pytest.param(route(subjects=("bond0/eth1",)), "bond.down", "bond0", False, id="not-above"),
        pytest.param(route(subjects=("[2001:db8::1]:80",)), "p.dead", "[2001:db8::1]:80", True, id="brackets"),
        pytest.param(
            route(faults=("bond.*",), subjects=("bond1",)), "bond.down", "bond0", False, id="both-must-match"
        ),
        pytest.param(route(severity=CRITICAL, faults=("bond.*",)), "bond.down", "bond0", False, id="bad-enough"),
    ],
)
def test_what_a_route_takes(one: Route, fault: str, subject: str, takes: bool) -> None:
    assert one.takes(WARNING, fault, subject) is takes


@pytest.mark.parametrize(
    ("one", "labels", "here"),
    [
        pytest.param(route(), {}, True, id="any-host"),
        pytest.param(route(hosts=("web*",)), {}, True, id="by-name"),
        pytest.param(route(hosts=("db*",)), {}, False, id="another-name"),
        pytest.param(route(labels={"site": "muc"}), {"site": "muc", "tier": "1"}, True, id="by-label"),
        pytest.param(route(labels={"site": "m*"}), {"site": "muc"}, True, id="by-a-pattern"),
        pytest.param(route(labels={"site": "muc"}), {"site": "ber"}, False, id="another-value"),
        pytest.param(route(labels={"site": "muc"}), {}, False, id="no-such-label"),
        pytest.param(route(hosts=("web*",), labels={"site": "muc"}), {"site": "ber"}, False, id="both-must-match"),
    ],
)
def test_for_which_host_a_route_is(one: Route, labels: Mapping[str, str], here: bool) -> None:
    assert one.is_for("web1", labels) is here


def test_a_target_of_several_routes_is_told_once_and_at_once_where_one_does_not_gather() -> None:
    gathers, at_once = route("ops mail", digest_seconds=60.0), route("pager ops")
    assert audience([gathers, at_once], WARNING, "a.b", "s") == {"ops": at_once, "mail": gathers, "pager": at_once}


def test_a_target_is_not_told_of_its_own_death() -> None:
    assert [*audience([route("ops mail")], CRITICAL, TARGET_DEAD, "ops")] == ["mail"]


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        pytest.param([route()], (), id="all"),
        pytest.param([route(severity=CRITICAL)], ("a.warns",), id="not-bad-enough"),
        pytest.param([route(faults=("a.*",))], ("b.hurts",), id="no-route-names-it"),
        pytest.param([route(faults=("a.*",)), route(faults=("b.*",), subjects=("x",))], (), id="on-some-subject"),
        pytest.param([route(unacknowledged_after_seconds=60.0)], ("a.warns", "b.hurts"), id="who-would-be-late"),
    ],
)
def test_what_nobody_would_be_told_of(routes: list[Route], expected: tuple[str, ...]) -> None:
    assert untold(routes, {"a.warns": WARNING, "b.hurts": CRITICAL}) == expected


# Quiet hours


@pytest.fixture
def _berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()


def at(hours: float) -> Stamp:
    """Return a moment of 2026-11-22, in UTC."""
    return Stamp(boot_id="a", boottime_ns=0, wall_ns=round((1_795_305_600 + hours * 3600) * 1e9))


@pytest.mark.usefixtures("_berlin")
@pytest.mark.parametrize(
    ("hours", "utc", "left_hours"),
    [
        pytest.param("22:00-07:00", 20.99, 0, id="before"),
        pytest.param("22:00-07:00", 21, 9, id="they-begin-by-the-clock-of-this-place"),
        pytest.param("22:00-07:00", 23, 7, id="midnight"),
        pytest.param("22:00-07:00", 5.5, 0.5, id="in-the-morning"),
        pytest.param("22:00-07:00", 6, 0, id="they-are-over"),
        pytest.param("12:00-13:30", 11.5, 1, id="on-one-day"),
        pytest.param("12:00-13:30", 12.5, 0, id="over-on-one-day"),
    ],
)
def test_quiet_hours(hours: str, utc: float, left_hours: float) -> None:
    begins, ends = parse_hours(hours)
    quiet = Quiet(begins_seconds=begins, ends_seconds=ends)
    assert quiet.left_seconds(at(utc)) == pytest.approx(left_hours * 3600)


@pytest.mark.usefixtures("_berlin")
def test_what_is_due_later_is_asked_about_that_moment() -> None:
    quiet = Quiet(begins_seconds=22 * 3600, ends_seconds=7 * 3600)
    assert quiet.left_seconds(at(12), 3600.0) == 0
    assert quiet.left_seconds(at(12), 10 * 3600.0) == 8 * 3600


@pytest.mark.parametrize(
    "text", ["", "22:00", "22-07", "24:00-07:00", "22:60-07:00", "07:00-07:00", "22:00-07:00x"]
)
def test_what_are_no_hours(text: str) -> None:
    with pytest.raises(ValueError, match=r"22:00-07:00|different times"):
        parse_hours(text)


@given(st.integers(0, 1439), st.integers(0, 1439), st.floats(0, 48))
def test_it_is_never_quiet_for_longer_than_the_hours_are_long(begins: int, ends: int, hours: float) -> None:
    quiet = Quiet(begins_seconds=begins * 60, ends_seconds=ends * 60)
    assert 0 <= quiet.left_seconds(at(hours)) <= (ends - begins) * 60 % DAY_SECONDS
