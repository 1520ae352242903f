"""multihome: tables of facts with the full expected list, what looks like the fault and is none first."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from checks._multihome.facts import (
    Address,
    Configuration,
    DefaultRoute,
    Drop,
    Filter,
    Link,
    MultihomeFacts,
    OtherRoute,
    Reply,
    Rule,
)
from checks._multihome.memory import Answered, KnownSource, MultihomeMemory
from checks.multihome import CHECK, PUBLIC_CLIENTS, MultihomeSettings
from watchdog.model import Finding, Note, Severity, Unseen
from watchdog.plugin import NotApplicable

V4 = tuple(client for client in PUBLIC_CLIENTS if ":" not in client)
V6 = tuple(client for client in PUBLIC_CLIENTS if ":" in client)
ONE, TWO = "10.1.1.2", "10.2.2.2"
ONE_6, TWO_6 = "2001:db8:1::2", "2001:db8:2::2"
ASTRAY, DROPPED, STALE = "asymmetric_reply", "strict_rp_filter_drop", "stale_rule"


def link(name: str, **changes: Any) -> Link:
    return Link(**({"index": 2 + sum(map(ord, name)) % 97, "name": name} | changes))


def address(text: str, device: str, bits: int | None = None, **changes: Any) -> Address:
    whole = bits if bits is not None else (64 if ":" in text else 24)
    if ":" in text:
        network = f"{text.rpartition('::')[0]}::/{whole}" if whole == 64 else f"{text}/{whole}"
    else:
        network = f"{text.rpartition('.')[0]}.0/{whole}" if whole == 24 else f"{text}/{whole}"
    return Address(address=text, network=network, device=device, **changes)


def default(device: str, gateway: str = "", table: int = 254, **changes: Any) -> DefaultRoute:
    family = changes.pop("family", 6 if ":" in gateway else 4)
    return DefaultRoute(family=family, table=table, device=device, gateway=gateway, **changes)


def rule(words: str, priority: int = 32765, **changes: Any) -> Rule:
    """Return a rule; its words are what `ip rule` says, and `from` and `lookup` in them are taken over."""
    parts = words.split()
    source = parts[parts.index("from") + 1] if "from" in parts else "all"
    if source != "all" and "/" not in source:
        source += "/128" if ":" in source else "/32"
    tables = {"main": 254, "local": 255, "default": 253}
    name = parts[parts.index("lookup") + 1] if "lookup" in parts else "0"
    made = {
        "family": 6 if ":" in source else 4,
        "priority": priority,
        "words": words,
        "source": "" if source == "all" else source,
        "table": tables.get(name) or int(name),
    }
    return Rule(**(made | changes))  # type: ignore[arg-type]


STANDARD = (rule("from all lookup local", 0), rule("from all lookup main", 32766))
E0, E1 = link("eth0"), link("eth1")
MAIN_ONE, MAIN_TWO, TABLE_TWO = (
    default("eth0", "10.1.1.1"),
    default("eth1", "10.2.2.1"),
    default("eth1", "10.2.2.1", 102),
)
FROM_TWO = rule("from 10.2.2.2 lookup 102")


def replies(where: Mapping[str, str], **changes: Any) -> tuple[Reply, ...]:
    """Return for each address what the kernel says to all public clients: it leaves by that device."""
    return tuple(
        Reply(**({"address": own, "client": client, "device": device, "table": 254} | changes))
        for own, device in where.items()
        for client in (V6 if ":" in own else V4)
    )


def facts(leaves: Mapping[str, str] | None = None, **changes: Any) -> MultihomeFacts:
    """Return a host with two providers; `leaves` says by which, if not each by its own device."""
    leaves = {ONE: "eth0", TWO: "eth1"} | dict(leaves or {})
    seen = {
        "links": (E0, E1),
        "addresses": (address(ONE, "eth0"), address(TWO, "eth1")),
        "routes": (MAIN_ONE, TABLE_TWO),
        "rules": (*STANDARD, FROM_TWO),
        "replies": replies(leaves),
    }
    return MultihomeFacts(**(seen | changes))


def without_rule(**changes: Any) -> MultihomeFacts:
    """Return the original outage: replies from the second provider's address leave through the first."""
    seen: dict[str, Any] = {"rules": STANDARD, "replies": replies({ONE: "eth0", TWO: "eth0"})}
    return facts(**(seen | changes))


def judged(seen: MultihomeFacts, before: MultihomeMemory | None = None, **settings: Any) -> list[tuple[str, str]]:
    """Return what was judged as (condition, "unseen" or "note", subject); [] too where it does not apply."""
    out = []
    try:
        for item in CHECK.judge(seen, before, MultihomeSettings(**settings)):
            if isinstance(item, Finding):
                out.append((item.fault.partition(".")[2], item.subject))
            elif isinstance(item, Unseen | Note):
                out.append((type(item).__name__.lower(), item.subject))
    except NotApplicable:
        out.append(("not_applicable", ""))
    return out


def finding(seen: MultihomeFacts, before: MultihomeMemory | None = None) -> Finding:
    (only,) = (one for one in CHECK.judge(seen, before, MultihomeSettings()) if isinstance(one, Finding))
    return only


NOTHING: list[tuple[str, str]] = []
NOT_APPLICABLE = [("not_applicable", "")]
TUN, DUMMY, DOCKER = link("tun0", kind="tun"), link("dummy0", kind="dummy"), link("docker0", kind="bridge")
STRICT = Filter(device="eth1", rp_filter_all=0, rp_filter_device=1)
ALL_DROPPED = tuple(Drop(address=TWO, client=client) for client in V4)
SAME_SUBNET = (address("10.1.1.2", "eth0"), address("10.1.1.3", "eth1"))
SAME_ROUTES = (default("eth0", "10.1.1.1"), default("eth1", "10.1.1.1"))
MARKED = Reply(address=TWO, client=V4[0], device="eth1", table=102, mark=2)
BY_MARK = rule("from all fwmark 0x2 lookup 102", mark=(2, 0xFFFFFFFF))


