"""dsr_real_server: tables of addresses and sysctls with the full expected list; well look-alikes come first."""

from ipaddress import ip_interface
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks._dsr_real_server.director import Asked, plan_questions, questions_of, with_heard
from checks._dsr_real_server.membership import SETTLED_LOOKS, DsrMemory, KnownVip
from checks._dsr_real_server.reading import (
    Facing,
    Heard,
    Vip,
    face_absent,
    find_single,
    find_vips,
    has_arp_firewall,
    is_quiet,
)
from checks.dsr_real_server import CHECK, DsrFacts, DsrSettings, Elsewhere
from watchdog.addresses import HostAddress
from watchdog.host import Host
from watchdog.linux.ipvs import Pool, PoolServer
from watchdog.model import Finding, Judgement, Note, Unseen

VIP, OTHER, BALANCER, RS1, RS2 = "192.168.100.10", "192.168.100.11", "02:00:00:00:00:02", "21", "22"
MACS = {RS1: "02:00:00:00:00:21", RS2: "02:00:00:00:00:22"}
MINUTE = 60 * 10**9
OWNED = {"owners": (BALANCER,)}
LEAK, MAYBE = f"arp_leak critical {VIP}", f"arp_leak warning {VIP}"
MISSING = f"vip_missing critical {VIP}"


def vip(ignore: int = 1, announce: int = 2, address: str = VIP, **heard: Any) -> Vip:
    facing = Facing(interface="eth0", arp_ignore=ignore, arp_announce=announce, **heard)
    return Vip(address=address, interface="lo", facing=(facing,))


def facts(*vips: Vip, **changes: Any) -> DsrFacts:
    return DsrFacts(**({"vips": vips, "quiet": tuple(one.address for one in vips)} | changes))


def known(looks: int = SETTLED_LOOKS, *, owned: bool = True, address: str = VIP) -> DsrMemory:
    return DsrMemory(vips=(KnownVip(address=address, interface="lo", looks=looks, owned_elsewhere=owned),))


def said(one: Judgement) -> str:
    match one:
        case Finding():
            return f"{one.fault.partition('.')[2]} {one.severity.value} {one.subject}"
        case Unseen():
            return f"unseen {one.subject}"
        case Note():
            return f"note {one.subject}"
    return ""


