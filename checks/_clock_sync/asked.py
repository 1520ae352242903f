"""Answers of NTP servers that still stand, so that the servers are left in peace. Pure."""

from checks._clock_sync.asking import ServerFacts
from checks._clock_sync.course import SUSPENDED_SECONDS
from watchdog.plugin import Facts, Stamp


class Asked(Facts, frozen=True, kw_only=True):
    """Answers by which the clock was right, the names that were asked, and the clocks as they were then."""

    boot_id: str
    boottime_ns: int
    wall_ns: int
    suspended_seconds: float
    names: tuple[str, ...]
    servers: tuple[ServerFacts, ...]

    def stands(self, now: Stamp, suspended_seconds: float, names: tuple[str, ...], seconds: float) -> bool:
        """Tell whether they still hold: the same names, not too long ago, on a clock that nobody touched since."""
        then = Stamp(boot_id=self.boot_id, boottime_ns=self.boottime_ns, wall_ns=self.wall_ns)
        if now.boot_id != then.boot_id or names != self.names:
            return False
        recent = 0 <= now.boottime_ns - then.boottime_ns < seconds * 1e9
        slept = abs(suspended_seconds - self.suspended_seconds) >= SUSPENDED_SECONDS
        return recent and not slept and now.stepped_since(then) == 0
