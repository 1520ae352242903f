"""Virtual routers for real: two keepaliveds, a host that only watches, and the full list of what each finds."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.namespaces import Net
from tests.lab.routers import PRIORITY, VIP, VIP6, Found, Routers, found, instance, routers
from tests.lab.uml import CHECKOUT

ROUTER, ADDRESS = "eth0/vrid51", f"eth0/vrid51/{VIP}"
CLEAN: Found = []
SPLIT = [("split_brain", ROUTER, "critical")]
UNLIKE = [("config_mismatch", ROUTER, "warning")]
COLLISION = [("vrid_collision", ROUTER, "warning")]
NOBODY = [("no_master", ROUTER, "critical")]
DEAD = [("vip_unreachable", ADDRESS, "critical")]
STALE = [("vip_unreachable", ADDRESS, "warning")]
ALL_CLEAN = {"a": CLEAN, "b": CLEAN, "c": CLEAN}
# Version 2, with its whole seconds, is what most run.
V2 = {"version": 2, "advert_int": "1"}


@pytest.fixture
def lab(net: Net, tmp_path: Path) -> Iterator[Routers]:
    with routers(net, tmp_path) as lab:
        yield lab


def look(lab: Routers) -> dict[str, Found]:
    return {name: found(check) for name, check in lab.look_all().items()}


def reasons(check: Any) -> list[str]:
    (split,) = (one for one in check["findings"] if one["fault"] == "vrrp.split_brain")
    return list(split["evidence"]["reasons"])


def password(word: str) -> str:
    return f"  authentication {{\n    auth_type PASS\n    auth_pass {word}\n  }}"


def test_a_cut_is_found_on_every_host_with_its_reason_and_heals(lab: Routers) -> None:
    lab.start_both(**V2)
    assert look(lab) == ALL_CLEAN

    lab.drop("b")
    lab.wait("b is active too", lab.split)
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {"a": SPLIT, "b": SPLIT, "c": SPLIT}
    assert {name: reasons(check) for name, check in seen.items()} == {
        "a": ["not_taken_there"],
        "b": ["dropped_here"],
        "c": ["unclear"],
    }
    (split,) = seen["b"]["findings"]
    assert split["evidence"]["firewall_rule"] == "ip protocol vrrp drop"
    assert {one["machine"] for one in split["evidence"]["owners"]} == {"this host", "192.168.100.1"}

    lab.drop("a")
    assert look(lab) == {"a": SPLIT, "b": SPLIT, "c": SPLIT}

    lab.let_through("a")
    lab.let_through("b")
    lab.wait("b gives up", lambda: not lab.holds("b"))
    assert look(lab) == ALL_CLEAN


def make_known(lab: Routers) -> None:
    """Look twice: c misses what it heard in two looks, as anybody can forge one advert."""
    assert [look(lab), look(lab)] == [ALL_CLEAN, ALL_CLEAN]


def test_adverts_that_the_network_drops_are_told_from_those_that_a_host_drops(lab: Routers) -> None:
    lab.start_both()
    make_known(lab)
    lab.drop("switch", "ip protocol vrrp", "bridge", "forward")
    lab.wait("b is active too", lab.split)
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {"a": SPLIT, "b": SPLIT, "c": SPLIT}
    assert {name: reasons(check) for name, check in seen.items()} == {
        "a": ["arrives_nowhere"],
        "b": ["arrives_nowhere"],
        "c": ["unclear"],
    }
    lab.let_through("switch", "bridge")
    lab.wait("b gives up", lambda: not lab.holds("b"))

    lab.drop("switch", 'iifname "port0" ip protocol vrrp', "bridge", "forward")  # from a, and only from it
    lab.wait("b is active too", lab.split)
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {"a": SPLIT, "b": SPLIT, "c": SPLIT}
    assert {name: reasons(check) for name, check in seen.items()} == {
        "a": ["not_taken_there"],
        "b": ["arrives_nowhere"],
        "c": ["unclear"],
    }


def test_a_real_server_that_answers_for_the_vip_is_no_second_master(lab: Routers) -> None:
    lab.start_both()
    lab.hosts["c"].ip(f"address add {VIP}/32 dev lo")
    arping = ["arping", "-D", "-c2", "-w5", "-I", "eth0", VIP]
    assert "Received 1 response" in lab.hosts["b"].run(arping, check=False).stdout, "the premise: somebody answers"
    for name in "ab":
        check = lab.look(name, 'real_servers = ["192.168.100.3"]')
        assert (found(check), check["verdict"]) == (CLEAN, "ok")
    assert reasons(lab.look("a")) == ["arrives_nowhere"], "it cannot be known where nobody says so"


def test_a_takeover_is_no_fault_at_any_moment(lab: Routers) -> None:
    lab.start_both(**V2)
    watchers = [
        lab.hosts[name].popen(
            [sys.executable, "-m", "tests.lab.watching", "15", *interfaces],
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
        )
        for name, interfaces in (("a", ()), ("b", ()), ("c", ("eth0",)))
    ]
    first_looks = [json.loads(watcher.stdout.readline()) for watcher in watchers if watcher.stdout]
    lab.stop("a")  # it says good-bye: priority 0
    lab.wait("b takes over", lambda: lab.holds("b"))
    lab.start("a", instance(PRIORITY["a"], **V2))
    lab.wait("a takes it back", lambda: lab.holds("a") and not lab.holds("b"))
    lab.switch.ip("link set dev port0 down")  # it dies
    lab.wait("b takes over again", lambda: lab.holds("b"))
    looks = [
        {"host": host, **json.loads(line)}
        for host, watcher in zip("abc", watchers, strict=True)
        for line in watcher.communicate(timeout=60)[0].splitlines()
    ]
    assert len(looks) >= 6
    assert [one for one in (*first_looks, *looks) if one["found"]] == []

    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == ALL_CLEAN
    assert (seen["a"]["verdict"], seen["a"]["reason"]) == (
        "unknown",
        f"{ROUTER}: eth0 has no link: nothing can be heard or asked there",
    )


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        pytest.param(
            {**V2, "extra": password("s3cret")},
            {**V2, "extra": password("s3cretive")},
            ["auth_pass"],
            id="another-password",
        ),
        pytest.param(
            {**V2, "extra": password("s3cret")},
            V2,
            ["auth_type"],
            id="no-password-on-one",
        ),
        pytest.param(
            {"version": 3, "advert_int": "1"},
            V2,
            ["version"],
            id="another-version",
        ),
        pytest.param(
            V2,
            {**V2, "advert_int": "2"},
            ["advert_int"],
            id="another-interval",
        ),
        pytest.param(
            {},
            {"extra": "  unicast_peer {\n    192.168.100.1\n  }"},
            ["unicast_peer"],
            id="unicast-on-one",
        ),
    ],
)
def test_unequal_configurations_split_and_say_so(
    lab: Routers, a: dict[str, Any], b: dict[str, Any], differs: list[str]
) -> None:
    lab.start("a", instance(PRIORITY["a"], **a))
    lab.start("b", instance(PRIORITY["b"], **b))
    lab.wait("both are active", lab.split)
    assert [found(check)[-1:] for check in lab.look_all().values()] == [SPLIT, SPLIT, SPLIT]
    # Each advert that a keepalived refuses puts off its own, so that one of them may hardly ever be heard; the
    # look after the one that found the split takes its time for it.
    seen = lab.look_all()
    refusing = [name for name in "abc" if reasons(seen[name]) == ["refused"]]
    assert set(refusing) & set("ab"), "one of them hears the other and says what differs"
    assert {name: found(check) for name, check in seen.items()} == {
        name: [*UNLIKE, *SPLIT] if name in refusing else SPLIT for name in "abc"
    }
    mismatches = [
        one["evidence"]["differs"]
        for check in seen.values()
        for one in check["findings"]
        if one["fault"] == "vrrp.config_mismatch"
    ]
    assert mismatches == [differs] * len(refusing)
    assert "s3cret" not in json.dumps(seen), "no password is told"


def test_two_vrids_for_one_vip_are_a_split(lab: Routers) -> None:
    lab.start("a", instance(PRIORITY["a"], vrid=51))
    lab.start("b", instance(PRIORITY["b"], vrid=52))
    lab.wait("both are active", lab.split)
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {
        "a": SPLIT,
        "b": [("split_brain", "eth0/vrid52", "critical")],
        "c": SPLIT,
    }
    assert {name: reasons(check) for name, check in seen.items()} == {name: ["other_vrid"] for name in "abc"}


def test_one_vrid_for_two_vips_is_a_collision(lab: Routers) -> None:
    lab.start("a", instance(PRIORITY["a"]))
    lab.start("b", instance(PRIORITY["b"], vips=("192.168.100.20/24",)))
    lab.wait("both are active", lambda: lab.holds("a") and lab.holds("b", "192.168.100.20"))
    # They refuse each other, so that one may put its adverts off for ever: who hears the other knows.
    seen = look(lab)
    assert COLLISION in (seen["a"], seen["b"])
    assert [one for one in seen.values() if one not in (CLEAN, COLLISION)] == []
    lab.drop("a")
    lab.drop("b")
    assert look(lab) == {"a": COLLISION, "b": COLLISION, "c": COLLISION}


def test_two_that_share_a_virtual_mac_are_told_apart(lab: Routers) -> None:
    lab.start_both(extra="  use_vmac\n  vmac_xmit_base")
    assert look(lab) == ALL_CLEAN
    lab.drop("b")
    lab.wait("b is active too", lab.split)
    assert look(lab) == {"a": SPLIT, "b": SPLIT, "c": SPLIT}


def test_a_second_card_on_the_link_is_no_second_machine(lab: Routers) -> None:
    host = lab.hosts["a"]
    lab.switch.ip(f"link add name port9 type veth peer name eth1 netns {host.namespace}")
    lab.switch.ip("link set dev port9 master bridge up")
    host.ip("link set dev eth1 up")
    host.address("eth1", "192.168.100.50/24")
    lab.start_both()
    assert look(lab) == ALL_CLEAN


def test_addresses_on_another_interface_than_the_adverts(lab: Routers) -> None:
    inside = lab.hosts["a"], lab.hosts["b"]
    lab.switch.ip("link add name inside type bridge stp_state 0 forward_delay 0")
    lab.switch.ip("link set dev inside up")
    for number, host in enumerate(inside, 1):
        lab.switch.ip(f"link add name inside{number} type veth peer name eth1 netns {host.namespace}")
        lab.switch.ip(f"link set dev inside{number} master inside up")
        host.ip("link set dev eth1 up")
        host.address("eth1", f"10.77.0.{number}/24")
    lab.start_both(vips=(f"{VIP}/24", "10.77.0.10/24 dev eth1"))
    assert look(lab) == ALL_CLEAN
    lab.drop("b")
    lab.wait("b is active too", lab.split)
    assert look(lab) == {"a": SPLIT, "b": SPLIT, "c": SPLIT}


def test_a_virtual_mac_in_both_families(lab: Routers) -> None:
    vmac = "  use_vmac"
    for name, priority in PRIORITY.items():
        six = instance(priority, vips=("fe80::51/64", f"{VIP6}/64"), extra=vmac).replace("VI_51", "VI_six")
        lab.start(name, instance(priority, extra=vmac) + six)
    lab.wait(
        "a is active alone", lambda: all(lab.holds("a", one) and not lab.holds("b", one) for one in (VIP, VIP6))
    )
    assert look(lab) == ALL_CLEAN


def test_more_addresses_than_are_asked_for_at_once(lab: Routers) -> None:
    instances = {vrid: [f"192.168.{vrid}.{last}" for last in range(60, 100)] for vrid in (51, 52, 53)}
    for name, priority in PRIORITY.items():
        parts = [instance(priority, vrid=vrid, vips=tuple(vips), **V2) for vrid, vips in instances.items()]
        lab.start(name, "".join(parts))
    everything = [vip for vips in instances.values() for vip in vips]

    def alone() -> bool:
        held = {name: lab.hosts[name].ip("-o -4 address show") for name in PRIORITY}
        return all(f" {vip}/" in held["a"] and f" {vip}/" not in held["b"] for vip in everything)

    lab.wait("a is active alone", alone)
    seen = {name: lab.look(name) for name in "abc"}
    assert {name: (found(check), check["verdict"]) for name, check in seen.items()} == dict.fromkeys(
        seen, (CLEAN, "ok")
    )


def test_ipv6(lab: Routers) -> None:
    vips = {"vips": ("fe80::51/64", f"{VIP6}/64")}
    for name, priority in PRIORITY.items():
        lab.start(name, instance(priority, **vips))
    lab.wait("a is active alone", lambda: lab.holds("a", VIP6) and not lab.holds("b", VIP6))
    assert look(lab) == ALL_CLEAN
    lab.drop("b", "ip6 nexthdr vrrp")
    lab.wait("b is active too", lambda: lab.holds("b", VIP6))
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {"a": SPLIT, "b": SPLIT, "c": SPLIT}
    assert reasons(seen["b"]) == ["dropped_here"]
    lab.let_through("b")
    lab.wait("b gives up", lambda: not lab.holds("b", VIP6))
    lab.drop("a", "icmpv6 type nd-neighbor-solicit")
    dead = [("vip_unreachable", f"{ROUTER}/{address}", "critical") for address in (VIP6, "fe80::51")]
    seen_by = look(lab)
    assert {"b": seen_by["b"], "c": seen_by["c"]} == {"b": dead, "c": dead}
    # As long as the others still know the way to it from before, it is not lost for them, and a sees nothing.
    assert {code for code, *_ in seen_by["a"]} <= {"vip_unreachable"}


def test_a_split_that_heals_leaves_stale_neighbours_behind(lab: Routers) -> None:
    lab.start_both()
    make_known(lab)
    announced = "Sending/queueing gratuitous ARPs"
    lab.wait(
        "a announced itself again, 5 s after the first time",
        lambda: (lab.folder / "a.log").read_text().count(announced) >= 2,
    )
    lab.drop("a")
    lab.drop("b")
    lab.wait("b is active too", lab.split)

    def cached() -> str:
        return lab.hosts["c"].ip(f"neigh show {VIP}")

    mac = {name: lab.hosts[name].ip("-br link show dev eth0").split()[2] for name in "ab"}
    lab.wait("b announced itself to c", lambda: _use(lab) and mac["b"] in cached())
    lab.let_through("b")  # b hears a and gives up; a heard nothing, so it announces nothing
    lab.wait("b gives up", lambda: not lab.holds("b"))
    lab.let_through("a")
    assert mac["b"] in cached(), "the premise: c still sends to b"
    assert look(lab) == {"a": CLEAN, "b": CLEAN, "c": STALE}
    assert look(lab) == ALL_CLEAN, "asking renewed c's own entry"

    lab.drop("a", "arp operation request", "arp")
    assert look(lab) == {"a": CLEAN, "b": DEAD, "c": DEAD}
    lab.let_through("a", "arp")
    assert look(lab) == ALL_CLEAN


def _use(lab: Routers) -> bool:
    """Have c send something to the VIP, so that it has a neighbour entry."""
    send = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('{VIP}', 9))"
    return lab.hosts["c"].run([sys.executable, "-c", send]).returncode == 0


def test_nobody_serves_and_nobody_is_there_to_serve(lab: Routers) -> None:
    failing = "vrrp_script never {\n  script /bin/false\n  interval 1\n  fall 1\n  init_fail\n}\n"
    tracking = "  track_script {\n    never\n  }"
    lab.start_both()
    make_known(lab)
    for name, priority in PRIORITY.items():
        lab.stop(name)
        lab.start(name, failing + instance(priority, extra=tracking))
    lab.wait("both failed", lambda: lab.logs().count("VRRP_Script(never) failed") >= 2)
    assert look(lab) == {"a": NOBODY, "b": NOBODY, "c": NOBODY}
    for name in PRIORITY:
        lab.stop(name)
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {"a": CLEAN, "b": CLEAN, "c": NOBODY}
    assert [seen[name]["verdict"] for name in "ab"] == ["not_applicable", "not_applicable"]


def test_a_keepalived_that_was_killed_leaves_its_vip_behind(lab: Routers) -> None:
    lab.start_both()
    assert look(lab) == ALL_CLEAN
    daemon = lab.daemons.pop("a")
    # The child first: when its parent dies before it, it gives the VIP up.
    for pid in reversed(lab.hosts["a"].run(["ip", "netns", "pids", lab.hosts["a"].namespace]).stdout.split()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    daemon.wait(10)
    lab.wait("b is active too", lab.split)
    seen = lab.look_all()
    assert {name: found(check) for name, check in seen.items()} == {"a": SPLIT, "b": SPLIT, "c": SPLIT}
    assert {name: reasons(check) for name, check in seen.items()} == {
        "a": ["left_behind"],
        "b": ["arrives_nowhere"],
        "c": ["unclear"],
    }


def test_without_cap_net_raw_it_says_so(lab: Routers) -> None:
    lab.start_both()
    host = lab.hosts["b"]
    watchdog = Path(sys.executable).parent / "watchdog"
    drop = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    done = host.run([*drop, str(watchdog), "check", "vrrp", "--json"], check=False)
    (check,) = json.loads(done.stdout)["checks"]
    assert (done.returncode, check["verdict"]) == (3, "unknown")
    assert check["reason"].startswith("needs CAP_NET_RAW")
