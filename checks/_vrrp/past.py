"""What the daemon's ear heard before a look began, made part of what the look sees. Pure.

Where no ear listened there is no past, and the look waits until it has heard enough itself. What was heard is
believed as if the look had heard it. What was not heard is believed for as long as somebody listened, and only
together with what the look does not hear itself (actives.py).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from checks._vrrp.actives import patience_seconds
from checks._vrrp.picture import SECOND_NS, Router, Speaker
from watchdog.linux.vrrp_packet import Advert, MalformedAdvertError, goes_on, parse_advert
from watchdog.plugin import Frame, Heard, Past


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The adverts of one machine: the last one, when the first of them came and how many there were."""

    frame: Frame
    advert: Advert
    first_ns: int
    times: int


def find_beginning(past: Past, interfaces: Collection[str], now_ns: int, limit_seconds: float) -> int:
    """Return from when on all is known that came on all of these interfaces, `limit_seconds` ago at most."""
    earliest_ns = now_ns - round(limit_seconds * SECOND_NS)
    return max([earliest_ns, *(past.since_ns.get(name, now_ns) for name in interfaces)])


def read_past(past: Past, began_ns: int, now_ns: int, own: Collection[str]) -> Iterator[Told]:
    """Yield who was heard since then, the last one last; `own` are this host's addresses.

    Of our own adverts only those count that have not ended: whether we are active now, the kernel knows.
    """
    for heard in sorted(past.heard, key=lambda one: one.last_ns):
        if heard.last_ns < began_ns:
            continue
        try:
            advert = parse_advert(heard.packet)
        except MalformedAdvertError:
            continue
        gap_seconds = (now_ns - heard.last_ns) / SECOND_NS
        is_own = heard.outgoing or advert.source in own
        if not is_own or goes_on(advert.interval_seconds, gap_seconds):
            first_ns = max(heard.first_ns, began_ns)
            yield Told(frame=_frame(heard), advert=advert, first_ns=first_ns, times=heard.times)


def fall_silent(router: Router, looked_ns: int, now_ns: int) -> Router:
    """Leave out who was heard before the look only, and has been silent since for longer than it may be.

    Its own terms say so: where those differ from ours, the router may still be waited for.
    """
    silent = [one for one in router.speakers if one.last_ns < looked_ns and _is_silent(one, router, now_ns)]
    if not silent:
        return router
    return replace(
        router,
        speakers=tuple(one for one in router.speakers if one not in silent),
        silent_since_ns=max(one.last_ns for one in silent),
    )


def _is_silent(speaker: Speaker, router: Router, now_ns: int) -> bool:
    by_its_terms = replace(router, instance=None, expected_interval_seconds=speaker.terms.interval_seconds)
    return (now_ns - speaker.last_ns) / SECOND_NS >= patience_seconds(by_its_terms)


def _frame(heard: Heard) -> Frame:
    return Frame(
        interface=heard.interface,
        mac=heard.mac,
        protocol=heard.protocol,
        outgoing=heard.outgoing,
        to_us=False,
        packet=heard.packet,
        boottime_ns=heard.last_ns,
    )
