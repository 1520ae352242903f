"""`make bench`: what the watchdog costs, measured now on this machine.

Machines are noisy and differ, so beside each figure stands the same figure of a bare Python interpreter, and their
ratio. Nothing here passes or fails; the goals are printed for a person to compare.

This process stays small: the kernel counts the memory of the one that starts a program into that program's peak.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab import uml

BIN = Path(sys.executable).parent
RUNS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The medians of one command over several runs."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(argv: list[str], environment: dict[str, str]) -> Cost:
    """Run a command once to warm up and RUNS times to measure, each by the kernel's own accounting."""
    costs = [_once(argv, environment) for _ in range(RUNS + 1)][1:]
    return Cost(
        wall_seconds=statistics.median(c.wall_seconds for c in costs),
        cpu_seconds=statistics.median(c.cpu_seconds for c in costs),
        peak_mb=statistics.median(c.peak_mb for c in costs),
    )


def _once(argv: list[str], environment: dict[str, str]) -> Cost:
    started = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    pid = os.posix_spawn(argv[0], argv, environment, file_actions=silent)
    _, _, usage = os.wait4(pid, 0)
    return Cost(
        wall_seconds=time.perf_counter() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
    )


def show(what: str, cost: Cost, bare: Cost, goal: str) -> None:
    """Print one command's row."""
    print(
        f"{what:<34} {cost.wall_seconds:7.3f} s wall {cost.cpu_seconds:7.3f} s CPU {cost.peak_mb:6.1f} MB"
        f"   {cost.cpu_seconds / bare.cpu_seconds:5.1f} x bare Python's CPU   goal {goal}"
    )


def main() -> None:
    """Measure and print everything."""
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if name != "WATCHDOG_CONFIG"}
        watchdog = str(BIN / "watchdog")
        bare = measure([sys.executable, "-c", "pass"], environment)
        show("python -c pass", bare, bare, "(the yardstick)")
        show("watchdog --help", measure([watchdog, "--help"], environment), bare, "< 0.1 s wall")
        run = [watchdog, "--history", f"{folder}/history.db", "run"]
        show("watchdog run, healthy host", measure(run, environment), bare, "< 0.8 s CPU, < 64 MB")
        subprocess.run([sys.executable, "-m", "bench.bond"], check=True)
        subprocess.run([sys.executable, "-m", "bench.fuzz_packets"], check=True)
        subprocess.run([sys.executable, "-m", "bench.proxy_port"], check=True)
        subprocess.run([sys.executable, "-m", "bench.multihome"], check=True)
        if os.geteuid() == 0:  # network namespaces, with a real keepalived in each
            subprocess.run([sys.executable, "-m", "bench.split_brain", "2"], check=True)
            subprocess.run([sys.executable, "-m", "bench.daemon"], check=True)
        if uml.missing() is None:
            subprocess.run([sys.executable, "-m", "bench.clock"], check=True)
        busy = str(Path(folder) / "busy.db")
        subprocess.run([sys.executable, "-m", "bench.year", busy, "busy"], check=True)
        subprocess.run([sys.executable, "-m", "bench.report", busy], check=True)
        subprocess.run([sys.executable, "-m", "bench.report_html", busy], check=True)
        year = Path(folder) / "year.db"
        subprocess.run([sys.executable, "-m", "bench.year", str(year)], check=True)
        size = sum(part.stat().st_size for part in Path(folder).glob("year.db*"))
        print(f"{'a synthetic year on disk':<34} {size / 1e6:7.1f} MB{'':48} goal < 50 MB")
        report = [watchdog, "--history", str(year), "report", "--since", "365d"]
        show("watchdog report of that year", measure(report, environment), bare, "< 1 s wall")


if __name__ == "__main__":
    main()