def judge(seen: DsrFacts, before: DsrMemory | None = None, **settings: Any) -> list[str]:
    return [word for one in CHECK.judge(seen, before, DsrSettings(**settings)) if (word := said(one))]


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        pytest.param(facts(vip(**OWNED)), None, [], id="a-real-server"),
        pytest.param(facts(vip(2, **OWNED)), None, [], id="arp-ignore-2"),
        pytest.param(facts(vip(8, **OWNED)), None, [], id="arp-ignore-8"),
        pytest.param(facts(vip()), None, [], id="the-balancer-is-down"),
        pytest.param(facts(vip(0, 0)), None, [f"note {VIP}"], id="an-address-of-its-own"),
        pytest.param(facts(vip(0, 2)), None, [f"note {VIP}"], id="an-address-of-its-own-that-asks-quietly"),
        pytest.param(facts(vip(1, 0)), None, [], id="hardened-and-nobody-else-has-it"),
        pytest.param(facts(vip(0, answered=3)), None, [f"note {VIP}"], id="its-own-and-heard-to-answer"),
        pytest.param(facts(vip(0, **OWNED), own=(VIP,)), None, [], id="keepalived-here-moves-it"),
        pytest.param(facts(vip(0, **OWNED), arp_firewall=True), None, [f"unseen {VIP}"], id="arp-is-filtered"),
        pytest.param(facts(vip(0, 0, address="fd00::10", **OWNED)), None, [], id="ipv6-asks-its-interface-only"),
        pytest.param(facts(unheard="needs CAP_NET_RAW"), None, [], id="nothing-here-unprivileged"),
        pytest.param(
            facts(vip(), unheard="needs CAP_NET_RAW"), None, [f"unseen {VIP}"], id="quiet-by-its-sysctls"
        ),
        pytest.param(facts(), known(SETTLED_LOOKS - 1), [], id="tried-out-for-a-moment"),
        pytest.param(facts(quiet=(VIP,)), known(), [], id="still-there-but-the-network-is-gone"),
        pytest.param(facts(own=(VIP,)), known(), [], id="now-keepalived's"),
        pytest.param(
            facts(on_the_link=(Elsewhere(address=VIP, interface="eth0"),)), known(), [], id="now-the-balancer"
        ),
        pytest.param(
            facts(asked=(Asked(address=VIP, interface="eth0", answers=(BALANCER,), servers={RS1: (MACS[RS1],)}),)),
            None,
            [],
            id="only-the-other-balancer-answers",
        ),
        pytest.param(
            facts(
                asked=(
                    Asked(
                        address=VIP,
                        interface="eth0",
                        is_here=False,
                        answers=(MACS[RS1],),
                        servers={RS1: (MACS[RS1],)},
                    ),
                )
            ),
            None,
            [],
            id="a-real-server-is-the-active-balancer",
        ),
        pytest.param(
            facts(
                asked=(
                    Asked(
                        address=VIP, interface="eth0", answers=(BALANCER,), servers={RS1: (BALANCER, MACS[RS1])}
                    ),
                )
            ),
            None,
            [],
            id="a-router-answers-for-everything",
        ),
        pytest.param(
            facts(asked=(Asked(address=VIP, interface="eth0", answers=(), servers={RS1: ()}),)),
            None,
            [],
            id="a-real-server-that-is-gone",
        ),
    ],
)
def test_healthy(seen: DsrFacts, before: DsrMemory | None, expected: list[str]) -> None:
    assert judge(seen, before) == expected


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        pytest.param(facts(vip(0, **OWNED)), None, [LEAK], id="arp-ignore-0"),
        pytest.param(facts(vip(5, **OWNED)), None, [LEAK], id="a-reserved-value-is-0"),
        pytest.param(facts(vip(0, 0, **OWNED)), None, [LEAK], id="both"),
        pytest.param(facts(vip(1, 0, **OWNED)), None, [MAYBE], id="arp-announce-0"),
        pytest.param(facts(vip(1, 1, **OWNED)), None, [MAYBE], id="arp-announce-1-is-not-enough"),
        pytest.param(facts(vip(0)), known(), [LEAK], id="the-balancer-once-owned-it"),
        pytest.param(
            facts(vip(0), unheard="needs CAP_NET_RAW"), None, [MAYBE, f"unseen {VIP}"], id="by-its-sysctls-only"
        ),
        pytest.param(facts(vip(1, answered=1, **OWNED)), None, [LEAK], id="heard-to-answer"),
        pytest.param(facts(vip(1, announced=1, **OWNED)), None, [LEAK], id="heard-to-ask-in-its-name"),
        pytest.param(
            facts(vip(0, answered=1, **OWNED), arp_firewall=True), None, [LEAK], id="heard-in-spite-of-rules"
        ),
        pytest.param(facts(), known(), [MISSING], id="gone"),
        pytest.param(facts(), known(owned=False), [MISSING], id="gone-and-never-heard-elsewhere"),
        pytest.param(
            facts(vip(**OWNED)),
            DsrMemory(vips=(*known().vips, *known(address=OTHER).vips)),
            [f"vip_missing critical {OTHER}"],
            id="one-of-two-gone",
        ),
        pytest.param(
            facts(
                asked=(
                    Asked(
                        address=VIP,
                        interface="eth0",
                        answers=(BALANCER, MACS[RS2]),
                        servers={RS1: (MACS[RS1],), RS2: (MACS[RS2],)},
                    ),
                )
            ),
            None,
            [f"arp_leak critical {VIP}/{RS2}"],
            id="the-balancer-hears-a-real-server",
        ),
        pytest.param(
            facts(asked=(Asked(address=VIP, interface="eth0", servers={RS1: ()}),), unheard="needs CAP_NET_RAW"),
            None,
            [f"unseen {VIP}"],
            id="the-balancer-may-not-listen",
        ),
        pytest.param(facts(unread="the kernel does not show its pools"), None, ["unseen ipvs"], id="unread-pools"),
    ],
)
def test_faults(seen: DsrFacts, before: DsrMemory | None, expected: list[str]) -> None:
    assert judge(seen, before) == expected


@pytest.mark.parametrize(
    ("seen", "settings", "expected"),
    [
        pytest.param(facts(), {"vips": (VIP,)}, [MISSING], id="named-and-not-there"),
        pytest.param(facts(vip(0)), {"vips": (VIP,)}, [LEAK], id="named-so-it-is-a-real-server's"),
        pytest.param(facts(vip(1, 1)), {"vips": (VIP,)}, [MAYBE], id="named-and-may-ask"),
        pytest.param(facts(quiet=(VIP,)), {"vips": (VIP,)}, [], id="named-and-in-no-network-of-ours"),
        pytest.param(
            facts(on_the_link=(Elsewhere(address=VIP, interface="eth0"),)),
            {"vips": (VIP,)},
            [LEAK],
            id="named-and-on-eth0-itself",
        ),
        pytest.param(facts(vip(0, **OWNED)), {"ignore": (VIP,)}, [], id="left-alone"),
        pytest.param(facts(), {"vips": (VIP,), "ignore": (VIP,)}, [], id="named-and-left-alone"),
    ],
)
def test_settings(seen: DsrFacts, settings: dict[str, Any], expected: list[str]) -> None:
    assert judge(seen, **settings) == expected


