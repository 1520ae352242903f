"""What the check keeps from one look to the next. Pure."""

from collections.abc import Collection, Iterator

from msgspec.structs import replace

from checks._vrrp.actives import find_actives, is_split
from checks._vrrp.picture import SECOND_NS, Picture, Router, Vip, subject_of
from checks._vrrp.plan import key_of
from checks._vrrp.trying import misled
from watchdog.plugin import Facts, Stamp

# As long as routers usually keep what they know by ARP.
_LONGEST_CACHED_SECONDS = 4 * 3600


class Ran(Facts, frozen=True, kw_only=True):
    """When keepalived was last seen to run here, and its virtual routers that were split then, by subject.

    A person, or the watchdog, ends one of two that serve the same addresses: then somebody must go on looking
    whether the other one does serve them. One that was ended while all was well was ended on purpose.
    """

    boot_id: str = ""
    boottime_ns: int = 0
    in_trouble: tuple[str, ...] = ()


class LastSplit(Facts, frozen=True, kw_only=True):
    """When a virtual router of ours, by subject, was last seen split."""

    subject: str
    boot_id: str
    boottime_ns: int


class VrrpMemory(Facts, frozen=True, kw_only=True):
    """The virtual routers that were seen, without what was heard of them, and the VIPs that were in trouble.

    `heard` are others' routers, by subject, that were heard at the last look for the first time.
    `troubled` are VIPs, by subject, that had two owners, or none that answers, and were not seen well since;
    `splits` are those of ours whose neighbours may not know yet who stayed; `ran` is the last moment at which a
    keepalived of ours was seen to run, and what was in trouble then;
    `noted` the notes of the last look.
    """

    routers: tuple[Router, ...] = ()
    heard: tuple[str, ...] = ()
    troubled: tuple[str, ...] = ()
    splits: tuple[LastSplit, ...] = ()
    ran: Ran = Ran()
    noted: tuple[str, ...] = ()


def remember_routers(
    facts: Picture,
    before: VrrpMemory | None,
    interfaces: Collection[str],
    ignore: Collection[str],
    noted: tuple[str, ...],
) -> VrrpMemory:
    """Keep the virtual routers that were found, and which VIPs to mistrust; `interfaces` are the settings'."""
    troubled = set(before.troubled) if before else set()
    known = {key_of(router) for router in before.routers} if before else set()
    kept, heard, running = [], [], set()
    for router in facts.routers:
        is_known = router.instance is not None or key_of(router) in known
        if not is_watched(router, interfaces) or (is_lost_in_a_crowd(router, facts) and not is_known):
            continue
        subject = subject_of(router, facts.routers)
        vips = {f"{subject}/{vip.address}" for vip in router.vips}
        if subject in ignore:
            troubled -= vips
            continue
        # Anybody can forge one advert: its router is known, and missed when it is gone, from the second look on.
        if is_known or (before and subject in before.heard):
            kept.append(_forget_the_moment(router))
        else:
            heard.append(subject)
        if router.instance and router.instance.running:
            running.add(subject)
        actives = find_actives(router, facts)
        if is_split(actives):
            troubled |= vips
        elif len(actives) == 1:
            well = {f"{subject}/{vip.address}" for vip in router.vips if vip.is_held or vip.answers}
            troubled = (troubled - well) | (vips - well)
    splits = tuple(_remember_splits(facts, before, ignore))
    return VrrpMemory(
        routers=tuple(kept),
        heard=tuple(heard),
        troubled=tuple(sorted(troubled)),
        splits=splits,
        ran=_remember_running(facts, before, running, {one.subject for one in splits}),
        noted=noted,
    )


def find_watched_on(before: VrrpMemory | None, now: Stamp, seconds: float) -> tuple[Router, ...]:
    """Return the routers of a keepalived that ended here not `seconds` ago while they were in trouble."""
    if before is None or before.ran.boot_id != now.boot_id:
        return ()
    if now.boottime_ns - before.ran.boottime_ns > seconds * SECOND_NS:
        return ()
    return tuple(
        router
        for router in before.routers
        if router.instance and subject_of(router, before.routers) in before.ran.in_trouble
    )


def find_split_lately(before: VrrpMemory | None, now: Stamp) -> frozenset[str]:
    """Return the routers of ours, by subject, whose neighbours may still send to the machine that left."""
    return frozenset(
        one.subject
        for one in (before.splits if before else ())
        if one.boot_id == now.boot_id and now.boottime_ns - one.boottime_ns <= _LONGEST_CACHED_SECONDS * SECOND_NS
    )


def is_watched(router: Router, interfaces: Collection[str]) -> bool:
    """Tell whether it is ours or on an interface that the settings name, and not other people's on our link."""
    return router.instance is not None or router.interface in interfaces


def is_lost_in_a_crowd(router: Router, facts: Picture) -> bool:
    """Tell whether a router of others may be one of a flood's: hundreds of faults would bury our own."""
    return facts.crowd > 0 and router.instance is None


def _remember_splits(facts: Picture, before: VrrpMemory | None, ignore: Collection[str]) -> Iterator[LastSplit]:
    """Yield each split that we had a part in, until we alone are active and no neighbour is found misled.

    Whoever takes over later than that announces itself.
    """
    known = {one.subject: one for one in before.splits} if before else {}
    for router in facts.routers:
        subject = subject_of(router, facts.routers)
        if router.instance is None or subject in ignore:
            continue
        actives = find_actives(router, facts)
        if is_split(actives) and actives[0].kind == "us":
            yield LastSplit(subject=subject, boot_id=facts.boot_id, boottime_ns=facts.ended_ns)
        elif router.was_split and subject in known:
            is_over = len(actives) == 1 and not (actives[0].kind == "us" and any(map(misled, router.vips)))
            if not is_over:
                yield known[subject]


def _remember_running(
    facts: Picture, before: VrrpMemory | None, running: Collection[str], split: Collection[str]
) -> Ran:
    """Return the last moment at which keepalived ran: now, or what was known."""
    if not running:
        return before.ran if before else Ran()
    in_trouble = set(running) & set(split)
    return Ran(boot_id=facts.boot_id, boottime_ns=facts.ended_ns, in_trouble=tuple(sorted(in_trouble)))


def _forget_the_moment(router: Router) -> Router:
    """Return what of a router lasts: who it is and its addresses."""
    vips = tuple(Vip(address=vip.address, interface=vip.interface, held_on=vip.held_on) for vip in router.vips)
    interval = max((speaker.terms.interval_seconds for speaker in router.speakers), default=None)
    return replace(
        router,
        speakers=(),
        sent=None,
        vips=vips,
        was_troubled=False,
        was_split=False,
        silent_since_ns=None,
        expected_interval_seconds=router.expected_interval_seconds if router.instance else interval or 1.0,
    )
