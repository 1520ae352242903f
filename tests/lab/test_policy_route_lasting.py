"""A policy route that was written down is there again after a restart, by the real programs that read it."""

import signal
import subprocess
from pathlib import Path

import pytest

from remediations._add_policy_route.edits import netplan_file
from tests.lab.namespaces import Net
from tests.lab.private_files import PrivateHost, with_private_files
from tests.lab.providers import Providers
from tests.lab.test_policy_route import Healer, until
from tests.lab.unpacked import program
from tests.needs import need
from watchdog.linux.policy_route import PolicyRoute

NETWORKD = Path("/lib/systemd/systemd-networkd")
PERSIST = "[remediations.add_policy_route]\npersist = true\n"
DROP_IN = "/etc/systemd/network/20-isp.network.d/50-watchdog-10.2.2.2.conf"


def networkd(host: PrivateHost) -> subprocess.Popen[str]:
    host.run(["install", "-d", "-o", "systemd-network", "-g", "systemd-network", "/run/systemd/netif"])
    return host.popen([str(NETWORKD)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def has_rule(host: PrivateHost) -> bool:
    return "from 10.2.2.2" in host.ip("rule")


@pytest.mark.long(40)
def test_networkd_makes_it_again(net: Net, tmp_path: Path) -> None:
    need(None if NETWORKD.exists() else f"{NETWORKD} (package systemd)")
    two = Providers(net)
    host = with_private_files(two.host, tmp_path)
    two.serve()
    for number in (1, 2):
        host.ip(f"-4 address flush dev {two.device(number)}")
        host.write(
            f"/etc/systemd/network/{number}0-isp.network",
            f"[Match]\nName={two.device(number)}\n[Network]\nAddress={two.address(number)}/24\nIPv6AcceptRA=no\n"
            f"[Route]\nGateway={two.gateway(number)}\nMetric={number * 100}\n",
        )
    daemon = networkd(host)
    until("both are configured", lambda: host.ip("route show default").count("via") == 2)
    healer = Healer(host, tmp_path, PERSIST)
    incident = healer.wait_until_it_fires("10.2.2.2")["10.2.2.2"]
    code, said = healer.watchdog("heal", str(incident), "--apply", "--yes")
    assert (code, said["outcome"]) == (0, "healed"), said
    assert two.reaches(2)
    assert "[RoutingPolicyRule]\nFrom=10.2.2.2\n" in host.run(["cat", DROP_IN]).stdout

    # As a restart of the host does: all that was made at run time is gone.
    daemon.send_signal(signal.SIGTERM)
    daemon.wait(20)
    host.ip("rule delete from 10.2.2.2")
    for number in (1, 2):
        host.ip(f"-4 address flush dev {two.device(number)}")
    assert not two.reaches(2)
    daemon = networkd(host)
    until("networkd has made the rule itself", lambda: has_rule(host))
    until("the client gets its page", lambda: two.reaches(2))
    daemon.send_signal(signal.SIGTERM)
    daemon.wait(20)


@pytest.mark.long(40)
def test_ifupdown_makes_it_again(net: Net, tmp_path: Path) -> None:
    ifup, ifdown = program("ifupdown", "ifup"), program("ifupdown", "ifdown")
    two = Providers(net)
    host = with_private_files(two.host, tmp_path)
    two.serve()
    host.write(
        "/etc/network/interfaces",
        "# Two providers.\niface eth0 inet static\n    address 10.1.1.2/24\n    gateway 10.1.1.1\n\n"
        "iface eth1 inet static\n    address 10.2.2.2/24\n    gateway 10.2.2.1\n    metric 200\n\n# The end.\n",
    )
    host.run(["mkdir", "-p", *(f"/etc/network/if-{when}.d" for when in ("pre-up", "up", "down", "post-down"))])
    for device in ("eth0", "eth1"):
        host.ip(f"-4 address flush dev {device}")
        host.run([*ifup, device])
    healer = Healer(host, tmp_path, PERSIST)
    incident = healer.wait_until_it_fires("10.2.2.2")["10.2.2.2"]
    code, said = healer.watchdog("heal", str(incident), "--apply", "--yes")
    assert (code, said["outcome"]) == (0, "healed"), said
    text = host.run(["cat", "/etc/network/interfaces"]).stdout
    assert text.startswith("# Two providers.\niface eth0")
    assert text.endswith("priority 32765\n\n# The end.\n")
    assert two.reaches(2)
    host.run([*ifdown, "eth1"])
    assert not has_rule(host)
    host.run([*ifup, "eth1"])
    assert has_rule(host)
    assert two.reaches(2)


def test_netplan_understands_what_is_written_for_it(tmp_path: Path) -> None:
    way = PolicyRoute(
        source="10.2.2.2", network="10.2.2.0/24", device="eth1", gateway="10.2.2.1", table=103, priority=32765
    )
    folder = tmp_path / "etc/netplan"
    folder.mkdir(parents=True)
    for name, text in (
        ("50-cloud.yaml", "network:\n  version: 2\n  ethernets:\n    eth1:\n      addresses: [10.2.2.2/24]\n"),
        ("90-watchdog-10.2.2.2.yaml", netplan_file(way, "ethernets")),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    words = program("netplan.io", "netplan")
    generate = Path(words[-1]).parents[1] / "libexec/netplan/generate"
    ran = subprocess.run([*words[:-1], str(generate), "--root-dir", str(tmp_path)], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    made = (tmp_path / "run/systemd/network/10-netplan-eth1.network").read_text()
    assert "[Route]\nDestination=0.0.0.0/0\nGateway=10.2.2.1\nTable=103\n" in made
    assert "[Route]\nDestination=10.2.2.0/24\nScope=link\nTable=103\n" in made
    assert "[RoutingPolicyRule]\nFrom=10.2.2.2\nTable=103\nPriority=32765\n" in made
