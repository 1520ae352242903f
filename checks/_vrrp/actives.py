"""Who is active in a virtual router, and whether what was seen settles it. Pure.

Active is who advertises, who holds the virtual IP (we), or who answers for it. Two are a split brain only when
both were seen so for longer than a takeover overlaps: a machine that takes over says so at once by an advert, and
the other gives up within milliseconds of it.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import msgspec

from checks._vrrp.differences import UNICAST
from checks._vrrp.picture import SECOND_NS, Picture, Router, Speaker, Vip
from checks._vrrp.trying import is_tried
from watchdog.linux.vrrp_packet import TTL, virtual_mac

# A takeover's is some milliseconds; what is asked for every 0.25 s and answers three times is beyond it.
# Where no virtual router is known yet: the longest silence that the usual interval of a second explains, and more.
DISCOVERY_SECONDS = 4.3
OVERLAP_NS = 450_000_000
# Beyond its interval an advert may be late by what a busy machine needs.
_LATE_SECONDS = 0.3
_LEAST_SECONDS = 1.0
_LEAST_QUESTIONS = 3
# For so many questions and their answers, who else has an address, whatever was heard before.
_ASKING_SECONDS = 0.6


class Active(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that acts as the virtual router's active one, from `first_ns` to `last_ns`.

    `vrid` is the one it does so under; it is known to advertise where `speaker` is there.
    """

    kind: Literal["us", "speaker", "answerer"]
    address: str
    mac: str
    priority: int | None
    vrid: int
    first_ns: int
    last_ns: int
    speaker: Speaker | None = None


def find_actives(router: Router, picture: Picture) -> tuple[Active, ...]:
    """Return who is active for the addresses of a router, whatever VRID they do it under; we come first."""
    found: list[Active] = []
    if us := _ourselves(router):
        found.append(us)
    for other in picture.routers:
        if other is router or _shares_addresses(router, other):
            found += (_active(one, other, router) for one in other.speakers if _takes_part(one, other, router))
    # The virtual MAC is that of whoever speaks; where nobody does, another machine's: we never hear ourselves.
    known = {mac for active in found if active.speaker for mac in (active.mac, *active.speaker.macs)}
    known |= {virtual_mac(router.family, active.vrid) for active in found if active.speaker}
    excused = {*picture.leaking, *picture.proxying}
    known |= set(_speakers_elsewhere(router, sum(active.speaker is not None for active in found), known, excused))
    for mac, first_ns, last_ns in _answered(router.vips):
        if mac not in known and mac not in excused:
            found.append(_answerer(router, mac, first_ns, last_ns))
    return tuple(found)


def overlap_ns(actives: Sequence[Active]) -> int:
    """Return for how long two were seen active at the same time, at least; negative: one after the other."""
    pairs = ((a, b) for position, a in enumerate(actives) for b in actives[position + 1 :])
    return max((min(a.last_ns, b.last_ns) - max(a.first_ns, b.first_ns) for a, b in pairs), default=-1)


def is_split(actives: Sequence[Active]) -> bool:
    """Tell whether two were active together for longer than a takeover takes."""
    return overlap_ns(actives) >= OVERLAP_NS


def is_silent(router: Router, picture: Picture) -> bool:
    """Tell whether nobody is active, and that for as long as any backup would have waited."""
    heard = (speaker.last_ns for speaker in router.speakers if is_related(speaker, router))
    heard_ns = max([picture.began_ns, router.silent_since_ns or 0, *heard])
    # What is not heard is believed by who listens: a host that stood still (paused, frozen) heard nothing either.
    is_listening = picture.looking_seconds >= min(_turn_seconds(router), router.down_seconds)
    silence_seconds = (picture.ended_ns - heard_ns) / SECOND_NS
    is_over = is_listening and silence_seconds >= router.down_seconds + _LATE_SECONDS
    return not find_actives(router, picture) and is_over


def is_unanswered(vip: Vip, active: Active) -> bool:
    """Tell whether nobody answers for a VIP while its active machine goes on being active."""
    asked_meanwhile = sum(active.first_ns <= moment < active.last_ns for moment in vip.asked_ns)
    return not vip.answers and not vip.is_held and asked_meanwhile >= _LEAST_QUESTIONS


def is_beyond_a_router(active: Active) -> bool:
    """Tell whether an active machine is on another link, as a unicast peer may be: nobody can be asked there."""
    speaker = active.speaker
    return speaker is not None and speaker.terms.destination == UNICAST and speaker.ttl < TTL


def is_enough(picture: Picture, named: Collection[str]) -> bool:
    """Tell whether listening on would tell nothing new of what is watched.

    That are our own routers, and those on the interfaces `named` by the settings. Other people's on our link are
    judged by what was heard of them meanwhile: their long intervals, or a flood of forged ones, do not hold us up.
    """
    watched = [one for one in picture.routers if one.instance is not None or one.interface in named]
    if not watched:
        blind = all(name in picture.problems for name in picture.interfaces)
        return blind or picture.seconds >= DISCOVERY_SECONDS
    return all(is_settled(one, picture) for one in watched)


