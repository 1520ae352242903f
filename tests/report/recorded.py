"""Histories that the lab's stories left, recorded once (record.py), and reports without their times.

Each is a dump in SQL below recorded/, as the host of its story wrote it: nothing in it is of the machine that ran
the lab. Its first line is the moment at which it was taken. One of an older schema is brought up to date when
it is opened, as on any host.
"""

import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from pathlib import Path

from tests.report.agreeing import GOLDEN
from tests.report.histories import faults
from watchdog.history.read import Reader
from watchdog.history.store import History
from watchdog.model import Stamp
from watchdog.report.audit.gather import Wish, gather
from watchdog.report.audit.shape import Report
from watchdog.report.page import render_plain
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes
from watchdog.units import Duration

FOLDER = Path(__file__).parent / "recorded"
# What is recorded, and the story that leaves it: each is played by a test of the lab anyway.
STORIES: Mapping[str, str] = {
    "dovecot": "dovecot-healed",
    "split-brain": "vrrp-split-brain-healed",
    "bond": "bond-member-admin-down-healed",
    "alert": "bond-member-down-from-alert-to-report",
    "proxy": "lvs-dead-proxy-drained",
}
HOST = "lab"
GAP_SECONDS = 900.0
_NOW = "-- now: "


def read(name: str) -> str:
    """Return a recorded history, as SQL."""
    return (FOLDER / f"{name}.sql").read_text()


def restore(sql: str, path: Path) -> Stamp:
    """Make the file of a recorded history, of today's schema, and return the moment at which it was recorded."""
    now, _, rest = sql.partition("\n")
    boot_id, boottime_ns, wall_ns = now.removeprefix(_NOW).split()
    record = sqlite3.connect(path)
    record.executescript(rest)
    record.close()
    stamp = Stamp(boot_id=boot_id, boottime_ns=int(boottime_ns), wall_ns=int(wall_ns))
    History.open(path, now=stamp, wait_seconds=0, command="test").close()
    return stamp


def report_of(sql: str, path: Path, since: str = "30d", *, details: bool = True) -> Report:
    """Return the report of a recorded history as of when it was recorded; its file will be at the path."""
    now = restore(sql, path)
    with Reader.open(path) as reader:
        return gather(reader, Wish(since=Duration.parse(since), details=details), HOST, faults(), now, GAP_SECONDS)


def timeless(text: str) -> str:
    """Return a report of any format without what is another each time a story is played.

    Moments, lengths, shares, pictures, process ids, hardware addresses, hashes and the id of a boot. The 18 s by
    which a clock was set are the story's own and stay.
    """
    for pattern, word in _rules():
        text = pattern.sub(word, text)
    return text


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    number = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
    length = rf"{number} (?:ms|s|min|h|d)\b"
    rules = (
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]{3,4}\b|Z|[+-]\d\d:\d\d)?", "MOMENT"),
        (r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b", "MAC"),
        (r"\b\d\d:\d\d(?::\d\d)?\b(?:\.\d+)?(?: [A-Z]{3,4}\b|Z)?", "TIME"),
        (r"\b[A-Z][a-z]{2} +\d{1,2} TIME", "MOMENT"),
        (r"\b\d{4}-\d\d-\d\d\b", "DAY"),
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "BOOT"),
        (r"-(?:17\.9|18\.0)\d+", "-18.0"),
        (rf"\+?(?<![\d.])(?!-?18\.0 s){length}(?: {length})*", "SOME TIME"),
        (rf"{number} seconds", "SOME TIME"),
        (rf"{number} (?=%)", "N "),
        (r"(?<=[a-z])[\[(]\d+[\])]", "[PID]"),
        (r"\bpid \d+", "PID"),
        (rf'(?<=seconds": )(?!-?18\.0\b){number}', "N"),
        (r"(?<![\d.])-?\d+\.\d{2,}(?:e-\d+)?(?![\d.])", "N"),
        (r"(?m)(?<=INCIDENTS OVER THE PERIOD\n).*$", "PICTURE"),
        (r"[.~#?]{24}|`[^`\n]{24}`", "PICTURE"),
        (r"(?<= d=\")M[^\"]*", "PICTURE"),
        (r" {2,}", "  "),
    )
    return tuple((re.compile(pattern), word) for pattern, word in rules)


def told_as_recorded(name: str, sql: str, path: Path) -> tuple[str, str]:
    """Return how the text tells a story that was just played, and how its golden file does."""
    page = render_report(report_of(sql, path), Eyes(UTC))
    return timeless(f"{render_plain(page)}\n"), (GOLDEN / "recorded" / f"{name}.txt").read_text()