@pytest.mark.parametrize(
    ("seen", "settings", "expected"),
    [
        # Healthy, and what looks like the fault
        pytest.param(facts(), {}, NOTHING, id="a-table-for-each-uplink"),
        pytest.param(facts(routes=(MAIN_ONE,), rules=STANDARD), {}, NOT_APPLICABLE, id="one-uplink"),
        pytest.param(facts(routes=(), rules=STANDARD), {}, NOT_APPLICABLE, id="no-default-route"),
        pytest.param(MultihomeFacts(route_limit=50_000), {}, NOT_APPLICABLE, id="a-router-with-a-full-table"),
        pytest.param(
            without_rule(routes=(MAIN_ONE,)), {}, NOT_APPLICABLE, id="a-second-device-without-a-gateway-of-its-own"
        ),
        pytest.param(
            facts(
                links=(E0, E1, link("lo", loopback=True)),
                addresses=(address(ONE, "eth0"), address(TWO, "eth1"), address("10.2.2.100", "lo", 32)),
            ),
            {},
            NOTHING,
            id="a-vip-on-lo-behind-direct-server-return",
        ),
        pytest.param(
            facts(
                links=(E0, E1, DUMMY),
                addresses=(address(ONE, "eth0"), address(TWO, "eth1"), address("192.0.2.53", "dummy0", 32)),
                routes=(MAIN_ONE, TABLE_TWO, default("dummy0", table=300)),
            ),
            {},
            NOTHING,
            id="anycast-on-dummy",
        ),
        pytest.param(
            facts(
                links=(E0, E1, DOCKER),
                addresses=(address(ONE, "eth0"), address(TWO, "eth1"), address("172.17.0.1", "docker0")),
            ),
            {},
            NOTHING,
            id="docker0",
        ),
        pytest.param(
            facts(
                links=(E0, TUN),
                addresses=(address(ONE, "eth0"), address("10.8.0.2", "tun0")),
                routes=(MAIN_ONE, default("tun0", "10.8.0.1"), default("tun0", "10.8.0.1")),
                replies=replies({ONE: "tun0"}),
                rules=STANDARD,
            ),
            {},
            NOT_APPLICABLE,
            id="one-uplink-and-a-vpn-that-takes-all-traffic",
        ),
        pytest.param(
            facts({ONE: "tun0", TWO: "tun0"}, links=(E0, E1, TUN)),
            {},
            [("note", ONE), ("note", TWO)],
            id="two-uplinks-and-a-vpn-that-takes-all-traffic",
        ),
        pytest.param(
            without_rule(
                addresses=(address(ONE, "eth0"), address(TWO, "eth1", settled=False)),
            ),
            {},
            NOTHING,
            id="tentative-deprecated-or-temporary",
        ),
        pytest.param(
            without_rule(
                addresses=(address(ONE, "eth0"), address("100.70.1.2", "eth1", 32)),
                routes=(MAIN_ONE, default("eth1")),
                replies=replies({ONE: "eth0", "100.70.1.2": "eth0"}),
            ),
            {},
            NOTHING,
            id="a-mobile-modem-behind-the-carriers-nat",
        ),
        pytest.param(without_rule(links=(E0, link("eth1", up=False))), {}, NOTHING, id="its-link-is-down"),
        pytest.param(without_rule(links=(E0, link("eth1", port=True))), {}, NOTHING, id="a-port-of-a-bridge"),
        pytest.param(without_rule(links=(E0,)), {}, NOT_APPLICABLE, id="its-device-vanished-meanwhile"),
        pytest.param(
            facts(
                links=(link("eth0", vrf_index=9), link("eth1", vrf_index=9)),
                routes=(default("eth0", "10.1.1.1", 10), default("eth1", "10.2.2.1", 11)),
            ),
            {},
            NOTHING,
            id="two-uplinks-in-one-vrf",
        ),
        pytest.param(
            without_rule(
                links=(E0, link("eth1", vrf_index=9)), routes=(MAIN_ONE, default("eth1", "10.2.2.1", 10))
            ),
            {},
            NOT_APPLICABLE,
            id="each-vrf-has-one-uplink",
        ),
        pytest.param(
            facts(
                {TWO: "eth2"},
                links=(E0, link("eth1", vrf_index=9), link("eth2"), link("eth3", vrf_index=9)),
                routes=(MAIN_ONE, default("eth1", "10.2.2.1", 10), default("eth3", "10.4.4.1", 10)),
            ),
            {},
            [("note", TWO)],
            id="a-route-that-leaves-the-vrf-on-purpose",
        ),
        pytest.param(
            without_rule(
                routes=(default("eth0", "10.1.1.1", multipath=True), default("eth1", "10.2.2.1", multipath=True))
            ),
            {},
            [("note", TWO)],
            id="a-default-with-two-hops",
        ),
        pytest.param(
            without_rule(routes=(MAIN_ONE, default("eth1", "10.2.2.1", protocol=186))),
            {},
            NOTHING,
            id="a-gateway-that-bgp-chose",
        ),
        pytest.param(
            facts(
                {"10.3.3.2": "eth0"},
                links=(E0,),
                addresses=(address(ONE, "eth0"), address("10.3.3.2", "eth0")),
                routes=(MAIN_ONE, default("eth0", "10.3.3.1", 103)),
            ),
            {},
            NOT_APPLICABLE,
            id="two-providers-on-one-device",
        ),
        pytest.param(
            without_rule(
                addresses=(address(ONE, "eth0"), address("192.168.7.2", "eth1"), address(TWO, "eth1")),
                rules=(*STANDARD, FROM_TWO),
                replies=replies({ONE: "eth0", TWO: "eth1", "192.168.7.2": "eth0"}),
            ),
            {},
            NOTHING,
            id="a-second-address-that-the-gateway-does-not-serve",
        ),
        pytest.param(
            without_rule(rules=(*STANDARD, rule("from all iif lan0 lookup 102", iif="lan0"))),
            {},
            [("note", TWO)],
            id="a-router-that-chooses-by-where-it-came-in",
        ),
        pytest.param(
            without_rule(
                addresses=SAME_SUBNET, routes=SAME_ROUTES, replies=replies({ONE: "eth0", "10.1.1.3": "eth0"})
            ),
            {},
            [("note", "10.1.1.3")],
            id="two-devices-in-one-subnet",
        ),
        pytest.param(
            without_rule(replies=replies({ONE: "eth0"}) + replies({TWO: ""}, error="EACCES", table=0)),
            {},
            [("note", TWO)],
            id="replies-that-a-rule-forbids",
        ),
        pytest.param(without_rule(), {"ignore": ("eth1",)}, NOTHING, id="its-device-is-ignored"),
        pytest.param(facts(), {"uplinks": ("eth9",)}, [("note", "eth9")], id="an-uplink-that-is-not-there"),
        pytest.param(
            facts({ONE: "tun0", TWO: "tun0"}, links=(E0, E1, TUN)),
            {"uplinks": ("tun0",)},
            [("note", ONE), ("note", TWO), ("note", "tun0")],
            id="an-uplink-that-is-a-tunnel",
        ),
        pytest.param(without_rule(), {"ignore": (TWO,)}, NOTHING, id="the-address-is-ignored"),
        pytest.param(
            facts(
                addresses=(address(ONE, "eth0"), address(TWO, "eth1"), address(TWO, "eth0", 32)),
                replies=replies({ONE: "eth0", TWO: "eth0"}),
            ),
            {},
            NOTHING,
            id="the-address-is-on-both-devices",
        ),
        # asymmetric_reply
        pytest.param(without_rule(), {}, [(ASTRAY, TWO)], id="a-table-and-no-rule"),
        pytest.param(without_rule(routes=(MAIN_ONE, MAIN_TWO)), {}, [(ASTRAY, TWO)], id="two-defaults-in-main"),
        pytest.param(
            without_rule(routes=(MAIN_ONE,)),
            {"uplinks": ("eth1",)},
            [(ASTRAY, TWO)],
            id="an-uplink-by-the-settings",
        ),
        pytest.param(
            without_rule(
                routes=(MAIN_ONE,),
                configurations=(
                    Configuration(device="eth1", by="ifupdown", file="/etc/x", gateways=("10.2.2.1",)),
                ),
            ),
            {},
            [(ASTRAY, TWO)],
            id="a-gateway-that-only-the-configuration-knows",
        ),
        pytest.param(
            without_rule(
                routes=(MAIN_ONE,),
                configurations=(
                    Configuration(device="eth1", by="ifupdown", file="/etc/x", gateways=("10.9.9.1",)),
                ),
            ),
            {},
            NOT_APPLICABLE,
            id="a-gateway-of-the-configuration-in-another-subnet",
        ),
        pytest.param(
            without_rule(
                links=(link("br0", kind="bridge"), link("br1", kind="bridge")),
                addresses=(address(ONE, "br0"), address(TWO, "br1")),
                routes=(default("br0", "10.1.1.1"), default("br1", "10.2.2.1")),
                replies=replies({ONE: "br0", TWO: "br0"}),
            ),
            {},
            [(ASTRAY, TWO)],
            id="uplinks-that-are-bridges-as-on-proxmox",
        ),
        pytest.param(
            without_rule(
                links=(E0, link("ppp0", kind="ppp")),
                addresses=(address(ONE, "eth0"), address("198.51.100.7", "ppp0", 32)),
                routes=(MAIN_ONE, default("ppp0")),
                replies=replies({ONE: "eth0", "198.51.100.7": "eth0"}),
            ),
            {},
            [(ASTRAY, "198.51.100.7")],
            id="a-line-without-a-gateway-address",
        ),
        pytest.param(
            without_rule(
                addresses=(address(ONE, "eth0"), address("198.51.100.7", "eth1", 32)),
                routes=(MAIN_ONE, default("eth1", "198.51.100.1")),
                replies=replies({ONE: "eth0", "198.51.100.7": "eth0"}),
            ),
            {},
            [(ASTRAY, "198.51.100.7")],
            id="a-single-address-with-a-gateway-outside-it",
        ),
        pytest.param(
            facts(
                {"10.2.2.100": "eth0"},
                addresses=(address(ONE, "eth0"), address(TWO, "eth1"), address("10.2.2.100", "eth1", 32)),
            ),
            {},
            [(ASTRAY, "10.2.2.100")],
            id="a-virtual-address-in-the-subnet-that-no-rule-knows",
        ),
        pytest.param(
            without_rule(replies=replies({ONE: "eth0"}) + replies({TWO: ""}, error="ENETUNREACH", table=0)),
            {},
            [(ASTRAY, TWO)],
            id="no-route-at-all",
        ),
        pytest.param(
            facts(
                replies=(
                    *replies({ONE: "eth0", TWO: "eth1"}),
                    Reply(address=TWO, client="172.20.5.5", device="eth0"),
                )
            ),
            {"clients": ("172.20.5.5",)},
            [(ASTRAY, TWO)],
            id="one-class-of-client-only",
        ),
        pytest.param(
            MultihomeFacts(
                links=(E0, E1),
                addresses=(address(ONE_6, "eth0"), address(TWO_6, "eth1")),
                routes=(default("eth0", "fe80::1"), default("eth1", "fe80::1")),
                replies=replies({ONE_6: "eth0", TWO_6: "eth0"}),
            ),
            {},
            [(ASTRAY, TWO_6)],
            id="ipv6-with-link-local-routers",
        ),
        pytest.param(
            facts(
                {ONE: "eth1", TWO: "eth0"},
                links=(link("eth0", vrf_index=9), link("eth1", vrf_index=9)),
                routes=(default("eth0", "10.1.1.1", 10), default("eth1", "10.2.2.1", 10)),
            ),
            {},
            [(ASTRAY, ONE), (ASTRAY, TWO)],
            id="inside-a-vrf-with-two-uplinks",
        ),
        pytest.param(
            without_rule(links=(link("eth0", up=False), E1)),
            {},
            [(ASTRAY, TWO)],
            id="replies-into-a-dead-link",
        ),
        pytest.param(
            without_rule(
                addresses=SAME_SUBNET,
                routes=(MAIN_ONE, default("eth1", "10.1.1.254")),
                replies=replies({ONE: "eth0", "10.1.1.3": "eth0"}, gateway="10.1.1.1"),
            ),
            {},
            [(ASTRAY, "10.1.1.3")],
            id="two-providers-whose-routers-use-one-private-subnet",
        ),
        pytest.param(
            without_rule(
                routes=(MAIN_ONE, MAIN_TWO), rules=(*STANDARD, rule("from all iif d0 lookup main", iif="d0"))
            ),
            {},
            [(ASTRAY, TWO)],
            id="a-rule-by-arrival-that-leads-where-replies-went-astray",
        ),
        pytest.param(
            without_rule(
                routes=(MAIN_ONE, MAIN_TWO),
                rules=(*STANDARD, rule("from all [and more] lookup main", narrowed=True)),
            ),
            {},
            [(ASTRAY, TWO)],
            id="a-rule-by-user-that-leads-where-replies-went-astray",
        ),
        # Not to be judged
        pytest.param(
            without_rule(rules=(*STANDARD, BY_MARK), replies=(*replies({ONE: "eth0", TWO: "eth0"}), MARKED)),
            {},
            [("unseen", TWO)],
            id="a-mark-sends-them-right",
        ),
        pytest.param(
            without_rule(
                rules=(*STANDARD, rule("from all fwmark 0x80000/0xff0000 lookup main", mark=(0x80000, 0xFF0000))),
                replies=(
                    *replies({ONE: "eth0", TWO: "eth0"}),
                    msgspec.structs.replace(MARKED, device="eth0", mark=0x80000),
                ),
            ),
            {},
            [(ASTRAY, TWO)],
            id="a-mark-that-changes-nothing-as-tailscale-has",
        ),
        pytest.param(
            without_rule(rules=(*STANDARD, rule("from all [and more] lookup 102", narrowed=True))),
            {},
            [("unseen", TWO)],
            id="a-rule-by-port-or-user",
        ),
        pytest.param(
            without_rule(
                rules=(*STANDARD, rule("from all [and more] lookup 102", narrowed=True)),
                filters=(STRICT,),
                drops=ALL_DROPPED,
            ),
            {},
            [("unseen", TWO)],
            id="a-rule-by-port-that-the-filter-may-follow-too",
        ),
        pytest.param(
            without_rule(rules=(*STANDARD, rule("from all oif eth1 lookup 102", oif="eth1"))),
            {},
            [("unseen", TWO)],
            id="a-rule-for-sockets-bound-to-the-device",
        ),
        pytest.param(
            facts(
                {"198.51.100.1": "ppp0", "198.51.100.2": "ppp0"},
                links=(link("ppp0", kind="ppp"), link("ppp1", kind="ppp")),
                addresses=(
                    Address(address="198.51.100.1", device="ppp0", network="203.0.113.1/32"),
                    Address(address="198.51.100.2", device="ppp1", network="203.0.113.1/32"),
                ),
                routes=(default("ppp0"), default("ppp1")),
                rules=STANDARD,
            ),
            {},
            [(ASTRAY, "198.51.100.2")],
            id="two-lines-to-one-router-of-a-provider",
        ),
        pytest.param(
            facts(replies=replies({ONE: "eth0"}) + replies({TWO: ""}, error="EINVAL", table=0)),
            {},
            [("unseen", TWO)],
            id="the-kernel-refuses-the-question",
        ),
        # strict_rp_filter_drop
        pytest.param(facts(filters=(STRICT,)), {}, NOTHING, id="strict-and-nothing-dropped"),
        pytest.param(
            without_rule(filters=(STRICT,), drops=ALL_DROPPED),
            {},
            [(ASTRAY, TWO), (DROPPED, TWO)],
            id="strict-and-astray",
        ),
        pytest.param(
            without_rule(
                rules=(*STANDARD, BY_MARK),
                replies=(*replies({ONE: "eth0", TWO: "eth0"}), MARKED),
                filters=(STRICT,),
                drops=ALL_DROPPED,
            ),
            {},
            [("unseen", TWO), (DROPPED, TWO)],
            id="strict-does-not-look-at-marks",
        ),
        pytest.param(
            without_rule(
                rules=(*STANDARD, BY_MARK),
                replies=(*replies({ONE: "eth0", TWO: "eth0"}), MARKED),
                filters=(msgspec.structs.replace(STRICT, marks_count=True),),
                drops=ALL_DROPPED,
            ),
            {},
            [("unseen", TWO)],
            id="strict-and-told-to-look-at-marks",
        ),
        pytest.param(
            facts({ONE: "tun0", TWO: "tun0"}, links=(E0, E1, TUN), filters=(STRICT,), drops=ALL_DROPPED),
            {},
            [("note", ONE), ("note", TWO)],
            id="strict-and-all-traffic-goes-into-a-vpn",
        ),
        pytest.param(
            without_rule(
                addresses=SAME_SUBNET,
                routes=SAME_ROUTES,
                replies=replies({ONE: "eth0", "10.1.1.3": "eth0"}),
                filters=(STRICT,),
                drops=tuple(Drop(address="10.1.1.3", client=client) for client in V4),
            ),
            {},
            [("note", "10.1.1.3"), (DROPPED, "10.1.1.3")],
            id="strict-in-one-subnet",
        ),
        pytest.param(
            without_rule(
                addresses=SAME_SUBNET,
                routes=SAME_ROUTES,
                replies=replies({ONE: "eth0", "10.1.1.3": "eth0"}),
                filters=(msgspec.structs.replace(STRICT, arp_filter=True),),
                drops=tuple(Drop(address="10.1.1.3", client=client) for client in V4),
            ),
            {},
            [("note", "10.1.1.3")],
            id="strict-in-one-subnet-where-only-the-first-answers-arp",
        ),
    ],
)
def test_what_is_found(seen: MultihomeFacts, settings: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert judged(seen, **settings) == expected


# --- Rules whose address is gone --------------------------------------------------------------------------------

OLD = rule("from 10.2.2.9 lookup 102")
WAS_ALONE = MultihomeMemory(sources=(KnownSource(address="10.2.2.9", device="eth1", companions=("10.2.2.9",)),))
WAS_BESIDE = MultihomeMemory(
    sources=(KnownSource(address="10.2.2.9", device="eth1", companions=(TWO, "10.2.2.9")),)
)


def left(**changes: Any) -> MultihomeFacts:
    return facts(rules=(*STANDARD, FROM_TWO, OLD), **changes)


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        pytest.param(left(), None, NOTHING, id="a-rule-for-somebody-never-seen-here"),
        pytest.param(left(), MultihomeMemory(), NOTHING, id="a-host-behind-this-router"),
        pytest.param(left(), WAS_BESIDE, [("note", OLD.words)], id="a-vip-that-another-node-has"),
        pytest.param(left(), WAS_ALONE, [(STALE, OLD.words)], id="renumbered"),
        pytest.param(
            left(elsewhere=("10.2.2.9",)), WAS_ALONE, [("note", OLD.words)], id="a-virtual-address-of-keepalived"
        ),
        pytest.param(left(cluster="corosync"), WAS_ALONE, [("note", OLD.words)], id="a-cluster-moves-addresses"),
        pytest.param(
            facts(rules=(*STANDARD, FROM_TWO, rule("from 10.2.2.9 lookup 102", protocol=18))),
            WAS_ALONE,
            [("note", OLD.words)],
            id="a-rule-that-keepalived-made",
        ),
        pytest.param(
            left(links=(E0, link("eth1", up=False)), addresses=(address(ONE, "eth0"),)),
            WAS_ALONE,
            [("note", OLD.words)],
            id="its-link-is-down",
        ),
        pytest.param(
            left(addresses=(address(ONE, "eth0"), address(TWO, "eth1"), address("10.2.2.9", "eth1"))),
            WAS_ALONE,
            [],
            id="it-is-back",
        ),
        pytest.param(
            facts(rules=(*STANDARD, FROM_TWO, rule("from 10.2.2.0/24 lookup 102"))),
            WAS_ALONE,
            NOTHING,
            id="a-prefix",
        ),
        pytest.param(
            facts(rules=(*STANDARD, FROM_TWO, OLD, msgspec.structs.replace(OLD, priority=5))),
            WAS_ALONE,
            [(STALE, OLD.words)],
            id="the-same-rule-twice-is-told-once",
        ),
    ],
)
def test_rules_that_are_left_over(
    seen: MultihomeFacts, before: MultihomeMemory | None, expected: list[tuple[str, str]]
) -> None:
    known = [one for one in judged(seen, before) if one[1] not in (ONE, TWO, "10.2.2.9")]
    assert known == expected