def test_an_address_must_be_there_for_a_while_before_it_is_missed() -> None:
    memory: DsrMemory | None = None
    for look in range(1, SETTLED_LOOKS + 2):
        memory = CHECK.remember(facts(vip(**OWNED), boottime_ns=look * MINUTE), memory, DsrSettings())
        assert judge(facts(), memory) == ([MISSING] if look >= SETTLED_LOOKS else [])
    gone = CHECK.remember(facts(), memory, DsrSettings())
    assert judge(facts(), gone) == [MISSING], "it stays missing"
    assert judge(facts(vip(**OWNED)), gone) == []
    assert CHECK.remember(facts(), gone, DsrSettings(ignore=(VIP,))).vips == ()


def test_looks_in_quick_succession_do_not_make_it_one_that_was_there_for_a_while() -> None:
    """Each change of a link or an address wakes the check: who tries something out makes some of them himself."""
    memory: DsrMemory | None = None
    for look in range(100):
        memory = CHECK.remember(
            facts(vip(**OWNED), boottime_ns=MINUTE + look * MINUTE // 60), memory, DsrSettings()
        )
    assert judge(facts(), memory) == []
    for look in range(SETTLED_LOOKS):
        memory = CHECK.remember(facts(vip(**OWNED), boottime_ns=1 + look * MINUTE), memory, DsrSettings())
    assert judge(facts(), memory) == [MISSING], "counted on after a reboot"


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        pytest.param(vip(0, **OWNED), True, id="another-host-owns-it"),
        pytest.param(vip(1), True, id="made-quiet"),
        pytest.param(vip(0), False, id="its-own"),
    ],
)
def test_only_a_real_server_s_address_is_remembered(one: Vip, kept: bool) -> None:
    assert bool(CHECK.remember(facts(one), None, DsrSettings()).vips) is kept


def test_a_note_is_made_once() -> None:
    memory = CHECK.remember(facts(vip(0)), None, DsrSettings())
    assert judge(facts(vip(0)), memory) == []


def tree(root: Path, interfaces: dict[str, tuple[str, str]], **sysctls: int) -> Host:
    """Return a host with interfaces (flags, type) and sysctls (`all_arp_ignore`)."""
    for name, (flags, kind) in interfaces.items():
        folder = root / f"sys/class/net/{name}"
        folder.mkdir(parents=True)
        (folder / "flags").write_text(f"{flags}\n")
        (folder / "type").write_text(f"{kind}\n")
    for key, value in sysctls.items():
        interface, _, name = key.partition("_")
        file = root / f"proc/sys/net/ipv4/conf/{interface}/{name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n")
    return Host(root, program_folders=str(root / "bin"))


def on(interface: str, value: str) -> HostAddress:

    return HostAddress(interface=interface, value=ip_interface(value))


ETH0, DUMMY0, TUNNEL = {"eth0": ("0x1003", "1")}, {"dummy0": ("0xc3", "1")}, {"wg0": ("0x10091", "65534")}
LAN = on("eth0", "192.168.100.21/24")


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        pytest.param([LAN, on("lo", f"{VIP}/32")], [VIP], id="on-lo"),
        pytest.param([LAN, on("dummy0", f"{VIP}/32")], [VIP], id="on-a-dummy"),
        pytest.param([LAN, on("lo", f"{VIP}/24")], [], id="not-of-host-length"),
        pytest.param([LAN, on("lo", "10.255.0.1/32")], [], id="a-router's-loopback"),
        pytest.param([LAN, on("eth0", f"{VIP}/32")], [], id="on-the-link-itself"),
        pytest.param([on("eth0", "192.168.100.21/32"), on("lo", f"{VIP}/32")], [], id="connected-to-nothing"),
        pytest.param([LAN, on("lo", "127.0.0.53/32"), on("lo", "::1/128")], [], id="loopback"),
        pytest.param([LAN, on("dummy0", "169.254.20.10/32")], [], id="link-local"),
        pytest.param([on("wg0", "10.0.0.1/24"), on("wg0", "10.0.0.9/32")], [], id="on-a-tunnel"),
        pytest.param([on("wg0", "10.0.0.1/24"), on("lo", "10.0.0.9/32")], [], id="in-a-tunnel's-network"),
        pytest.param([on("eth0", "fd00::21/64"), on("lo", "fd00::10/128")], ["fd00::10"], id="ipv6"),
    ],
)
def test_who_is_a_real_server(tmp_path: Path, addresses: list[HostAddress], expected: list[str]) -> None:
    host = tree(tmp_path, ETH0 | DUMMY0 | TUNNEL)
    assert [one.address for one in find_vips(host, addresses)] == expected


