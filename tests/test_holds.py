"""What a hold is about, and for how long."""

import pytest

from watchdog.holds import Hold, HoldKind
from watchdog.model import Stamp


def at(seconds: float, boot: str = "boot-a") -> Stamp:
    return Stamp(boot_id=boot, boottime_ns=round(seconds * 1e9), wall_ns=0)


def hold(
    kind: HoldKind = "silence", seconds: float | None = 3600.0, pattern: str = "", served: float = 0.0
) -> Hold:
    return Hold(
        id=3,
        kind=kind,
        who="alice (uid 0)",
        why="moving switches",
        began=at(1000),
        seconds=seconds,
        pattern=pattern,
        served_seconds=served,
    )


V6 = "[2001:db8::1]:8080/[2001:db8::2]:8080"


@pytest.mark.parametrize(
    ("pattern", "fault", "subject", "covered"),
    [
        pytest.param("bond0", "bond.down", "bond0", True, id="its-subject"),
        pytest.param("bond0", "bond.member_down", "bond0/eth1", True, id="what-lies-below"),
        pytest.param("bond0/eth1", "bond.down", "bond0", False, id="not-what-lies-above"),
        pytest.param("bond0", "bond.down", "bond01", False, id="not-what-begins-alike"),
        pytest.param("bond0", "bond.down", "br0/bond0", False, id="not-what-ends-alike"),
        pytest.param("eth1", "bond.member_down", "bond0/eth1", False, id="not-a-part-alone"),
        pytest.param("*/eth1", "bond.member_down", "bond0/eth1", True, id="a-part-asked-for"),
        pytest.param("bond?", "bond.member_down", "bond7/eth1", True, id="one-letter"),
        pytest.param("bond?", "bond.down", "bond10", False, id="one-letter-is-not-two"),
        pytest.param("bond*", "bond.down", "bond10", True, id="any-letters"),
        pytest.param("*", "clock_step.backward", "clock", True, id="everything"),
        pytest.param("Bond0", "bond.down", "bond0", False, id="case-counts"),
        pytest.param("", "bond.down", "bond0", False, id="nothing"),
        pytest.param("bond.member_down", "bond.member_down", "bond0/eth1", True, id="its-fault"),
        pytest.param("bond.member_down", "bond.down", "bond0", False, id="another-fault"),
        pytest.param("bond.*", "bond.down", "bond0", True, id="any-fault-of-a-check"),
        pytest.param("bond.*", "vrrp.no_master", "bond.7", True, id="a-subject-that-looks-alike"),
        pytest.param("bond.down:bond0", "bond.down", "bond0", True, id="fault-and-subject"),
        pytest.param("bond.down:bond1", "bond.down", "bond0", False, id="fault-and-another-subject"),
        pytest.param("bond.down:bond0", "bond.flapping", "bond0", False, id="another-fault-and-subject"),
        pytest.param("bond.*:bond0", "bond.member_down", "bond0/eth1", True, id="fault-and-what-lies-below"),
        pytest.param("bond.*:*", "bond.member_down", "bond0/eth1", True, id="fault-on-anything"),
        pytest.param("bond.down:", "bond.down", "bond0", False, id="fault-on-nothing"),
        pytest.param("192.0.2.1:80", "proxy_port.dead", "192.0.2.1:80", True, id="a-colon-in-the-subject"),
        pytest.param("proxy_port.*:192.0.2.1:80", "proxy_port.dead", "192.0.2.1:80", True, id="two-colons"),
        pytest.param(
            "mx.example:80", "proxy_port.dead", "mx.example:80", True, id="a-host-named-as-a-fault-could-be"
        ),
        pytest.param("*:80", "proxy_port.dead", "192.0.2.1:80", True, id="any-of-a-port"),
        pytest.param("*:80", "proxy_port.dead", "192.0.2.1:8080", False, id="not-another-port"),
        pytest.param("udp:192.0.2.1:53", "ipvs.pool_empty", "udp:192.0.2.1:53", True, id="a-pool-of-datagrams"),
        pytest.param(V6, "ipvs.dead_server_in_pool", V6, True, id="brackets-are-brackets"),
        pytest.param("[2001:db8::1]:8080", "ipvs.dead_server_in_pool", V6, True, id="brackets-above"),
        pytest.param("[2001:db8::1]:*", "proxy_port.dead", "[2001:db8::1]:80", True, id="brackets-and-a-star"),
        pytest.param("[2001:db8::1]:*", "proxy_port.dead", "2:80", False, id="brackets-are-no-choice"),
        pytest.param("a*b", "x.y", "a\nb", True, id="a-line-feed-is-a-letter"),
        pytest.param("a\\*", "x.y", "a\\b", True, id="a-backslash-is-a-letter"),
        pytest.param("(?:", "x.y", "(?:", True, id="no-expression"),
    ],
)
def test_covers(pattern: str, fault: str, subject: str, covered: bool) -> None:
    assert hold(pattern=pattern).covers(fault, subject) is covered
    for kind in ("pause", "maintenance"):
        assert hold(kind=kind, pattern=pattern).covers(fault, subject)


def test_no_pattern_takes_for_ever() -> None:
    """A naive one would take years here."""
    assert not hold(pattern="*a" * 50 + "b").covers("x.y", "a" * 5000)


@pytest.mark.parametrize(
    ("now", "served", "left"),
    [
        pytest.param(at(1000), 0, 3600, id="just-begun"),
        pytest.param(at(4599), 0, 1, id="nearly-over"),
        pytest.param(at(4600), 0, 0, id="over"),
        pytest.param(at(99999), 0, 0, id="long-over"),
        pytest.param(at(500), 0, 3600, id="back-at-a-snapshot-nothing-has-passed"),
        pytest.param(at(0, "boot-b"), 0, 3600, id="just-rebooted"),
        pytest.param(at(3000, "boot-b"), 0, 600, id="this-boot-counts"),
        pytest.param(at(3000, "boot-b"), 500, 100, id="and-what-the-ledger-knows"),
        pytest.param(at(3100, "boot-b"), 500, 0, id="both-together-end-it"),
        pytest.param(at(10, "boot-b"), 99999, 0, id="over-before-the-reboot"),
    ],
)
def test_left_seconds(now: Stamp, served: float, left: float) -> None:
    one = hold(served=served)
    assert one.left_seconds(now) == pytest.approx(left)
    assert one.in_force(now) is (left > 0)


def test_without_a_time_it_holds_until_it_is_ended() -> None:
    one = hold(kind="pause", seconds=None)
    for now in (at(0), at(10**9), at(10**9, "boot-z")):
        assert one.left_seconds(now) is None
        assert one.in_force(now)


@pytest.mark.parametrize(
    ("kind", "seconds", "text", "ended_by"),
    [
        ("pause", None, "by alice (uid 0), until watchdog resume 3: moving switches", "watchdog resume 3"),
        ("pause", 3600.0, "by alice (uid 0), for another 50 min: moving switches", "watchdog resume 3"),
        ("silence", 3600.0, "by alice (uid 0), for another 50 min: moving switches", "watchdog silence --end 3"),
        (
            "maintenance",
            3600.0,
            "by alice (uid 0), for another 50 min: moving switches",
            "watchdog maintenance --end 3",
        ),
    ],
)
def test_describe(kind: HoldKind, seconds: float | None, text: str, ended_by: str) -> None:
    one = hold(kind=kind, seconds=seconds)
    assert one.describe(at(1600)) == text
    assert one.ended_by == ended_by