def test_a_rule_is_left_over_even_where_there_is_one_way_out() -> None:
    seen = facts(routes=(MAIN_ONE,), rules=(*STANDARD, OLD))
    assert judged(seen, WAS_ALONE) == [(STALE, OLD.words)]
    only = finding(seen, WAS_ALONE)
    assert "take it away: ip rule del from 10.2.2.9 table 102 priority 32765" in only.summary
    assert only.evidence["addresses_now"] == (TWO,)


def test_what_came_and_went_beside_an_address_is_no_sign_that_it_was_renumbered() -> None:
    """Two virtual addresses: both go to another node, and the other one comes back alone."""
    rules = (*STANDARD, OLD)
    primary, other, nine = (address(text, "eth1") for text in (TWO, "10.2.2.8", "10.2.2.9"))
    memory: MultihomeMemory | None = None
    for there in ((primary, other, nine), (primary, nine), (primary,)):
        memory = CHECK.remember(facts(addresses=there, rules=rules), memory, MultihomeSettings())
    seen = facts(addresses=(primary, other), routes=(MAIN_ONE,), rules=rules)
    assert memory is not None
    assert judged(seen, msgspec.structs.replace(memory, noted=())) == [("note", OLD.words)]


# --- What is remembered -----------------------------------------------------------------------------------------

