"""Does the daemon grow? `python -m bench.soak [MINUTES] [TIMES]`: 30 minutes at 20 times the usual rate. As root.

It watches two uplinks, a real keepalived and a proxy. Links, addresses and routes come and go all the while, and
other commands ask for the history. Printed: memory and descriptors by the minute, and the slope of the
memory after a quarter of the time, for warming up.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.daemon import PROXY, serve
from bench.daemons import CHECKS, WATCHDOG, Daemon, Use, running, two_uplinks, use_of
from tests.lab.namespaces import Host

EVERY_SECONDS = 60
WARM_UP = 1 / 4

Samples = list[tuple[float, Use]]


def main(minutes: float, times: float) -> None:
    """Soak, and say what came of it."""
    settings = "".join(f"[checks.{name}]\nevery = '{round(EVERY_SECONDS / times * 1000)}ms'\n" for name in CHECKS)
    with (
        tempfile.TemporaryDirectory(prefix="watchdog-soak-") as folder,
        two_uplinks() as host,
        running(host, Path(folder), settings + PROXY) as daemon,
    ):
        serve(host, Path(folder))
        samples = soak(host, daemon, [str(WATCHDOG), "--history", f"{folder}/history.db"], minutes)
        looks = daemon.looks()
    (began, first), (ended, last) = samples[0], samples[-1]
    warm = [(at, use.resident_mb) for at, use in samples if at - began > minutes * 60 * WARM_UP]
    slope = statistics.linear_regression([at for at, _ in warm], [mb for _, mb in warm]).slope * 3600
    share = (last.cpu_seconds - first.cpu_seconds) / (ended - began) * 100
    print(f"{'looks on record':<34} {sum(looks.values())}, of clock_step {looks['clock_step']}")
    print(f"{'memory, slope after warm-up':<34} {slope:7.2f} MB/h   goal < 1 MB/h")
    print(f"{'descriptors':<34} {first.descriptors} at first, {last.descriptors} in the end   goal: as many")
    print(f"{'CPU':<34} {share:7.2f} % of a core at {times:g} times the rate")


def soak(host: Host, daemon: Daemon, command: list[str], minutes: float) -> Samples:
    """Let things come and go, and return what the daemon used and held, every few seconds."""
    samples, began, number = [(time.monotonic(), use_of(daemon.pid))], time.monotonic(), 0
    while time.monotonic() - began < minutes * 60:
        number += 1
        come_and_go(host, f"10.1.0.{100 + number % 100}/32")
        if number % 20 == 0:
            host.run([*command, "run", "clock_step"], check=False)
            host.run([*command, "notify", "drain"])
        use = use_of(daemon.pid)
        samples.append((time.monotonic(), use))
        if number % 30 == 0:
            print(
                f"{(time.monotonic() - began) / 60:6.1f} min  {use.resident_mb:6.1f} MB"
                f"  {use.descriptors} descriptors  {use.threads} threads",
                flush=True,
            )
    return samples


def come_and_go(host: Host, address: str) -> None:
    """Change each kind of thing, and change it back; two seconds."""
    host.ip(f"address add {address} dev eth1")
    host.ip("link set dev eth2 down")
    host.ip("link set dev eth2 up")
    host.ip("route add 192.0.2.0/24 via 10.1.0.1")
    time.sleep(1)
    host.ip("route del 192.0.2.0/24")
    host.ip(f"address del {address} dev eth1")
    time.sleep(1)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30, float(sys.argv[2]) if len(sys.argv) > 2 else 20)
