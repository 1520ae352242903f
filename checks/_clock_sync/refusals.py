"""Servers that asked not to be asked (kiss-o'-death DENY, RSTR, RATE) are left alone for an hour. Pure.

RFC 5905 section 7.4 wants DENY and RSTR obeyed for good, and RATE by asking less often. An hour serves both: a
server that changed its mind is found again, and one that did not hears of us 24 times a day.
"""

from collections.abc import Iterable, Mapping, Sequence

from checks._clock_sync.asking import ServerFacts
from watchdog.plugin import Facts, Stamp, render_seconds

HELD_SECONDS = 3600.0


class Refusal(Facts, frozen=True, kw_only=True):
    """A server's address, the code it sent, and when."""

    address: str
    code: str
    boot_id: str
    boottime_ns: int
    wall_ns: int

    @property
    def stamp(self) -> Stamp:
        """When it refused."""
        return Stamp(boot_id=self.boot_id, boottime_ns=self.boottime_ns, wall_ns=self.wall_ns)


def explain_refusals(refusals: Iterable[Refusal], now: Stamp) -> Mapping[str, str]:
    """Return the addresses not to ask now, each with the reason."""
    return {
        one.address: f"it asked not to be asked (kiss-o'-death {one.code}); next time in {_left(one, now)}"
        for one in refusals
        if _holds(one, now)
    }


def keep_refusals(refusals: Iterable[Refusal], servers: Sequence[ServerFacts], now: Stamp) -> tuple[Refusal, ...]:
    """Return those that still hold and those that are new."""
    new = {
        one.address: Refusal(
            address=one.address,
            code=one.kiss,
            boot_id=now.boot_id,
            boottime_ns=now.boottime_ns,
            wall_ns=now.wall_ns,
        )
        for one in servers
        if one.kiss
    }
    old = (one for one in refusals if _holds(one, now) and one.address not in new)
    return (*old, *new.values())


def _holds(refusal: Refusal, now: Stamp) -> bool:
    return now.seconds_since(refusal.stamp) < HELD_SECONDS


def _left(refusal: Refusal, now: Stamp) -> str:
    return render_seconds(HELD_SECONDS - now.seconds_since(refusal.stamp))
