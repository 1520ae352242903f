"""Hosts in network namespaces: they reach one another, touch nothing else, and are gone afterwards."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.lab import namespaces
from tests.lab.namespaces import Net, NetError
from tests.needs import need


def _machine() -> tuple[list[str], list[str]]:
    """Return this machine's own links, and the namespaces of this process."""
    links, namespaces = (
        subprocess.run(["ip", "-o", *what], capture_output=True, text=True, check=True).stdout.splitlines()
        for what in (["link"], ["netns", "list"])
    )
    return [line.split(": ")[1] for line in links], [
        n for n in namespaces if n.startswith(f"wdlab-{os.getpid()}-")
    ]


def test_two_hosts_on_a_cable_answer_each_other(net: Net) -> None:
    a, b = net.host("a"), net.host("b")
    net.cable(a, "eth0", b, "eth0")
    a.address("eth0", "10.0.0.1/24")
    b.address("eth0", "10.0.0.2/24")
    assert "Received 1 response" in a.run(["arping", "-c1", "-w5", "-I", "eth0", "10.0.0.2"]).stdout
    b.run(
        ["nft", "-f", "-"],
        input_text="table arp t { chain i { type filter hook input priority 0; policy drop; }; }",
    )
    assert a.run(["arping", "-c1", "-w1", "-I", "eth0", "10.0.0.2"], check=False).returncode == 1


def test_three_hosts_on_a_switch_hear_each_other(net: Net) -> None:
    hosts = [net.host(name) for name in "abc"]
    net.switch("lan", dict.fromkeys(hosts, "eth0"))
    for number, host in enumerate(hosts, 1):
        host.address("eth0", f"fd00::{number}/64")
        host.address("eth0", f"10.0.0.{number}/24")
    for target in ("10.0.0.1", "10.0.0.2"):
        hosts[2].run(["arping", "-c1", "-w5", "-I", "eth0", target])


def _fail(net: Net, running: list[int]) -> None:
    """Leave a program and a daemon running, note their process ids, and fail."""
    a, b = net.host("a"), net.host("b")
    net.cable(a, "eth0", b, "eth0")
    running.append(a.popen(["sleep", "1000"]).pid)
    # The daemon leaves its process group, as they do.
    running.append(int(b.run(["bash", "-c", "setsid sleep 1000 >/dev/null 2>&1 & echo $!"]).stdout))
    raise ZeroDivisionError


def test_nothing_is_left_and_the_machine_is_untouched_even_after_a_failure() -> None:
    need(namespaces.missing())
    before = _machine()
    running: list[int] = []
    with pytest.raises(ZeroDivisionError), Net() as net:
        _fail(net, running)
    assert len(running) == 2
    assert [pid for pid in running if _is_alive(pid)] == []
    assert _machine() == before


def _is_alive(pid: int) -> bool:
    """Tell whether it runs still; the killed daemon's parent is gone, so init reaps it when it comes to it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "XZ"
    except FileNotFoundError:
        return False


def test_a_command_that_fails_says_where_and_why(net: Net) -> None:
    a = net.host("a")
    with pytest.raises(NetError, match=r"on host a: ip link set dev eth7 up: exit 1: .*eth7"):
        a.ip("link set dev eth7 up")
