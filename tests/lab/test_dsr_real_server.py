"""Real servers behind direct routing: their own view in namespaces, the balancer's in a kernel with ip_vs."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checks._dsr_real_server.membership import LOOKS_APART_SECONDS, SETTLED_LOOKS
from tests.lab.contract import Finding
from tests.lab.namespaces import Host, Net
from tests.lab.watcher import Watcher

PROGRAM = Path(sys.prefix) / "bin" / "watchdog"
VIP = "192.168.100.10"
CLEAN: list[Finding] = []
LEAK, MAYBE = ("dsr_real_server.arp_leak", VIP, "critical"), ("dsr_real_server.arp_leak", VIP, "warning")
MISSING = ("dsr_real_server.vip_missing", VIP, "critical")
# What a real server does all day: it answers from the virtual address, and must find out where the client is.
ASKS_IN_ITS_NAME = f"""
import contextlib, socket, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
    link.bind(("{VIP}", 0))
    while True:
        with contextlib.suppress(OSError):
            link.sendto(b"", ("192.168.100.99", 9))
        time.sleep(0.2)
"""
QUICK = {"listen": "600ms"}


def sysctl(host: Host, **values: int) -> None:
    host.run(
        ["sysctl", "-qw", *(f"net.ipv4.conf.{name.replace('__', '.')}={value}" for name, value in values.items())]
    )


def macs_of_vip(client: Host) -> set[str]:
    """Return who really answers a client's ARP for the virtual address."""
    said = client.run(["arping", "-c", "2", "-w", "3", "-I", "eth0", VIP], check=False).stdout
    return {line.partition("[")[2].partition("]")[0].lower() for line in said.splitlines() if "reply from" in line}


@pytest.fixture
def lan(net: Net) -> tuple[Host, Host]:
    """Return a real server and a client; a balancer on their link has the virtual address."""
    server, balancer, client = (net.host(name) for name in ("rs1", "balancer", "client"))
    net.switch("lan", dict.fromkeys([server, balancer, client], "eth0"))
    for number, host in ((21, server), (2, balancer), (50, client)):
        host.address("eth0", f"192.168.100.{number}/24")
    balancer.address("eth0", f"{VIP}/32")
    return server, client


@pytest.mark.long(180)
def test_a_real_server_is_quiet_or_not(lan: tuple[Host, Host]) -> None:
    server, client = lan
    with Watcher(server, "dsr_real_server") as watcher:

        def look(**settings: object) -> list[Finding]:
            return watcher.look(**{**QUICK, **settings})

        assert look() == CLEAN
        assert watcher.said["verdict"] == "not_applicable"

        sysctl(server, all__arp_ignore=1, all__arp_announce=2)
        server.address("lo", f"{VIP}/32")
        assert look() == CLEAN
        assert len(macs_of_vip(client)) == 1

        blind = ["setpriv", "--bounding-set=-net_raw", str(PROGRAM), "check", "dsr_real_server", "--json"]
        (said,) = json.loads(server.run(blind, check=False).stdout)["checks"]
        assert (said["verdict"], said["findings"]) == ("unknown", [])
        assert "needs CAP_NET_RAW" in said["unseen"][0]["reason"]

        sysctl(server, all__arp_ignore=0)
        (said,) = json.loads(server.run(blind, check=False).stdout)["checks"]
        assert [one["severity"] for one in said["findings"]] == ["warning"], "its sysctls are judged all the same"
        assert len(macs_of_vip(client)) == 2, "the client really hears two"
        assert look() == [LEAK]
        asking = client.popen(["arping", "-w", "5", "-I", "eth0", VIP], stdout=subprocess.DEVNULL)
        assert watcher.look(listen="3s") == [LEAK]
        assert watcher.said["findings"][0]["evidence"]["answers_heard"] > 0, "it heard itself answer"
        asking.kill()
        assert look(ignore=[VIP]) == CLEAN

        sysctl(server, eth0__arp_ignore=1)
        assert look() == CLEAN, "the larger of all and eth0 counts"
        assert len(macs_of_vip(client)) == 1
        sysctl(server, all__arp_announce=0)
        assert look() == [MAYBE], "it may ask in the name of the virtual address"
        asking = server.popen([sys.executable, "-c", ASKS_IN_ITS_NAME])
        assert watcher.look(listen="3s") == [LEAK]
        assert watcher.said["findings"][0]["evidence"]["announcements_heard"] > 0, "it heard itself ask"
        asking.kill()
        sysctl(server, eth0__arp_announce=2)
        assert look() == CLEAN

        for _ in range(SETTLED_LOOKS):
            assert look() == CLEAN
        server.ip(f"address delete {VIP}/32 dev lo")
        assert look() == CLEAN, "it was tried out for a moment"
        server.address("lo", f"{VIP}/32")
        for _ in range(SETTLED_LOOKS):
            time.sleep(LOOKS_APART_SECONDS)
            assert look() == CLEAN
        server.ip(f"address delete {VIP}/32 dev lo")
        assert look() == [MISSING]
        server.address("eth0", f"{VIP}/32")
        assert look() == CLEAN, "a cluster manager made it the balancer"
        server.ip(f"address delete {VIP}/32 dev eth0")
        assert look() == [MISSING]
        assert look(ignore=[VIP]) == CLEAN
        assert look() == CLEAN, "what is ignored is forgotten"
        assert look(vips=[VIP]) == [MISSING]
        server.address("eth0", f"{VIP}/32")
        assert look(vips=[VIP]) == [LEAK], "on eth0 itself no sysctl helps"
        server.ip(f"address delete {VIP}/32 dev eth0")
        server.address("lo", f"{VIP}/32")
        assert look(vips=[VIP]) == CLEAN


def test_what_looks_like_a_real_server_and_is_none(lan: tuple[Host, Host]) -> None:
    server, client = lan
    with Watcher(server, "dsr_real_server") as watcher:
        server.address("lo", "10.255.0.1/32")
        assert watcher.look(**QUICK) == CLEAN
        assert watcher.said["verdict"] == "not_applicable", "a router's loopback lies in no connected network"
        server.address("lo", "192.168.100.77/32")
        assert watcher.look(**QUICK) == CLEAN
        assert [note["subject"] for note in watcher.said["notes"]] == ["192.168.100.77"], "nobody else has it"
        assert watcher.look(**QUICK) == CLEAN
        assert watcher.said["notes"] == []
        server.address("lo", f"{VIP}/32")
        server.run(["nft", "add table arp t; add chain arp t i { type filter hook input priority 0; }"])
        server.run(["nft", f"add rule arp t i arp daddr ip {VIP} drop"])
        assert len(macs_of_vip(client)) == 1
        assert watcher.look(**QUICK) == CLEAN
        assert watcher.unseen == [VIP], "rules keep it quiet, and only the balancer can tell"
