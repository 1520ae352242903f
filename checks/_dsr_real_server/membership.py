"""Which virtual addresses this host is known to have, from run to run: one that vanished shows nowhere else."""

from collections.abc import Iterable, Iterator

import msgspec

from checks._dsr_real_server.reading import Vip
from watchdog.plugin import Facts

# More looks than anybody tries something out for.
# Those that a change of a link or an address wakes come in no time.
SETTLED_LOOKS = 5
LOOKS_APART_SECONDS = 30


class KnownVip(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual address, where it was, in how many looks, and whether another host was heard to own it.

    `counted_boottime_ns` is when the last of these looks was.
    """

    address: str
    interface: str
    looks: int = 0
    counted_boottime_ns: int = 0
    owned_elsewhere: bool = False

    @property
    def settled(self) -> bool:
        """Tell whether it was there for long enough to be missed."""
        return self.looks >= SETTLED_LOOKS

    def counts(self, now_ns: int) -> bool:
        """Tell whether a look counts: the last that did was a while ago, or on another boot."""
        return not self.settled and not 0 <= (now_ns - self.counted_boottime_ns) / 1e9 < LOOKS_APART_SECONDS


class DsrMemory(Facts, frozen=True, kw_only=True):
    """The virtual addresses that this host was a real server for, and the last run's notes."""

    vips: tuple[KnownVip, ...] = ()
    noted: tuple[str, ...] = ()

    def of(self, address: str) -> KnownVip | None:
        """Return what is known of an address."""
        return next((vip for vip in self.vips if vip.address == address), None)


def is_owned_elsewhere(vip: Vip, known: KnownVip | None) -> bool:
    """Tell whether another host says, or once said, that the address is its own."""
    return any(one.owners for one in vip.facing) or (known is not None and known.owned_elsewhere)


def is_made_quiet(vip: Vip) -> bool:
    """Tell whether somebody set this host up not to answer for it: nobody does that but for direct routing."""
    return any(one.arp_ignore for one in vip.facing)


def fold(vips: Iterable[Vip], before: DsrMemory | None, ignore: Iterable[str], now_ns: int) -> Iterator[KnownVip]:
    """Yield what is to be remembered: those that are real servers' addresses, and those that are gone."""
    known = {vip.address: vip for vip in (before.vips if before else ()) if vip.address not in ignore}
    for vip in vips:
        one = known.pop(vip.address, None)
        owned = is_owned_elsewhere(vip, one)
        if vip.address not in ignore and (one or owned or is_made_quiet(vip)):
            looks, counted_ns = (one.looks, one.counted_boottime_ns) if one else (0, 0)
            if one is None or one.counts(now_ns):
                looks, counted_ns = looks + 1, now_ns
            yield KnownVip(
                address=vip.address,
                interface=vip.interface,
                looks=looks,
                counted_boottime_ns=counted_ns,
                owned_elsewhere=owned,
            )
    # What was tried out for a while only is forgotten.
    yield from (one for one in known.values() if one.settled)
