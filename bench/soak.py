"""Does the daemon grow? `python -m bench.soak [MINUTES] [TIMES]`: 30 minutes at 20 times the usual rate.

Links, addresses and routes come and go all the while, and other commands
ask for the history. Printed: memory and descriptors by the minute, and the slope of the memory
after a quarter of the time, for warming up.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.daemons import CHECKS, WATCHDOG, running, two_uplinks, use_of

EVERY_SECONDS = 60


def main(minutes: float, times: float) -> None:
    """Soak, and say what came of it."""
    settings = "".join(f"[checks.{name}]\nevery = '{round(EVERY_SECONDS / times * 1000)}ms'\n" for name in CHECKS)
    with tempfile.TemporaryDirectory(prefix="watchdog-soak-") as folder, two_uplinks() as host:
        with running(host, Path(folder), settings) as daemon:
            began, samples, round_ = time.monotonic(), [], 0
            first = use_of(daemon.pid)
            while time.monotonic() - began < minutes * 60:
                round_ += 1
                host.ip(f"address add 10.1.0.{100 + round_ % 100}/32 dev eth1")
                host.ip("link set dev eth2 down")
                host.ip("link set dev eth2 up")
                host.ip("route add 192.0.2.0/24 via 10.1.0.1")
                time.sleep(1)
                host.ip("route del 192.0.2.0/24")
                host.ip(f"address del 10.1.0.{100 + round_ % 100}/32 dev eth1")
                if round_ % 20 == 0:
                    words = [str(WATCHDOG), "--history", f"{folder}/history.db"]
                    host.run([*words, "run", "clock_step"], check=False)
                    host.run([*words, "notify", "drain"])
                time.sleep(1)
                use = use_of(daemon.pid)
                samples.append((time.monotonic() - began, use.resident_mb))
                if round_ % 30 == 0:
                    print(
                        f"{(time.monotonic() - began) / 60:6.1f} min  {use.resident_mb:6.1f} MB"
                        f"  {use.descriptors} descriptors  {use.threads} threads",
                        flush=True,
                    )
            last, looks = use_of(daemon.pid), daemon.looks()
    warm = [sample for sample in samples if sample[0] > minutes * 15]
    slope = statistics.linear_regression([at for at, _ in warm], [mb for _, mb in warm]).slope * 3600
    took = time.monotonic() - began
    print(f"{'looks on record':<34} {sum(looks.values())}, of clock_step {looks['clock_step']}")
    print(f"{'memory, slope after warm-up':<34} {slope:7.2f} MB/h   goal < 1 MB/h")
    print(f"{'descriptors':<34} {first.descriptors} at first, {last.descriptors} in the end   goal: as many")
    print(
        f"{'CPU':<34} {(last.cpu_seconds - first.cpu_seconds) / took * 100:7.2f} % of a core at {times:g} times the rate"
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30, float(sys.argv[2]) if len(sys.argv) > 2 else 20)
