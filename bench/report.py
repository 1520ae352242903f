"""What a report of a year with 5,000 incidents costs, in each format.

The year is a tale of the bench's own, so the clock is told to be at its end: the commands run as they are, in a
Python that believes it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.__main__ import measure, show

# An incident every 105 minutes: 5,004 in the year.
RUNS_BETWEEN_INCIDENTS = 210
_AT_ITS_END = """
import sys
from watchdog.host import Host
from watchdog.model import Stamp
now = Stamp(boot_id=sys.argv[1], boottime_ns=int(sys.argv[2]), wall_ns=int(sys.argv[3]))
Host.stamp = lambda self: now
sys.argv[:] = ["watchdog", *sys.argv[4:]]
from watchdog.cli import main
main()
"""
_WRITE = f"""
import sys
from pathlib import Path
from bench.year import Tale, write_year
tale = Tale(runs_between_incidents={RUNS_BETWEEN_INCIDENTS})
write_year(Path(sys.argv[1]), tale)
end = tale.stamp(tale.runs - 1)
print(end.boot_id, end.boottime_ns, end.wall_ns)
"""
_GOALS = {"text": "< 1 s wall", "markdown": "", "csv": "", "json": "", "html": "< 3 s wall, < 2 MB"}


def main() -> None:
    """Write the year, and report it in every format."""
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as folder:
        path = str(Path(folder) / "year.db")
        written = subprocess.run(
            [sys.executable, "-c", _WRITE, path], capture_output=True, text=True, check=True
        ).stdout.split()
        environment = dict(os.environ)
        bare = measure([sys.executable, "-c", "pass"], environment)
        show("python -c pass", bare, bare, "(the yardstick)")
        for form, goal in _GOALS.items():
            file = Path(folder) / f"report.{form}"
            words = ["--history", path, "report", "--since", "365d", "--format", form, "--output", str(file)]
            cost = measure([sys.executable, "-c", _AT_ITS_END, *written, *words], environment)
            size = f"{file.stat().st_size / 1e6:.2f} MB" if file.exists() else "not written"
            show(f"report of 5,004 incidents, {form}", cost, bare, f"{goal}  ({size})")


if __name__ == "__main__":
    main()
