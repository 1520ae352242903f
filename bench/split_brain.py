"""How soon a split is seen: seconds from the cut to the finding, on each host, against what is possible.

Two real keepaliveds (interval 1 s, priorities 150 and 100) and a third host, each with the check looking again and
again. No second master can be there before the backup has waited for three intervals and its skew, 3.61 s, counted
from the last advert that it got. `python -m bench.split_brain [TRIALS]`, as root, with the lab's packages.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.lab.namespaces import Net
from tests.lab.routers import PRIORITY, Routers, routers
from watchdog.linux.vrrp_packet import master_down_seconds

CHECKOUT = Path(__file__).parents[1]
POSSIBLE = master_down_seconds(2, PRIORITY["b"], 1.0)
CUTS = {
    "the backup's firewall": ("b", "ip protocol vrrp", "inet", "input"),
    "the network": ("switch", "ip protocol vrrp", "bridge", "forward"),
}


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
    lab.let_through(cut[0], cut[2])
    lab.wait("the split is healed", lambda: not lab.split())
    return found


def main() -> None:
    """Cut so many times in each way, and print the worst and the mean for each host."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with Net() as net, tempfile.TemporaryDirectory() as folder, routers(net, Path(folder)) as lab:
        lab.start_both(version=2, advert_int="1")
        for what, cut in CUTS.items():
            runs = [seen_after(lab, cut) for _ in range(trials)]
            for name in "abc":
                after = [run[name] for run in runs if name in run]
                late = f"worst {max(after):5.2f} s, mean {sum(after) / len(after):5.2f} s" if after else "never"
                print(
                    f"{'split by ' + what + ', host ' + name:<42} {late}, {len(after)} of {trials} seen"
                    f"   goal < {POSSIBLE + 1:.2f} s ({POSSIBLE:.2f} s is possible)"
                )


if __name__ == "__main__":
    main()
