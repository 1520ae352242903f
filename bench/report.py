"""What a report of a year with 5,000 incidents costs, in each format: `python -m bench.report [HISTORY]`.

HISTORY is what `write_year(path, BUSY)` wrote; without it, it is written first. It is a tale, so the clock is told
to be at its end: the commands run as they are, in a Python that believes it.
"""

import os
import sys
import tempfile
from pathlib import Path

from bench.__main__ import measure, show
from bench.year import BUSY, write_year

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
_GOALS = {"text": "< 1 s wall", "markdown": "", "csv": "", "json": "", "html": "< 3 s wall, < 2 MB"}


def compare(path: Path, folder: Path) -> None:
    """Report a history of the tale in every format."""
    end = BUSY.stamp(BUSY.runs - 1)
    stamp = (end.boot_id, str(end.boottime_ns), str(end.wall_ns))
    environment = dict(os.environ)
    bare = measure([sys.executable, "-c", "pass"], environment)
    show("python -c pass", bare, bare, "(the yardstick)")
    for form, goal in _GOALS.items():
        file = folder / f"report.{form}"
        words = ["--history", str(path), "report", "--since", "365d", "--format", form, "--output", str(file)]
        cost = measure([sys.executable, "-c", _AT_ITS_END, *stamp, *words], environment)
        size = f"{file.stat().st_size / 1e6:.2f} MB" if file.exists() else "not written"
        show(f"report of 5,004 incidents, {form}", cost, bare, f"{goal}  ({size})")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as place:
        year = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(place) / "year.db"
        if len(sys.argv) == 1:
            write_year(year, BUSY)
        compare(year, Path(place))
