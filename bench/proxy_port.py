"""One cycle of proxy_port with a thousand named proxies whose port is silently dropped, time-out 2 s.

In a network namespace of its own (root), in which nft drops what is sent to them; the addresses are the
loopback's, so every attempt to connect is the real kernel's. A peer that tests one after another needs 2 s each.
"""

import os
import resource
import subprocess
import sys
import time

TARGETS = 1000
_INSIDE = "--inside"
_RULES = "table ip bench { chain i { type filter hook input priority 0; tcp dport 8080 drop; }; }"


def measure_proxies() -> tuple[float, float, float]:
    """Return wall and CPU seconds of one cycle, and those of CPU for looking where there is no proxy at all."""
    command = ["unshare", "--net", sys.executable, "-m", "bench.proxy_port", _INSIDE]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    wall, cpu, nothing = map(float, printed)
    return wall, cpu, nothing


def _measure() -> None:
    from checks._proxy_port.targets import ProxyTarget
    from checks.proxy_port import CHECK, ProxyPortSettings
    from watchdog.host import Host

    subprocess.run(["ip", "link", "set", "dev", "lo", "up"], check=True)
    subprocess.run(["nft", "-f", "-"], input=_RULES, text=True, check=True)
    # As a service has it: the kernel's usual soft limit, which the probes raise for themselves.
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    addresses = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(TARGETS)]
    targets = tuple(ProxyTarget(address=address, port=8080) for address in addresses)
    costs = []
    for settings in (ProxyPortSettings(targets=targets), ProxyPortSettings()):
        wall, cpu = time.perf_counter(), time.process_time()
        facts = CHECK.observe(Host(), settings, None)
        if facts.ports:
            found = list(CHECK.judge(facts, None, settings))
            if len(found) != TARGETS or {one.answer.outcome for one in facts.ports if one.answer} != {"silent"}:
                raise AssertionError("every one of them is dead for its silence, and nothing else is said")
            CHECK.remember(facts, None, settings)
        costs.append((time.perf_counter() - wall, time.process_time() - cpu))
    (wall, cpu), (_, nothing) = costs
    print(wall, cpu, nothing)


if __name__ == "__main__":
    if sys.argv[1:] == [_INSIDE]:
        _measure()
    elif os.geteuid() != 0:
        print(f"{TARGETS} silent proxies: not measured: needs root, for a network namespace")
    else:
        wall, cpu, nothing = measure_proxies()
        costs = f"{wall:7.3f} s wall {cpu:7.3f} s CPU"
        print(f"{f'{TARGETS} silent proxies, time-out 2 s':<34} {costs}   goal < 2.6 s wall, < 1.5 s CPU")
        print(f"{'looking for proxies where none is':<34} {nothing * 1000:7.2f} ms CPU")