def is_settled(router: Router, picture: Picture) -> bool:
    """Tell whether listening on would tell nothing new of a router."""
    if router.interface in picture.problems:
        return True
    actives = find_actives(router, picture)
    unexplained = any(active.kind == "answerer" for active in actives)
    if is_split(actives) and not unexplained and _is_known_who_serves(router, actives):
        return True
    turn_seconds = _turn_seconds(router)
    if picture.seconds < max(turn_seconds, _LEAST_SECONDS) or picture.looking_seconds < _ASKING_SECONDS:
        return False
    late_ns = picture.ended_ns - round(turn_seconds * SECOND_NS)
    if sum(active.last_ns >= late_ns for active in actives) > 1:
        # A split that was told before takes its time to learn why, from the adverts of who only answered so far.
        return is_split(actives) and (not router.was_troubled or picture.looking_seconds >= router.down_seconds)
    if not actives:
        return is_silent(router, picture)
    # Of several the last one took over.
    active = max(actives, key=lambda one: one.last_ns)
    return all(
        is_tried(vip) if vip.is_held else vip.answers or vip.unasked or is_unanswered(vip, active)
        for vip in router.vips
    )


def _turn_seconds(router: Router) -> float:
    """Return within how long each machine that is active has advertised once."""
    intervals = (speaker.terms.interval_seconds for speaker in router.speakers)
    return max([router.expected_interval_seconds, *intervals]) + _LATE_SECONDS


def _is_known_who_serves(router: Router, actives: Sequence[Active]) -> bool:
    """Tell whether each VIP was asked for long enough: whoever steps down must have seen the other one answer."""
    if not any(active.kind == "us" for active in actives):
        return True
    return all(vip.answers or vip.unasked or len(vip.asked_ns) >= _LEAST_QUESTIONS for vip in router.vips)


def is_related(speaker: Speaker, router: Router) -> bool:
    """Tell whether an advert is of this router: same addresses or some of them, not another cluster's VRID."""
    ours = {vip.address for vip in router.vips}
    return not ours or bool(ours & set(speaker.terms.addresses))


def _ourselves(router: Router) -> Active | None:
    """Return ourselves, when a VIP is on our interface or our adverts leave it."""
    held = [vip for vip in router.vips if vip.held_since_ns is not None and vip.held_until_ns is not None]
    sent = router.sent
    if router.instance is None or not (held or sent):
        return None
    priority = router.instance.priority if sent is None or sent.priority is None else sent.priority
    firsts = [vip.held_since_ns for vip in held if vip.held_since_ns is not None]
    lasts = [vip.held_until_ns for vip in held if vip.held_until_ns is not None]
    return Active(
        kind="us",
        address=sent.source if sent else "",
        mac="",
        priority=priority,
        vrid=router.vrid,
        first_ns=min([*firsts, *([sent.first_ns] if sent else [])]),
        last_ns=max([*lasts, *([sent.last_ns] if sent else [])]),
    )


def _shares_addresses(router: Router, other: Router) -> bool:
    if (router.interface, router.family) != (other.interface, other.family):
        return False
    ours = {vip.address for vip in router.vips}
    return any(ours & set(speaker.terms.addresses) for speaker in other.speakers)


def _takes_part(speaker: Speaker, of: Router, router: Router) -> bool:
    """Tell whether a speaker of one router is active for the addresses of another, or the same."""
    if speaker.stepped_down:
        return False
    ours = {vip.address for vip in router.vips}
    return is_related(speaker, of) if of is router else bool(ours & set(speaker.terms.addresses))


def _active(speaker: Speaker, of: Router, router: Router) -> Active:
    # Whoever advertises is active for as long as it is heard, and as long as it answers for the VIP after that.
    shared = virtual_mac(router.family, of.vrid)
    macs = {speaker.mac, *speaker.macs} - {shared}
    answered = [last for mac, _, last in _answered(router.vips) if mac in macs]
    return Active(
        kind="speaker",
        address=speaker.address,
        mac=speaker.mac,
        priority=speaker.priority,
        vrid=of.vrid,
        first_ns=speaker.first_ns,
        last_ns=max([speaker.last_ns, *answered]),
        speaker=speaker,
    )


def _answerer(router: Router, mac: str, first_ns: int, last_ns: int) -> Active:
    return Active(
        kind="answerer",
        address="",
        mac=mac,
        priority=None,
        vrid=router.vrid,
        first_ns=first_ns,
        last_ns=last_ns,
    )


def _speakers_elsewhere(
    router: Router, speakers: int, known: Collection[str], excused: Collection[str]
) -> Iterator[str]:
    """Yield who answers where no adverts are: a speaker does so with another card, which nothing tells of.

    So on each such interface as many are taken for them as there are, the last that answered.
    """
    for interface in {vip.interface for vip in router.vips} - {router.interface}:
        answered = _answered([vip for vip in router.vips if vip.interface == interface])
        candidates = [(mac in known, last_ns, mac) for mac, _, last_ns in answered if mac not in excused]
        yield from (mac for _, _, mac in sorted(candidates, reverse=True)[:speakers])


def _answered(vips: Sequence[Vip]) -> Iterator[tuple[str, int, int]]:
    """Yield each hardware address that answered for any of the VIPs, with the first and the last moment."""
    answers = [answer for vip in vips for answer in vip.answers]
    for mac in dict.fromkeys(answer.mac for answer in answers):
        mine = [answer for answer in answers if answer.mac == mac]
        yield mac, min(one.first_ns for one in mine), max(one.last_ns for one in mine)
