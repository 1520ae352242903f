"""add_policy_route: what is planned, tables of what must be refused, and the files that make it last."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediations._add_policy_route import preconditions
from remediations._add_policy_route.edits import (
    CannotWriteError,
    add_lines,
    add_to_interfaces,
    add_to_keyfile,
    netplan_section,
)
from remediations.add_policy_route import REMEDIATION, AddPolicyRouteSettings
from watchdog.host import Host
from watchdog.linux.policy_route import PolicyRoute
from watchdog.model import Finding, Severity
from watchdog.plugin import Case, Plan, Question, Refused, Unobservable

WAY: dict[str, Any] = {
    "source": "10.2.2.2",
    "network": "10.2.2.0/24",
    "device": "eth1",
    "gateway": "10.2.2.1",
    "table": 103,
    "priority": 32765,
    "onlink": False,
    "main_priority": None,
}
CIRCUMSTANCES: dict[str, Any] = {
    "table_state": "free",
    "priority_free": True,
    "gateways": ["10.2.2.1"],
    "device_kind": "",
    "in_vrf": False,
    "leased": False,
    "rules_for_address": [],
    "rules_by_more": [],
    "routes_elsewhere": [],
    "routes_unread": False,
    "configured_by": "",
    "configured_file": "",
}
SEEN: dict[str, Any] = {
    "address": "10.2.2.2",
    "device": "eth1",
    "gateway": "10.2.2.1",
    "clients": ["24.30.50.70", "85.214.140.20"],
    "clients_asked": 2,
    "table": "main",
    "commands": ["ip route replace ...", "ip rule add ..."],
    "lasting_lines": ["[Route]", "Table=103"],
    "lasting_where": "in a drop-in",
}
CONNECTED = "ip route add 10.2.2.0/24 dev eth1 src 10.2.2.2 table 103"
DEFAULT = "ip route add 0.0.0.0/0 via 10.2.2.1 dev eth1 table 103"
RULE = "ip rule add from 10.2.2.2 table 103 priority 32765"
ROUTER = ("02:00:00:00:00:01",)


def evidence(**changes: Any) -> dict[str, Any]:
    """Return the evidence with these keys otherwise, wherever they belong; None for one that is missing."""
    way = WAY | {key: value for key, value in changes.items() if key in WAY and key not in SEEN}
    way |= {key: changes[key] for key in ("device", "gateway") if key in changes and changes[key] is not None}
    around = CIRCUMSTANCES | {key: value for key, value in changes.items() if key in CIRCUMSTANCES}
    seen = SEEN | {key: value for key, value in changes.items() if key in SEEN}
    return seen | {"policy_route": around | {"way": way | changes.get("way", {})}}


def planned(
    seen: Mapping[str, Any], subject: str = "10.2.2.2", root: Path = Path("/nowhere"), **settings: Any
) -> Plan:
    finding = Finding(
        fault="multihome.asymmetric_reply", subject=subject, severity=Severity.WARNING, summary="", evidence=seen
    )
    return REMEDIATION.plan(Host(root), Case(finding=finding), AddPolicyRouteSettings(**settings))


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """Stand in for the network: who answers for an address; those that are unknown nobody has."""
    owners = {"10.2.2.1": ROUTER, "2001:db8:2::1": ROUTER, "fe80::1": ROUTER}

    def ask(host: Host, questions: list[Question], seconds: float) -> tuple[Any, Any]:
        return {question: owners.get(question.address, ()) for question in questions}, {}

    monkeypatch.setattr(preconditions, "ask_owners", ask)
    return owners


SIX = {"source": "2001:db8:2::2", "network": "2001:db8:2::/64"}


@pytest.mark.parametrize(
    ("seen", "subject", "steps"),
    [
        pytest.param(evidence(), "10.2.2.2", [CONNECTED, DEFAULT, RULE], id="the-original"),
        pytest.param(
            evidence(main_priority=32764),
            "10.2.2.2",
            [
                CONNECTED,
                DEFAULT,
                "ip rule add from 10.2.2.2 table 254 suppress_prefixlength 0 priority 32764",
                RULE,
            ],
            id="what-main-knows-better-stays",
        ),
        pytest.param(evidence(table_state="ready"), "10.2.2.2", [RULE], id="a-table-without-its-rule"),
        pytest.param(
            evidence(
                table_state="empty", rules_for_address=["100: from 10.2.2.2 lookup 103"], priority_free=False
            ),
            "10.2.2.2",
            [CONNECTED, DEFAULT],
            id="a-rule-whose-table-lost-its-routes",
        ),
        pytest.param(evidence(table=None), "10.2.2.2", [CONNECTED, DEFAULT, RULE], id="no-route-at-all"),
        pytest.param(
            evidence(source="10.2.2.0/24", leased=True),
            "10.2.2.2",
            [CONNECTED, DEFAULT, RULE],
            id="leased-by-the-address-all-the-same",
        ),
        pytest.param(
            evidence(way=SIX, address="2001:db8:2::2", gateway="2001:db8:2::1", gateways=["2001:db8:2::1"]),
            "2001:db8:2::2",
            [
                "ip -6 route add 2001:db8:2::/64 dev eth1 src 2001:db8:2::2 table 103",
                "ip -6 route add ::/0 via 2001:db8:2::1 dev eth1 table 103",
                "ip -6 rule add from 2001:db8:2::2 table 103 priority 32765",
            ],
            id="ipv6",
        ),
        pytest.param(
            evidence(way=SIX, address="2001:db8:2::2", gateway="fe80::1", gateways=["fe80::1"]),
            "2001:db8:2::2",
            [
                "ip -6 route add 2001:db8:2::/64 dev eth1 src 2001:db8:2::2 table 103",
                "ip -6 route add ::/0 via fe80::1 dev eth1 table 103",
                "ip -6 rule add from 2001:db8:2::2 table 103 priority 32765",
            ],
            id="ipv6-by-a-link-local-router",
        ),
        pytest.param(
            evidence(
                way={"gateway": "", "network": "", "device": "ppp0"},
                gateway=None,
                gateways=[""],
                device="ppp0",
                device_kind="ppp",
            ),
            "10.2.2.2",
            ["ip route add 0.0.0.0/0 dev ppp0 table 103", "ip rule add from 10.2.2.2 table 103 priority 32765"],
            id="a-line-between-two",
        ),
        pytest.param(evidence(device_kind="vlan"), "10.2.2.2", [CONNECTED, DEFAULT, RULE], id="a-vlan"),
        pytest.param(
            evidence() | {"unknown": 1},
            "10.2.2.2",
            [CONNECTED, DEFAULT, RULE],
            id="what-we-do-not-know-may-be-there",
        ),
    ],
)
def test_plan(seen: dict[str, Any], subject: str, steps: list[str]) -> None:
    plan = planned(seen, subject)
    assert [step.describe() for step in plan.steps] == steps
    assert (plan.lasting, plan.undone_after_seconds, plan.healthy_left) == (False, 60.0, None)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        pytest.param(evidence(in_vrf=True), "eth1 is in a VRF", id="vrf"),
        pytest.param(evidence(table="50"), "sent by table 50, so somebody's rule has decided", id="not-by-main"),
        pytest.param(evidence(clients_asked=4), "only the replies to 2 of 4 classes", id="some-clients-only"),
        pytest.param(
            evidence(rules_by_more=["9: from all fwmark 0x7 lookup 7", "10: from all [and more] lookup 8"]),
            "(9: from all fwmark 0x7 lookup 7 and 1 more), so marks may decide; if it is right, run: ip route",
            id="marks",
        ),
        pytest.param(
            evidence(rules_for_address=["9: from 10.0.0.0/8 lookup 50"]),
            "a rule for the address is there already (9: from 10.0.0.0/8 lookup 50)",
            id="a-rule-of-somebody-else",
        ),
        pytest.param(
            evidence(table_state="ready", rules_for_address=["9: from 10.2.2.2 lookup 103"]),
            "is there already",
            id="its-rule-comes-too-late",
        ),
        pytest.param(
            evidence(table_state="empty", rules_for_address=["9: from 10.2.2.2 lookup 103", "8: from 10.0.0.0/8"]),
            "is there already",
            id="a-rule-whose-table-is-empty-and-another",
        ),
        pytest.param(
            evidence(table_state="shared"), "table 103 holds other routes", id="a-table-of-somebody-else"
        ),
        pytest.param(evidence(priority_free=False), "no priority is free", id="no-priority"),
        pytest.param(evidence(routes_unread=True), "too many routes", id="a-router"),
        pytest.param(
            evidence(gateways=["10.2.2.1", "10.2.2.254"]),
            "several gateways (10.2.2.1, 10.2.2.254)",
            id="two-gateways",
        ),
        pytest.param(evidence(gateway=None, gateways=[]), "the evidence is about", id="the-gateway-is-not-known"),
        pytest.param(
            evidence(gateway=None, way={"gateway": "GATEWAY"}),
            "the evidence is about",
            id="the-word-for-a-gateway",
        ),
        pytest.param(
            evidence(gateway=None, way={"gateway": ""}, gateways=[]),
            "no gateway of 10.2.2.2 on eth1",
            id="no-gateway",
        ),
        pytest.param(
            evidence(way={"onlink": True, "network": ""}), "is on no network of eth1", id="a-gateway-off-the-link"
        ),
        *[
            pytest.param(evidence(device_kind=kind), f"is a {kind} device", id=kind)
            for kind in ("tun", "wireguard", "dummy", "bridge")
        ],
        pytest.param(
            evidence(gateway="10.2.2.9", gateways=["10.2.2.9"]),
            "10.2.2.9 does not answer on eth1",
            id="a-dead-gateway",
        ),
        pytest.param(evidence(gateway="10.9.9.1", gateways=[]), "is not on the link", id="a-gateway-elsewhere"),
        pytest.param(evidence(gateway="fe80::1"), "not of one family", id="families-mixed"),
        pytest.param(evidence(gateway="10.2.2.2"), "does not belong to", id="its-own-gateway"),
        pytest.param(evidence(way={"network": "10.3.3.0/24"}), "does not belong", id="not-its-network"),
        pytest.param(evidence(way={"network": "10.2.2.2/24"}), "has host bits set", id="no-network"),
        pytest.param(evidence(way={"table": 254}), "table 254 is not one", id="the-main-table"),
        pytest.param(evidence(way={"table": -1}), "table -1 is not one", id="a-negative-table"),
        pytest.param(evidence(way={"priority": 0}), "priority 0 is not", id="before-the-local-table"),
        pytest.param(evidence(way={"priority": 32766}), "priority 32766 is not", id="beside-main"),
        pytest.param(evidence(main_priority=32765), "priority 32765 is not", id="both-rules-at-one-priority"),
        pytest.param(evidence(device="eth1; reboot"), "no plain name", id="a-name-for-a-shell"),
        pytest.param(evidence(device="../x"), "no plain name", id="a-name-that-is-a-path"),
        pytest.param(evidence(way={"device": "eth0"}), "the evidence is about", id="another-device"),
        pytest.param(evidence(table_state="new"), "not usable", id="an-unknown-word"),
        pytest.param(evidence(way={"table": "103"}), "not usable", id="text-for-a-number"),
        pytest.param(SEEN, "not usable", id="evidence-of-an-older-check"),
        pytest.param({}, "not usable", id="nothing"),
    ],
)
def test_refusal(seen: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        planned(seen)
    assert reason in str(refused.value)


def test_two_machines_that_are_the_gateway_are_refused(answers: dict[str, tuple[str, ...]]) -> None:
    answers["10.2.2.1"] = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    with pytest.raises(Refused, match="several machines say that they are the gateway"):
        planned(evidence())


def test_who_may_not_ask_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> Any:
        raise Unobservable("needs CAP_NET_RAW")

    monkeypatch.setattr(preconditions, "ask_owners", ask)
    with pytest.raises(Refused, match="cannot be asked: needs CAP_NET_RAW"):
        planned(evidence())


def test_a_device_that_cannot_be_asked_on_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        preconditions,
        "ask_owners",
        lambda host, questions, seconds: ({questions[0]: ()}, {"eth1": "is no Ethernet"}),
    )
    with pytest.raises(Refused, match="cannot be asked: eth1 is no Ethernet"):
        planned(evidence())


def test_the_evidence_must_be_about_the_subject() -> None:
    with pytest.raises(
        Refused, match=r"the evidence is about 10\.2\.2\.2 on eth1, the finding about '10\.2\.2\.3'"
    ):
        planned(evidence(), "10.2.2.3")


def test_a_time_too_short_to_verify_in_is_no_setting() -> None:
    with pytest.raises(ValueError, match="at least"):
        AddPolicyRouteSettings(undone_after=14.9)  # type: ignore[arg-type]


# --- What makes it last -----------------------------------------------------------------------------------------

INTERFACES = """# Two providers.
auto eth0 eth1