RIGHT = facts(replies=replies({ONE: "eth0"}) + replies({TWO: "eth1"}, table=102))
GONE = without_rule(routes=(MAIN_ONE,))


def remembered(*course: MultihomeFacts) -> MultihomeMemory:
    memory: MultihomeMemory | None = None
    for seen in course:
        memory = CHECK.remember(seen, memory, MultihomeSettings())
    assert memory is not None
    return memory


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        pytest.param([RIGHT], [(ASTRAY, TWO)], id="its-table-is-gone"),
        pytest.param([RIGHT, GONE], [(ASTRAY, TWO)], id="and-stays-gone"),
        pytest.param([GONE], NOT_APPLICABLE, id="it-never-had-one"),
        pytest.param([facts()], NOT_APPLICABLE, id="it-was-in-main-where-failover-comes-and-goes"),
        pytest.param(
            [RIGHT, facts(addresses=(address(ONE, "eth0"), address("10.2.2.77", "eth1")))],
            NOT_APPLICABLE,
            id="it-was-renumbered-meanwhile",
        ),
        pytest.param(
            [RIGHT, facts(addresses=(address(ONE, "eth0"),))], [(ASTRAY, TWO)], id="its-link-was-down-meanwhile"
        ),
        pytest.param([RIGHT, MultihomeFacts(route_limit=5)], [(ASTRAY, TWO)], id="a-run-that-saw-nothing"),
    ],
)
def test_a_gateway_that_is_gone_is_remembered(
    course: list[MultihomeFacts], expected: list[tuple[str, str]]
) -> None:
    assert judged(GONE, remembered(*course)) == expected


