"""A real split brain, ended for real: two keepaliveds as services, a host that uses the address, adverts cut.

Who loses the election steps down, by its own watchdog, and only where the other one is seen to serve; what made
things worse is undone.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.machines import Machine, with_own_files
from tests.lab.namespaces import Net
from tests.lab.routers import PRIORITY, VIP, Routers, found, instance, routers
from tests.lab.uml import Transcript

ROUTER, ADDRESS = "eth0/vrid51", f"eth0/vrid51/{VIP}"
MISLED = [("vip_unreachable", ADDRESS, "critical")]
SPLIT = [("split_brain", ROUTER, "critical")]
WATCHDOG = str(Path(sys.executable).parent / "watchdog")


@pytest.fixture
def lab(net: Net, tmp_path: Path) -> Iterator[Routers]:
    """Hosts a and b have files of their own, with keepalived as a service."""
    with routers(net, tmp_path) as lab:
        for name in PRIORITY:
            lab.hosts[name] = with_own_files(lab.hosts[name], "keepalived", tmp_path)
            (tmp_path / name).mkdir()
            (tmp_path / name / "index.html").write_text(f"{name}\n")
            served = [sys.executable, "-m", "http.server", "8000", "--directory", str(tmp_path / name)]
            lab.hosts[name].popen(served, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield lab


def machine(lab: Routers, name: str) -> Machine:
    host = lab.hosts[name]
    assert isinstance(host, Machine)
    return host


def serve(lab: Routers, name: str, configuration: str = "") -> None:
    """Start keepalived on a host as its package does."""
    text = configuration or instance(PRIORITY[name])
    machine(lab, name).write("/etc/keepalived/keepalived.conf", f"global_defs {{\n  router_id {name}\n}}\n{text}")
    machine(lab, name).run(["service", "keepalived", "start"])


def runs(lab: Routers, name: str) -> bool:
    """Tell whether keepalived runs on a host."""
    return machine(lab, name).run(["test", "-e", "/run/keepalived.pid"], check=False).returncode == 0


def split(lab: Routers, b: str = "") -> None:
    """Let a serve, then cut the adverts on both ways, at the hosts' own firewalls."""
    serve(lab, "a")
    serve(lab, "b", b)
    lab.wait("a is active alone", lambda: lab.holds("a") and not lab.holds("b"))
    lab.drop("a")
    lab.drop("b")
    lab.wait("b is active too", lab.split)
    for name in PRIORITY:
        assert SPLIT[0] in found(lab.look(name))


def heal(lab: Routers, name: str, settings: str = "", incident: int = 1) -> tuple[int, str, str]:
    """Apply what is proposed for an incident; return exit code, outcome and reason."""
    configuration = lab.folder / f"heal-{name}.toml"
    configuration.write_text(f"[remediations.vrrp_step_down]\n{settings}\n")
    options = ["--config", str(configuration), "--history", str(lab.folder / f"{name}.db")]
    done = machine(lab, name).run(
        [WATCHDOG, *options, "heal", str(incident), "--apply", "--yes", "--json"], check=False, timeout_seconds=200
    )
    if not done.stdout:
        return done.returncode, "", done.stderr
    said = json.loads(done.stdout)
    return done.returncode, str(said["outcome"]), str(said["reason"])


def still_cut(lab: Routers) -> bool:
    """Tell whether both hosts go on dropping the adverts."""
    return all("vrrp drop" in machine(lab, name).run(["nft", "list", "ruleset"]).stdout for name in PRIORITY)


def page(lab: Routers) -> str:
    """Return what the third host gets from the address: the name of who serves it, "" where nobody does."""
    curl = ["curl", "--silent", "--max-time", "2", f"http://{VIP}:8000/"]
    return lab.hosts["c"].run(curl, check=False).stdout.strip()


