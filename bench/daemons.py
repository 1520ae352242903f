"""What the benches of the daemon share: hosts for it to watch, the daemon itself, and what /proc says of it."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.namespaces import Host, Net

WATCHDOG = Path(sys.executable).parent / "watchdog"
CHECKS = (
    *("bond", "clock_step", "clock_sync", "dsr_real_server", "ipvs", "multihome", "ntp_can_step", "proxy_port"),
    *("service", "vmware_timesync", "vrrp"),
)
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a process has used and holds."""

    cpu_seconds: float
    resident_mb: float
    descriptors: int
    threads: int


def use_of(pid: int) -> Use:
    """Read /proc: its own time and that of the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Use(
        cpu_seconds=sum(map(int, fields[11:15])) / TICK,
        resident_mb=int(fields[21]) * PAGE / 1e6,
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        threads=int(fields[17]),
    )


class Daemon:
    """A daemon of a host, with a history of its own."""

    def __init__(self, process: subprocess.Popen[str], history: Path) -> None:
        self.process, self._record = process, sqlite3.connect(f"file:{history}?mode=ro", uri=True)

    @property
    def pid(self) -> int:
        """Of the daemon itself: `ip netns exec` becomes it."""
        return self.process.pid

    def last_look_ns(self, check: str) -> int:
        """Return the CLOCK_BOOTTIME of the last look of a check that is on record."""
        query = "select max(last_boottime_ns) from spans join checks on checks.id=check_id where name=?"
        return int(self._record.execute(query, (check,)).fetchone()[0] or 0)

    def looks(self) -> Mapping[str, int]:
        """Return how often each check is on record."""
        query = "select name, sum(count) from spans join checks on checks.id=check_id group by name"
        return dict(self._record.execute(query).fetchall())


@contextmanager
def running(host: Host, folder: Path, settings: str = "") -> Iterator[Daemon]:
    """Run a daemon on a host, its history made beforehand (as on any but the first day)."""
    config, history = folder / "watchdog.toml", folder / "history.db"
    config.write_text(settings)
    config.chmod(0o600)
    words = [str(WATCHDOG), "--config", str(config), "--history", str(history)]
    host.run([*words, "run"], check=False)
    process = host.popen([*words, "daemon"], stdin=subprocess.DEVNULL, stderr=(folder / "log").open("w"))
    daemon = Daemon(process, history)
    began = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    while daemon.last_look_ns("clock_step") < began:
        time.sleep(0.1)
    time.sleep(4)
    try:
        yield daemon
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def two_uplinks() -> Iterator[Host]:
    """A host with two uplinks and their routes, as far as this machine's kernel goes (no bond, no IPVS)."""
    with Net() as net:
        host, provider = net.host("host"), net.host("provider")
        for number in (1, 2):
            net.cable(host, f"eth{number}", provider, f"to{number}")
            host.address(f"eth{number}", f"10.{number}.0.2/24")
            provider.address(f"to{number}", f"10.{number}.0.1/24")
        host.ip("route add default via 10.1.0.1")
        host.ip("route add default via 10.2.0.1 table 102")
        host.ip("rule add from 10.2.0.2 table 102")
        yield host
