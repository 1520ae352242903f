"""Looks at the virtual routers again and again, as fast as it can, and prints what each look found: JSON lines.

Run inside a namespace of the lab: `python -m tests.lab.watching SECONDS [INTERFACE]`. Ends after so many seconds,
with the look that then runs. Moments are CLOCK_BOOTTIME, as the caller has it too.
"""

import json
import sys

from checks.vrrp import CHECK, VrrpMemory, VrrpSettings
from watchdog.host import Host
from watchdog.model import Finding
from watchdog.plugin import NotApplicable


def main(seconds: float, interfaces: tuple[str, ...]) -> None:
    """Look until the time is over."""
    host, settings = Host(), VrrpSettings(interfaces=interfaces)
    memory: VrrpMemory | None = None
    started = host.stamp()
    while host.stamp().seconds_since(started) < seconds:
        began = host.stamp().boottime_ns
        try:
            facts = CHECK.observe(host, settings, memory)
        except NotApplicable:
            continue
        found = [
            [item.fault.removeprefix("vrrp."), item.subject, item.severity.value]
            for item in CHECK.judge(facts, memory, settings)
            if isinstance(item, Finding)
        ]
        memory = CHECK.remember(facts, memory, settings)
        ended = host.stamp().boottime_ns
        print(json.dumps({"began": began / 1e9, "ended": ended / 1e9, "found": found}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), tuple(sys.argv[2:]))
