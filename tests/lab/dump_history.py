"""Says a history as SQL, and when that was, on stdout: `keep_history` of a scenario. Runs without the project."""

import sqlite3
import sys
import time
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def main(history: str) -> None:
    """Write the moment (boot id, CLOCK_BOOTTIME, CLOCK_REALTIME in ns), then what makes the file anew."""
    boottime_ns, wall_ns = (time.clock_gettime_ns(clock) for clock in (time.CLOCK_BOOTTIME, time.CLOCK_REALTIME))
    print(f"-- now: {BOOT_ID.read_text().strip()} {boottime_ns} {wall_ns}")
    record = sqlite3.connect(f"{Path(history).as_uri()}?mode=ro", uri=True)
    # Which alone is no part of a dump, and says whose file it is.
    print(f"PRAGMA application_id={record.execute('PRAGMA application_id').fetchone()[0]};")
    for statement in record.iterdump():
        print(statement)
    record.close()


if __name__ == "__main__":
    main(sys.argv[1])
