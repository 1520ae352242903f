"""Several uplinks for real: what the watchdog finds, beside what a client behind real routers lives to see."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.contract import NO_SERVER, exit_code, findings, of_check, unknown
from tests.lab.namespaces import Net
from tests.lab.providers import Providers, dropped_by_rp_filter, look, open_incidents, sysctl
from tests.lab.uml import Transcript
from tests.lab.unpacked import program

CLEAN: list[tuple[str, str, str]] = []
APPLIES_NOT = "not_applicable"


def astray(address: str) -> tuple[str, str, str]:
    return ("multihome.asymmetric_reply", address, "warning")


def dropped(address: str) -> tuple[str, str, str]:
    return ("multihome.strict_rp_filter_drop", address, "warning")


def until(what: str, holds: Callable[[], bool]) -> None:
    for _ in range(200):  # 20 s
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"still not so: {what}")


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
    still_coming_up = [("multihome.asymmetric_reply", "10.2.2.2", "pending")]
    assert open_incidents(two.host, tmp_path) == still_coming_up, "nobody is told in the first seconds"
    two.rule("from 10.2.2.2 lookup 102")
    assert look(two.host, tmp_path).found == CLEAN
    assert open_incidents(two.host, tmp_path) == []
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


def test_what_is_meant_is_never_reported(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    host = two.host
    two.default(1)
    two.policy(2)

    def check(what: str, notes: int = 0) -> None:
        seen = look(host, tmp_path)
        assert (seen.verdict, seen.found, seen.unseen, len(seen.notes)) == ("ok", CLEAN, [], notes), (what, seen)

    check("two uplinks, each with its own way")

    container = net.host("container")
    net.cable(host, "veth0", container, "eth0")
    host.ip("link add name docker0 type bridge")
    host.ip("link set dev docker0 up")
    host.ip("link set dev veth0 master docker0")
    host.address("docker0", "172.17.0.1/16")
    net.cable(host, "cali0", net.host("pod"), "eth0")
    host.address("cali0", "192.168.77.1/32")
    check("docker0 with a container, and a veth with an address")

    for words in ("10.2.2.100/32 dev lo", "169.254.7.7/16 dev eth1", "10.2.2.66/32 dev docker0"):
        host.ip(f"address add {words}")
    check("a VIP on lo (direct server return), link-local, an address on a bridge without a gateway")

    host.ip("address add 10.3.3.2/24 dev eth1")
    host.ip("route add default via 10.3.3.1 dev eth1 table 103")
    host.ip("rule add from 10.3.3.2 lookup 102")
    check("two providers on one device, and replies by the other's router")
    host.ip("rule del from 10.3.3.2 lookup 102")
    host.ip("address del 10.3.3.2/24 dev eth1")
    host.ip("route flush table 103")

    host.ip("tuntap add dev tun0 mode tun")
    tun = host.popen([sys.executable, "-c", _HOLD_TUN], stdout=subprocess.PIPE)
    assert tun.stdout is not None
    assert tun.stdout.readline() == "up\n"
    host.address("tun0", "10.8.0.2/24")
    host.ip("link set dev tun0 up")
    host.ip("route add default dev tun0 table 51820")
    check("a VPN that somebody's rules may use")
    host.ip("rule add not fwmark 0xca6c table 51820 priority 200")
    host.ip("rule add table main suppress_prefixlength 0 priority 100")
    check("a VPN that takes all, as wg-quick makes it", notes=2)
    host.ip("rule del priority 200")
    host.ip("rule del priority 100")
    check("the VPN takes nothing any more")
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        host.ip(f"route add {half} dev tun0")
    check("a VPN that takes both halves, as OpenVPN makes it", notes=1)
    host.ip("link delete dev tun0")

    host.ip("rule del from 10.2.2.2 lookup 102")
    host.ip("rule add iif docker0 lookup 102")
    check("a router's rule by where it came in", notes=1)
    host.ip("rule del iif docker0 lookup 102")

    host.ip("rule add from 10.2.2.2 prohibit")
    check("an address that shall not answer", notes=1)
    host.ip("rule del from 10.2.2.2 prohibit")

    host.ip("route flush table 102")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    host.ip("route del default")
    host.ip("route add default nexthop via 10.1.1.1 dev eth0 nexthop via 10.2.2.1 dev eth1")
    seen = look(host, fresh)
    assert (seen.verdict, seen.found, seen.unseen) == ("ok", CLEAN, []), "a default with several hops"
    host.ip("route del default")
    two.default(1, "proto bgp metric 20")
    two.default(2, "proto bgp metric 30")
    assert look(host, fresh).verdict == APPLIES_NOT, "gateways that a routing protocol chose"
    host.ip("route flush default")
    two.default(1)
    assert look(host, fresh).verdict == APPLIES_NOT, "one uplink, and many addresses"


def test_a_rule_that_outlived_its_address_and_one_that_did_not(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    host = two.host
    two.default(1)
    two.policy(2)
    # A host behind this router, sent through the second provider: its address was never here.
    two.rule("from 192.168.1.50 lookup 102")
    assert look(host, tmp_path).found == CLEAN

    # A virtual address that goes to another node: no word of fault, as nothing took its place.
    host.ip("address add 10.2.2.100/32 dev eth1")
    two.rule("from 10.2.2.100 lookup 102")
    assert look(host, tmp_path).found == CLEAN
    host.ip("address del 10.2.2.100/32 dev eth1")
    moved = look(host, tmp_path)
    assert (moved.found, len(moved.notes)) == (CLEAN, 1)
    assert moved.notes[0].startswith("10.2.2.100, once on eth1, is on no interface any more; its rule is kept")

    # A new lease: the old address is replaced, and its rule stays.
    host.ip("address del 10.2.2.2/24 dev eth1")
    host.address("eth1", "10.2.2.77/24")
    host.ip("route replace default via 10.2.2.1 dev eth1 table 102")
    renewed = look(host, tmp_path)
    assert renewed.found == [
        astray("10.2.2.77"),
        stale("from 10.2.2.100 lookup 102"),
        stale("from 10.2.2.2 lookup 102"),
    ]
    host.ip("rule del from 10.2.2.100 lookup 102")
    host.ip("rule del from 10.2.2.2 lookup 102")
    two.rule("from 10.2.2.77 lookup 102")
    assert look(host, tmp_path).found == CLEAN


def test_what_keepalived_moves_is_not_left_over(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    host = two.host
    two.default(1)
    two.policy(2)
    conf = tmp_path / "keepalived.conf"
    conf.write_text(
        "vrrp_instance two { interface eth1\n virtual_router_id 51\n priority 100\n advert_int 0.2\n version 3\n"
        " virtual_ipaddress { 10.2.2.100/32\n } }\n"
    )
    words = [*program("keepalived", "keepalived"), "-n", "-l", "-P", "-f", str(conf)]
    keepalived = host.popen([*words, "-p", f"{tmp_path}/p", "-r", f"{tmp_path}/r"], stderr=subprocess.DEVNULL)
    until("keepalived has the address", lambda: "10.2.2.100" in host.ip("address show dev eth1"))
    two.rule("from 10.2.2.100 lookup 102")
    assert look(host, tmp_path).found == CLEAN
    # It steps down for a better one, and meanwhile the uplink gets a new address: that would look renumbered.
    other = two.routers[1]
    better = tmp_path / "better.conf"
    better.write_text(conf.read_text().replace("eth1", "customer").replace("priority 100", "priority 200"))
    words[-1] = str(better)
    other.popen([*words, "-p", f"{tmp_path}/q", "-r", f"{tmp_path}/s"], stderr=subprocess.DEVNULL)
    until("the other one has it", lambda: "10.2.2.100" not in host.ip("address show dev eth1"))
    host.ip("address add 10.2.2.78/32 dev eth1")
    two.rule("from 10.2.2.78 lookup 102")
    moved = look(host, tmp_path)
    gone = "10.2.2.100, once on eth1, is on no interface any more"
    assert (moved.found, moved.notes) == (
        CLEAN,
        [f"{gone}; its rule is kept: it is a virtual address of keepalived"],
    )
    assert keepalived.poll() is None


def test_what_vanishes_while_it_is_looked_at_upsets_nothing(net: Net) -> None:
    two = Providers(net)
    two.default(1)
    two.policy(2)
    storm = two.host.popen(["bash", "-c", _STORM], stderr=subprocess.DEVNULL)
    ran = two.host.run([sys.executable, "-c", _LOOK_OFTEN], timeout_seconds=60)
    assert storm.poll() is None, "it went on all the time"
    verdicts = json.loads(ran.stdout)
    assert sum(verdicts.values()) == 300
    # Two runs of nothing but interruptions are luck; a crash would be no verdict at all.
    assert verdicts.get("unobservable", 0) <= 100, verdicts


# Routes, rules, an address and a whole link that come and go as fast as a shell can.
_STORM = """
while :; do
  ip -batch - <<END
