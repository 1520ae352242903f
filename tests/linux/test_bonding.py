"""The kernel's two accounts of a bond: real ones from user-mode Linux 6.1, made-up ones, and hostile ones."""

import struct
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.bonding import (
    Aggregator,
    Bond,
    Link,
    MalformedBondError,
    Member,
    MemberText,
    compose_bond,
    render_port_state,
)
from watchdog.linux.bonding_netlink import build_link_request, parse_link
from watchdog.linux.bonding_procfs import parse_proc_bonding
from watchdog.linux.netlink import walk_attributes

CAPTURED = Path(__file__).parent.parent / "fixtures" / "bonding"


def text(name: str) -> tuple[MemberText, ...]:
    return parse_proc_bonding((CAPTURED / f"{name}.txt").read_text())


def link(name: str) -> Link:
    return parse_link((CAPTURED / f"{name}.link").read_bytes()[16:])


# --- /proc/net/bonding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "names"),
    [
        pytest.param("active-backup-clean", ["eth0", "eth1"], id="active-backup"),
        pytest.param("active-backup-peer-down", ["eth0", "eth1"], id="peer-down"),
        pytest.param("bond-admin-down", ["eth0", "eth1"], id="bond-down"),
        pytest.param("balance-rr-clean", ["eth0", "eth1"], id="balance-rr"),
        pytest.param("balance-xor-clean", ["eth0", "eth1"], id="balance-xor"),
        pytest.param("broadcast-clean", ["eth0", "eth1"], id="broadcast"),
        pytest.param("balance-tlb-clean", ["eth0", "eth1"], id="balance-tlb"),
        pytest.param("balance-alb-clean", ["eth0", "eth1"], id="balance-alb"),
        pytest.param("lacp-clean", ["eth0", "eth1"], id="802.3ad"),
        pytest.param("primary-clean", ["eth0", "eth1"], id="primary"),
        pytest.param("updelay-going-back", ["eth0", "eth1"], id="going-back"),
        pytest.param("miimon-0-clean", ["eth0", "eth1"], id="miimon-0"),
        pytest.param("arp-nobody-answers", ["eth0", "eth1"], id="arp-monitor"),
        pytest.param("one-member", ["eth0"], id="one-member"),
    ],
)
def test_every_real_text_names_its_members_and_their_speed(name: str, names: list[str]) -> None:
    members = text(name)
    assert [member.name for member in members] == names
    assert {(member.speed_mbps, member.duplex) for member in members} == {(10_000, "full")}


def test_lacp_details_of_each_end_are_told_apart() -> None:
    first, second = text("lacp-two-partners")
    assert (first.actor_port_state, first.partner_port_state, first.partner_mac) == (63, 63, "0a:2e:a6:d5:1e:6e")
    assert (second.actor_port_state, second.partner_port_state, second.partner_mac) == (7, 15, "8e:28:61:aa:e3:7a")
    assert (second.actor_churn, second.partner_churn) == ("monitoring", "monitoring")


def test_without_cap_net_admin_the_text_has_churn_but_neither_states_nor_partner() -> None:
    for member in text("lacp-clean-unprivileged"):
        assert (member.actor_churn, member.partner_churn) == ("monitoring", "monitoring")
        assert (member.actor_port_state, member.partner_port_state, member.partner_mac) == (None, None, None)