def test_what_is_meant_is_noted_once_and_again_when_it_was_otherwise_meanwhile() -> None:
    vpn = facts({ONE: "tun0", TWO: "tun0"}, links=(E0, E1, TUN))
    noted = [("note", ONE), ("note", TWO)]
    assert judged(vpn, remembered(facts())) == noted
    assert judged(vpn, remembered(facts(), vpn)) == NOTHING
    assert judged(vpn, remembered(facts(), vpn, vpn)) == NOTHING
    assert judged(vpn, remembered(vpn, facts())) == noted
    assert judged(vpn, remembered(vpn, facts(routes=(MAIN_ONE,)))) == noted, "where it did not apply"


@pytest.mark.parametrize("name", [TWO, "eth1"])
def test_what_is_ignored_is_forgotten(name: str) -> None:
    memory = MultihomeMemory(answered=(Answered(address=TWO, device="eth1", gateway="10.2.2.1"),))
    assert CHECK.remember(RIGHT, memory, MultihomeSettings(ignore=(name,))).answered == ()


def test_facts_and_memory_survive_being_written_down() -> None:
    seen = facts(
        rules=(*STANDARD, BY_MARK),
        filters=(STRICT,),
        drops=ALL_DROPPED,
        configurations=(Configuration(device="eth1"),),
    )
    memory = CHECK.remember(left(), WAS_ALONE, MultihomeSettings())
    assert msgspec.json.decode(msgspec.json.encode(seen), type=MultihomeFacts) == seen
    assert msgspec.json.decode(msgspec.json.encode(memory), type=MultihomeMemory) == memory