iface eth0 inet static
    address 10.1.1.2/24
    gateway 10.1.1.1

# The second.
iface eth1 inet static
\taddress 10.2.2.2/24
\t# no gateway: there can be only one
\tdns-nameservers 10.2.2.1

# Its IPv6.
iface eth1 inet6 static
    address 2001:db8:2::2/64
"""
PROFILE = """[connection]
id=isp2
uuid=5f1e-77

[ipv4]
address1=10.2.2.2/24
method=manual
route1=10.50.0.0/16,10.2.2.9
route1_options=table=50

[ipv6]
method=auto
"""
NETPLAN = "network:\n  version: 2\n  ethernets:\n    eth0: {}\n    eth1:\n      addresses: [10.2.2.2/24]\n"
WRITTEN = "# Written by watchdog (add_policy_route): replies from 10.2.2.2 leave by eth1.\n"
DROP_IN = WRITTEN + (
    "\n[Route]\nDestination=10.2.2.0/24\nScope=link\nTable=103\n"
    "\n[Route]\nGateway=10.2.2.1\nTable=103\n"
    "\n[RoutingPolicyRule]\nFrom=10.2.2.2\nTable=103\nPriority=32765\n"
)


def tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "by", "file", "changes", "written"),
    [
        pytest.param(
            {},
            "networkd",
            "/usr/lib/systemd/network/20-two.network",
            {},
            {"/etc/systemd/network/20-two.network.d/50-watchdog-10.2.2.2.conf": (None, DROP_IN)},
            id="networkd",
        ),
        pytest.param(
            {},
            "networkd",
            "/etc/systemd/network/20-two.network",
            {"main_priority": 32764},
            {
                "/etc/systemd/network/20-two.network.d/50-watchdog-10.2.2.2.conf": (
                    None,
                    DROP_IN.replace(
                        "\n[RoutingPolicyRule]",
                        "\n[RoutingPolicyRule]\nFrom=10.2.2.2\nTable=254\nSuppressPrefixLength=0\nPriority=32764\n"
                        "\n[RoutingPolicyRule]",
                    ),
                )
            },
            id="networkd-keeping-what-main-knows",
        ),
        pytest.param(
            {"etc/netplan/50-cloud.yaml": NETPLAN},
            "netplan",
            "/etc/netplan/50-cloud.yaml",
            {},
            {
                "/etc/netplan/90-watchdog-10.2.2.2.yaml": (
                    None,
                    WRITTEN + "network:\n  version: 2\n  ethernets:\n    eth1:\n      routes: [{to: 0.0.0.0/0, "
                    "via: '10.2.2.1', table: 103}, {to: '10.2.2.0/24', scope: link, table: 103}]\n      "
                    "routing-policy: [{from: '10.2.2.2', table: 103, priority: 32765}]\n",
                )
            },
            id="netplan",
        ),
        pytest.param(
            {"etc/NetworkManager/system-connections/isp2.nmconnection": PROFILE},
            "NetworkManager",
            "5f1e-77",
            {"main_priority": 32764},
            {
                "/etc/NetworkManager/system-connections/isp2.nmconnection": (
                    PROFILE,
                    PROFILE.replace(
                        "route1_options=table=50\n",
                        "route1_options=table=50\nroute2=0.0.0.0/0,10.2.2.1\nroute2_options=table=103\n"
                        "route3=10.2.2.0/24\nroute3_options=table=103\n"
                        "routing-rule1=priority 32764 from 10.2.2.2 table 254 suppress_prefixlength 0\n"
                        "routing-rule2=priority 32765 from 10.2.2.2 table 103\n",
                    ),
                )
            },
            id="networkmanager",
        ),
        pytest.param(
            {"etc/network/interfaces": INTERFACES},
            "ifupdown",
            "/etc/network/interfaces",
            {},
            {
                "/etc/network/interfaces": (
                    INTERFACES,
                    INTERFACES.replace(
                        "\tdns-nameservers 10.2.2.1\n",
                        f"\tdns-nameservers 10.2.2.1\n\t{WRITTEN}"
                        "\tpost-up ip route replace 10.2.2.0/24 dev eth1 table 103\n"
                        "\tpost-up ip route replace default via 10.2.2.1 dev eth1 table 103\n"
                        "\tpost-up ip rule add from 10.2.2.2 table 103 priority 32765\n"
                        "\tpre-down ip rule del from 10.2.2.2 table 103 priority 32765\n",
                    ),
                )
            },
            id="ifupdown",
        ),
        pytest.param(
            {"etc/sysconfig/network-scripts/route-eth1": "10.50.0.0/16 via 10.2.2.9"},
            "network-scripts",
            "/etc/sysconfig/network-scripts",
            {},
            {
                "/etc/sysconfig/network-scripts/route-eth1": (
                    "10.50.0.0/16 via 10.2.2.9",
                    (
                        f"10.50.0.0/16 via 10.2.2.9\n{WRITTEN}10.2.2.0/24 dev eth1 table 103\n"
                        "default via 10.2.2.1 dev eth1 table 103\n"
                    ),
                ),
                "/etc/sysconfig/network-scripts/rule-eth1": (
                    None,
                    f"{WRITTEN}from 10.2.2.2 table 103 priority 32765\n",
                ),
            },
            id="network-scripts",
        ),
    ],
)
def test_what_is_written_where_its_owner_wants_it_to_last(
    files: dict[str, str],
    by: str,
    file: str,
    changes: dict[str, Any],
    written: dict[str, tuple[str | None, str]],
    tmp_path: Path,
) -> None:
    seen = evidence(configured_by=by, configured_file=file, **changes)
    plan = planned(seen, root=tree(tmp_path, files), persist=True)
    rest = [step for step in plan.steps if type(step).__name__ == "WriteFile"]
    assert {step.path: (step.before, step.after) for step in rest} == written  # type: ignore[union-attr]
    assert plan.steps[-len(rest) :] == tuple(rest), "what is in effect comes first, the files last"
    assert plan.lasting
    assert planned(seen, root=tmp_path).steps == plan.steps[: -len(rest)], "only where it is wanted"
    assert "(persist = true would write it)" in planned(seen, root=tmp_path).note


@pytest.mark.parametrize(
    ("files", "changes", "reason"),
    [
        pytest.param({}, {"configured_by": "networkd", "leased": True}, "is leased", id="leased"),
        pytest.param(
            {},
            {"configured_by": "networkd", "table_state": "ready"},
            "was made by somebody",
            id="a-table-of-another",
        ),
        pytest.param({}, {}, "what configures this device is not known", id="nobody-is-known"),
        pytest.param(
            {},
            {"configured_by": "networkd", "configured_file": "/etc/passwd"},
            "no .network file",
            id="odd-network",
        ),
        pytest.param(
            {},
            {"configured_by": "networkd", "configured_file": "/etc/systemd/network/../../x.network"},
            "no .network file",
            id="a-path-that-leaves",
        ),
        pytest.param(
            {"etc/systemd/network/two.network.d/50-watchdog-10.2.2.2.conf": "[Route]\n"},
            {"configured_by": "networkd", "configured_file": "/etc/systemd/network/two.network"},
            "is there already, and says something else",
            id="a-file-of-that-name",
        ),
        pytest.param(
            {"etc/netplan/50.yaml": "network: {ethernets: {id0: {match: {name: eth1}}}}\n"},
            {"configured_by": "netplan"},
            "no file in /etc/netplan defines eth1 by that name",
            id="netplan-by-another-name",
        ),
        pytest.param(
            {"etc/netplan/50.yaml": NETPLAN},
            {"configured_by": "netplan", "main_priority": 32764},
            "netplan has no word for",
            id="netplan-cannot-say-it",
        ),
        pytest.param(
            {"etc/NetworkManager/system-connections/x.nmconnection": PROFILE},
            {"configured_by": "NetworkManager", "configured_file": "0000"},
            "has the UUID 0000",
            id="a-profile-of-netplan",
        ),
        pytest.param(
            {"etc/network/interfaces": "iface eth1 inet manual\niface eth1 inet dhcp\n"},
            {"configured_by": "ifupdown", "configured_file": "/etc/network/interfaces"},
            "there are 2 stanzas `iface eth1 inet`",
            id="two-stanzas",
        ),
        pytest.param(
            {"etc/network/interfaces": "iface eth1 inet static\n address 10.2.2.2/24\n up a \\\n b\n"},
            {"configured_by": "ifupdown", "configured_file": "/etc/network/interfaces"},
            "lines that go on in the next",
            id="a-line-that-goes-on",
        ),
        pytest.param(
            {},
            {"configured_by": "ifupdown", "configured_file": "/etc/network/interfaces"},
            "/etc/network/interfaces is gone",
            id="gone-meanwhile",
        ),
        pytest.param(
            {},
            {"configured_by": "ifupdown", "configured_file": "/etc/shadow"},
            "no file of ifupdown's",
            id="no-file-of-ifupdown",
        ),
        pytest.param(
            {"etc/sysconfig/network-scripts/route-eth1": "ADDRESS0=10.50.0.0\n"},
            {"configured_by": "network-scripts"},
            "in the old way (ADDRESS0=)",
            id="an-old-route-file",
        ),
    ],
)
def test_what_cannot_be_written_is_done_for_now_and_says_why(
    files: dict[str, str], changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    plan = planned(evidence(**changes), root=tree(tmp_path, files), persist=True)
    assert plan.steps == planned(evidence(**changes), root=tmp_path).steps
    assert not plan.lasting
    said, _, by_hand = plan.note.partition("; ")
    assert said.startswith("it is not written down, although persist = true: ")
    assert reason in said or reason in by_hand
    assert "to last, in a drop-in: [Route] | Table=103" in plan.note


LINES = st.lists(
    st.text(max_size=12)
    | st.sampled_from(
        ["iface eth1 inet static", "  address 10.2.2.2/24", "auto", "[ipv4]", "route1=x", "network:", "  eth1:"]
    )
).map("\n".join)


@given(text=LINES)
def test_no_text_upsets_the_edits_and_nothing_of_it_is_lost(text: str) -> None:
    way = PolicyRoute(**WAY)
    netplan_section(text, "eth1")
    for edit in (add_to_interfaces, add_to_keyfile):
        with suppress(CannotWriteError):
            edited = edit(text, way).split("\n")
            assert [line for line in text.split("\n") if line.strip()] == [
                line for line in edited if line.strip() and line.strip() not in _added(text, edited)
            ]
    with suppress(CannotWriteError):
        assert add_lines(text, ["x"]).startswith(text)


def _added(text: str, edited: list[str]) -> set[str]:
    return {line.strip() for line in edited} - {line.strip() for line in text.split("\n")}
