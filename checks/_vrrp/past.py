"""What the daemon's ear heard before a look began, made part of what the look sees. Pure.

Where no ear listened there is no past, and the look waits until it has heard enough itself. What was heard is
believed as if the look had heard it. What was not heard is believed for as long as somebody listened, and only
together with what the look does not hear itself (actives.py).
"""

from collections.abc import Collection, Iterator

import msgspec
from msgspec.structs import replace

from checks._vrrp.picture import SECOND_NS, Router, Speaker
from watchdog.linux.vrrp_packet import Advert, MalformedAdvertError, goes_on, missing_after_seconds, parse_advert
from watchdog.plugin import Frame, Heard, Past


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The adverts of one machine: the last one, when the first of them came and how many there were."""

    frame: Frame
    advert: Advert
    first_ns: int
    times: int


def find_beginning(past: Past, interfaces: Collection[str], now_ns: int, limit_seconds: float) -> int:
    """Return from when on all is known that came on all of these interfaces, `limit_seconds` ago at most."""
    earliest_ns = now_ns - round(limit_seconds * SECOND_NS)
    return max([earliest_ns, *(past.since_ns.get(name, now_ns) for name in interfaces)])


def read_past(past: Past, began_ns: int) -> Iterator[Told]:
    """Yield who was heard since then, the last one last."""
    for heard in sorted(past.heard, key=lambda one: one.last_ns):
        if heard.last_ns < began_ns:
            continue
        try:
            advert = parse_advert(heard.packet)
        except MalformedAdvertError:
            continue
        first_ns = max(heard.first_ns, began_ns)
        yield Told(frame=_frame(heard), advert=advert, first_ns=first_ns, times=heard.times)


def is_still_ours(told: Told, router: Router, held: Collection[tuple[str, str]], now_ns: int) -> bool:
    """Tell whether what this host sent before the look counts: the kernel knows whether we are active now."""
    gap_seconds = (now_ns - told.frame.boottime_ns) / SECOND_NS
    is_held = any((vip.held_on, vip.address) in held for vip in router.vips)
    return is_held and goes_on(told.advert.interval_seconds, gap_seconds)


def fall_silent(router: Router, looked_ns: int, now_ns: int) -> Router:
    """Leave out who was heard before the look only, and whose adverts are missing since, by its own terms.

    How long to wait until the virtual router is silent is another question.
    """
    silent = [one for one in router.speakers if one.last_ns < looked_ns and _is_missing(one, now_ns)]
    if not silent:
        return router
    return replace(
        router,
        speakers=tuple(one for one in router.speakers if one not in silent),
        silent_since_ns=max(one.last_ns for one in silent),
    )


def _is_missing(speaker: Speaker, now_ns: int) -> bool:
    silent_seconds = (now_ns - speaker.last_ns) / SECOND_NS
    return silent_seconds >= missing_after_seconds(speaker.terms.interval_seconds)


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
