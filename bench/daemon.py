"""What the daemon costs when nothing happens, and how soon what happens is on record. As root.

Latency: from just before a change is asked of the kernel to the moment that another process can read the look at
it from the history, so the debounce (2 ms), the look, the commit to the disk and the asking are in it.
`python -m bench.daemon 0 200` measures that alone, 200 times of each kind.

Idle: CPU and memory over two minutes at default intervals, in a host with two uplinks, a real keepalived and a
proxy; beside it Monit, if `make lab-deps` unpacked it, watching what it can of the same: two links, both daemons,
the port of the proxy.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.daemons import Daemon, running, two_uplinks, use_of
from bench.progress import say
from tests.lab.namespaces import Host
from tests.lab.uml import PACKAGES

CHANGES = 25
CHANGE_EVERY_SECONDS = 1.3
IDLE_SECONDS = 120
KEEPALIVED = """
global_defs {{
  router_id lab
}}
vrrp_instance VI {{
  state BACKUP
  interface eth1
  virtual_router_id 51
  priority 100
  virtual_ipaddress {{
    10.1.0.50/24
  }}
}}
"""
PROXY = "[[checks.proxy_port.targets]]\naddress = '10.1.0.2'\nport = 3128\n"
MONIT = """
set daemon {seconds}
set pidfile {folder}/monit.pid
set idfile {folder}/monit.id
set statefile {folder}/monit.state
set logfile {folder}/monit.log
check network eth1 with interface eth1
  if failed link then alert
check network eth2 with interface eth2
  if failed link then alert
check process keepalived matching "keepalived -n"
check process proxy matching "http.server 3128"
check host proxy_port with address 10.1.0.2
  if failed port 3128 protocol http then alert
check program clock with path "/bin/true"
  if status != 0 then alert
"""


def latency(daemon: Daemon, check: str, change: Callable[[int], object], changes: int) -> list[float]:
    """Make changes, a little more than a second apart, and return the milliseconds until each is on record."""
    after = []
    for number in range(changes):
        time.sleep(CHANGE_EVERY_SECONDS)
        began = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        change(number)
        while daemon.last_look_ns(check) < began:
            if time.clock_gettime_ns(time.CLOCK_BOOTTIME) - began > 10**10:
                break
            time.sleep(0.0005)
        after.append((time.clock_gettime_ns(time.CLOCK_BOOTTIME) - began) / 1e6)
    return after


class Kernel:
    """Changes a host's network over one netlink socket: starting `ip` would take longer than what is measured."""

    def __init__(self, host: Host) -> None:
        from pyroute2 import NetNS

        self._netlink = NetNS(host.namespace)
        self._index = {name: self._netlink.link_lookup(ifname=name)[0] for name in ("eth1", "eth2")}

    def address(self, number: int) -> None:
        self._netlink.addr(
            ("add", "del")[number % 2], index=self._index["eth1"], address="10.1.0.99", prefixlen=32
        )

    def link(self, number: int) -> None:
        self._netlink.link("set", index=self._index["eth2"], state=("down", "up")[number % 2])

    def route(self, number: int) -> None:
        self._netlink.route(("add", "del")[number % 2], dst="192.0.2.0/24", gateway="10.1.0.1")

    def close(self) -> None:
        self._netlink.close()


def show_latency(what: str, milliseconds: list[float], goal: str) -> None:
    worst = sorted(milliseconds)
    print(
        f"{what:<34} {statistics.median(worst):7.1f} ms median, {worst[len(worst) * 99 // 100]:.1f} ms p99,"
        f" {worst[-1]:.1f} ms the slowest of {len(worst)}   goal {goal}",
        flush=True,
    )


def measure_latency(changes: int) -> None:
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as folder, two_uplinks() as host:
        kernel = Kernel(host)
        try:
            with running(host, Path(folder)) as daemon:
                for what, change in (("address", kernel.address), ("route", kernel.route), ("link", kernel.link)):
                    say(f"{what} changes {changes} times: {changes * CHANGE_EVERY_SECONDS:.0f} s")
                    milliseconds = latency(daemon, "multihome", change, changes)
                    show_latency(f"{what} changed, until on record", milliseconds, "p99 < 50 ms")
        finally:
            kernel.close()


def measure_idle(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as name, two_uplinks() as host:
        folder = Path(name)
        pids = {}
        with running(host, folder, PROXY) as daemon:
            pids["watchdog daemon"] = daemon.pid
            serve(host, folder)
            if (monit := PACKAGES / "monit/usr/bin/monit").exists():
                for every in (60, 5):
                    pids[f"Monit, every {every} s"] = start_monit(host, folder, monit, every)
            say(f"{' and '.join(pids)}, left alone: {seconds:.0f} s")
            time.sleep(5)
            before = {name: use_of(pid) for name, pid in pids.items()}
            time.sleep(seconds)
            after = {name: use_of(pid) for name, pid in pids.items()}
            looks = sum(daemon.looks().values())
    for what, use in after.items():
        share = (use.cpu_seconds - before[what].cpu_seconds) / seconds * 100
        goal = "   goal < 0.3 %, < 64 MB" if what.startswith("watchdog") else ""
        print(f"{what + ', idle':<34} {share:7.2f} % of a core, {use.resident_mb:.1f} MB resident{goal}")
    print(f"{'looks on record in that time':<34} {looks:7d}")


def serve(host: Host, folder: Path) -> None:
    """Start a keepalived, and something that speaks HTTP where a proxy would be."""
    conf = folder / "keepalived.conf"
    conf.write_text(KEEPALIVED.format())
    tree = PACKAGES / "keepalived"
    libraries = ":".join(map(str, tree.glob("usr/lib/*-linux-gnu")))
    if (tree / "usr/sbin/keepalived").exists():
        words = [
            "env",
            f"LD_LIBRARY_PATH={libraries}",
            str(tree / "usr/sbin/keepalived"),
            "-n",
            "-l",
            "-f",
            str(conf),
        ]
        pids = [f"-{letter}{folder}/keepalived.{letter}" for letter in "prc"]
        host.popen([*words, *pids], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    web = [sys.executable, "-m", "http.server", "3128", "--directory", str(folder)]
    host.popen(web, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def start_monit(host: Host, folder: Path, program: Path, every: int) -> int:
    """Start a Monit that looks so often, and return its process id."""
    home = folder / f"monit-{every}"
    home.mkdir()
    conf = home / "monitrc"
    conf.write_text(MONIT.format(seconds=every, folder=home))
    conf.chmod(0o600)
    libraries = ":".join(map(str, (PACKAGES / "monit").glob("usr/lib/*-linux-gnu")))
    words = ["env", f"LD_LIBRARY_PATH={libraries}", str(program), "-I", "-c", str(conf)]
    return host.popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid


def main(seconds: float, changes: int) -> None:
    """Measure and print everything; what idling costs not at all in no time."""
    measure_latency(changes)
    if seconds:
        measure_idle(seconds)


if __name__ == "__main__":
    words = sys.argv[1:]
    main(float(words[0]) if words else IDLE_SECONDS, int(words[1]) if words[1:] else CHANGES)
