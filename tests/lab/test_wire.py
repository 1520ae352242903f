"""The wire for real: who answers, what is heard although a firewall drops it, and what a flood does."""

import subprocess
import sys

from tests.lab.namespaces import Host, Net
from tests.lab.uml import CHECKOUT

ASK = """
from watchdog.plugin import Host, Question, ask_owners
from time import monotonic
names = ("eth0/192.0.2.2", "eth0/192.0.2.9", "eth0/2001:db8::2", "eth9/192.0.2.2", "lo/127.0.0.1")
questions = [Question(interface=i, address=a) for i, a in (name.split("/") for name in names)]
owners, problems = ask_owners(Host(), questions, seconds=1.5)
print([list(owners[question]) for question in questions], sorted(problems))
"""
FLOOD = """
import socket, sys
channel = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
packet = bytearray.fromhex(sys.argv[1])
number = 0
while True:
    number += 1
    packet[12:16], packet[21] = (number % 2**32).to_bytes(4, "big"), 1 + number % 255
    channel.sendto(bytes(packet), ("eth0", 0x0800, 0, 0, b"\\x01\\x00\\x5e\\x00\\x00\\x12"))
"""
LISTEN = r"""
import re
from pathlib import Path
from checks.vrrp import CHECK, VrrpSettings
from watchdog.host import Host
from watchdog.units import Duration
settings = VrrpSettings(interfaces=("eth0",), listen_limit=Duration(4))
facts = CHECK.observe(Host(), settings, None)
list(CHECK.judge(facts, None, settings))
# VmHWM: ru_maxrss also counts what the program was before exec, which is pytest.
peak_kb = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1])
machines = sum(len(router.speakers) for router in facts.routers)
print(len(facts.routers), machines, facts.crowd + facts.lost_frames, round(facts.seconds), peak_kb // 1024)
"""


def python(host: Host, code: str) -> str:
    """Run Python on a host of the lab and return what it printed."""
    return host.run(["env", f"PYTHONPATH={CHECKOUT}", sys.executable, "-c", code], timeout_seconds=60).stdout


def test_everybody_who_has_an_address_answers(net: Net) -> None:
    hosts = [net.host(name) for name in "abc"]
    net.switch("lan", dict.fromkeys(hosts, "eth0"))
    for host, number in zip(hosts, (1, 2, 2), strict=True):
        host.address("eth0", f"192.0.2.{number}/24")
        host.address("eth0", f"2001:db8::{number}/64")
    macs = sorted(host.ip("-br link show dev eth0").split()[2] for host in hosts[1:])
    asked = python(hosts[0], ASK)
    assert asked == f"{[macs, [], macs, [], []]} ['eth9', 'lo']\n"


def test_a_flood_of_forged_adverts_is_bounded(net: Net) -> None:
    a, b = net.host("a"), net.host("b")
    net.cable(a, "eth0", b, "eth0")
    a.address("eth0", "192.0.2.1/24")
    advert = (CHECKOUT / "tests/fixtures/vrrp/v3.hex").read_text().strip()
    b.popen([sys.executable, "-c", FLOOD, advert], stdout=subprocess.DEVNULL)
    routers, machines, dropped, seconds, megabytes = map(int, python(a, LISTEN).split())
    assert routers <= 64
    assert machines <= 64 * 8
    assert dropped > 0
    assert seconds <= 5
    assert megabytes < 80
