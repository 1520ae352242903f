"""An address gets its own way for replies, for real: a client behind routers gets its page; or all is undone."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab.namespaces import Host, Net
from tests.lab.providers import WATCHDOG, Providers, sysctl

ASTRAY = "multihome.asymmetric_reply"


class Healer:
    """The watchdog on a host, with a history of its own; only one check looks."""

    def __init__(self, host: Host, folder: Path, settings: str = "") -> None:
        self.host = host
        self.folder = folder
        (folder / "watchdog.toml").write_text(settings)
        self.words = [WATCHDOG, "--config", f"{folder}/watchdog.toml", "--history", f"{folder}/history.db"]

    def watchdog(self, *words: str) -> tuple[int, Any]:
        """Run a command with --json; return its exit code and what it printed, or its last word."""
        ran = self.host.run([*self.words, *words, "--json"], check=False, timeout_seconds=120)
        return ran.returncode, json.loads(ran.stdout) if ran.stdout else ran.stderr.strip()

    def wait_until_it_fires(self, *subjects: str) -> dict[str, int]:
        """Look, wait as long as the fault must last, look again; return the incidents by subject."""
        self.watchdog("run", "multihome")
        time.sleep(31)
        self.watchdog("run", "multihome")
        _, listed = self.watchdog("incidents")
        found = {
            one["subject"]: one["id"] for one in listed if one["fault"] == ASTRAY and one["state"] == "firing"
        }
        assert set(found) == set(subjects), listed
        return found

    def attempts(self) -> list[dict[str, Any]]:
        """Return every attempt of every incident, without the proposals."""
        _, listed = self.watchdog("incidents", "--all")
        return [
            one
            for incident in listed
            for one in incident["attempts"]
            if one["outcome"] not in ("proposed", "closed")
        ]


def routing(host: Host) -> dict[str, str]:
    """Return all rules and all routes of all tables, of both families."""
    return {words: host.ip(words) for f in (4, 6) for words in (f"-{f} rule", f"-{f} route show table all")}


def until(what: str, holds: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"still not so: {what}"
        time.sleep(0.1)


def processes(host: Host) -> list[str]:
    """Return the command lines of the watchdogs in a host's namespace."""
    pids = subprocess.run(["ip", "netns", "pids", host.namespace], capture_output=True, text=True).stdout.split()
    lines = [Path(f"/proc/{pid}/cmdline") for pid in pids]
    said = [line.read_bytes().replace(b"\0", b" ").decode() for line in lines if line.exists()]
    return [one for one in said if "watchdog" in one]


@pytest.mark.long(50)
def test_the_second_provider_answers_again_in_both_families_and_the_lan_as_before(
    net: Net, tmp_path: Path
) -> None:
    two = Providers(net)
    two.serve()
    lan = net.host("lan")
    net.cable(lan, "eth0", two.host, "eth2")
    lan.address("eth0", "192.168.7.9/24")
    two.host.address("eth2", "192.168.7.2/24")
    lan.ip("route add 10.2.2.2 via 192.168.7.2")
    for family in (4, 6):
        two.default(1, family=family)
        two.default(2, "metric 2000", family=family)
    sysctl(two.host, "ipv4/conf/eth1/rp_filter", 1)
    healer = Healer(two.host, tmp_path)
    incidents = healer.wait_until_it_fires(two.address(2), two.address(2, 6))
    before = routing(two.host)
    assert not two.reaches(2)
    assert not two.reaches(2, family=6)
    assert two.reaches(2, whence=lan)

    _, (shown,) = healer.watchdog("heal", str(incidents["10.2.2.2"]))
    (proposal,) = shown["proposals"]
    table = 100 + int(two.host.run(["cat", "/sys/class/net/eth1/ifindex"]).stdout)
    assert proposal["steps"] == [
        f"ip route add 10.2.2.0/24 dev eth1 src 10.2.2.2 table {table}",
        f"ip route add 0.0.0.0/0 via 10.2.2.1 dev eth1 table {table}",
        "ip rule add from 10.2.2.2 table 254 suppress_prefixlength 0 priority 32764",
        f"ip rule add from 10.2.2.2 table {table} priority 32765",
    ], "the LAN is no uplink: what main knows of it must stay"
    assert routing(two.host) == before, "shown, not done"

    for subject in (two.address(2), two.address(2, 6)):
        code, said = healer.watchdog("heal", str(incidents[subject]), "--apply", "--yes")
        assert (code, said["outcome"]) == (0, "healed"), said
    assert two.reaches(1)
    assert two.reaches(2), "strict rp_filter lets through what comes in where the reply leaves"
    assert two.reaches(1, family=6)
    assert two.reaches(2, family=6)
    assert two.reaches(2, whence=lan), "who asks from the LAN is answered there"
    _, ran = healer.watchdog("run", "multihome")
    (check,) = (one for one in ran["checks"] if one["check"] == "multihome")
    assert check["findings"] == []
    assert processes(two.host) == [], "what would have undone it has ended"