rule add from 10.2.2.9 lookup 102
address add 10.2.2.9/24 dev eth1
route replace default via 10.1.1.1 dev eth0 metric 300
link add name passing type veth peer name passed
link set passing up
address add 10.7.7.2/24 dev passing
link set passed up
route add default via 10.7.7.1 dev passing metric 400
link delete passing
address del 10.2.2.9/24 dev eth1
rule del from 10.2.2.9 lookup 102
route del default via 10.1.1.1 dev eth0 metric 300
END
done
"""
_LOOK_OFTEN = """
import collections, json
from checks.multihome import CHECK, MultihomeSettings
from watchdog.host import Host
from watchdog.plugin import NotApplicable, Unobservable
seen, memory, settings = collections.Counter(), None, MultihomeSettings()
for _ in range(300):
    try:
        facts = CHECK.observe(Host(), settings, memory)
        list(CHECK.judge(facts, memory, settings))
        memory = CHECK.remember(facts, memory, settings)
        seen["judged"] += 1
    except NotApplicable:
        seen["not applicable"] += 1
    except Unobservable:
        seen["unobservable"] += 1
print(json.dumps(seen))
"""
# A tun device has a carrier while a program holds it.
_HOLD_TUN = """
import fcntl, struct, time
device = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))
print("up", flush=True)
time.sleep(1000)
"""


@pytest.mark.long(30)
def test_the_story_of_a_second_provider_and_of_what_only_looks_like_it(story: Callable[[str], Transcript]) -> None:
    told = story("second-provider")
    steps = {
        "wrong": [astray("10.2.2.2")],
        "lasts": [astray("10.2.2.2")],
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
    (wrong,) = of_check(told, "wrong", "multihome")["findings"]
    assert (wrong["evidence"]["gateway"], wrong["evidence"]["gateway_known_by"]) == ("10.2.2.1", "configuration")
    assert wrong["evidence"]["lasting_where"] == "in /etc/network/interfaces at iface eth1"
    (proposed,) = told.json("proposed")
    (proposal,) = proposed["proposals"]
    assert f"to last, {wrong['evidence']['lasting_where']}: post-up ip route replace" in proposal["note"]
    assert proposal["steps"][-1].startswith("ip rule add from 10.2.2.2 table ")
    healed = told.json("healed")
    assert (told.code("healed"), healed["outcome"]) == (0, "healed"), healed
    assert [one["step"] for one in healed["steps"]] == proposal["steps"]
    (incident,) = told.json("incidents")
    assert (incident["fault"], incident["subject"]) == astray("10.2.2.2")[:2]
    assert [note["summary"] for note in of_check(told, "meant", "multihome")["notes"]] == [
        "replies from 10.1.1.2 (eth0) leave through the tunnel tun0, as all that goes out"
    ]
    (in_vrf,) = of_check(told, "in_vrf", "multihome")["findings"]
    assert in_vrf["evidence"]["rule"] == "1000: from all lookup [l3mdev-table]"
    table = told.files["table.txt"].strip()
    assert in_vrf["evidence"]["commands"] == [
        f"ip route replace 10.4.4.0/24 dev eth3 table {table}",
        f"ip route replace default via 10.4.4.1 dev eth3 table {table}",
        f"ip rule add from 10.4.4.2 table {table} priority 999",
    ]