# --- What people read -------------------------------------------------------------------------------------------


def test_the_finding_says_who_what_where_and_what_to_do() -> None:
    seen = finding(without_rule())
    assert seen.severity is Severity.WARNING
    assert seen.summary == (
        'replies from 10.2.2.2 (eth1) leave by eth0 (table main, rule "32766: from all lookup main"), not by its '
        "own gateway 10.2.2.1: most clients get no answer; now: ip rule add from 10.2.2.2 table 102 priority "
        "32765; it is gone after a restart: put it where this host's network is configured"
    )
    assert seen.evidence["clients"] == list(V4)
    assert (seen.evidence["table"], seen.evidence["rule"]) == ("main", "32766: from all lookup main")


@pytest.mark.parametrize(
    ("keeper", "words"),
    [
        pytest.param(
            Configuration(device="eth1", by="networkd", file="/etc/systemd/network/20-two.network"),
            "in a drop-in of /etc/systemd/network/20-two.network, then networkctl reload (networkd removes rules "
            "that it did not make unless ManageForeignRoutingPolicyRules=no): [Route] | Destination=10.2.2.0/24 | "
            "Scope=link | Table=102 | [Route] | Gateway=10.2.2.1 | Table=102 | [RoutingPolicyRule] | "
            "From=10.2.2.2 | Table=102 | Priority=32765",
            id="networkd",
        ),
        pytest.param(
            Configuration(device="eth1", by="netplan", file="/etc/netplan/50-cloud.yaml"),
            "in /etc/netplan/50-cloud.yaml at eth1, then netplan try: routes: [{to: 0.0.0.0/0, via: '10.2.2.1', "
            "table: 102}, {to: '10.2.2.0/24', scope: link, table: 102}] | routing-policy: [{from: '10.2.2.2', "
            "table: 102, priority: 32765}]",
            id="netplan",
        ),
        pytest.param(
            Configuration(device="eth1", by="NetworkManager", file="5f1e-77"),
            "then nmcli device reapply eth1: nmcli connection modify 5f1e-77 +ipv4.routes '0.0.0.0/0 10.2.2.1 "
            "table=102, 10.2.2.0/24 table=102' | nmcli connection modify 5f1e-77 +ipv4.routing-rules 'priority "
            "32765 from 10.2.2.2 table 102'",
            id="networkmanager",
        ),
        pytest.param(
            Configuration(device="eth1", by="ifupdown", file="/etc/network/interfaces"),
            "in /etc/network/interfaces at iface eth1: post-up ip route replace 10.2.2.0/24 dev eth1 table 102 | "
            "post-up ip route replace default via 10.2.2.1 dev eth1 table 102 | post-up ip rule add from 10.2.2.2 "
            "table 102 priority 32765 | pre-down ip rule del from 10.2.2.2 table 102 priority 32765",
            id="ifupdown",
        ),
        pytest.param(
            Configuration(device="eth1", by="network-scripts", file="/etc/sysconfig/network-scripts"),
            "in /etc/sysconfig/network-scripts: route-eth1: 10.2.2.0/24 dev eth1 table 102 | route-eth1: default "
            "via 10.2.2.1 dev eth1 table 102 | rule-eth1: from 10.2.2.2 table 102 priority 32765",
            id="network-scripts",
        ),
    ],
)
def test_the_finding_shows_what_stays_for_what_configures_this_host(keeper: Configuration, words: str) -> None:
    seen = finding(without_rule(configurations=(keeper,)))
    assert seen.summary.partition("; to last, ")[2] == words


