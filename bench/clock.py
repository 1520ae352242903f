"""How soon a step of the clock is on record, in the lab's kernel (user-mode Linux, whose system calls are slow).

From just before the clock is set to the moment that another process can read the step from the history. Who set it
is on record half a second later (`author_wait`), which is not measured.
"""

import json
import statistics
import sys
from pathlib import Path

from bench.progress import say
from tests.lab import uml

STEPS = 20
INSIDE = Path(__file__).with_name("clock_inside.py")
SCENARIO = """
daemon
save after "${{WATCHDOG%/*}}/python" -I -S {inside} {steps}
end_daemon
"""


def main(steps: int) -> None:
    """Boot, step, print."""
    say(f"a kernel boots, and its clock is stepped {steps} times: {15 + 3 * steps} s")
    told = uml.boot(SCENARIO.format(inside=INSIDE, steps=steps), timeout_seconds=120 + 3 * steps)
    after = sorted(json.loads(told.files["after.txt"]))
    print(
        f"{'clock stepped, until on record':<34} {statistics.median(after):7.1f} ms median,"
        f" {after[len(after) * 99 // 100]:.1f} ms p99, {after[-1]:.1f} ms the slowest of {len(after)}"
        "   goal < 100 ms"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
