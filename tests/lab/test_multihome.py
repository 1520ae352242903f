"""Several uplinks for real: what the watchdog finds, beside what a client behind real routers lives to see."""

from collections.abc import Callable
from pathlib import Path

from tests.lab.contract import NO_SERVER, exit_code, findings, of_check, unknown
from tests.lab.namespaces import Net
from tests.lab.providers import Providers, dropped_by_rp_filter, look, sysctl
from tests.lab.uml import Transcript

CLEAN: list[tuple[str, str, str]] = []
APPLIES_NOT = "not_applicable"


def astray(address: str) -> tuple[str, str, str]:
    return ("multihome.asymmetric_reply", address, "warning")


def dropped(address: str) -> tuple[str, str, str]:
    return ("multihome.strict_rp_filter_drop", address, "warning")


def stale(rule: str) -> tuple[str, str, str]:
    return ("multihome.stale_rule", rule, "warning")


def test_the_original_two_providers_wrong_strict_and_put_right_by_the_words_of_the_finding(
    net: Net, tmp_path: Path
) -> None:
    two = Providers(net)
    two.serve()

    two.default(1)
    assert look(two.host, tmp_path).verdict == APPLIES_NOT, "nothing tells that eth1 leads to a provider"
    assert two.reaches(1)
    assert not two.reaches(2)
    assert two.spoofed(1) > 0, "the reply went astray: the first provider had it"
    named = look(two.host, tmp_path, {"uplinks": ["eth1"]})
    assert named.found == [astray("10.2.2.2")]
    assert named.evidence["asymmetric_reply 10.2.2.2"]["gateway"] is None

    two.default(2, "metric 200")
    wrong = look(two.host, tmp_path)
    assert wrong.found == [astray("10.2.2.2")]
    evidence = wrong.evidence["asymmetric_reply 10.2.2.2"]
    assert {
        name: evidence[name] for name in ("device", "reply_device", "reply_gateway", "table", "rule", "gateway")
    } == {
        "device": "eth1",
        "reply_device": "eth0",
        "reply_gateway": "10.1.1.1",
        "table": "main",
        "rule": "32766: from all lookup main",
        "gateway": "10.2.2.1",
    }

    before, lost = two.spoofed(1), dropped_by_rp_filter(two.host)
    sysctl(two.host, "ipv4/conf/eth1/rp_filter", 1)
    assert look(two.host, tmp_path).found == [astray("10.2.2.2"), dropped("10.2.2.2")]
    assert not two.reaches(2)
    assert (two.spoofed(1), dropped_by_rp_filter(two.host) > lost) == (before, True), (
        "no reply: it was never asked"
    )

    sysctl(two.host, "ipv4/conf/all/rp_filter", 2)
    assert look(two.host, tmp_path).found == [astray("10.2.2.2")], "the greater of all and the device counts"
    assert not two.reaches(2)
    assert two.spoofed(1) > before

    sysctl(two.host, "ipv4/conf/all/rp_filter", 1)
    for command in evidence["commands"]:
        two.host.run(command.split())
    right = look(two.host, tmp_path)
    assert (right.found, right.unseen, right.notes) == (CLEAN, [], [])
    assert two.reaches(1)
    assert two.reaches(2)


