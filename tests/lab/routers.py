"""Two load balancers with real keepalived and a third host, on one switch: the set-up of the lab's VRRP tests.

keepalived runs unpacked, in the foreground, with files of its own, and is ended before its namespace goes.
"""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.namespaces import Host, Net
from tests.lab.unpacked import program

VIP, VIP6 = "192.168.100.10", "fd00:100::10"
PRIORITY = {"a": 150, "b": 100}
Found = list[tuple[str, str, str]]


def instance(
    priority: int,
    *,
    vrid: int = 51,
    version: int = 3,
    advert_int: str = "0.3",
    vips: tuple[str, ...] = (f"{VIP}/24",),
    extra: str = "",
) -> str:
    """Return a vrrp_instance; quick by default, as version 3 may be."""
    addresses = "\n".join(f"    {vip}" for vip in vips)
    return (
        f"vrrp_instance VI_{vrid} {{\n  state BACKUP\n  interface eth0\n  virtual_router_id {vrid}\n"
        f"  priority {priority}\n  version {version}\n  advert_int {advert_int}\n{extra}\n"
        f"  virtual_ipaddress {{\n{addresses}\n  }}\n}}\n"
    )


@dataclass(slots=True, kw_only=True)
class Routers:
    """Hosts a (.1) and b (.2) with keepalived, c (.3) with the watchdog only, and the switch between them."""

    folder: Path
    hosts: dict[str, Host]
    switch: Host
    daemons: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def start(self, name: str, configuration: str) -> None:
        """Start keepalived on a host."""
        conf = self.folder / f"{name}.conf"
        conf.write_text(f"global_defs {{\n  router_id {name}\n}}\n{configuration}")
        files = [f"--{kind}={self.folder}/{name}.{kind}" for kind in ("pid", "vrrp_pid", "checkers_pid")]
        with (self.folder / f"{name}.log").open("a") as log:
            self.daemons[name] = self.hosts[name].popen(
                [*program("keepalived", "keepalived"), "-n", "-l", "-D", "-P", "-f", str(conf), *files],
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start_both(self, **changes: Any) -> None:
        """Start keepalived on both, alike, and wait until a serves the VIP."""
        for name, priority in PRIORITY.items():
            self.start(name, instance(priority, **changes))
        self.wait("a is active alone", lambda: self.holds("a") and not self.holds("b"))

    def stop(self, name: str) -> None:
        """End keepalived as systemd does; it says good-bye (priority 0)."""
        daemon = self.daemons.pop(name)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)

    def holds(self, name: str, address: str = VIP) -> bool:
        """Tell whether a host has the VIP on any interface."""
        return f" {address}/" in self.hosts[name].ip("-o address show")

    def split(self) -> bool:
        """Tell whether both hold the VIP."""
        return self.holds("a") and self.holds("b")

    def wait(self, what: str, so: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for a condition."""
        ends = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < ends, f"after {seconds} s it is still not so: {what}\n{self.logs()}"
            time.sleep(0.05)

    def drop(self, name: str, match: str = "ip protocol vrrp", table: str = "inet", hook: str = "input") -> None:
        """Drop on a host, or the switch, what matches; `table` is nft's family."""
        host = self.hosts.get(name, self.switch)
        rules = f"table {table} lab {{ chain lab {{ type filter hook {hook} priority 0; {match} drop; }}; }}"
        host.run(["nft", "-f", "-"], input_text=rules)

    def let_through(self, name: str, table: str = "inet") -> None:
        """Take `drop` back."""
        self.hosts.get(name, self.switch).run(["nft", "delete", "table", table, "lab"])

    def look(self, name: str, settings: str = "") -> dict[str, Any]:
        """Run the watchdog's check on a host, with what it remembers, and return the object of `run --json`."""
        host = self.hosts[name]
        settings = settings or ('interfaces = ["eth0"]' if name == "c" else "")
        conf = self.folder / f"watchdog-{name}.toml"
        conf.write_text(f"[checks.vrrp]\n{settings}\n")
        watchdog = Path(sys.executable).parent / "watchdog"
        history = self.folder / f"{name}.db"
        options = ["--config", str(conf), "--history", str(history)]
        done = host.run([str(watchdog), *options, "run", "--json", "vrrp"], check=False, timeout_seconds=120)
        assert done.stdout, done.stderr
        (check,) = (one for one in json.loads(done.stdout)["checks"] if one["check"] == "vrrp")
        return dict(check)

    def look_all(self) -> Mapping[str, dict[str, Any]]:
        """Run the watchdog on all three at the same time."""
        with ThreadPoolExecutor() as pool:
            return dict(zip("abc", pool.map(self.look, "abc"), strict=True))

    def logs(self) -> str:
        """Return what the keepaliveds said last."""
        return "\n".join(
            f"--- {file.name}\n" + "\n".join(file.read_text().splitlines()[-25:])
            for file in sorted(self.folder.glob("*.log"))
        )


def found(check: Mapping[str, Any]) -> Found:
    """Return the findings as (fault without the check, subject, severity), sorted."""
    return sorted(
        (one["fault"].removeprefix("vrrp."), one["subject"], one["severity"]) for one in check["findings"]
    )


@contextlib.contextmanager
def routers(net: Net, folder: Path) -> Iterator[Routers]:
    """Set the hosts up, and end what was started on them."""
    hosts = {name: net.host(name) for name in "abc"}
    switch = net.switch("lan", dict.fromkeys(hosts.values(), "eth0"))
    for number, host in enumerate(hosts.values(), 1):
        host.address("eth0", f"192.168.100.{number}/24")
        host.address("eth0", f"fd00:100::{number}/64")
    lab = Routers(folder=folder, hosts=hosts, switch=switch)
    lab.wait(
        "the link-local addresses are usable",
        lambda: not any("tentative" in host.ip("-6 address show dev eth0") for host in hosts.values()),
    )
    try:
        yield lab
    finally:
        for name in list(lab.daemons):
            with contextlib.suppress(subprocess.TimeoutExpired):
                lab.stop(name)