def test_a_device_with_others_below_it_is_no_dummy(tmp_path: Path) -> None:
    host = tree(tmp_path, DUMMY0)
    assert is_quiet(host, "dummy0")
    (tmp_path / "sys/class/net/dummy0/lower_eth0").mkdir()
    assert not is_quiet(host, "dummy0")


@pytest.mark.parametrize(
    ("sysctls", "effective"),
    [
        pytest.param({"all_arp_ignore": 1, "eth0_arp_ignore": 0}, 1, id="all"),
        pytest.param({"all_arp_ignore": 0, "eth0_arp_ignore": 2}, 2, id="the-interface"),
        pytest.param({"all_arp_ignore": 0, "eth0_arp_ignore": 0, "lo_arp_ignore": 1}, 0, id="lo-does-not-count"),
        pytest.param({}, 0, id="unreadable"),
    ],
)
def test_the_larger_of_all_and_the_facing_interface_counts(
    tmp_path: Path, sysctls: dict[str, int], effective: int
) -> None:
    (one,) = find_vips(tree(tmp_path, ETH0, **sysctls), [LAN, on("lo", f"{VIP}/32")])
    assert one.facing == (Facing(interface="eth0", arp_ignore=effective, arp_announce=0),)


def test_an_address_that_is_gone_is_faced_by_whose_network_it_lies_in(tmp_path: Path) -> None:
    host = tree(tmp_path, ETH0 | TUNNEL, all_arp_ignore=1)
    addresses = [LAN, on("wg0", "192.168.100.0/24"), on("lo", f"{OTHER}/32")]
    facing = Facing(interface="eth0", arp_ignore=1, arp_announce=0)
    assert list(face_absent(host, [VIP, OTHER], addresses)) == [Vip(address=VIP, interface="", facing=(facing,))]
    assert list(face_absent(host, [VIP], [on("eth0", "10.0.0.1/8")])) == [Vip(address=VIP, interface="")]


@pytest.mark.parametrize(
    ("address", "asked_for"),
    [
        pytest.param(on("lo", "10.255.0.1/32"), True, id="a-router's-or-one-that-is-routed-on-the-link"),
        pytest.param(on("dummy0", "192.168.100.30/32"), True, id="on-a-dummy"),
        pytest.param(on("wg0", "192.168.100.30/32"), True, id="a-tunnel's-in-the-link's-network"),
        pytest.param(on("wg0", "10.7.0.1/32"), False, id="a-tunnel's-own"),
        pytest.param(on("eth0", "10.0.0.9/8"), False, id="it-connects-its-own-network"),
        pytest.param(on("lo", "127.0.0.53/32"), False, id="loopback"),
        pytest.param(on("lo", "fd00::10/128"), False, id="ipv6"),
    ],
)
def test_what_arp_may_be_asked_for(tmp_path: Path, address: HostAddress, asked_for: bool) -> None:
    host = tree(tmp_path, ETH0 | DUMMY0 | TUNNEL)
    assert list(find_single(host, [LAN, address])) == ([address] if asked_for else [])


def evidence(seen: DsrFacts, before: DsrMemory | None = None, **settings: Any) -> dict[str, Any]:
    (found,) = [one for one in CHECK.judge(seen, before, DsrSettings(**settings)) if isinstance(one, Finding)]
    return dict(found.evidence)


def test_a_leak_names_every_interface_that_leaks_and_what_silence_would_cost() -> None:
    loud, quiet = ({"arp_ignore": ignore, "arp_announce": 2} for ignore in (0, 1))
    facing = (
        Facing(interface="eth0", owners=(BALANCER,), **loud),
        Facing(interface="eth1", **quiet),
        Facing(interface="eth2", **loud),
    )
    mine = (
        Elsewhere(address=VIP, interface="lo"),
        Elsewhere(address=OTHER, interface="dummy0"),
        Elsewhere(address="192.168.100.30", interface="eth2"),
    )
    seen = facts(Vip(address=VIP, interface="lo", facing=facing), single=mine)
    both, one = [OTHER, "192.168.100.30"], [OTHER]
    assert evidence(seen)["leaking"] == [
        {"interface": "eth0", **loud, "owners_elsewhere": [BALANCER], "silences": both},
        {"interface": "eth2", **loud, "owners_elsewhere": [], "silences": one},
    ]
    other = Vip(address=OTHER, interface="dummy0", facing=(Facing(interface="eth0", owners=(BALANCER,), **quiet),))
    silences = evidence(facts(*seen.vips, other, single=mine))["leaking"][0]["silences"]
    assert silences == ["192.168.100.30"], "another virtual address shall be silent too"