def test_churned() -> None:
    assert [(m.actor_churn, m.partner_churn) for m in text("lacp-churned")] == [
        ("none", "churned"),
        ("churned", "churned"),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("", (), id="empty"),
        pytest.param("Ethernet Channel Bonding Driver: v6.1\n\nMII Status: up\n", (), id="no-member"),
        pytest.param("Slave Interface: eth0\n", (MemberText(name="eth0"),), id="cut-after-the-name"),
        pytest.param(
            "Slave Interface: eth0\nSpeed: Unknown\nDuplex: Unknown\n", (MemberText(name="eth0"),), id="unknown"
        ),
        pytest.param(
            "Slave Interface: eth0\nSpeed: 4294967295 Mbps", (MemberText(name="eth0"),), id="unknown-32-bit"
        ),
        pytest.param("Slave Interface: eth0\nSpeed: 65535 Mbps", (MemberText(name="eth0"),), id="unknown-16-bit"),
        pytest.param("Slave Interface: eth0\nSpeed: -1 Mbps", (MemberText(name="eth0"),), id="unknown-signed"),
        pytest.param(
            "Slave Interface: eth0\nActor Churn State: unknown", (MemberText(name="eth0"),), id="churn-unknown"
        ),
        pytest.param(
            "Slave Interface: eth0\nSpeed: 100 Mbps\nDuplex: half\nAggregator ID: N/A\n",
            (MemberText(name="eth0", speed_mbps=100, duplex="half"),),
            id="no-aggregator",
        ),
    ],
)
def test_parse_proc_bonding(lines: str, expected: tuple[MemberText, ...]) -> None:
    assert parse_proc_bonding(lines) == expected


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("Speed: fast", "Speed is 'fast'", id="speed"),
        pytest.param("Speed: 99999999999 Mbps", "Speed is", id="speed-too-long"),
        pytest.param("Duplex: triple", "Duplex is 'triple', expected one of full, half", id="duplex"),
        pytest.param("Actor Churn State: perhaps", "Actor Churn State is 'perhaps'", id="churn"),
        pytest.param("details actor lacp pdu:\n    port state: x", "port state is 'x'", id="port-state"),
        pytest.param(
            "details actor lacp pdu:\n    port state: 256", "port state is '256'", id="port-state-too-big"
        ),
    ],
)
def test_malformed_text_is_refused_with_the_value(line: str, complaint: str) -> None:
    with pytest.raises(MalformedBondError, match=complaint):
        parse_proc_bonding(f"Slave Interface: eth0\n{line}\n")


KEYS = st.sampled_from(
    [
        "Slave Interface",
        "Speed",
        "Duplex",
        "Actor Churn State",
        "Partner Churn State",
        "details actor lacp pdu",
        "details partner lacp pdu",
        "    port state",
        "    system mac address",
    ]
)
VALUES = st.one_of(st.text(max_size=12), st.sampled_from(["eth0", "Unknown", "10 Mbps", "full", "none", "63"]))
LINES = st.lists(st.builds("{}: {}".format, KEYS, VALUES), max_size=12).map("\n".join)


@given(st.one_of(st.text(max_size=400), LINES))
def test_any_text_is_read_or_refused(hostile: str) -> None:
    try:
        members = parse_proc_bonding(hostile)
    except MalformedBondError:
        return
    assert msgspec.convert(msgspec.to_builtins(members), tuple[MemberText, ...]) == members


# --- Link messages ----------------------------------------------------------------------------------------------


def test_a_real_active_backup_bond_and_its_members() -> None:
    bond_link, first, second = (link(f"active-backup.{name}") for name in ("bond0", "eth0", "eth1"))
    assert bond_link.bond == Bond(
        name="bond0",
        mode="active-backup",
        admin_up=True,
        carrier=True,
        operstate="up",
        miimon_ms=100,
        arp_interval_ms=0,
        primary_reselect="always",
    )
    assert bond_link.active_index == first.index
    assert bond_link.primary_index is None
    assert first.bond is None
    assert first.member == Member(
        name="eth0",
        admin_up=True,
        carrier=True,
        state="active",
        mii_status="up",
        link_failure_count=0,
        permanent_mac=first.member.permanent_mac if first.member else "",
    )
    assert second.member is not None
    assert second.member.state == "backup"
    assert first.master_index == second.master_index == bond_link.index


def test_real_lacp_states_come_by_netlink_beyond_what_pyroute2_decodes() -> None:
    bond, port = link("lacp.bond0").bond, link("lacp.eth0").member
    assert bond is not None
    assert bond.mode == "802.3ad"
    assert bond.aggregator == Aggregator(
        id=1, ports=2, partner_mac=bond.aggregator.partner_mac if bond.aggregator else ""
    )
    assert port is not None
    assert (port.aggregator_id, port.actor_port_state, port.partner_port_state) == (1, 63, 63)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def message(*attributes: bytes, flags: int = 1, index: int = 7) -> bytes:
    return struct.pack("=BxHiII", 0, 1, index, flags, 0) + b"".join(attributes)


def bond_message(*options: bytes) -> bytes:
    info = attribute(1, b"bond\0") + attribute(2, b"".join(options))
    return message(attribute(3, b"bond0\0"), attribute(0x8000 | 18, info))


def member_message(*options: bytes) -> bytes:
    info = attribute(4, b"bond\0") + attribute(5, b"".join(options))
    return message(attribute(3, b"eth0\0"), attribute(10, struct.pack("=I", 9)), attribute(18, info))


def u8(kind: int, number: int) -> bytes:
    return attribute(kind, bytes([number]))


def u32(kind: int, number: int) -> bytes:
    return attribute(kind, struct.pack("=I", number))


