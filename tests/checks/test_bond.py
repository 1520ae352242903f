"""bond: tables of facts with the full expected list, real facts from user-mode Linux, observe and its races."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks.bond import CHECK, BondFacts, BondMemory, BondSettings, UnreadBond
from watchdog.host import Host
from watchdog.linux.bonding import NO_MAC, Aggregator, Bond, Member
from watchdog.linux.netlink import walk_attributes
from watchdog.model import Finding, Metric, Reach, Severity, Unseen
from watchdog.plugin import NotApplicable
from watchdog.recording import replay

FIXTURES = Path(__file__).parent.parent / "fixtures"
ALL_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
WITH_ACTIVE = ("active-backup", "balance-tlb", "balance-alb")
EQUALS = ("balance-rr", "balance-xor", "broadcast", "802.3ad")
PARTNER = "5a:a7:1f:b2:b5:ba"
WORKING = 0x3F
# As captured: 0x47 nobody answers, 0xC7 stopped answering, 7/15 the far port of a second partner, 0x8F it is deaf.
DEFAULTED, EXPIRED, WAITING, WAITING_PARTNER, DEAF = 0x47, 0xC7, 0x07, 0x0F, 0x8F


def member(name: str, **changes: Any) -> Member:
    """Return a healthy member, but for the changes."""
    number = int(name[-1])
    healthy: dict[str, Any] = {
        "admin_up": True,
        "carrier": True,
        "state": "active",
        "mii_status": "up",
        "link_failure_count": 0,
        "permanent_mac": f"02:00:00:00:00:0{number}",
        "speed_mbps": 10_000,
        "duplex": "full",
    }
    return Member(name=name, **(healthy | changes))


def port(name: str, **changes: Any) -> Member:
    """Return a healthy member of an 802.3ad bond, but for the changes."""
    healthy: dict[str, Any] = {
        "aggregator_id": 1,
        "actor_port_state": WORKING,
        "partner_port_state": WORKING,
        "actor_churn": "none",
        "partner_churn": "none",
        "partner_mac": PARTNER,
    }
    return member(name, **(healthy | changes))


def down(name: str, **changes: Any) -> Member:
    """Return a member whose cable is out."""
    return member(name, **({"carrier": False, "mii_status": "down", "link_failure_count": 1} | changes))


def bond(*members: Member, mode: str = "active-backup", **changes: Any) -> Bond:
    """Return a healthy bond with these members, two by default, but for the changes."""
    if not members and "members" not in changes:
        members = tuple((port if mode == "802.3ad" else member)(name) for name in ("eth0", "eth1"))
    healthy: dict[str, Any] = {
        "name": "bond0",
        "admin_up": True,
        "carrier": True,
        "operstate": "up",
        "miimon_ms": 100,
        "arp_interval_ms": 0,
        "members": members,
    }
    if mode in WITH_ACTIVE:
        healthy["active_member"] = "eth0"
    if mode == "802.3ad":
        healthy["aggregator"] = Aggregator(id=1, ports=2, partner_mac=PARTNER)
    return Bond(mode=mode, **(healthy | changes))  # type: ignore[arg-type]


def facts(*bonds: Bond, boot_id: str = "boot-a") -> BondFacts:
    return BondFacts(boot_id=boot_id, bonds=bonds)


def memory(*bonds: Bond) -> BondMemory:
    """Return what runs remember that saw the bond so, one after the other; bonds of other names in one run."""
    remembered = None
    for seen in [[one] for one in bonds] if len({one.name for one in bonds}) == 1 else [bonds]:
        remembered = CHECK.remember(facts(*seen), remembered, BondSettings())
    assert remembered is not None
    return remembered


def judged(seen: BondFacts, before: BondMemory | None = None, **settings: Any) -> list[tuple[str, str]]:
    """Return what was judged as (condition or "unseen", subject), metrics left out."""
    out = []
    for item in CHECK.judge(seen, before, BondSettings(**settings)):
        if isinstance(item, Finding):
            out.append((item.fault.partition(".")[2], item.subject))
        elif isinstance(item, Unseen):
            out.append(("unseen", item.subject))
    return out


def found(seen: BondFacts, before: BondMemory | None = None, **settings: Any) -> list[Finding]:
    return [item for item in CHECK.judge(seen, before, BondSettings(**settings)) if isinstance(item, Finding)]


TWO = memory(bond())
E0, E1, B = "bond0/eth0", "bond0/eth1", "bond0"
SET_DOWN = {"admin_up": False}
NO_CARRIER = {"carrier": False, "link_failure_count": 0, "mii_status": "up"}  # unmonitored: MII up is a lie


# --- Any mode ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ALL_MODES)
def test_a_healthy_bond_is_healthy_in_every_mode(mode: str) -> None:
    assert judged(facts(bond(mode=mode)), memory(bond(mode=mode))) == []


@pytest.mark.parametrize("mode", ALL_MODES)
def test_a_member_that_is_down_is_found_in_every_mode(mode: str) -> None:
    healthy = port("eth0") if mode == "802.3ad" else member("eth0")
    assert judged(facts(bond(healthy, down("eth1"), mode=mode)), memory(bond(mode=mode))) == [("member_down", E1)]


@pytest.mark.parametrize("mode", ALL_MODES)
def test_a_member_that_was_removed_is_found_in_every_mode(mode: str) -> None:
    left = port("eth0") if mode == "802.3ad" else member("eth0")
    expected = [("member_missing", E1), ("single_member", B)]
    assert judged(facts(bond(left, mode=mode)), memory(bond(mode=mode))) == expected


@pytest.mark.parametrize(
    ("seen", "before", "settings", "expected"),
    [
        # member_down, and what looks like it
        pytest.param(
            [bond(member("eth0"), down("eth1"))], None, {}, [("member_down", E1)], id="down-at-first-run"
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", admin_up=False))],
            TWO,
            {},
            [("member_down", E1)],
            id="admin-down-before-the-monitor-noticed",
        ),
        pytest.param([bond(member("eth0"), member("eth1", state="backup"))], TWO, {}, [], id="backup-is-no-fault"),
        pytest.param(
            [bond(member("eth0"), member("eth1", mii_status="going down", carrier=False))],
            TWO,
            {},
            [],
            id="within-downdelay-still-in-service",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", mii_status="going back"))],
            TWO,
            {},
            [],
            id="within-updelay-and-not-down-before",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", mii_status="going back", link_failure_count=1))],
            memory(bond(member("eth0"), down("eth1"))),
            {},
            [("member_down", E1)],
            id="within-updelay-and-down-before",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", mii_status="going back"))],
            None,
            {"members": {"bond0": ("eth0", "eth1")}},
            [],
            id="within-updelay-and-known-by-the-settings-only",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=1))],
            memory(bond(member("eth0"), down("eth1"))),
            {},
            [],
            id="up-again",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", carrier=True), miimon_ms=0, arp_interval_ms=200)],
            TWO,
            {},
            [("member_down", E1)],
            id="arp-monitor-says-down-though-carrier",
        ),
        pytest.param([bond(miimon_ms=0, arp_interval_ms=200)], TWO, {}, [], id="arp-monitor-is-monitoring"),
        pytest.param(
            [bond(member("eth0"), member("eth1", carrier=False))],
            TWO,
            {},
            [],
            id="carrier-lost-within-one-poll-is-the-monitors-to-say",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1"), down("eth2"))],
            memory(bond(member("eth0"), member("eth1"), member("eth2"))),
            {},
            [("member_down", E1), ("member_down", "bond0/eth2")],
            id="two-of-three-down",
        ),
        # down
        pytest.param(
            [bond(down("eth0"), down("eth1"), carrier=False, active_member=None)],
            TWO,
            {},
            [("down", B), ("member_down", E0), ("member_down", E1)],
            id="all-down",
        ),
        pytest.param(
            [bond(admin_up=False, carrier=False, active_member=None)],
            TWO,
            {},
            [("down", B), ("unseen", E0), ("unseen", E1)],
            id="bond-administratively-down-members-unseen",
        ),
        pytest.param(
            [bond(members=(), carrier=False, active_member=None)], None, {}, [("down", B)], id="no-member"
        ),
        pytest.param(
            [bond(members=(), carrier=False, active_member=None)],
            TWO,
            {},
            [("down", B), ("member_missing", E0), ("member_missing", E1)],
            id="every-member-removed",
        ),
        pytest.param(
            [bond(admin_up=False, members=(), carrier=False, active_member=None), bond(name="bond1")],
            None,
            {},
            [],
            id="empty-bond0-of-modprobe-is-not-in-use",
        ),
        pytest.param([bond(carrier=False)], TWO, {}, [("down", B)], id="no-carrier-though-members-are-up"),
        pytest.param([], TWO, {}, [("down", B)], id="known-bond-is-gone"),
        pytest.param([bond(name="bond1")], TWO, {}, [("down", B)], id="known-bond-is-gone-another-is-here"),
        pytest.param(
            [], None, {"members": {"bond0": ("eth0",)}}, [("down", B)], id="bond-of-the-settings-is-gone"
        ),
        pytest.param([], TWO, {"ignore": ("bond0",)}, [], id="gone-on-purpose"),
        pytest.param(
            [bond(down("eth0"), down("eth1"), carrier=False)], TWO, {"ignore": ("bond0",)}, [], id="ignored"
        ),
        # member_missing, single_member, and what looks like them
        pytest.param(
            [bond(), bond(member("eth2"), member("eth3"), name="bond1", active_member="eth2")],
            memory(bond(), bond(member("eth2"), member("eth3"), member("eth4"), name="bond1")),
            {},
            [("member_missing", "bond1/eth4")],
            id="removed-from-the-second-bond",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1"), member("eth2"))], TWO, {}, [], id="a-member-more-is-no-fault"
        ),
        pytest.param(
            [bond(member("eth0"), member("eth7", permanent_mac="02:00:00:00:00:01"))],
            TWO,
            {},
            [],
            id="renamed-same-permanent-mac",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth7"))], TWO, {}, [("member_missing", E1)], id="replaced-by-another"
        ),
        pytest.param(
            [bond(member("eth0", permanent_mac="02:00:00:00:00:01"))],
            TWO,
            {},
            [("member_missing", E1), ("single_member", B)],
            id="a-known-member-with-the-same-mac-is-no-rename",
        ),
        pytest.param([bond(member("eth0"))], None, {}, [("single_member", B)], id="one-member-at-first-run"),
        pytest.param([bond(member("eth0"))], TWO, {"members": {"bond0": ("eth0",)}}, [], id="one-member-agreed"),
        pytest.param(
            [bond()],
            None,
            {"members": {"bond0": ("eth0", "eth1", "eth2")}},
            [("member_missing", "bond0/eth2")],
            id="a-member-of-the-settings-never-was-here",
        ),
        pytest.param(
            [bond()],
            memory(bond(member("eth0"), member("eth1"), member("eth2"))),
            {"members": {"bond0": ("eth0", "eth1")}},
            [],
            id="settings-outweigh-memory",
        ),
        # no_link_monitoring
        pytest.param([bond(miimon_ms=0)], TWO, {}, [("no_link_monitoring", B)], id="unmonitored"),
        pytest.param(
            [bond(member("eth0"), member("eth1", **NO_CARRIER), miimon_ms=0)],
            TWO,
            {},
            [("no_link_monitoring", B), ("member_down", E1)],
            id="unmonitored-backup-dead-by-carrier",
        ),
        pytest.param(
            [bond(member("eth0", **NO_CARRIER), member("eth1"), miimon_ms=0)],
            TWO,
            {},
            [("down", B), ("no_link_monitoring", B), ("member_down", E0)],
            id="unmonitored-active-dead-is-a-black-hole",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", **NO_CARRIER), miimon_ms=0, mode="balance-rr")],
            TWO,
            {},
            [("no_link_monitoring", B), ("member_down", E1)],
            id="unmonitored-balance-rr-loses-its-half",
        ),
        pytest.param(
            [bond(down("eth0"), member("eth1"))],
            TWO,
            {},
            [("member_down", E0)],
            id="monitored-active-down-the-kernel-moves-on",
        ),
        # flapping
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=1))],
            TWO,
            {},
            [("flapping", E1)],
            id="lost-and-back-between-two-runs",
        ),
        pytest.param([bond(member("eth0"), down("eth1"))], TWO, {}, [("member_down", E1)], id="the-loss-of-now"),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=4))],
            TWO,
            {},
            [("member_down", E1), ("flapping", E1)],
            id="down-after-three-more-losses",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=2))],
            memory(bond(member("eth0"), down("eth1"))),
            {},
            [("member_down", E1), ("flapping", E1)],
            id="down-still-and-was-up-in-between",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1"))],
            memory(bond(member("eth0"), member("eth1")), bond(member("eth0"), down("eth1", link_failure_count=0))),
            {},
            [("member_down", E1)],
            id="the-loss-of-now-counted-only-after-the-last-look",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=1))],
            memory(bond(member("eth0"), member("eth1")), bond(member("eth0"), down("eth1", link_failure_count=0))),
            {},
            [],
            id="it-was-counted-and-is-back",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=2))],
            memory(bond(member("eth0"), member("eth1")), bond(member("eth0"), down("eth1", link_failure_count=0))),
            {},
            [("member_down", E1), ("flapping", E1)],
            id="counted-late-and-down-again",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=2))],
            memory(
                bond(member("eth0"), member("eth1")),
                bond(member("eth0"), down("eth1", link_failure_count=0)),
                bond(member("eth0"), down("eth1", link_failure_count=1)),
            ),
            {},
            [("member_down", E1), ("flapping", E1)],
            id="a-late-count-is-owed-once",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=2, **SET_DOWN))],
            memory(bond(member("eth0"), down("eth1", **SET_DOWN))),
            {},
            [("member_down", E1)],
            id="raised-and-set-down-again",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=3, **SET_DOWN))],
            memory(bond(member("eth0"), down("eth1", **SET_DOWN))),
            {},
            [("member_down", E1), ("flapping", E1)],
            id="raised-lost-and-set-down-again",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=3, **SET_DOWN))],
            memory(
                bond(member("eth0"), down("eth1", **SET_DOWN)),
                bond(member("eth0"), down("eth1", link_failure_count=2, **SET_DOWN)),
            ),
            {},
            [("member_down", E1)],
            id="raised-and-set-down-twice",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=2))],
            memory(*[bond(member("eth0"), down("eth1", **SET_DOWN))] * 3),
            {},
            [("flapping", E1)],
            id="raised-and-lost-and-back",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=2))],
            memory(bond(member("eth0"), down("eth1", **SET_DOWN))),
            {},
            [("member_down", E1), ("flapping", E1)],
            id="raised-and-lost",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", link_failure_count=2, **SET_DOWN))],
            memory(bond(member("eth0"), down("eth1"))),
            {},
            [("member_down", E1), ("flapping", E1)],
            id="down-was-up-in-between-and-then-set-down",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=9))],
            None,
            {},
            [],
            id="old-losses-at-first-run",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=2))],
            TWO,
            {"tolerated_link_losses": 2},
            [],
            id="losses-at-the-tolerated-number",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", link_failure_count=3))],
            TWO,
            {"tolerated_link_losses": 2},
            [("flapping", E1)],
            id="losses-one-above-the-tolerated-number",
        ),
        pytest.param(
            [bond()],
            memory(bond(member("eth0"), member("eth1", link_failure_count=7))),
            {},
            [],
            id="counter-began-anew-it-rejoined",
        ),
    ],
)
def test_any_mode(
    seen: list[Bond],
    before: BondMemory | None,
    settings: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    assert judged(facts(*seen), before, **settings) == expected


def test_a_loss_that_shows_because_monitoring_was_turned_on_is_none_of_now() -> None:
    dead, revealed = member("eth1", **NO_CARRIER), down("eth1", link_failure_count=1)
    seen = [
        bond(member("eth0"), dead, miimon_ms=0),
        bond(member("eth0"), revealed),
        bond(member("eth0"), revealed),
    ]
    before: BondMemory | None = None
    told = []
    for one in seen:
        told.append(judged(facts(one), before))
        before = CHECK.remember(facts(one), before, BondSettings())
    assert told == [[("no_link_monitoring", B), ("member_down", E1)], [("member_down", E1)], [("member_down", E1)]]


def test_losses_of_an_earlier_boot_are_not_held_against_this_one() -> None:
    seen = bond(member("eth0"), member("eth1", link_failure_count=2))
    assert judged(facts(seen, boot_id="boot-b"), TWO) == []


# --- active-backup, balance-tlb, balance-alb --------------------------------------------------------------------


@pytest.mark.parametrize("mode", WITH_ACTIVE)
def test_no_active_member_is_an_outage(mode: str) -> None:
    assert judged(facts(bond(mode=mode, active_member=None))) == [("down", B)]


def with_primary(reselect: str, *members: Member, mode: str = "active-backup") -> Bond:
    """Return a bond whose primary is eth0 and which sends through eth1."""
    return bond(*members, mode=mode, primary="eth0", primary_reselect=reselect, active_member="eth1")


NOT_ACTIVE = [("primary_not_active", B)]


@pytest.mark.parametrize("mode", WITH_ACTIVE)
@pytest.mark.parametrize(
    ("reselect", "primary", "active", "expected"),
    [
        pytest.param("always", {}, {}, NOT_ACTIVE, id="always"),
        pytest.param("failure", {}, {}, [], id="failure-is-by-design"),
        pytest.param("failure", {"speed_mbps": 25_000}, {}, [], id="failure-though-faster"),
        pytest.param("better", {}, {}, [], id="better-and-equal"),
        pytest.param("better", {"speed_mbps": 25_000}, {}, NOT_ACTIVE, id="better-and-faster"),
        pytest.param("better", {"speed_mbps": 1_000}, {}, [], id="better-and-slower"),
        pytest.param("better", {}, {"duplex": "half"}, NOT_ACTIVE, id="better-by-duplex"),
        pytest.param("better", {"speed_mbps": None}, {}, [], id="better-and-primary-speed-unknown"),
        pytest.param("better", {}, {"speed_mbps": None}, [], id="better-and-active-speed-unknown"),
        pytest.param("always", {"mii_status": "going back"}, {}, [], id="within-updelay"),
        pytest.param("always", {"carrier": False}, {}, [], id="primary-just-lost-its-carrier"),
        pytest.param("always", {"mii_status": "down"}, {}, [("member_down", E0)], id="primary-down"),
    ],
)
def test_primary(
    mode: str, reselect: str, primary: dict[str, Any], active: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    seen = with_primary(reselect, member("eth0", **primary), member("eth1", **active), mode=mode)
    assert judged(facts(seen)) == expected


def test_a_primary_that_is_active_is_fine() -> None:
    assert judged(facts(bond(primary="eth0", primary_reselect="always"))) == []


# --- balance-rr, balance-xor, broadcast, 802.3ad ----------------------------------------------------------------


@pytest.mark.parametrize("mode", ALL_MODES)
@pytest.mark.parametrize(
    ("second", "differs"),
    [
        pytest.param({"speed_mbps": 1_000}, True, id="slower"),
        pytest.param({"duplex": "half"}, True, id="half-duplex"),
        pytest.param({"speed_mbps": None, "duplex": None}, False, id="unknown-as-virtio-says"),
        pytest.param({"speed_mbps": 1_000, "mii_status": "down", "carrier": False}, False, id="down-counts-not"),
    ],
)
def test_speeds(mode: str, second: dict[str, Any], differs: bool) -> None:
    make = port if mode == "802.3ad" else member
    codes = [code for code, _ in judged(facts(bond(make("eth0"), make("eth1", **second), mode=mode)))]
    assert ("speed_mismatch" in codes) == (differs and mode in EQUALS)


def lacp(*ports: Member, **changes: Any) -> Bond:
    return bond(*ports, mode="802.3ad", **changes)


UNKNOWN_STATES = {"actor_port_state": None, "partner_port_state": None}
NOT_NEGOTIATED = [("lacp_not_negotiated", E1)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            lacp(
                port("eth0", actor_port_state=0x4F, partner_port_state=0, partner_mac=NO_MAC),
                port(
                    "eth1", aggregator_id=2, actor_port_state=DEFAULTED, partner_port_state=0, partner_mac=NO_MAC
                ),
                aggregator=Aggregator(id=1, ports=1, partner_mac=NO_MAC),
            ),
            [("lacp_not_negotiated", B)],
            id="no-partner-is-one-finding",
        ),
        pytest.param(
            lacp(
                port("eth0", **UNKNOWN_STATES),
                port("eth1"),
                aggregator=Aggregator(id=1, ports=1, partner_mac=NO_MAC),
            ),
            [("lacp_not_negotiated", B)],
            id="no-partner-shows-without-port-states",
        ),
        pytest.param(lacp(aggregator=None), [("aggregator_mismatch", B)], id="no-active-aggregator-all-ids-equal"),
        pytest.param(
            lacp(port("eth0", aggregator_id=None), port("eth1", aggregator_id=None), aggregator=None),
            [("aggregator_mismatch", B)],
            id="no-active-aggregator-all-ids-na",
        ),
        pytest.param(
            lacp(
                port("eth0"),
                port("eth1", aggregator_id=2, actor_port_state=WAITING, partner_port_state=WAITING_PARTNER),
            ),
            [("aggregator_mismatch", E1)],
            id="two-partners",
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", aggregator_id=None)),
            [("aggregator_mismatch", E1)],
            id="id-na-one-port",
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", aggregator_id=2, **UNKNOWN_STATES)),
            [("aggregator_mismatch", E1)],
            id="outside-shows-without-port-states",
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", aggregator_id=2, actor_port_state=DEFAULTED, partner_port_state=0)),
            NOT_NEGOTIATED,
            id="one-port-not-in-the-group-defaulted",
        ),
        pytest.param(lacp(port("eth0"), port("eth1", actor_port_state=EXPIRED)), NOT_NEGOTIATED, id="expired"),
        pytest.param(lacp(port("eth0"), port("eth1", actor_port_state=0xBF)), NOT_NEGOTIATED, id="expired-only"),
        pytest.param(lacp(port("eth0"), port("eth1", partner_port_state=DEAF)), NOT_NEGOTIATED, id="partner-deaf"),
        pytest.param(
            lacp(port("eth0"), port("eth1", partner_port_state=0x7F)), NOT_NEGOTIATED, id="partner-defaulted"
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", actor_port_state=0x37)), NOT_NEGOTIATED, id="actor-out-of-sync"
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", partner_port_state=0x0F)), NOT_NEGOTIATED, id="partner-not-collecting"
        ),
        pytest.param(
            lacp(
                port("eth0", actor_port_state=0x3D), port("eth1", actor_port_state=0x3C, partner_port_state=0x3D)
            ),
            [],
            id="slow-and-passive-are-fine",
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", partner_churn="churned")), [], id="churned-once-and-working-now"
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", **UNKNOWN_STATES, partner_churn="churned")),
            NOT_NEGOTIATED,
            id="churned-and-no-port-state-to-say-otherwise",
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", **UNKNOWN_STATES)), [], id="no-port-state-but-no-churn-either"
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", **UNKNOWN_STATES, actor_churn=None, partner_churn=None)),
            [("unseen", E1)],
            id="nothing-could-be-seen",
        ),
        pytest.param(
            lacp(port("eth0"), port("eth1", actor_port_state=None, partner_churn="churned")),
            NOT_NEGOTIATED,
            id="half-a-port-state-is-none",
        ),
        pytest.param(
            lacp(port("eth0", partner_mac=None), port("eth1", partner_mac=None)),
            [],
            id="unprivileged-sees-enough",
        ),
        pytest.param(
            lacp(
                port("eth0"),
                port("eth1", mii_status="down", carrier=False),
                min_links=2,
                carrier=False,
                aggregator=Aggregator(id=1, ports=1, partner_mac=PARTNER),
            ),
            [("down", B), ("member_down", E1)],
            id="fewer-ports-than-min-links",
        ),
        pytest.param(lacp(min_links=2), [], id="as-many-ports-as-min-links"),
        pytest.param(
            lacp(
                port("eth0"),
                port("eth1", aggregator_id=2, actor_port_state=WAITING, partner_port_state=0x0F, speed_mbps=1_000),
            ),
            [("speed_mismatch", B), ("aggregator_mismatch", E1)],
            id="mixed-speeds-make-two-aggregators",
        ),
        pytest.param(
            lacp(
                port("eth0", mii_status="down", carrier=False),
                port("eth1", mii_status="down", carrier=False),
                carrier=False,
                aggregator=Aggregator(id=1, ports=1, partner_mac=NO_MAC),
            ),
            [("down", B), ("member_down", E0), ("member_down", E1)],
            id="all-down-is-no-question-of-lacp",
        ),
    ],
)
def test_lacp(seen: Bond, expected: list[tuple[str, str]]) -> None:
    assert judged(facts(seen)) == expected


# --- What is said -----------------------------------------------------------------------------------------------


def test_member_down_says_what_how_often_what_is_left_and_what_to_do() -> None:
    seen = bond(member("eth0"), down("eth1", link_failure_count=3))
    (finding, _) = found(facts(seen), TWO)
    assert finding.summary == (
        "eth1 in bond0 is down (MII down, link lost 3 times since it joined); traffic runs on eth0 alone; "
        "check cable, switch port and driver: ethtool eth1"
    )
    assert finding.evidence == {
        "bond": "bond0",
        "member": "eth1",
        "mode": "active-backup",
        "admin_up": True,
        "carrier": False,
        "mii_status": "down",
        "monitored": True,
        "miimon_ms": 100,
        "updelay_ms": 0,
        "known": True,
        "members_up": ("eth0",),
        "link_failure_count": 3,
        "permanent_mac": "02:00:00:00:00:01",
    }


def test_no_link_monitoring_tells_who_would_stay() -> None:
    dead = member("eth1", **NO_CARRIER)
    off = member("eth2", admin_up=False, carrier=True)  # some drivers keep a carrier though they are set down
    (finding, *_) = found(facts(bond(member("eth0"), dead, off, miimon_ms=0)), None)
    assert finding.evidence == {
        "bond": "bond0",
        "mode": "active-backup",
        "miimon_ms": 0,
        "arp_interval_ms": 0,
        "admin_up": True,
        "min_links": 0,
        "members": ("eth0", "eth1", "eth2"),
        "members_with_carrier": ("eth0",),
    }


@pytest.mark.parametrize(
    ("before", "known", "lost"),
    [
        pytest.param(None, False, None, id="first-run"),
        pytest.param(TWO, True, 3, id="since-the-last-run"),
        pytest.param(memory(bond(miimon_ms=0)), True, None, id="nothing-counted-then"),
    ],
)
def test_primary_not_active_tells_whether_the_primary_is_a_place_to_be(
    before: BondMemory | None, known: bool, lost: int | None
) -> None:
    seen = with_primary("always", member("eth0", link_failure_count=3, speed_mbps=25_000), member("eth1"))
    finding = next(one for one in found(facts(seen), before) if one.fault == "bond.primary_not_active")
    assert finding.evidence == {
        "bond": "bond0",
        "mode": "active-backup",
        "monitored": True,
        "primary": "eth0",
        "active_member": "eth1",
        "primary_reselect": "always",
        "primary_speed_mbps": 25_000,
        "active_speed_mbps": 10_000,
        "primary_known": known,
        "primary_admin_up": True,
        "primary_carrier": True,
        "primary_mii_status": "up",
        "primary_link_failure_count": 3,
        "primary_lost_since_last_run": lost,
    }


@pytest.mark.parametrize(
    ("before", "settings", "known"),
    [
        pytest.param(None, {}, False, id="first-run"),
        pytest.param(TWO, {}, True, id="remembered"),
        pytest.param(None, {"members": {"bond0": ("eth0", "eth1")}}, True, id="in-the-settings"),
        pytest.param(TWO, {"members": {"bond0": ("eth0",)}}, False, id="not-in-the-settings"),
    ],
)
def test_member_down_tells_whether_the_member_was_known(
    before: BondMemory | None, settings: dict[str, Any], known: bool
) -> None:
    (finding,) = found(facts(bond(member("eth0"), down("eth1"))), before, **settings)
    assert finding.evidence["known"] is known


@pytest.mark.parametrize(
    ("seen", "before", "words"),
    [
        pytest.param(
            [bond(member("eth0"))],
            TWO,
            ["eth1 is no longer in bond0", "it is in no bond now", 'members = { bond0 = ["eth0"] }'],
            id="member-missing-says-how-to-agree-to-it",
        ),
        pytest.param(
            [bond(member("eth0")), bond(member("eth1"), member("eth2"), name="bond1", active_member="eth1")],
            TWO,
            ["it is in bond1 now"],
            id="member-missing-says-where-it-went",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth2"))],
            memory(bond(member("eth0"), member("eth1"), member("eth2"))),
            ["it is in no bond now; traffic runs on eth0, eth2;", 'members = { bond0 = ["eth0", "eth2"] }'],
            id="member-missing-names-those-that-remain",
        ),
        pytest.param(
            [bond(down("eth0"), down("eth1"), carrier=False, active_member=None)],
            TWO,
            ["none of its members is up (eth0 MII down, eth1 MII down); check cable", "ethtool eth0; check cable"],
            id="all-down",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1"), miimon_ms=0, arp_interval_ms=200)],
            None,
            ["check cable, switch port and driver: ethtool eth1"],
            id="arp-without-carrier-is-a-cable",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", speed_mbps=100, duplex="half"), mode="balance-rr")],
            None,
            ["eth0 10000 Mbps full duplex, eth1 100 Mbps half duplex", "ethtool eth1"],
            id="speeds",
        ),
        pytest.param(
            [lacp(port("eth0"), port("eth1", aggregator_id=2, actor_port_state=WAITING))],
            None,
            ["its aggregator (2) is not the active one (1)"],
            id="other-aggregator",
        ),
        pytest.param(
            [lacp(port("eth0"), port("eth1", aggregator_id=None))],
            None,
            ["its aggregator (none) is not the active one (1)"],
            id="no-aggregator",
        ),
        pytest.param(
            [], TWO, ["bond0, known with members eth0, eth1, is gone", 'ignore = ["bond0"]'], id="bond-gone"
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", admin_up=False))],
            TWO,
            ["administratively down", "ip link set dev eth1 up"],
            id="admin-down",
        ),
        pytest.param(
            [bond(miimon_ms=0)], TWO, ["miimon 0", "ip link set dev bond0 type bond miimon 100"], id="miimon"
        ),
        pytest.param(
            [lacp(aggregator=Aggregator(id=1, ports=1, partner_mac=NO_MAC))],
            None,
            ["whoever does not run the network side should use mode 1"],
            id="no-partner",
        ),
        pytest.param(
            [lacp(port("eth0"), port("eth1", partner_port_state=DEAF))],
            None,
            ["the other end does not hear our LACP", "0x8f", "what is sent through it may be lost"],
            id="deaf-partner",
        ),
        pytest.param(
            [bond(member("eth0"), member("eth1", **NO_CARRIER), miimon_ms=0, mode="balance-xor")],
            None,
            ["no carrier, and nothing monitors it", "what it sends there is lost"],
            id="unmonitored-half",
        ),
        pytest.param(
            [bond(member("eth0"), down("eth1", carrier=True), miimon_ms=0, arp_interval_ms=200)],
            None,
            ["MII down though it has a carrier", "an ARP target answers through eth1"],
            id="arp",
        ),
    ],
)
def test_summaries_say_what_to_do(seen: list[Bond], before: BondMemory | None, words: list[str]) -> None:
    text = "\n".join(finding.summary for finding in found(facts(*seen), before))
    for expected in words:
        assert expected in text


def test_metrics() -> None:
    seen = bond(member("eth0"), down("eth1", link_failure_count=3))
    before = memory(bond(member("eth0"), member("eth1"), member("eth2")))
    numbers = {
        (item.subject, item.name): item.value
        for item in CHECK.judge(facts(seen), before, BondSettings())
        if isinstance(item, Metric)
    }
    assert numbers == {
        (B, "members_up"): 1,
        (B, "members_known"): 3,
        (E0, "link_failures"): 0,
        (E1, "link_failures"): 3,
    }


def test_the_catalogue_is_that_of_the_design_and_only_an_outage_is_critical() -> None:
    codes = {fault.code.partition(".")[2]: fault for fault in CHECK.faults}
    assert set(codes) == {
        "down",
        "member_down",
        "member_missing",
        "no_link_monitoring",
        "lacp_not_negotiated",
        "aggregator_mismatch",
        "primary_not_active",
        "speed_mismatch",
        "single_member",
        "flapping",
    }
    assert [name for name, fault in codes.items() if fault.severity is Severity.CRITICAL] == ["down"]
    assert all(cause.reach is Reach.SUBJECT for fault in CHECK.faults for cause in fault.causes)
    assert codes["down"].causes == ()  # an outage is never hidden under something lesser
    assert all(fault.why and fault.advice for fault in CHECK.faults)


# --- Memory -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "settings", "names"),
    [
        pytest.param([[bond()]], {}, {"bond0": ["eth0", "eth1"]}, id="seen"),
        pytest.param(
            [[bond()], [bond(member("eth0"))]], {}, {"bond0": ["eth0", "eth1"]}, id="removed-stays-known"
        ),
        pytest.param(
            [[bond(member("eth0"))], [bond(member("eth1"))], [bond(member("eth2"))]],
            {},
            {"bond0": ["eth0", "eth1", "eth2"]},
            id="union-over-time",
        ),
        pytest.param([[bond()], []], {}, {"bond0": ["eth0", "eth1"]}, id="gone-stays-known"),
        pytest.param([[bond()], []], {"ignore": ("bond0",)}, {}, id="ignored-is-forgotten"),
        pytest.param([[bond(name="bond9")]], {"ignore": ("bond9",)}, {}, id="ignored-is-not-remembered"),
        pytest.param(
            [[bond()], [bond(member("eth0"))]],
            {"members": {"bond0": ("eth0",)}},
            {"bond0": ["eth0"]},
            id="settings-make-forget",
        ),
        pytest.param(
            [[bond()]], {"members": {"bond00": ("eth0",)}}, {"bond0": ["eth0", "eth1"]}, id="slip-in-a-bond"
        ),
        pytest.param(
            [[bond()], [bond()]],
            {"members": {"bond0": ("eth0", "eht1")}},
            {"bond0": ["eth0", "eth1"]},
            id="slip-in-a-member",
        ),
        pytest.param(
            [[bond()], [bond(member("eth0"), member("eth7", permanent_mac="02:00:00:00:00:01"))]],
            {},
            {"bond0": ["eth0", "eth7"]},
            id="renamed-under-the-new-name-only",
        ),
        pytest.param([[bond(admin_up=False, members=())]], {}, {}, id="not-in-use-is-not-remembered"),
    ],
)
def test_memory(runs: list[list[Bond]], settings: dict[str, Any], names: dict[str, list[str]]) -> None:
    before = None
    for seen in runs:
        before = CHECK.remember(facts(*seen), before, BondSettings(**settings))
    assert before is not None
    assert {known.name: sorted(known.names) for known in before.bonds} == names


def test_memory_and_facts_survive_json() -> None:
    seen = facts(lacp(), bond(name="bond1"))
    assert msgspec.json.decode(msgspec.json.encode(seen), type=CHECK.facts) == seen
    kept = CHECK.remember(seen, None, BondSettings())
    assert msgspec.json.decode(msgspec.json.encode(kept), type=CHECK.memory) == kept


@pytest.mark.parametrize(
    ("seen", "before", "settings", "reason"),
    [
        pytest.param([], None, {}, "no bond on this host", id="none"),
        pytest.param([], BondMemory(boot_id="boot-a"), {}, "no bond on this host", id="none-and-none-remembered"),
        pytest.param([bond(admin_up=False, members=())], None, {}, "no bond in use", id="only-the-empty-bond0"),
        pytest.param([bond()], None, {"ignore": ("bond0",)}, "no bond in use", id="only-ignored"),
    ],
)
def test_not_applicable(
    seen: list[Bond], before: BondMemory | None, settings: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotApplicable, match=reason):
        list(CHECK.judge(facts(*seen), before, BondSettings(**settings)))


def test_an_ignored_bond_is_still_applicable_until_it_is_forgotten() -> None:
    # The engine keeps no memory of a run that was not applicable: that run could never forget.
    ignoring = BondSettings(ignore=("bond0",))
    assert list(CHECK.judge(facts(), TWO, ignoring)) == []
    forgotten = CHECK.remember(facts(), TWO, ignoring)
    with pytest.raises(NotApplicable):
        list(CHECK.judge(facts(), forgotten, ignoring))


def test_settings_are_read_from_a_table() -> None:
    table = {"ignore": ["bond9"], "members": {"bond0": ["eth0", "eth1"]}, "tolerated_link_losses": 1}
    settings = msgspec.convert(table, BondSettings)
    assert settings.members == {"bond0": ("eth0", "eth1")}
    assert settings.ignore == ("bond9",)


# --- Real facts, captured from user-mode Linux 6.1 --------------------------------------------------------------


RECORDINGS = FIXTURES / "bond"  # what `watchdog check bond --dump-facts` writes; a case from the field goes here
REAL_CASES = [
    pytest.param("active-backup-clean", [], id="active-backup-clean"),
    pytest.param("active-backup-peer-down", [("member_down", E1)], id="peer-down"),
    pytest.param("back-up", [], id="back-up"),
    pytest.param("active-backup-flapped", [("flapping", E1)], id="flapped-between-two-runs"),
    pytest.param("active-backup-admin-down", [("member_down", E1)], id="admin-down"),
    pytest.param(
        "active-backup-member-removed", [("member_missing", E1), ("single_member", B)], id="member-removed"
    ),
    pytest.param("active-backup-all-down", [("down", B), ("member_down", E0), ("member_down", E1)], id="all-down"),
    pytest.param("bond-admin-down", [("down", B), ("unseen", E0), ("unseen", E1)], id="bond-admin-down"),
    pytest.param("one-member", [("single_member", B)], id="one-member"),
    pytest.param("primary-clean", [], id="primary-clean"),
    pytest.param("primary-not-active-always", [("primary_not_active", B)], id="primary-not-active"),
    pytest.param("primary-not-active-failure", [], id="primary-by-design"),
    pytest.param("primary-not-active-better", [], id="primary-not-better"),
    pytest.param("updelay-down", [("member_down", E0)], id="updelay-down"),
    pytest.param("updelay-going-back", [("member_down", E0)], id="updelay-going-back"),
    pytest.param("updelay-over", [], id="updelay-over"),
    pytest.param("downdelay-going-down", [], id="downdelay-going-down"),
    pytest.param("downdelay-over", [("member_down", E0)], id="downdelay-over"),
    pytest.param("miimon-0-clean", [("no_link_monitoring", B)], id="miimon-0"),
    pytest.param(
        "miimon-0-backup-dead", [("no_link_monitoring", B), ("member_down", E1)], id="miimon-0-backup-dead"
    ),
    pytest.param(
        "miimon-0-active-dead",
        [("down", B), ("no_link_monitoring", B), ("member_down", E0)],
        id="miimon-0-active-dead",
    ),
    pytest.param("arp-nobody-answers", [("down", B), ("member_down", E0)], id="arp-nobody-answers"),
    pytest.param("balance-rr-clean", [], id="balance-rr"),
    pytest.param("balance-rr-peer-down", [("member_down", E1)], id="balance-rr-down"),
    pytest.param("balance-xor-clean", [], id="balance-xor"),
    pytest.param("balance-xor-peer-down", [("member_down", E1)], id="balance-xor-down"),
    pytest.param("broadcast-clean", [], id="broadcast"),
    pytest.param("broadcast-peer-down", [("member_down", E1)], id="broadcast-down"),
    pytest.param("balance-tlb-clean", [], id="balance-tlb"),
    pytest.param("balance-tlb-peer-down", [("member_down", E1)], id="balance-tlb-down"),
    pytest.param("balance-alb-clean", [], id="balance-alb"),
    pytest.param("balance-alb-peer-down", [("member_down", E1)], id="balance-alb-down"),
    pytest.param("lacp-clean", [], id="lacp-clean"),
    pytest.param("lacp-clean-unprivileged", [], id="lacp-clean-without-cap-net-admin"),
    pytest.param("lacp-peer-down", [("member_down", E1)], id="lacp-peer-down"),
    pytest.param("lacp-no-partner", [("lacp_not_negotiated", B)], id="lacp-no-partner"),
    pytest.param(
        "lacp-no-partner-unprivileged", [("lacp_not_negotiated", B)], id="lacp-no-partner-without-cap-net-admin"
    ),
    pytest.param("lacp-seconds-after-creation", [("lacp_not_negotiated", B)], id="lacp-coming-up-is-pending"),
    pytest.param("lacp-two-partners", [("aggregator_mismatch", E1)], id="lacp-two-partners"),
    pytest.param("lacp-one-port-not-in-group", [("lacp_not_negotiated", E1)], id="lacp-one-port-not-in-group"),
    pytest.param("lacp-min-links-clean", [], id="lacp-min-links"),
    pytest.param("lacp-min-links-unmet", [("down", B), ("member_down", E1)], id="lacp-min-links-unmet"),
    pytest.param("lacp-partner-lost", [("lacp_not_negotiated", B)], id="lacp-partner-lost"),
    pytest.param("lacp-partner-deaf-on-one", [("lacp_not_negotiated", E1)], id="lacp-partner-deaf-on-one"),
    pytest.param("lacp-churned", [("lacp_not_negotiated", B)], id="lacp-churned"),
    pytest.param("lacp-healed-churn-stale", [], id="lacp-healed"),
]


@pytest.mark.parametrize(("name", "expected"), REAL_CASES)
def test_real_facts(name: str, expected: list[tuple[str, str]]) -> None:
    result = replay(CHECK, RECORDINGS / f"{name}.json")
    seen = [(finding.fault.partition(".")[2], finding.subject) for finding in result.findings]
    assert seen + [("unseen", unseen.subject) for unseen in result.unseen] == expected


def test_a_real_host_without_a_bond() -> None:
    with pytest.raises(NotApplicable, match="no bond on this host"):
        replay(CHECK, RECORDINGS / "no-bond.json")


def test_every_recording_is_a_case() -> None:
    cases = {str(case.values[0]) for case in REAL_CASES}
    assert cases | {"no-bond"} == {path.stem for path in RECORDINGS.glob("*.json")}


def test_lacp_faults_wait_before_they_fire() -> None:
    pending = {fault.code: fault.pending_seconds for fault in CHECK.faults if fault.pending_seconds}
    assert pending["bond.lacp_not_negotiated"] >= 30
    assert pending["bond.aggregator_mismatch"] >= 30


# --- observe ----------------------------------------------------------------------------------------------------


class Kernel:
    """Stands in for a Netlink: replays captured link messages; a name without one does not exist."""

    def __init__(self, links: dict[str, list[bytes | int]]) -> None:
        self.links = {name: iter(answers) for name, answers in links.items()}
        self.last: dict[str, bytes | int] = {}

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None: ...

    def ask(self, request: int, bodies: list[bytes]) -> Iterator[bytes | str]:
        assert request == 18
        for body in bodies:
            name = dict(walk_attributes(body, 16))[3].rstrip(b"\0").decode()
            answer = next(self.links.get(name, iter(())), self.last.get(name, 19))
            self.last[name] = answer
            yield errno.errorcode[answer] if isinstance(answer, int) else answer[16:]


class FakeHost(Host):
    """A host whose /proc is a fixture tree and whose kernel is a Kernel; counts what it was asked."""

    def __init__(self, root: Path, kernel: Kernel, texts: dict[str, list[str]] | None = None) -> None:
        super().__init__(root)
        self.kernel = kernel
        self.texts = texts or {}
        self.opened = 0

    def read_text(self, path: str) -> str | None:
        name = path.rpartition("/")[2]
        if path.startswith("/proc/net/bonding/") and self.texts.get(name):
            return self.texts[name].pop(0)
        return super().read_text(path)

    def rtnetlink(self) -> Any:
        self.opened += 1
        return self.kernel


def captured(name: str) -> bytes:
    return (FIXTURES / "bonding" / name).read_bytes()


def a_host(
    tmp_path: Path, kernel: Kernel, text: str = "active-backup-clean.txt", texts: list[str] | None = None
) -> FakeHost:
    proc = tmp_path / "proc"
    (proc / "sys/kernel/random").mkdir(parents=True)
    (proc / "sys/kernel/random/boot_id").write_text("boot-a\n")
    if text:
        (proc / "net/bonding").mkdir(parents=True)
        (proc / "net/bonding/bond0").write_bytes(captured(text))
    return FakeHost(tmp_path, kernel, {"bond0": texts or []})


def links(**changes: list[bytes | int]) -> dict[str, list[bytes | int]]:
    names = ("bond0", "eth0", "eth1")
    return {name: changes.get(name, [captured(f"active-backup.{name}.link")]) for name in names}


def test_observe_puts_netlink_and_text_together(tmp_path: Path) -> None:
    host = a_host(tmp_path, Kernel(links()))
    (seen,) = CHECK.observe(host, BondSettings(), None).bonds
    assert (seen.name, seen.mode, seen.active_member, seen.miimon_ms) == ("bond0", "active-backup", "eth0", 100)
    assert [(m.name, m.mii_status, m.speed_mbps, m.duplex) for m in seen.members] == [
        ("eth0", "up", 10_000, "full"),
        ("eth1", "up", 10_000, "full"),
    ]


@pytest.mark.parametrize(
    "made", [pytest.param(False, id="no-directory"), pytest.param(True, id="empty-directory")]
)
def test_observe_opens_no_netlink_without_a_bond(tmp_path: Path, made: bool) -> None:
    host = a_host(tmp_path, Kernel({}), text="")
    if made:
        (tmp_path / "proc/net/bonding").mkdir(parents=True)
    assert CHECK.observe(host, BondSettings(), None) == facts()
    assert host.opened == 0


REMOVED_TEXT = captured("active-backup-clean.txt").decode().partition("\nSlave Interface: eth1")[0]


@pytest.mark.parametrize(
    ("kernel", "texts", "members"),
    [
        pytest.param(
            links(eth1=[19, captured("active-backup.eth1.link")]), None, ["eth0", "eth1"], id="back-at-second-look"
        ),
        pytest.param(
            links(eth1=[19]),
            [captured("active-backup-clean.txt").decode(), REMOVED_TEXT],
            ["eth0"],
            id="member-vanishes-mid-read",
        ),
        pytest.param(links(bond0=[19]), None, None, id="bond-vanishes-mid-read"),
        pytest.param(
            links(bond0=[captured("active-backup.eth0.link"), captured("active-backup.bond0.link")]),
            None,
            ["eth0", "eth1"],
            id="another-device-took-the-name-for-a-moment",
        ),
    ],
)
def test_observe_survives_races(
    tmp_path: Path, kernel: dict[str, list[bytes | int]], texts: list[str] | None, members: list[str] | None
) -> None:
    seen = CHECK.observe(a_host(tmp_path, Kernel(kernel), texts=texts), BondSettings(), None)
    assert [[m.name for m in b.members] for b in seen.bonds] == ([] if members is None else [members])


@pytest.mark.parametrize(
    ("kernel", "text", "reason"),
    [
        pytest.param(
            links(eth1=[19]), "active-backup-clean.txt", "changed each of the 3 times", id="never-settles"
        ),
        pytest.param(links(eth1=[1]), "active-backup-clean.txt", "does not show link eth1", id="refused"),
        pytest.param(links(bond0=[b"\0" * 32]), "active-backup-clean.txt", "changed each", id="no-bond-at-all"),
        pytest.param(
            links(bond0=[b"\0" * 16 + b"short"]), "active-backup-clean.txt", "5 bytes", id="malformed-message"
        ),
        pytest.param(links(), "active-backup.bond0.link", "changed each", id="text-that-names-nobody"),
    ],
)
def test_a_bond_that_cannot_be_read_is_unseen_and_never_gone(
    tmp_path: Path, kernel: dict[str, list[bytes | int]], text: str, reason: str
) -> None:
    seen = CHECK.observe(a_host(tmp_path, Kernel(kernel), text=text), BondSettings(), None)
    assert seen.bonds == ()
    assert reason in seen.unread[0].reason
    assert judged(seen, TWO) == judged(seen) == [("unseen", B)]
    assert CHECK.remember(seen, TWO, BondSettings()) == TWO


def test_a_bond_whose_text_makes_no_sense_costs_only_itself(tmp_path: Path) -> None:
    host = a_host(tmp_path, Kernel(links()))
    (tmp_path / "proc/net/bonding/bond1").write_text("Slave Interface: eth2\nSpeed: warp 9\n")
    seen = CHECK.observe(host, BondSettings(), None)
    assert [bond.name for bond in seen.bonds] == ["bond0"]
    assert [unread.name for unread in seen.unread] == ["bond1"]
    assert "'warp 9'" in seen.unread[0].reason


def test_a_name_that_is_not_utf8_is_unseen_under_a_name_that_json_can_say(tmp_path: Path) -> None:
    host = a_host(tmp_path, Kernel(links()))
    Path(os.fsdecode(os.fsencode(tmp_path / "proc/net/bonding") + b"/b\xff")).write_text("")
    seen = CHECK.observe(host, BondSettings(), None)
    assert [bond.name for bond in seen.bonds] == ["bond0"]
    assert [unread.name for unread in seen.unread] == [r"b\udcff"]
    assert msgspec.json.decode(msgspec.json.encode(seen), type=BondFacts) == seen


def test_unread_is_unseen_even_where_no_bond_was_known() -> None:
    seen = BondFacts(boot_id="boot-a", unread=(UnreadBond(name="bond0", reason="cannot read it"),))
    assert judged(seen) == [("unseen", B)]
    with pytest.raises(NotApplicable):
        judged(seen, ignore=("bond0",))
