"""Quiet hours: when people sleep, what can wait for the morning waits. Pure.

They are the one thing that goes by the wall clock, as people do. So a clock that is wrong can make a message wait
that need not, or not wait that could; it can lose none, and none waits longer than a day of CLOCK_BOOTTIME.
"""

import re
from datetime import datetime

import msgspec

from watchdog.model import Severity, Stamp

DAY_SECONDS = 86400.0
_HOURS = re.compile(r"\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*", re.ASCII)


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """From `begins_seconds` to `ends_seconds` of the day, over midnight too, what is at most `severity` waits."""

    begins_seconds: int
    ends_seconds: int
    severity: Severity = Severity.WARNING

    def holds_back(self, severity: Severity) -> bool:
        """Tell whether what is as bad as this may wait."""
        return Severity.worst((self.severity, severity)) is self.severity

    def left_seconds(self, now: Stamp, ahead_seconds: float = 0.0) -> float:
        """Return how long it is quiet from a moment that lies ahead, by the host's time zone; 0.0: it is not."""
        local = _local(now)
        here = (local.hour * 3600 + local.minute * 60 + local.second + ahead_seconds) % DAY_SECONDS
        length = (self.ends_seconds - self.begins_seconds) % DAY_SECONDS
        since = (here - self.begins_seconds) % DAY_SECONDS
        return length - since if since < length else 0.0


def parse_hours(text: str) -> tuple[int, int]:
    """Read "22:00-07:00" and return both as seconds of the day; ValueError says what was expected."""
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError('hours = "22:00-07:00": from when to when, by the clock on the wall')
    begins, ends = (int(found[n]) * 3600 + int(found[n + 1]) * 60 for n in (1, 3))
    if begins == ends:
        raise ValueError("two different times: the quiet hours end before they begin again")
    return begins, ends


def _local(now: Stamp) -> datetime:
    return now.wall.astimezone()