def test_a_table_without_its_rule_and_a_rule_without_its_table(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    two.serve()
    two.default(1)
    two.default(2, "table 102")
    no_rule = look(two.host, tmp_path)
    assert no_rule.found == [astray("10.2.2.2")]
    assert no_rule.evidence["asymmetric_reply 10.2.2.2"]["commands"] == [
        "ip rule add from 10.2.2.2 table 102 priority 32765"
    ]
    two.rule("from 10.2.2.2 lookup 102")
    assert look(two.host, tmp_path).found == CLEAN
    assert two.reaches(2)

    two.host.ip("route flush table 102")
    no_table = look(two.host, tmp_path)
    assert no_table.found == [astray("10.2.2.2")], "it is remembered that it had a gateway of its own"
    assert not two.reaches(2)
    evidence = no_table.evidence["asymmetric_reply 10.2.2.2"]
    assert (evidence["gateway_known_by"], evidence["gateway"]) == ("memory", "10.2.2.1")
    for command in evidence["commands"]:
        two.host.run(command.split())
    assert look(two.host, tmp_path).found == CLEAN
    assert two.reaches(2)


def test_ipv6_has_the_same_fault_and_the_same_remedy(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    two.serve()
    two.default(1, family=6)
    two.default(2, "metric 2000", family=6)
    wrong = look(two.host, tmp_path)
    assert wrong.found == [astray("2001:db8:2::2")]
    assert two.reaches(1, family=6)
    assert not two.reaches(2, family=6)
    assert two.spoofed(1) > 0
    for command in wrong.evidence["asymmetric_reply 2001:db8:2::2"]["commands"]:
        two.host.run(command.split())
    assert look(two.host, tmp_path).found == CLEAN
    assert two.reaches(2, family=6)

    # What nobody relies on is not judged: deprecated, tentative, temporary.
    two.host.ip("address add 2001:db8:2::3/64 dev eth1 nodad preferred_lft 0")
    assert look(two.host, tmp_path).found == CLEAN
    two.host.ip("address change 2001:db8:2::3/64 dev eth1 nodad preferred_lft forever")
    assert look(two.host, tmp_path).found == [astray("2001:db8:2::3")]


def test_three_uplinks_each_on_its_own(net: Net, tmp_path: Path) -> None:
    three = Providers(net, count=3)
    three.serve()
    three.default(1)
    for number in (2, 3):
        three.default(number, f"metric {number}00")
    assert look(three.host, tmp_path).found == [astray("10.2.2.2"), astray("10.3.3.2")]
    three.policy(2)
    assert look(three.host, tmp_path).found == [astray("10.3.3.2")]
    assert [three.reaches(number) for number in (1, 2, 3)] == [True, True, False]
    three.policy(3)
    assert look(three.host, tmp_path).found == CLEAN
    assert three.reaches(3)
    # A further address of a provider, which nobody made a rule for: a virtual IP in its subnet.
    three.host.ip("address add 10.3.3.100/32 dev eth2")
    assert look(three.host, tmp_path).found == [astray("10.3.3.100")]
    assert look(three.host, tmp_path, {"ignore": ["10.3.3.100"]}).found == CLEAN
    three.rule("from 10.3.3.0/24 lookup 103")
    assert look(three.host, tmp_path).found == CLEAN
    # One class of client that is sent elsewhere, with an address that the settings add.
    three.host.ip("route add 172.20.0.0/16 via 10.1.1.1 table 102")
    assert look(three.host, tmp_path).found == CLEAN
    office = look(three.host, tmp_path, {"clients": ["172.20.5.5"]})
    assert office.found == [astray("10.2.2.2")]
    assert office.evidence["asymmetric_reply 10.2.2.2"]["clients"] == ["172.20.5.5"]


def test_two_devices_in_one_subnet_are_told_as_what_they_are(net: Net, tmp_path: Path) -> None:
    host, router = net.host("host"), net.host("router")
    switch = net.switch("lan", {router: "eth0"})
    for number in (0, 1):
        net.cable(switch, f"host{number}", host, f"eth{number}")
        switch.ip(f"link set dev host{number} master bridge")
        host.address(f"eth{number}", f"10.1.1.{number + 2}/24")
        host.ip(f"route add default via 10.1.1.1 dev eth{number} metric {number + 1}00")
    router.address("eth0", "10.1.1.1/24")
    for where in ("all", "eth0", "eth1"):
        sysctl(host, f"ipv4/conf/{where}/rp_filter", 0)
    seen = look(host, tmp_path)
    assert (seen.verdict, seen.found) == ("ok", CLEAN), "nothing is lost: no provider drops it"
    (note,) = seen.notes
    assert "10.1.1.3 (eth1) leave by eth0, which is in the same subnet" in note
    sysctl(host, "ipv4/conf/all/rp_filter", 1)
    strict = look(host, tmp_path)
    assert strict.found == [dropped("10.1.1.3")]
    assert strict.evidence["strict_rp_filter_drop 10.1.1.3"]["same_subnet_as"] == ["eth0"]
    sysctl(host, "ipv4/conf/all/arp_filter", 1)
    assert look(host, tmp_path).found == CLEAN, "nobody sends it to eth1: only eth0 answers ARP"


def test_marks_decide_where_no_lookup_can_tell(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    two.serve()
    two.default(1)
    two.default(2, "table 102")
    two.rule("fwmark 0x2 lookup 102")
    two.host.run(
        ["nft", "-f", "-"],
        input_text="""table ip connmark {
          chain in {
            type filter hook prerouting priority -150; iifname "eth1" ct mark set 2; meta mark set ct mark;
          }
          chain out { type route hook output priority -150; meta mark set ct mark; }
        }""",
    )
    assert two.reaches(2), "the marks send the replies right"
    seen = look(two.host, tmp_path)
    assert (seen.verdict, seen.found, seen.unseen) == ("unknown", CLEAN, ["10.2.2.2"])
    assert look(two.host, tmp_path, {"ignore": ["10.2.2.2"]}).verdict == "ok"

    sysctl(two.host, "ipv4/conf/eth1/rp_filter", 1)
    strict = look(two.host, tmp_path)
    assert (strict.found, strict.unseen) == ([dropped("10.2.2.2")], ["10.2.2.2"])
    assert not two.reaches(2), "the filter does not look at marks"
    sysctl(two.host, "ipv4/conf/eth1/src_valid_mark", 1)
    assert two.reaches(2)
    seen = look(two.host, tmp_path)
    assert (seen.found, seen.unseen) == (CLEAN, ["10.2.2.2"])

    # A mark that leads nowhere else, as Tailscale's, settles nothing.
    two.host.ip("rule del fwmark 0x2 lookup 102")
    two.rule("fwmark 0x80000/0xff0000 lookup main")
    sysctl(two.host, "ipv4/conf/eth1/rp_filter", 0)
    assert look(two.host, tmp_path).found == [astray("10.2.2.2")]


def test_the_story_of_a_second_provider_and_of_what_only_looks_like_it(story: Callable[[str], Transcript]) -> None:
    told = story("second-provider")
    steps = {
        "wrong": [astray("10.2.2.2")],
        "right": CLEAN,
        "meant": CLEAN,
        "in_vrf": [astray("10.4.4.2")],
        "vrf_right": CLEAN,
    }
    assert {name: findings(told, name) for name in steps} == steps
    assert {name: (unknown(told, name), told.code(name)) for name in steps} == {
        name: (NO_SERVER, exit_code(found, NO_SERVER)) for name, found in steps.items()
    }
    assert [told.files[f"{name}.txt"] for name in ("wrong_one", "wrong_two", "right_two")] == [
        "yes\n",
        "no\n",
        "yes\n",
    ]
    (incident,) = told.json("incidents")
    assert (incident["fault"], incident["subject"]) == astray("10.2.2.2")[:2]
    assert [note["summary"] for note in of_check(told, "meant", "multihome")["notes"]] == [
        "replies from 10.1.1.2 (eth0) leave through the tunnel tun0, as all that goes out"
    ]
    (in_vrf,) = of_check(told, "in_vrf", "multihome")["findings"]
    assert in_vrf["evidence"]["rule"] == "1000: from all lookup [l3mdev-table]"
    assert in_vrf["evidence"]["commands"][-1].endswith("priority 999")