def test_a_missing_address_names_who_faces_it() -> None:
    loud = {"arp_ignore": 0, "arp_announce": 0}
    absent = (Vip(address=VIP, interface="", facing=(Facing(interface="eth0", **loud),)),)
    seen = facts(absent=absent, single=(Elsewhere(address=OTHER, interface="lo"),))
    expected = [{"interface": "eth0", **loud, "owners_elsewhere": [], "silences": [OTHER]}]
    assert evidence(seen, known())["facing"] == expected
    assert evidence(seen, vips=(VIP,))["facing"] == expected
    assert evidence(facts(), known())["facing"] == []


def test_rules_for_arp_are_seen(tmp_path: Path) -> None:
    host = tree(tmp_path, ETH0)
    assert not has_arp_firewall(host)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/nft").write_text("#!/bin/sh\necho 'table inet a'\necho 'table arp b'\n")
    (tmp_path / "bin/nft").chmod(0o755)
    assert has_arp_firewall(host)
    (tmp_path / "bin/nft").write_text("#!/bin/sh\necho 'table inet arp'\n")
    assert not has_arp_firewall(host)
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/arp_tables_names").write_text("filter\n")
    assert has_arp_firewall(host)


def pool(address: str, *servers: str, forwarding: Any = "dr") -> Pool:
    made = tuple(PoolServer(address=one, port=80, weight=1, forwarding=forwarding) for one in servers)
    return Pool(family="ipv4", scheduler="rr", address=address, port=80, protocol="tcp", servers=made)


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        pytest.param([pool(VIP, "192.168.100.22")], [(VIP, "eth0", ["192.168.100.22"])], id="direct-routing"),
        pytest.param([pool(VIP, "192.168.100.22", forwarding="nat")], [], id="nat"),
        pytest.param([pool(VIP, "10.0.0.1")], [], id="beyond-a-router"),
        pytest.param([pool(VIP, "192.168.100.21")], [], id="this-host-itself"),
        pytest.param([pool(VIP)], [], id="empty"),
        pytest.param(
            [pool(VIP, "192.168.100.22"), pool(VIP, "192.168.100.23")],
            [(VIP, "eth0", ["192.168.100.22", "192.168.100.23"])],
            id="two-pools-of-one-address",
        ),
    ],
)
def test_what_a_balancer_asks(pools: list[Pool], expected: list[tuple[str, str, list[str]]]) -> None:
    planned = plan_questions(pools, [LAN, on("eth0", f"{VIP}/32")])
    assert [(one.address, one.interface, list(one.servers)) for one in planned] == expected


def test_what_a_balancer_heard_comes_to_its_place() -> None:
    (one,) = plan_questions([pool(VIP, "192.168.100.22")], [LAN])
    assert [question.address for question in questions_of([one])] == [VIP, "192.168.100.22"]
    heard = Heard(owners={("eth0", VIP): ("a", "b"), ("eth0", "192.168.100.22"): ("b",), ("eth1", VIP): ("c",)})
    assert with_heard(one, heard) == Asked(
        address=VIP, interface="eth0", is_here=False, answers=("a", "b"), servers={"192.168.100.22": ("b",)}
    )


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        pytest.param("eth0", True, id="on-the-link"),
        pytest.param("lo", False, id="as-a-real-server-of-the-other-balancer"),
    ],
)
def test_which_balancer_is_the_active_one(interface: str, *, expected: bool) -> None:
    (one,) = plan_questions([pool(VIP, "192.168.100.22")], [LAN, on(interface, f"{VIP}/32")])
    assert one.is_here is expected


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"vips": ("nonsense",)}, id="no-address"),
        pytest.param({"ignore": ("fd00:0::1",)}, id="not-as-the-kernel-writes-it"),
        pytest.param({"listen": "9s"}, id="too-long"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(settings, DsrSettings, dec_hook=lambda kind, value: kind.parse(value))


def test_facts_go_into_json_and_come_back() -> None:
    asked = Asked(address=VIP, interface="eth0", answers=(BALANCER,), servers={RS1: (MACS[RS1],)})
    seen = facts(vip(**OWNED), asked=(asked,))
    assert msgspec.json.decode(msgspec.json.encode(seen), type=DsrFacts) == seen
