"""Inside the lab's kernel: sets the clock so often, and prints the milliseconds until each step is on record."""

import json
import sqlite3
import sys
import time

HISTORY = "file:/var/lib/watchdog/history.db?mode=ro"
STEPS = (
    "select total(total) from metrics join series on series.id=series_id"
    " where resolution_seconds=60 and name='steps'"
)


def main(steps: int) -> None:
    """Step, and watch the record."""
    record = sqlite3.connect(HISTORY, uri=True)
    after = []
    for _ in range(steps):
        time.sleep(2.5)
        known = record.execute(STEPS).fetchone()[0]
        began = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        time.clock_settime_ns(time.CLOCK_REALTIME, time.clock_gettime_ns(time.CLOCK_REALTIME) - 18_000_000)
        while record.execute(STEPS).fetchone()[0] == known:
            time.sleep(0.002)
        after.append((time.clock_gettime_ns(time.CLOCK_BOOTTIME) - began) / 1e6)
    print(json.dumps(after))


if __name__ == "__main__":
    main(int(sys.argv[1]))
