"""How soon a step of the clock is on record, in the lab's kernel (user-mode Linux, whose system calls are slow).

From just before the clock is set to the moment that another process can read the step from the history. Twice: as
shipped, where clock_step gives whoever stepped the clock half a second to log it; and without that wait.
"""

import json
import statistics
from pathlib import Path

from tests.lab import uml

STEPS = 20
INSIDE = Path(__file__).with_name("clock_inside.py")
SCENARIO = """
for wait in 500ms 1ms; do
  printf '[checks.clock_step]\\nauthor_wait = "%s"\\n' "$wait" > /etc/watchdog/watchdog.toml
  daemon
  save "$wait" "${{WATCHDOG%/*}}/python" -I -S {inside} {steps}
  end_daemon
done
"""


def main() -> None:
    """Boot, step, print."""
    told = uml.boot(SCENARIO.format(inside=INSIDE, steps=STEPS))
    for wait, what in (("500ms", "as shipped"), ("1ms", "no wait for its author")):
        after = sorted(json.loads(told.files[f"{wait}.txt"]))
        median, slowest = statistics.median(after), after[-1]
        print(
            f"{'clock stepped, ' + what:<38} {median:7.1f} ms median, {slowest:.1f} ms the slowest of {len(after)}"
            "   goal < 100 ms"
        )


if __name__ == "__main__":
    main()