@pytest.mark.parametrize(
    ("seen", "commands"),
    [
        pytest.param(
            without_rule(routes=(MAIN_ONE, MAIN_TWO), links=(E0, link("eth1", index=3))),
            [
                "ip route replace 10.2.2.0/24 dev eth1 table 103",
                "ip route replace default via 10.2.2.1 dev eth1 table 103",
                "ip rule add from 10.2.2.2 table 103 priority 32765",
            ],
            id="a-table-that-nothing-uses",
        ),
        pytest.param(
            without_rule(
                addresses=(address(ONE, "eth0"), address(TWO, "a;b")),
                routes=(MAIN_ONE, default("a;b", "10.2.2.1")),
                links=(E0, link("a;b", index=3)),
            ),
            [
                "ip route replace 10.2.2.0/24 dev 'a;b' table 103",
                "ip route replace default via 10.2.2.1 dev 'a;b' table 103",
                "ip rule add from 10.2.2.2 table 103 priority 32765",
            ],
            id="a-name-that-a-shell-would-take-apart",
        ),
        pytest.param(
            without_rule(
                routes=(MAIN_ONE, MAIN_TWO, default("eth0", "10.1.1.1", 103)), links=(E0, link("eth1", index=3))
            ),
            [
                "ip route replace 10.2.2.0/24 dev eth1 table 1103",
                "ip route replace default via 10.2.2.1 dev eth1 table 1103",
                "ip rule add from 10.2.2.2 table 1103 priority 32765",
            ],
            id="not-the-table-of-another",
        ),
        pytest.param(
            without_rule(routes=(MAIN_ONE, MAIN_TWO), rules=(*STANDARD, FROM_TWO)),
            [
                "ip route replace 10.2.2.0/24 dev eth1 table 102",
                "ip route replace default via 10.2.2.1 dev eth1 table 102",
            ],
            id="a-rule-whose-table-is-empty",
        ),
        pytest.param(
            without_rule(routes=(MAIN_ONE, MAIN_TWO), rules=(*STANDARD, rule("from 10.2.2.0/24 lookup 102"))),
            [
                "ip route replace 10.2.2.0/24 dev eth1 table 102",
                "ip route replace default via 10.2.2.1 dev eth1 table 102",
            ],
            id="a-rule-of-its-subnet-whose-table-is-empty",
        ),
        pytest.param(
            without_rule(rules=(*STANDARD, rule("from 10.0.0.0/8 lookup 50"))),
            ["ip rule add from 10.2.2.2 table 102 priority 32765"],
            id="a-wider-rule-is-for-others-too",
        ),
        pytest.param(
            without_rule(
                links=(E0, link("eth1", index=3)),
                routes=(default("eth0", "10.1.1.1", 10), default("eth1", "10.2.2.1", 10)),
                rules=(*STANDARD, rule("from all lookup 10", 500)),
                replies=replies({ONE: "eth0", TWO: "eth0"}, table=10),
            ),
            [
                "ip route replace 10.2.2.0/24 dev eth1 table 103",
                "ip route replace default via 10.2.2.1 dev eth1 table 103",
                "ip rule add from 10.2.2.2 table 103 priority 499",
            ],
            id="one-table-for-both-that-is-not-main",
        ),
        pytest.param(
            without_rule(
                routes=(MAIN_ONE, default("eth0", "10.1.1.1", 102), TABLE_TWO),
                rules=(*STANDARD, FROM_TWO),
                replies=replies({ONE: "eth0", TWO: "eth0"}, table=102),
            ),
            [
                "ip route replace 10.2.2.0/24 dev eth1 table 102",
                "ip route replace default via 10.2.2.1 dev eth1 table 102",
            ],
            id="its-table-leads-to-the-other-provider-first",
        ),
        pytest.param(
            without_rule(addresses=(address(ONE, "eth0"), address(TWO, "eth1", leased=True))),
            ["ip rule add from 10.2.2.0/24 table 102 priority 32765"],
            id="a-leased-address-may-be-another-next-time",
        ),
        pytest.param(
            without_rule(rules=(*STANDARD, FROM_TWO, rule("from all lookup main", 100))),
            ["ip rule add from 10.2.2.2 table 102 priority 99"],
            id="a-rule-that-comes-too-late",
        ),
        pytest.param(
            without_rule(
                links=(E0, link("ppp0", kind="ppp", index=9)),
                addresses=(address(ONE, "eth0"), address("198.51.100.7", "ppp0", 32)),
                routes=(MAIN_ONE, default("ppp0")),
                replies=replies({ONE: "eth0", "198.51.100.7": "eth0"}),
            ),
            [
                "ip route replace default dev ppp0 table 109",
                "ip rule add from 198.51.100.7 table 109 priority 32765",
            ],
            id="a-line-without-a-gateway-address",
        ),
        pytest.param(
            MultihomeFacts(
                links=(E0, link("eth1", index=3)),
                addresses=(address(ONE_6, "eth0"), address(TWO_6, "eth1")),
                routes=(default("eth0", "fe80::1"), default("eth1", "fe80::1")),
                replies=replies({ONE_6: "eth0", TWO_6: "eth0"}),
            ),
            [
                "ip -6 route replace 2001:db8:2::/64 dev eth1 table 103",
                "ip -6 route replace default via fe80::1 dev eth1 table 103",
                "ip -6 rule add from 2001:db8:2::2 table 103 priority 32765",
            ],
            id="ipv6",
        ),
    ],
)
def test_the_commands_that_help_at_once(seen: MultihomeFacts, commands: list[str]) -> None:
    assert list(finding(seen).evidence["commands"]) == commands  # type: ignore[arg-type]


# --- What a remediation is told ---------------------------------------------------------------------------------

