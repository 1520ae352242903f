"""How soon a split is seen: seconds from the cut, on each host, against what is possible.

Two real keepaliveds (interval 1 s, priorities 150 and 100) and a third host. Each has a daemon, asked until its
incident can be read from the history by another process; and beside it the check alone, looking again and again,
which is the best that `run` could do if it never paused.
No second master can be there before the backup has waited for three intervals and its skew, 3.61 s, counted from
the last advert that it got. `python -m bench.split_brain [TRIALS]`, as root, with the lab's packages.

Then what the ear costs each daemon, while keepalived advertises every second on two virtual routers: CPU and
memory with nothing to do but to hear, and how long a look takes.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench.daemons import use_of
from tests.lab.namespaces import Net
from tests.lab.routers import PRIORITY, Routers, instance, routers
from tests.lab.standing import Standing, standing
from watchdog.linux.vrrp_packet import master_down_seconds

CHECKOUT = Path(__file__).parents[1]
POSSIBLE = master_down_seconds(2, PRIORITY["b"], 1.0)
CUTS = {
    "the backup's firewall": ("b", "ip protocol vrrp", "inet", "input"),
    "the network": ("switch", "ip protocol vrrp", "bridge", "forward"),
}
# Only what is heard makes the daemons look.
SETTINGS = {"a": 'every = "1h"', "b": 'every = "1h"', "c": 'every = "1h"\ninterfaces = ["eth0"]'}
IDLE_SECONDS = 60
SECOND_VIP = "192.168.100.20/24"


def seen_after(lab: Routers, cut: tuple[str, str, str, str]) -> dict[str, float]:
    """Cut once, at a random moment, and return the seconds until each host's first finding."""
    watchers = {
        name: lab.hosts[name].popen(
            [sys.executable, "-m", "tests.lab.watching", "12", *(("eth0",) if name == "c" else ())],
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
        )
        for name in "abc"
    }
    time.sleep(4 + random.random())  # noqa: S311 - at any moment between two adverts
    lab.drop(*cut)
    at = time.clock_gettime(time.CLOCK_BOOTTIME)
    found = {}
    for name, watcher in watchers.items():
        for line in watcher.communicate(timeout=60)[0].splitlines():
            look = json.loads(line)
            if any(fault == "split_brain" for fault, _, _ in look["found"]):
                found.setdefault(name, look["ended"] - at)
    heal(lab, cut)
    return found


def recorded_after(
    lab: Routers, daemons: dict[str, Standing], cut: tuple[str, str, str, str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Cut once and return the seconds until each daemon's incident: since the cut, and since the second master."""
    time.sleep(12 + random.random())  # noqa: S311 - all is quiet again, at any moment between two adverts
    lab.drop(*cut)
    at = time.clock_gettime(time.CLOCK_BOOTTIME)
    split, found = None, dict[str, float]()
    while len(found) < len(daemons) and time.clock_gettime(time.CLOCK_BOOTTIME) - at < 30:
        if split is None and lab.holds("b"):
            split = time.clock_gettime(time.CLOCK_BOOTTIME) - at
        for name in daemons.keys() - found.keys():
            if daemons[name].open("vrrp.split_brain"):
                found[name] = time.clock_gettime(time.CLOCK_BOOTTIME) - at
        time.sleep(0.002)
    heal(lab, cut)
    for one in daemons.values():
        one.wait("the split is over", lambda one=one: not one.open("vrrp.split_brain"))  # type: ignore[misc]
    return found, {name: after - (split or 0.0) for name, after in found.items()}


def heal(lab: Routers, cut: tuple[str, str, str, str]) -> None:
    lab.let_through(cut[0], cut[2])
    lab.wait("the split is healed", lambda: not lab.split())


def show(what: str, runs: Iterable[dict[str, float]], goal: str) -> None:
    runs = list(runs)
    for name in "abc":
        after = [run[name] for run in runs if name in run]
        late = f"worst {max(after):5.2f} s, mean {sum(after) / len(after):5.2f} s" if after else "never"
        print(f"{what + ', host ' + name:<50} {late}, {len(after)} of {len(runs)} seen   {goal}")


def measure_cost(lab: Routers, daemons: dict[str, Standing]) -> None:
    """Say what hearing costs who has nothing else to do, and what a look takes."""
    time.sleep(15)
    before = {name: (use_of(one.process.pid), one.looks()) for name, one in daemons.items()}
    time.sleep(IDLE_SECONDS)
    for name, one in daemons.items():
        use, looks = use_of(one.process.pid), one.looks()
        share = (use.cpu_seconds - before[name][0].cpu_seconds) / IDLE_SECONDS * 100
        print(
            f"{'daemon that hears two routers, host ' + name:<50} {share:5.2f} % of a core,"
            f" {use.resident_mb:.1f} MB resident, {looks - before[name][1]} looks   goal < 0.3 %, 0 looks"
        )
    for name, one in daemons.items():
        took = [one.run()["took_seconds"] for _ in range(5)]
        print(f"{'a look of the daemon, host ' + name:<50} {sorted(took)[2]:5.2f} s median   goal < 1 s")


def main() -> None:
    """Cut so many times in each way, and print the worst and the mean for each host."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with Net() as net, tempfile.TemporaryDirectory() as folder, routers(net, Path(folder)) as lab:
        for name, priority in PRIORITY.items():
            second = instance(priority, vrid=52, vips=(SECOND_VIP,), version=2, advert_int="1")
            lab.start(name, instance(priority, version=2, advert_int="1") + second)
        lab.wait("a is active alone", lambda: lab.holds("a") and not lab.holds("b"))
        for what, cut in CUTS.items():
            runs = [seen_after(lab, cut) for _ in range(trials)]
            show(f"split by {what}, looks", runs, f"goal < {POSSIBLE + 1:.2f} s ({POSSIBLE:.2f} s is possible)")
        with standing(lab.hosts, Path(folder), SETTINGS) as daemons:
            measure_cost(lab, daemons)
            for what, cut in CUTS.items():
                both = [recorded_after(lab, daemons, cut) for _ in range(trials)]
                goal = f"goal < {POSSIBLE + 1:.2f} s ({POSSIBLE:.2f} s is possible)"
                show(f"split by {what}, daemon", [one for one, _ in both], goal)
                show("  since b is active too", [one for _, one in both], "goal < 1 s")


if __name__ == "__main__":
    main()
