"""What the HTML report of a year with 5,000 incidents costs: `python -m bench.report_html [HISTORY]`.

HISTORY is what `write_year(path, BUSY)` wrote; without it, it is written first. Beside the CPU time of rendering
stands that of gathering, which any format needs, and their ratio.
"""

import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path

from bench.year import BUSY, write_year
from watchdog.history.read import Reader
from watchdog.report.audit.gather import Wish, gather
from watchdog.units import Duration

SINCE = Duration.parse("365d")


def measure(path: Path) -> None:
    """Gather and render the report of a history, and print what that took."""
    from watchdog.report.html import render_html

    started = time.process_time()
    with Reader.open(path) as reader:
        report = gather(
            reader, Wish(since=SINCE, whole_only=True), "lb1.example.net", {}, BUSY.stamp(BUSY.runs - 1), 300
        )
    gathered = time.process_time()
    size = len(render_html(report, UTC).encode())
    rendered = time.process_time()
    gathering, rendering = gathered - started, rendered - gathered
    print(
        f"{f'HTML of {len(report.incidents):,} incidents':<34} {size / 1e6:7.2f} MB {rendering:7.3f} s CPU"
        f"   {rendering / gathering:5.2f} x gathering's {gathering:.3f} s   goal < 2 MB, together < 3 s"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as folder:
            write_year(Path(folder) / "year.db", BUSY)
            measure(Path(folder) / "year.db")
