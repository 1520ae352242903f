"""A host with several providers, for real: each with its router, all of them joined in an internet with a client.

    client (public) - internet - isp1 - eth0 host
                               - isp2 - eth1 host

A provider drops what its customer sends from addresses that are not its own (BCP 38), and counts it: so a reply
that goes astray is lost, as it is outside, and the counter proves where it went.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.namespaces import Host, Net

WATCHDOG = str(Path(sys.executable).parent / "watchdog")
CLIENT, CLIENT_6 = "85.214.140.99", "2a02:26f0:2b80::99"
PORT = 8080
_SERVER = f"""
import socket, threading
def serve(family, address):
    server = socket.create_server((address, {PORT}), family=family)
    while True:
        server.accept()[0].close()
threading.Thread(target=serve, args=(socket.AF_INET6, "::")).start()
print("ready", flush=True)
serve(socket.AF_INET, "0.0.0.0")
"""
_CONNECT = """
import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3])).close()
"""
_SPOOFED = """
table inet bcp38 {{
  counter spoofed {{ }}
  chain in {{
    type filter hook prerouting priority 0;
    iifname "customer" ip saddr != 10.{number}.{number}.0/24 counter name spoofed drop
    iifname "customer" ip6 saddr 2000::/3 ip6 saddr != 2001:db8:{number}::/64 counter name spoofed drop
  }}
}}
"""

Found = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run of the check said: findings as (fault, subject, severity), and whom it could not judge."""

    verdict: str
    found: Found
    unseen: list[str]
    notes: list[str]
    evidence: dict[str, dict[str, Any]]


class Providers:
    """The host and its providers; `address(n)` is the host's at provider n, `gateway(n)` its router there."""

    def __init__(self, net: Net, count: int = 2) -> None:
        self.net = net
        self.routers: list[Host] = []
        self.host, self.internet, self.client = map(self._add_host, ("host", "internet", "client"))
        net.cable(self.internet, "clients", self.client, "eth0")
        self._line(self.client, "eth0", [f"{CLIENT}/24", f"{CLIENT_6}/64"])
        self._line(self.internet, "clients", ["85.214.140.1/24", "2a02:26f0:2b80::1/64"])
        self.client.ip("route add default via 85.214.140.1")
        self.client.ip("route add default via 2a02:26f0:2b80::1")
        forward(self.internet)
        numbers = range(1, count + 1)
        for number in numbers:
            self._add_provider(number)
        for where in ("all", "default", *map(self.device, numbers)):
            sysctl(self.host, f"ipv4/conf/{where}/rp_filter", 0)

    @staticmethod
    def device(number: int) -> str:
        return f"eth{number - 1}"

    @staticmethod
    def address(number: int, family: int = 4) -> str:
        return f"10.{number}.{number}.2" if family == 4 else f"2001:db8:{number}::2"

    @staticmethod
    def gateway(number: int, family: int = 4) -> str:
        return f"10.{number}.{number}.1" if family == 4 else f"2001:db8:{number}::1"

    def default(self, number: int, words: str = "", family: int = 4) -> None:
        """Add a default route through a provider, with further words (`metric 200`, `table 102`)."""
        self.host.ip(
            f"route add default via {self.gateway(number, family)} dev {self.device(number)} {words}".strip()
        )

    def rule(self, words: str, family: int = 4) -> None:
        self.host.ip(f"-{family} rule add {words}")

    def policy(self, number: int, family: int = 4) -> None:
        """Make the remedy: a table of the provider's own, and a rule for the address."""
        table, prefix = 100 + number, f"10.{number}.{number}.0/24" if family == 4 else f"2001:db8:{number}::/64"
        self.host.ip(f"route add {prefix} dev {self.device(number)} table {table}")
        self.default(number, f"table {table}", family)
        self.rule(f"from {self.address(number, family)} lookup {table}", family)

    def serve(self) -> None:
        """Let the host answer on PORT, on all its addresses."""
        server = self.host.popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"

    def reaches(self, number: int, family: int = 4, whence: Host | None = None) -> bool:
        """Tell whether the client (or another host) gets a connection to the host's address at a provider."""
        words = [sys.executable, "-c", _CONNECT, self.address(number, family), str(PORT)]
        # What is lost is waited for once (the first retry comes after a second); what arrives takes milliseconds.
        return (whence or self.client).run([*words, "0.9"], check=False).returncode == 0

    def spoofed(self, number: int) -> int:
        """Return how many packets of foreign addresses a provider has dropped of its customer."""
        listed = self.routers[number - 1].run(["nft", "-j", "list", "counters"]).stdout
        return next(int(o["counter"]["packets"]) for o in json.loads(listed)["nftables"] if "counter" in o)

    def _add_host(self, name: str) -> Host:
        host = self.net.host(name)
        # Link-local addresses would be tentative for a second or two, and nobody could ask for a neighbour.
        for where in ("all", "default"):
            sysctl(host, f"ipv6/conf/{where}/accept_dad", 0)
        # What is sent again later would be counted where the next thing is tried.
        sysctl(host, "ipv4/tcp_synack_retries", 0)
        return host

    def _add_provider(self, number: int) -> None:
        router = self._add_host(f"isp{number}")
        self.routers.append(router)
        self.net.cable(router, "customer", self.host, self.device(number))
        self.net.cable(router, "out", self.internet, f"isp{number}")
        self._line(router, "customer", [f"{self.gateway(number)}/24", f"{self.gateway(number, 6)}/64"])
        self._line(self.host, self.device(number), [f"{self.address(number)}/24", f"{self.address(number, 6)}/64"])
        self._line(router, "out", [f"172.31.{number}.1/24", f"2001:db8:f{number}::1/64"])
        self._line(self.internet, f"isp{number}", [f"172.31.{number}.2/24", f"2001:db8:f{number}::2/64"])
        router.ip(f"route add default via 172.31.{number}.2")
        router.ip(f"route add default via 2001:db8:f{number}::2")
        self.internet.ip(f"route add 10.{number}.{number}.0/24 via 172.31.{number}.1")
        self.internet.ip(f"route add 2001:db8:{number}::/64 via 2001:db8:f{number}::1")
        forward(router)
        router.run(["nft", "-f", "-"], input_text=_SPOOFED.format(number=number))

    @staticmethod
    def _line(host: Host, interface: str, addresses: Sequence[str]) -> None:
        for address in addresses:
            host.address(interface, address)


