"""What is wrong with one virtual router, rule by rule. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from checks._vrrp.actives import (
    Active,
    find_actives,
    is_beyond_a_router,
    is_related,
    is_silent,
    is_split,
    is_unanswered,
)
from checks._vrrp.differences import UNICAST, Difference, compare, defects
from checks._vrrp.faults import CONFIG_MISMATCH, NO_MASTER, SPLIT_BRAIN, VIP_UNREACHABLE, VRID_COLLISION
from checks._vrrp.parts import describe_ours
from checks._vrrp.picture import Picture, Router, Speaker, Terms, Tried, Vip, rank, subject_of
from checks._vrrp.trying import misled
from checks._vrrp.why import explain, name_of
from watchdog.plugin import Finding, Judgement, Metric, Note, Severity, Unseen, render_seconds


def judge_router(router: Router, picture: Picture, troubled: Sequence[str]) -> Iterator[Judgement]:
    """Judge one virtual router; `troubled` are the VIPs that had two owners, or none, and were not well since."""
    subject = subject_of(router, picture.routers)
    if problem := picture.problems.get(router.interface):
        yield Unseen(subject=subject, reason=f"{router.interface} {problem}")
        return
    actives = find_actives(router, picture)
    yield Metric(subject=subject, name="active_machines", value=float(len(actives)))
    yield from _judge_terms(router, subject)
    if is_split(actives):
        if not _told_elsewhere(router, actives, picture):
            yield _split(router, subject, actives, picture)
    elif is_silent(router, picture):
        yield from _judge_silence(router, subject, picture)
    elif len(actives) == 1:
        yield from _judge_vips(router, subject, actives[0], troubled)
    elif not actives:
        yield Unseen(
            subject=subject,
            reason=f"nothing of it in {render_seconds(picture.silence_seconds(router))}; a backup waits"
            f" {render_seconds(router.down_seconds)} before it takes over: raise listen_limit in [checks.vrrp]",
        )
    else:
        yield Note(subject=subject, summary=f"a takeover: {_names(actives)} were active one after the other")
    yield from _note_leaks(router, subject, picture)


def _split(router: Router, subject: str, actives: Sequence[Active], picture: Picture) -> Finding:
    reasons = explain(router, actives, picture)
    addresses = ", ".join(vip.address for vip in router.vips) or "its addresses"
    winner = max(actives, key=lambda active: rank(active.priority or 0, active.address))
    is_winner_known = all(active.priority is not None for active in actives)
    more: dict[str, Any] = {"advice": _advise(winner, actives)} if is_winner_known else {}
    if actives[0].kind == "us":
        more |= describe_ours(router, picture)
    return SPLIT_BRAIN.on(
        subject,
        f"{_names(actives)} are active for {addresses} at the same time: "
        + "; ".join(why.words for why in reasons),
        reasons=[why.reason for why in reasons],
        owners=[
            {
                "machine": name_of(active),
                "address": active.address,
                "mac": active.mac,
                "priority": active.priority,
                "vrid": active.vrid,
            }
            for active in actives
        ],
        # Who must stay, by the rules of the election; known only where all of them advertise.
        winner=name_of(winner) if is_winner_known else None,
        vips=[vip.address for vip in router.vips],
        firewall_rule=picture.firewall,
        **more,
    )


def _advise(winner: Active, actives: Sequence[Active]) -> str:
    """Say who must go until the cause is cured: everybody but who wins the election."""
    losers = ", ".join(name_of(active) for active in actives if active is not winner)
    cure, _, _ = SPLIT_BRAIN.advice.partition(" Until then ")
    return (
        f"{cure} Until then run `systemctl stop keepalived` on {losers}: {name_of(winner)} wins the election"
        f" (priority {winner.priority})."
    )


def _told_elsewhere(router: Router, actives: Sequence[Active], picture: Picture) -> bool:
    """Tell whether another VRID tells this split: the one that is ours, else the lowest."""
    involved = {active.vrid for active in actives}
    rivals = [
        other
        for other in picture.routers
        if other is not router
        and (other.interface, other.family) == (router.interface, router.family)
        and other.vrid in involved
    ]
    order = (router.instance is None, router.vrid)
    return any((other.instance is None, other.vrid) < order for other in rivals)


def _judge_silence(router: Router, subject: str, picture: Picture) -> Iterator[Judgement]:
    if any(not is_related(speaker, router) and not speaker.stepped_down for speaker in router.speakers):
        return  # a collision, told as such: here nobody serves because of it
    if picture.lost_frames or picture.crowd:
        yield Unseen(subject=subject, reason="so many frames came that its adverts may be among those lost")
        return
    if router.vips and not any(vip.asked_ns for vip in router.vips):
        yield Unseen(
            subject=subject, reason=f"no advert of it, and its addresses cannot be asked for on {router.interface}"
        )
        return
    addresses = ", ".join(vip.address for vip in router.vips)
    silence_seconds = picture.silence_seconds(router)
    yield NO_MASTER.on(
        subject,
        f"no advert of virtual router {router.vrid} in {render_seconds(silence_seconds)} (a backup takes over"
        f" after {render_seconds(router.down_seconds)}), and nobody answers for {addresses or 'it'}: it is down",
        listened_seconds=round(silence_seconds, 1),
        vips=[vip.address for vip in router.vips],
        instance=router.instance.name if router.instance else None,
    )


def _judge_terms(router: Router, subject: str) -> Iterator[Judgement]:
    """Compare everybody who speaks with us, or with the first one where we have no part in it."""
    speakers = list(router.speakers)
    if router.instance:
        ours, us = router.instance.terms, "this host"
    elif speakers:
        first = speakers.pop(0)
        ours, us = first.terms, first.address
        # What only some refuse may be what they agreed on.
        yield from _mismatch(subject, [one for one in defects(first) if one.fatal], first)
    else:
        return
    for speaker in speakers:
        if set(ours.addresses) & set(speaker.terms.addresses) or not ours.addresses:
            found = (*compare(ours, speaker.terms, us, speaker.address), *defects(speaker))
            yield from _mismatch(subject, found, speaker)
        elif not _apart(ours, speaker.terms):
            yield VRID_COLLISION.on(
                subject,
                f"virtual_router_id {router.vrid} on {router.interface} is used by {us} for"
                f" {', '.join(ours.addresses[:8])} and by {speaker.address} for"
                f" {', '.join(speaker.terms.addresses[:8])}",
                theirs=speaker.address,
                our_vips=list(ours.addresses),
                their_vips=list(speaker.terms.addresses),
            )
            return


def _mismatch(subject: str, found: Sequence[Difference], speaker: Speaker) -> Iterator[Judgement]:
    if found:
        yield CONFIG_MISMATCH.on(
            subject,
            "; ".join(difference.words for difference in found),
            peer=speaker.address,
            differs=[difference.what for difference in found],
            refused=any(difference.fatal for difference in found),
        )


def _apart(ours: Terms, theirs: Terms) -> bool:
    """Tell whether two clusters keep the same VRID apart on purpose, by multicast groups of their own."""
    return ours.destination != theirs.destination and UNICAST not in (ours.destination, theirs.destination)


def _judge_vips(router: Router, subject: str, active: Active, troubled: Sequence[str]) -> Iterator[Judgement]:
    for vip in router.vips:
        name = f"{subject}/{vip.address}"
        answered = {answer.mac for answer in vip.answers}
        if vip.unasked and router.instance and not vip.is_held:
            yield Unseen(
                subject=name,
                reason=f"whether {vip.address} answers cannot be asked: {vip.interface} {vip.unasked}",
            )
        elif is_unanswered(vip, active) and not is_beyond_a_router(active):
            since = "; it had two owners or another one before" if name in troubled else ""
            yield VIP_UNREACHABLE.on(
                name,
                f"{name_of(active)} is active for {vip.address}, and nobody answers for it"
                f" (asked {len(vip.asked_ns)} times on {vip.interface}){since}",
                asked=len(vip.asked_ns),
                active=name_of(active),
            )
        elif vip.cached_mac and answered and vip.cached_mac not in answered and not vip.is_held:
            yield _stale(name, vip, sorted(answered))
        elif active.kind == "us" and (lost := misled(vip)):
            yield _misled(name, vip, lost, router)


def _stale(name: str, vip: Vip, answered: list[str]) -> Finding:
    return VIP_UNREACHABLE.on(
        name,
        f"{vip.address} is at {answered[0]}, but this host's neighbour cache sent its traffic to {vip.cached_mac},"
        " which served it before: nobody announced the change. Asking renewed the entry of this host; those of"
        " others, routers above all, cannot be seen from here and may be as old",
        severity=Severity.WARNING,
        cached_mac=vip.cached_mac,
        answered_by=answered,
    )


def _misled(name: str, vip: Vip, lost: Sequence[Tried], router: Router) -> Finding:
    neighbours = ", ".join(one.neighbour for one in lost)
    is_gateway = any(one.is_gateway for one in lost)
    who = f"{neighbours} (a gateway)" if is_gateway else neighbours
    return VIP_UNREACHABLE.on(
        name,
        f"{vip.address} is on this host alone since a split ended, and {who} replies to this host's own address"
        f" and not to {vip.address} (asked {lost[0].tries} times): it still sends to the machine that left, as"
        " nobody announced the change",
        # Behind a gateway are all the others.
        severity=Severity.CRITICAL if is_gateway else Severity.WARNING,
        active="this host",
        misled=[one.neighbour for one in lost],
        # All of them: what one neighbour knows of one address is a sample.
        held_here=[{"address": one.address, "interface": one.held_on} for one in router.vips if one.is_held],
    )


def _note_leaks(router: Router, subject: str, picture: Picture) -> Iterator[Judgement]:
    # Two balancers may be each other's real servers: the active one answers by right.
    active = {mac for speaker in router.speakers for mac in (speaker.mac, *speaker.macs)}
    for vip in router.vips:
        for answer in vip.answers:
            name = f"{subject}/{vip.address}"
            if (server := picture.leaking.get(answer.mac)) and answer.mac not in active:
                yield Note(
                    subject=name,
                    summary=f"real server {server} answers ARP for {vip.address} ({answer.mac}): no second master,"
                    " an ARP leak that steals traffic from the balancer; set arp_ignore=1, arp_announce=2 on it",
                )


def _names(actives: Sequence[Active]) -> str:
    return " and ".join(name_of(active) for active in actives)
