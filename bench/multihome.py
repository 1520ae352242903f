"""What one observation of a host with 200 addresses on 50 uplinks with 50 tables costs, asked of the real kernel.

It happens in a network namespace of its own, where 50 links carry four addresses each and every link has a table
with a default of its own: without rules, so that nearly all replies go astray; with a rule for every address; and
then with strict rp_filter, for which the kernel is asked twice.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from checks.multihome import CHECK, MultihomeSettings
from watchdog.host import Host
from watchdog.model import Finding

UPLINKS, HOSTS = 50, range(2, 6)
ADDRESSES = UPLINKS * len(HOSTS)
LOOKS = 20


def _links() -> Iterator[str]:
    for link in range(UPLINKS):
        yield from (f"link add up{link} type veth peer name far{link}", f"link set far{link} up")
        yield f"link set up{link} up"
        yield from (f"address add 10.{link}.1.{host}/24 dev up{link}" for host in HOSTS)
        yield f"route add default via 10.{link}.1.1 dev up{link} metric {100 + link}"
        yield f"route add default via 10.{link}.1.1 dev up{link} table {1000 + link}"


def _rules() -> Iterator[str]:
    return (f"rule add from 10.{n}.1.{host} lookup {1000 + n}" for n in range(UPLINKS) for host in HOSTS)


def _ip(lines: Iterator[str]) -> None:
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)


def _measure(what: str, astray: int) -> None:
    """Print one row. The findings are counted, so that what is measured is what is meant."""
    host, settings = Host(), MultihomeSettings()
    walls, cpus, asked = [], [], 0
    for _ in range(LOOKS):
        started, used = time.perf_counter(), time.process_time()
        facts = CHECK.observe(host, settings, None)
        walls.append(time.perf_counter() - started)
        found = [one for one in CHECK.judge(facts, None, settings) if isinstance(one, Finding)]
        CHECK.remember(facts, None, settings)
        cpus.append(time.process_time() - used)
        asked = len(facts.replies)
    if len(found) != astray:
        sys.exit(f"not what is to be measured: {len(found)} findings, {found[:2]}")
    print(
        f"{f'multihome, {ADDRESSES} addresses, {what}':<42} {statistics.median(walls) * 1000:5.1f} ms to observe "
        f"(worst {max(walls) * 1000:.1f}), {statistics.median(cpus) * 1000:.1f} ms CPU with judging, {asked} "
        "replies   goal < 100 ms"
    )


def _inside() -> None:
    """Measure in this namespace, which is ours alone."""
    _ip(_links())
    strict = Path("/proc/sys/net/ipv4/conf/all/rp_filter")
    strict.write_text("0")
    _measure("astray", ADDRESSES - len(HOSTS))
    _ip(_rules())
    _measure("right", 0)
    strict.write_text("1")
    _measure("strict", 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        _inside()
    else:
        enter = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        subprocess.run([*enter, sys.executable, "-m", "bench.multihome", "inside"], check=True)