def forward(host: Host) -> None:
    """Make a router of a host, that filters nothing."""
    sysctl(host, "ipv4/ip_forward", 1)
    sysctl(host, "ipv6/conf/all/forwarding", 1)
    sysctl(host, "ipv4/conf/all/rp_filter", 0)
    links = json.loads(host.run(["ip", "-json", "link"]).stdout)
    for link in links:
        sysctl(host, f"ipv4/conf/{link['ifname']}/rp_filter", 0)


def sysctl(host: Host, name: str, value: int) -> None:
    """Set a number below /proc/sys/net of a host, which is its own there."""
    host.run(["tee", f"/proc/sys/net/{name}"], input_text=str(value))


def dropped_by_rp_filter(host: Host) -> int:
    """Return the kernel's counter of what reverse path filtering dropped."""
    names, values = [
        line.split()
        for line in host.run(["cat", "/proc/net/netstat"]).stdout.splitlines()
        if line.startswith("TcpExt:")
    ]
    return int(dict(zip(names, values, strict=True))["IPReversePathFilter"])


def look(host: Host, folder: Path, settings: Mapping[str, Sequence[str]] | None = None) -> Seen:
    """Run the check multihome as a person does, with a history, and return what it said."""
    config = folder / "watchdog.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in (settings or {}).items()]
    config.write_text("\n".join(["[checks.multihome]", *lines, ""]))
    ran = host.run([*_watchdog(folder), "run", "--json", "multihome"], check=False)
    assert ran.stdout, ran.stderr
    (said,) = (one for one in json.loads(ran.stdout)["checks"] if one["check"] == "multihome")
    assert said["verdict"] != "unknown" or said["unseen"], said["reason"]
    return Seen(
        verdict=said["verdict"],
        found=sorted((f["fault"], f["subject"], f["severity"]) for f in said["findings"]),
        unseen=sorted(one["subject"] for one in said["unseen"]),
        notes=sorted(one["summary"] for one in said["notes"]),
        evidence={f"{f['fault'].partition('.')[2]} {f['subject']}": f["evidence"] for f in said["findings"]},
    )


def open_incidents(host: Host, folder: Path) -> Found:
    """Return what is open after the last look: (fault, subject, state)."""
    listed = json.loads(host.run([*_watchdog(folder), "incidents", "--json"]).stdout)
    return sorted((one["fault"], one["subject"], one["state"]) for one in listed)


def _watchdog(folder: Path) -> tuple[str, ...]:
    return (WATCHDOG, "--config", str(folder / "watchdog.toml"), "--history", str(folder / "history.db"))