@pytest.mark.long(40)
def test_what_others_take_away_again_is_undone_whole(net: Net, tmp_path: Path) -> None:
    """Somebody else manages the rules here, as networkd does that removes what it did not make."""
    two = Providers(net)
    two.serve()
    two.default(1)
    two.default(2, "metric 2000")
    healer = Healer(two.host, tmp_path)
    incident = healer.wait_until_it_fires("10.2.2.2")["10.2.2.2"]
    before = routing(two.host)
    jealous = "ip monitor rule | while read -r line; do ip rule del from 10.2.2.2; done 2>/dev/null"
    two.host.popen(["sh", "-c", jealous])
    code, said = healer.watchdog("heal", str(incident), "--apply", "--yes")
    assert (code, said["outcome"]) == (2, "no_effect"), said
    assert "what was done is undone" in said["reason"]
    assert routing(two.host) == before
    assert not two.reaches(2)


@pytest.mark.long(40)
def test_a_dead_gateway_and_rules_of_others_are_refused(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    two.default(1)
    two.default(2, "metric 2000")
    healer = Healer(two.host, tmp_path)
    incident = str(healer.wait_until_it_fires("10.2.2.2")["10.2.2.2"])

    def refusal() -> str:
        before = routing(two.host)
        code, said = healer.watchdog("heal", incident, "--apply", "--yes")
        assert (code, routing(two.host)) == (3, before), said
        assert processes(two.host) == []
        return str(said)

    for what, undo, why in (
        ("rule add fwmark 7 table 777", "rule del fwmark 7 table 777", "so marks may decide"),
        ("rule add from 10.2.0.0/16 table 777", "rule del from 10.2.0.0/16 table 777", "is there already"),
        (
            "route add default via 10.2.2.9 dev eth1 metric 3000",
            "route del default via 10.2.2.9 dev eth1 metric 3000",
            "has several gateways (10.2.2.1, 10.2.2.9)",
        ),
    ):
        two.host.ip(what)
        assert why in refusal()
        two.host.ip(undo)
    two.routers[1].ip("link set dev customer arp off")
    two.routers[1].run(
        ["nft", "add table arp dead; add chain arp dead in { type filter hook input priority 0; policy drop; }"]
    )
    assert "the gateway 10.2.2.1 does not answer on eth1" in refusal()


@pytest.mark.long(100)
def test_who_is_killed_or_stuck_half_way_is_undone_by_another_process(net: Net, tmp_path: Path) -> None:
    two = Providers(net)
    two.serve()
    two.default(1)
    two.default(2, "metric 2000")
    settings = 'undone_after = "15s"\ncooldown = "0s"\nattempts = 9\n'
    healer = Healer(two.host, tmp_path, f"[remediations.add_policy_route]\n{settings}")
    incident = healer.wait_until_it_fires("10.2.2.2")["10.2.2.2"]
    before = routing(two.host)

    def signalled_once_the_rule_is_there(number: signal.Signals) -> subprocess.Popen[str]:
        monitor = two.host.popen(["ip", "monitor", "rule"], stdout=subprocess.PIPE)
        words = [*healer.words, "heal", str(incident), "--apply", "--yes"]
        process = two.host.popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert monitor.stdout is not None
        assert "from 10.2.2.2" in monitor.stdout.readline()
        os.kill(process.pid, number)
        monitor.kill()
        assert routing(two.host) != before
        return process

    for number in (signal.SIGKILL, signal.SIGSTOP):
        started = time.monotonic()
        process = signalled_once_the_rule_is_there(number)
        time.sleep(5)
        assert two.reaches(2), "nobody has undone it yet"
        until("it is as it was", lambda: routing(two.host) == before, 60)
        assert time.monotonic() - started > 15
        assert process.wait(5) == -signal.SIGKILL
        until("nobody is left", lambda: processes(two.host) == [])
        attempt = healer.attempts()[-1]
        assert attempt["outcome"] == "rolled_back"
        assert attempt["reason"] == (
            "interrupted before it was verified: it was not verified within 15.0 s; what was done is undone"
        )

    signalled_once_the_rule_is_there(signal.SIGKILL)
    healer.watchdog("run", "multihome")
    assert healer.attempts()[-1]["outcome"] == "healed", "who looks before the time is up finds it cured"
    until("nobody is left", lambda: processes(two.host) == [], 30)
    assert two.reaches(2), "what has ended is not undone"