LAN = OtherRoute(family=4, table=254, device="eth2", destination="192.168.7.0/24", on_link=True)
LINKS = (
    OtherRoute(family=4, table=254, device="eth0", destination="10.1.1.0/24", on_link=True),
    OtherRoute(family=4, table=254, device="eth1", destination="10.2.2.0/24", on_link=True),
)
E1_3 = link("eth1", index=3)
NEW_TABLE: dict[str, Any] = {"routes": (MAIN_ONE, MAIN_TWO), "links": (E0, E1_3), "others": LINKS}
PLAIN = {
    "table_state": "free",
    "priority_free": True,
    "gateways": ["10.2.2.1"],
    "rules_for_address": [],
    "rules_by_more": [],
    "routes_elsewhere": [],
    "table": 103,
    "priority": 32765,
    "main_priority": None,
}


@pytest.mark.parametrize(
    ("seen", "differences"),
    [
        pytest.param(without_rule(**NEW_TABLE), {}, id="the-original"),
        pytest.param(
            without_rule(**NEW_TABLE | {"others": (*LINKS, LAN)}),
            {"routes_elsewhere": ["192.168.7.0/24 dev eth2"], "main_priority": 32764},
            id="a-lan-beside-the-uplinks",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE | {"others": (*LINKS, msgspec.structs.replace(LAN, device="eth0", on_link=False))}
            ),
            {"routes_elsewhere": ["192.168.7.0/24 dev eth0"], "main_priority": 32764},
            id="a-network-behind-a-router-at-the-other-uplink",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE | {"others": (*LINKS, msgspec.structs.replace(LAN, family=6, destination="fd00::/64"))}
            ),
            {},
            id="a-lan-of-the-other-family",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"others": (*LINKS, msgspec.structs.replace(LAN, table=103))}),
            {"table": 1103},
            id="a-table-with-any-route-is-not-free",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"rules": (*STANDARD, rule("from 10.1.1.2 lookup 101", 32765))}),
            {"priority": 32764},
            id="a-rule-of-another-address-has-the-priority",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE
                | {
                    "rules": (*STANDARD, rule("from 10.1.1.2 lookup 101", 32764)),
                    "others": (*LINKS, LAN),
                }
            ),
            {"priority": 32765, "main_priority": 32763, "routes_elsewhere": ["192.168.7.0/24 dev eth2"]},
            id="one-comes-between-the-two",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"rules": (*STANDARD, rule("from all lookup 77", 32765))}),
            {"priority_free": False},
            id="a-rule-that-may-be-about-it-comes-right-before-main",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"rules": (*STANDARD, rule("from all lookup 77", 100))}),
            {},
            id="what-comes-earlier-stays-earlier",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE | {"rules": (*STANDARD, rule("from all fwmark 0x7 lookup 7", 100, mark=(7, 7)))}
            ),
            {"rules_by_more": ["100: from all fwmark 0x7 lookup 7"]},
            id="marks",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"rules": (*STANDARD, rule("from 10.0.0.0/8 lookup 50", 100))}),
            {"rules_for_address": ["100: from 10.0.0.0/8 lookup 50"]},
            id="a-wider-rule",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE
                | {"rules": (*STANDARD, rule("from 10.2.2.2 lookup main suppress_prefixlength 0", 100, table=254))}
            ),
            {"priority": 99},
            id="a-rule-that-keeps-what-main-knows",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"routes": (MAIN_ONE, TABLE_TWO)}),
            {"table": 102, "table_state": "ready"},
            id="a-table-without-its-rule",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE
                | {
                    "routes": (MAIN_ONE, TABLE_TWO),
                    "others": (*LINKS, msgspec.structs.replace(LAN, table=102)),
                }
            ),
            {"table": 102, "table_state": "shared"},
            id="a-table-that-leads-elsewhere-too",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"rules": (*STANDARD, FROM_TWO)}),
            {
                "table": 102,
                "table_state": "empty",
                "rules_for_address": ["32765: from 10.2.2.2 lookup 102"],
                "priority_free": False,
            },
            id="a-rule-whose-table-is-empty",
        ),
        pytest.param(
            without_rule(**NEW_TABLE | {"routes": (MAIN_ONE, MAIN_TWO, default("eth1", "10.2.2.254"))}),
            {"gateways": ["10.2.2.1", "10.2.2.254"]},
            id="two-gateways",
        ),
        pytest.param(
            without_rule(
                **NEW_TABLE
                | {
                    "configurations": (
                        Configuration(device="eth1", by="ifupdown", gateways=("10.2.2.9", "10.9.9.9")),
                    )
                }
            ),
            {"gateways": ["10.2.2.1", "10.2.2.9"]},
            id="another-in-its-configuration",
        ),
    ],
)
def test_what_a_remediation_must_know(seen: MultihomeFacts, differences: dict[str, Any]) -> None:
    told: Any = finding(seen).evidence
    around, way = told["policy_route"], told["policy_route"]["way"]
    said = {name: list(v) if isinstance(v, tuple) else v for name, v in (around | way).items()}
    assert {name: said[name] for name in PLAIN} == PLAIN | differences
    assert told["clients_asked"] == len(told["clients"]) == len(V4)


@pytest.mark.parametrize(
    "client",
    ["", "x.org", "10.0.0.0/8", "224.0.0.1", "fe80::1%e", "fe80::1", "127.0.0.1", "::1", "::", "255.255.255.255"],
)
def test_a_client_must_be_an_address(client: str) -> None:
    with pytest.raises(ValueError, match="IP addresses"):
        MultihomeSettings(clients=(client,))


def test_the_title_of_each_fault_is_explained() -> None:
    assert {fault.code for fault in CHECK.faults} == {f"multihome.{one}" for one in (ASTRAY, DROPPED, STALE)}
    assert all(fault.pending_seconds >= 30 for fault in CHECK.faults), "a link that comes up takes its time"
