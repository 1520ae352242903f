"""`make bench`: what the watchdog costs, measured now on this machine.

Machines are noisy and differ, so beside each figure stands the same figure of a bare Python interpreter, and their
ratio. Nothing here passes or fails; the goals are printed for a person to compare. Where others use the machine
too, give it precedence: `chrt -r 1 make bench` (where the kernel groups by session, `nice` does not reach others).

This process stays small: the kernel counts the memory of the one that starts a program into that program's peak.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.progress import say
from tests.lab import uml

BIN = Path(sys.executable).parent
RUNS = 7
# Each part is over in minutes; one that is not tells nothing of the others.
PART_SECONDS = 900.0


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


def part(name: str, *words: str) -> None:
    """Run another bench of ours. Raises CalledProcessError when it fails."""
    say(f"bench.{name}")
    argv = [sys.executable, "-u", "-m", f"bench.{name}", *words]
    with subprocess.Popen(argv) as process:
        try:
            code = process.wait(PART_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # it ends what it started
            say(f"bench.{name} is not over after {PART_SECONDS:.0f} s: left out")
            return
    if code:
        raise subprocess.CalledProcessError(code, argv)


def main() -> None:
    """Measure and print everything."""
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if name != "WATCHDOG_CONFIG"}
        watchdog = str(BIN / "watchdog")
        say(f"each command {RUNS + 1} times")
        bare = measure([sys.executable, "-c", "pass"], environment)
        show("python -c pass", bare, bare, "(the yardstick)")
        show("watchdog --help", measure([watchdog, "--help"], environment), bare, "< 0.1 s wall")
        run = [watchdog, "--history", f"{folder}/history.db", "run"]
        show("watchdog run, healthy host", measure(run, environment), bare, "< 0.8 s CPU, < 64 MB")
        part("bond")
        part("fuzz_packets")
        part("proxy_port")
        part("multihome")
        if os.geteuid() == 0:  # network namespaces, with a real keepalived in each
            part("split_brain", "2")
            part("daemon")
        if uml.missing() is None:
            part("clock")
        busy = str(Path(folder) / "busy.db")
        part("year", busy, "busy")
        part("report", busy)
        part("report_html", busy)
        year = Path(folder) / "year.db"
        part("year", str(year))
        size = sum(file.stat().st_size for file in Path(folder).glob("year.db*"))
        print(f"{'a synthetic year on disk':<34} {size / 1e6:7.1f} MB{'':48} goal < 50 MB")
        report = [watchdog, "--history", str(year), "report", "--since", "365d"]
        show("watchdog report of that year", measure(report, environment), bare, "< 1 s wall")


if __name__ == "__main__":
    main()