def test_the_loser_steps_down_and_the_winner_does_not(lab: Routers) -> None:
    split(lab)
    code, _, reason = heal(lab, "a")
    assert (code, "this host wins the election (priority 150" in reason) == (3, True), reason
    assert lab.split()

    assert heal(lab, "b")[:2] == (0, "healed")
    assert (lab.holds("a"), lab.holds("b"), runs(lab, "b"), still_cut(lab)) == (True, False, False, True)
    lab.hosts["c"].ip("neigh flush all")
    assert page(lab) == "a"
    seen = lab.look_all()
    assert {name: (found(check), check["verdict"]) for name, check in seen.items()} == dict.fromkeys(
        "abc", ([], "ok")
    )

    # Nobody stands by now, so the one that stepped down goes on looking, for as long as the settings say.
    lab.hosts["a"].ip("link set dev eth0 down")
    assert found(lab.look("b")) == [("no_master", ROUTER, "critical")]
    assert lab.look("b", 'watch_on = "1ms"')["verdict"] == "not_applicable"


def let_c_be_the_gateway(lab: Routers) -> None:
    """Let c be the gateway of both, and keep what it knows by ARP for hours, as routers do.

    Both know c for good: who asks for it from the virtual address would tell it, by that, where the address is.
    """
    gateway = lab.hosts["c"]
    for known in ("base_reachable_time_ms=14400000", "delay_first_probe_time=14400"):
        gateway.run(["sysctl", "-qw", f"net.ipv4.neigh.eth0.{known}"])
    mac = gateway.run(["cat", "/sys/class/net/eth0/address"]).stdout.strip()
    for name in PRIORITY:
        lab.hosts[name].ip("route add default via 192.168.100.3")
        lab.hosts[name].ip(f"neigh replace 192.168.100.3 lladdr {mac} dev eth0 nud permanent")
    lab.wait("c uses a", lambda: page(lab) == "a")


def end_a_split_that_leaves_the_gateway_misled(lab: Routers) -> None:
    """Have b step down after the gateway heard it last: one master, and the gateway does not know where it is."""
    for name, priority in PRIORITY.items():
        serve(lab, name, instance(priority, extra="  garp_master_delay 1"))
    lab.wait("a is active alone", lambda: lab.holds("a") and not lab.holds("b"))
    time.sleep(2)  # it announces itself once more, a second after the first time
    let_c_be_the_gateway(lab)
    lab.drop("a")
    lab.drop("b")
    lab.wait("b is active too, and c heard it last", lambda: lab.split() and page(lab) == "b")
    assert [found(lab.look(name)) for name in PRIORITY] == [SPLIT, SPLIT]
    assert heal(lab, "b")[:2] == (0, "healed")
    assert (lab.holds("a"), lab.holds("b"), page(lab)) == (True, False, "")
    assert found(lab.look("a")) == MISLED


@pytest.mark.long(50)
def test_a_gateway_that_still_sends_to_the_loser_is_told_by_the_winner(lab: Routers) -> None:
    end_a_split_that_leaves_the_gateway_misled(lab)
    assert heal(lab, "a", incident=2)[:2] == (0, "healed")
    assert page(lab) == "a"
    assert still_cut(lab)
    seen = lab.look_all()
    assert {name: (found(check), check["verdict"]) for name, check in seen.items()} == dict.fromkeys(
        "abc", ([], "ok")
    )


@pytest.mark.long(50)
def test_a_gateway_that_does_not_listen_is_left_to_a_person(lab: Routers) -> None:
    end_a_split_that_leaves_the_gateway_misled(lab)
    lab.drop("c", f"arp saddr ip {VIP}", "arp")
    code, outcome, reason = heal(lab, "a", incident=2)
    assert (code, outcome, "still sends to the machine that left" in reason) == (2, "no_effect", True), reason
    assert page(lab) == ""


def test_it_stays_where_the_winner_does_not_answer(lab: Routers) -> None:
    split(lab)
    lab.drop("a", "arp operation request", "arp")
    code, _, reason = heal(lab, "b")
    assert (code, f"192.168.100.1 does not answer for {VIP}" in reason) == (3, True), reason
    assert lab.split()