MINIMAL_BOND = (u8(1, 0), u32(3, 100), u32(7, 0))
MINIMAL_MEMBER = (u8(1, 0), u8(2, 0), u32(3, 0))


@pytest.mark.parametrize(
    ("number", "mode"),
    list(
        enumerate(
            ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"]
        )
    ),
)
def test_modes_are_the_kernels_numbers(number: int, mode: str) -> None:
    bond = parse_link(bond_message(u8(1, number), u32(3, 100), u32(7, 0))).bond
    assert bond is not None
    assert bond.mode == mode


@pytest.mark.parametrize(("number", "status"), list(enumerate(["up", "going down", "down", "going back"])))
def test_mii_states_are_the_kernels_numbers(number: int, status: str) -> None:
    member = parse_link(member_message(u8(1, 1), u8(2, number), u32(3, 4))).member
    assert member is not None
    assert (member.state, member.mii_status, member.link_failure_count) == ("backup", status, 4)


@pytest.mark.parametrize(
    ("flags", "told", "admin_up", "carrier"),
    [
        pytest.param(0x1, b"\1", True, True, id="up"),
        pytest.param(0x1, b"\0", True, False, id="no-carrier"),
        pytest.param(0x1002, b"\0", False, False, id="administratively-down"),
        pytest.param(0x10001, None, True, True, id="carrier-by-flag-on-an-old-kernel"),
        pytest.param(0x1, None, True, False, id="no-carrier-by-flag-on-an-old-kernel"),
    ],
)
def test_admin_state_and_carrier(flags: int, told: bytes | None, admin_up: bool, carrier: bool) -> None:
    info = attribute(4, b"bond\0") + attribute(5, b"".join(MINIMAL_MEMBER))
    more = (attribute(33, told),) if told else ()
    member = parse_link(message(attribute(3, b"eth0\0"), *more, attribute(18, info), flags=flags)).member
    assert member is not None
    assert (member.admin_up, member.carrier) == (admin_up, carrier)


@pytest.mark.parametrize(("number", "operstate"), [(0, "unknown"), (2, "down"), (3, "lowerlayerdown"), (6, "up")])
def test_operstates_are_those_of_rfc_2863(number: int, operstate: str) -> None:
    info = attribute(1, b"bond\0") + attribute(2, b"".join(MINIMAL_BOND))
    bond = parse_link(message(attribute(3, b"bond0\0"), u8(16, number), attribute(18, info))).bond
    assert bond is not None
    assert bond.operstate == operstate


def test_a_link_that_is_no_bond_and_in_none_is_neither() -> None:
    seen = parse_link(message(attribute(3, b"lo\0")))
    assert (seen.index, seen.bond, seen.member) == (7, None, None)


def test_a_bond_within_a_bridge_is_a_bond_and_no_member() -> None:
    info = (
        attribute(1, b"bond\0")
        + attribute(2, b"".join(MINIMAL_BOND))
        + attribute(4, b"bridge\0")
        + attribute(5, b"")
    )
    seen = parse_link(message(attribute(3, b"bond0\0"), attribute(18, info)))
    assert seen.bond is not None
    assert seen.member is None


def test_a_link_is_asked_for_by_its_name_without_its_counters() -> None:
    asked = build_link_request("bond0")
    assert dict(walk_attributes(asked, 16)) == {3: b"bond0\0", 29: struct.pack("=I", 8)}
    with pytest.raises(UnicodeEncodeError):
        build_link_request("b\udcff")


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        pytest.param(b"", "0 bytes", id="empty"),
        pytest.param(b"\0" * 15, "15 bytes", id="header-cut"),
        pytest.param(message(struct.pack("=HH", 99, 3)), "claims 99 bytes", id="longer-than-the-message"),
        pytest.param(message(struct.pack("=HH", 0, 3)), "claims 0 bytes", id="no-length-would-loop-for-ever"),
        pytest.param(bond_message(), "attribute 1 is missing: this needs Linux 3.14", id="bond-without-mode"),
        pytest.param(bond_message(u8(1, 7)), "IFLA_BOND_MODE is 7, expected 0 to 6", id="mode-of-the-future"),
        pytest.param(bond_message(attribute(1, b"abc")), "3 bytes where a number", id="odd-number"),
        pytest.param(bond_message(u8(1, 1), u32(7, 0)), "attribute 3 is missing", id="miimon-is-never-guessed"),
        pytest.param(member_message(u8(1, 0), u8(2, 4), u32(3, 0)), "MII_STATUS is 4", id="mii-of-the-future"),
        pytest.param(member_message(), "attribute 1 is missing", id="member-without-state"),
    ],
)
def test_malformed_messages_are_refused_with_the_reason(data: bytes, complaint: str) -> None:
    with pytest.raises(MalformedBondError, match=complaint):
        parse_link(data)


