"""What is news among what is heard on links: who speaks for a virtual router, and who has an address. Pure.

Adverts come every second for ever; news is another machine, another advert of the same one, and one that is
missing. What is kept is bounded whatever comes: of so many machines on each link the last advert, and since when
there was no gap. When there are more, the link has not been listened to: who looks must hear itself.
"""

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from watchdog.linux.inet import ETHERTYPE_IPV4, ETHERTYPE_IPV6
from watchdog.linux.vrrp_packet import (
    STEPPING_DOWN,
    Advert,
    MalformedAdvertError,
    goes_on,
    missing_after_seconds,
    parse_advert,
)
from watchdog.model import Heard, Heed
from watchdog.wire import Frame, read_claim

MOST_SPEAKERS = 128
MOST_CLAIMS = 256
# Longer than any look wants to know of the past, and longer than the usual time between two looks.
KEPT_SECONDS = 600.0
SAME_TAKEOVER_SECONDS = 20.0

_Key = tuple[bool, int, int, str, str]


class _Speaker(msgspec.Struct, kw_only=True):
    """A machine that advertised. `missed`: that it is silent is known already."""

    advert: Advert
    frame: Frame
    first_ns: int
    times: int = 1
    missed: bool = False

    @property
    def is_expected(self) -> bool:
        """Tell whether its silence would be news."""
        return not self.missed and self.advert.priority != STEPPING_DOWN

    @property
    def missed_ns(self) -> int:
        """From when on its next advert is missing."""
        return self.frame.boottime_ns + round(missing_after_seconds(self.advert.interval_seconds) * 1e9)


class Link:
    """What was heard on one link. `since_ns` is from when on nothing of it was lost."""

    def __init__(self, name: str, since_ns: int) -> None:
        self.name, self.since_ns = name, since_ns
        self._speakers: dict[_Key, _Speaker] = {}
        # Who said to have which address, whether unasked, and when; the latest is last.
        self._claims: OrderedDict[tuple[str, str, bool], int] = OrderedDict()

    def take(self, frame: Frame, heed: Heed, own_macs: frozenset[str]) -> bool:
        """Take in a frame and tell whether it is news."""
        if claim := read_claim(frame):
            return self._take_claim(claim, frame.boottime_ns, heed, own_macs)
        if frame.protocol not in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
            return False
        try:
            return self._take_advert(parse_advert(frame.packet), frame)
        except MalformedAdvertError:
            return False  # whoever looks says so

    def is_silent(self, now_ns: int) -> bool:
        """Tell whether the advert of a machine is missing now; it is news once."""
        missing = [one for one in self._speakers.values() if one.is_expected and one.missed_ns <= now_ns]
        for speaker in missing:
            speaker.missed = True
        return bool(missing)

    def next_ns(self) -> int | None:
        """Return when an advert will be missing, if none comes until then."""
        return min((one.missed_ns for one in self._speakers.values() if one.is_expected), default=None)

    def heard(self) -> Iterator[Heard]:
        """Yield who was heard since there was no gap."""
        for one in self._speakers.values():
            if one.frame.boottime_ns >= self.since_ns:
                yield Heard(
                    interface=self.name,
                    mac=one.frame.mac,
                    protocol=one.frame.protocol,
                    outgoing=one.frame.outgoing,
                    packet=one.frame.packet,
                    first_ns=max(one.first_ns, self.since_ns),
                    last_ns=one.frame.boottime_ns,
                    times=one.times,
                )

    def lose(self, now_ns: int) -> None:
        """Note that something may have been missed until now."""
        self.since_ns = now_ns

    def _take_advert(self, advert: Advert, frame: Frame) -> bool:
        now_ns = frame.boottime_ns
        key = (frame.outgoing, advert.family, advert.vrid, advert.source, frame.mac)
        known = self._speakers.get(key)
        if known is None:
            if not self._has_room(now_ns):
                self.lose(now_ns)
                return True
            self._speakers[key] = _Speaker(advert=advert, frame=frame, first_ns=now_ns)
            # Of one that only says good-bye nothing was known that could change.
            return advert.priority != STEPPING_DOWN
        is_news = advert != known.advert or known.missed
        gap_seconds = (now_ns - known.frame.boottime_ns) / 1e9
        if known.advert.priority == STEPPING_DOWN or not goes_on(known.advert.interval_seconds, gap_seconds):
            known.first_ns, known.times = now_ns, 0
        known.advert, known.frame, known.missed = advert, frame, False
        known.times += 1
        return is_news

    def _has_room(self, now_ns: int) -> bool:
        """Make room by forgetting who has been silent for long."""
        if len(self._speakers) >= MOST_SPEAKERS:
            silent_ns = now_ns - round(KEPT_SECONDS * 1e9)
            for key, one in tuple(self._speakers.items()):
                if one.frame.boottime_ns < silent_ns:
                    del self._speakers[key]
        return len(self._speakers) < MOST_SPEAKERS

    def _take_claim(self, claim: tuple[str, str, bool], now_ns: int, heed: Heed, own_macs: frozenset[str]) -> bool:
        address, mac, is_unasked = claim
        if (self.name, address) not in heed.addresses or mac in own_macs:
            return False
        while self._claims and next(iter(self._claims.values())) < now_ns - round(KEPT_SECONDS * 1e9):
            self._claims.popitem(last=False)
        if is_unasked:
            # Whoever takes an address over says so, and again some seconds later; another time is another event.
            last_ns = self._claims.get(claim)
            is_known = last_ns is not None and now_ns - last_ns < SAME_TAKEOVER_SECONDS * 1e9
        else:
            is_known = claim in self._claims or (address, mac, True) in self._claims
        others = any(known == address and other != mac for known, other, _ in self._claims)
        is_contested = others or (self.name, address) in heed.ours
        self._claims[claim] = now_ns
        self._claims.move_to_end(claim)
        if len(self._claims) > MOST_CLAIMS:
            self._claims.popitem(last=False)
        # The only one that has an address has moved nowhere; who answered for it lately too is no news.
        return not is_known and is_contested


class Thrift:
    """When news may be told: `BURST` times as soon as there is some, then once a `SPACING`.

    Anybody on a link can send what looks like news. What comes too often is told later and not lost: looks that
    are woken by a flood must not cost what the flood costs.
    """

    BURST = 8
    SPACING_NS = 10_000_000_000

    def __init__(self) -> None:
        self.due_ns: int | None = None
        self._paid_until_ns = 0

    def want(self, now_ns: int) -> None:
        """Note that there is news."""
        if self.due_ns is None:
            self.due_ns = max(now_ns, self._paid_until_ns - (self.BURST - 1) * self.SPACING_NS)

    def take(self, now_ns: int) -> bool:
        """Tell whether it is to be told now, once."""
        if self.due_ns is None or now_ns < self.due_ns:
            return False
        self.due_ns = None
        self._paid_until_ns = max(self._paid_until_ns, now_ns) + self.SPACING_NS
        return True