def test_it_comes_back_where_the_winner_dies_meanwhile(lab: Routers) -> None:
    split(lab)
    # The init script reads this file first.
    dies = f"nsenter --target={machine(lab, 'a').holder} --net ip link set dev eth0 down"
    machine(lab, "b").write("/etc/default/keepalived", f'if [ "$1" = stop ]; then {dies}; fi\n')
    code, outcome, reason = heal(lab, "b")
    assert (code, outcome) == (2, "harmed"), reason
    assert "vrrp.no_master" in reason
    assert reason.endswith("what was done is undone")
    lab.wait("b serves again", lambda: lab.holds("b"))
    assert runs(lab, "b")
    assert page(lab) == "b"


def test_it_stays_where_the_same_keepalived_serves_what_nobody_else_does(lab: Routers) -> None:
    alone = instance(100, vrid=52, vips=("192.168.100.20/24",))
    split(lab, instance(PRIORITY["b"]) + alone)
    code, _, reason = heal(lab, "b")
    assert (code, "VI_52" in reason, "stopping it would take them down" in reason) == (3, True, True), reason
    assert lab.split()


@pytest.mark.long(30)
def test_where_the_network_drops_the_adverts_only_the_owners_word_counts(lab: Routers) -> None:
    for name in PRIORITY:
        serve(lab, name)
    lab.wait("a is active alone", lambda: lab.holds("a") and not lab.holds("b"))
    lab.drop("switch", "ip protocol vrrp", "bridge", "forward")
    lab.wait("b is active too", lab.split)
    assert [found(lab.look(name)) for name in PRIORITY] == [SPLIT, SPLIT]
    for name in PRIORITY:
        code, _, reason = heal(lab, name)
        assert (code, "no advert of the other machine arrives here" in reason) == (3, True), reason
    assert lab.split()

    assert heal(lab, "b", 'yields_to = ["192.168.100.1"]')[:2] == (0, "healed")
    assert (lab.holds("a"), lab.holds("b")) == (True, False)
    assert (found(lab.look("b")), lab.look("b")["verdict"]) == ([], "ok"), "it answers, though no advert arrives"


def test_the_story_of_two_that_become_one(story: Callable[[str], Transcript]) -> None:
    done = story("vrrp-split-brain-healed")
    assert [found(vrrp(done, name)) for name in ("healthy", "split", "split_on_winner")] == [[], SPLIT, SPLIT]
    assert (done.code("winner"), done.code("loser"), done.json("loser")["outcome"]) == (3, 0, "healed")
    assert "this host wins the election" in done.files["winner.stderr"]
    assert (f" {VIP}/" in done.files["held_by_winner.txt"], f" {VIP}/" in done.files["held_by_loser.txt"]) == (
        True,
        False,
    )
    assert (found(vrrp(done, "after")), vrrp(done, "after")["verdict"]) == ([], "ok")
    assert (done.files["page_before.txt"], found(vrrp(done, "misled"))) == ("", MISLED)
    assert (done.code("announced"), done.json("announced")["outcome"]) == (0, "healed")
    assert (done.files["page_after.txt"].strip(), found(vrrp(done, "end"))) == ("lb1", [])
    assert done.files["cut.txt"].split() == ["1", "1"], "adverts are still dropped on both"


def test_the_story_of_two_that_must_stay_two(story: Callable[[str], Transcript]) -> None:
    done = story("vrrp-split-brain-not-healed")
    assert found(vrrp(done, "split")) == SPLIT
    assert (done.code("silent"), f"does not answer for {VIP}" in done.files["silent.stderr"]) == (3, True)
    said = done.json("undone")
    assert (done.code("undone"), said["outcome"]) == (2, "harmed"), said
    assert [step["state"] for step in said["steps"]] == ["undone"]
    assert (done.files["page.txt"].strip(), bool(done.files["status.txt"].split())) == ("lb2", True)


def vrrp(done: Transcript, name: str) -> dict[str, Any]:
    (check,) = (one for one in done.json(name)["checks"] if one["check"] == "vrrp")
    return dict(check)