ATTRIBUTES = st.recursive(
    st.builds(attribute, st.integers(0, 0xFFFF), st.binary(max_size=9)),
    lambda inner: st.builds(
        attribute, st.sampled_from([2, 5, 18, 23, 0x8012]), st.lists(inner, max_size=6).map(b"".join)
    ),
    max_leaves=20,
)
REAL_MESSAGES = [path.read_bytes()[16:] for path in sorted(CAPTURED.glob("*.link"))]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a real message with a few bytes changed, or cut short."""
    data = bytearray(draw(st.sampled_from(REAL_MESSAGES)))
    for _ in range(draw(st.integers(0, 8))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))])


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(ATTRIBUTES, max_size=8).map(lambda attributes: message(*attributes)),
        st.lists(ATTRIBUTES, max_size=8).map(lambda options: bond_message(*MINIMAL_BOND, *options)),
        st.lists(ATTRIBUTES, max_size=8).map(lambda options: member_message(*MINIMAL_MEMBER, *options)),
        damaged(),
    )
)
def test_any_message_is_read_or_refused(hostile: bytes) -> None:
    try:
        seen = parse_link(hostile)
    except MalformedBondError:
        return
    assert msgspec.json.decode(msgspec.json.encode(seen), type=Link) == seen


# --- Both together ----------------------------------------------------------------------------------------------


def altered(name: str, **changes: object) -> Link:
    return msgspec.structs.replace(link(name), **changes)


def test_compose_names_the_active_member_and_adds_the_text() -> None:
    members = [link("active-backup.eth0"), link("active-backup.eth1")]
    bond = compose_bond(link("active-backup.bond0"), members, text("active-backup-clean"))
    assert bond is not None
    assert (bond.active_member, bond.primary) == ("eth0", None)
    assert [(m.name, m.speed_mbps) for m in bond.members] == [("eth0", 10_000), ("eth1", 10_000)]


def test_compose_names_the_primary() -> None:
    members = [link("active-backup.eth0"), link("active-backup.eth1")]
    bond_link = altered("active-backup.bond0", primary_index=members[1].index)
    bond = compose_bond(bond_link, members, text("active-backup-clean"))
    assert bond is not None
    assert (bond.active_member, bond.primary) == ("eth0", "eth1")


def test_netlink_outweighs_the_text_where_both_tell() -> None:
    detail = MemberText(name="eth0", actor_port_state=0x47, partner_mac="02:00:00:00:00:01")
    bond = compose_bond(link("lacp.bond0"), [link("lacp.eth0")], [detail])
    assert bond is not None
    assert (bond.members[0].actor_port_state, bond.members[0].partner_mac) == (63, "02:00:00:00:00:01")


@pytest.mark.parametrize(
    ("bond", "members", "names"),
    [
        pytest.param(
            link("active-backup.bond0"), [link("active-backup.eth0")], ["eth0", "eth1"], id="one-vanished"
        ),
        pytest.param(
            link("active-backup.bond0"),
            [link("active-backup.eth0"), altered("active-backup.eth1", master_index=99)],
            ["eth0", "eth1"],
            id="one-moved-to-another-bond",
        ),
        pytest.param(
            link("active-backup.bond0"),
            [link("active-backup.eth0"), altered("active-backup.eth1", member=None)],
            ["eth0", "eth1"],
            id="one-is-no-member-now",
        ),
        pytest.param(
            altered("active-backup.bond0", active_index=99),
            [link("active-backup.eth0"), link("active-backup.eth1")],
            ["eth0", "eth1"],
            id="active-is-one-that-came-since",
        ),
        pytest.param(link("active-backup.eth0"), [], [], id="no-bond"),
    ],
)
def test_readings_that_do_not_belong_together_are_told(bond: Link, members: list[Link], names: list[str]) -> None:
    assert compose_bond(bond, members, [MemberText(name=name) for name in names]) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(0x3F, "0x3f (activity, timeout, aggregation, sync, collecting, distributing)", id="working"),
        pytest.param(0x47, "0x47 (activity, timeout, aggregation, defaulted)", id="defaulted"),
        pytest.param(0xC0, "0xc0 (defaulted, expired)", id="expired"),
        pytest.param(0, "0x00 (none)", id="none"),
    ],
)
def test_render_port_state(state: int, expected: str) -> None:
    assert render_port_state(state) == expected
