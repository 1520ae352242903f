"""Why two machines are active at once, as far as it can be known from here. Pure.

What a packet socket hears and keepalived does not heed was dropped or refused on this host; what does not even
arrive was lost on the way, or never sent.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from checks._vrrp.actives import Active
from checks._vrrp.differences import Difference, compare, defects
from checks._vrrp.picture import Picture, Router, rank

Reason = Literal[
    "refused",
    "dropped_here",
    "not_taken_there",
    "arrives_nowhere",
    "not_sent",
    "other_vrid",
    "left_behind",
    "unclear",
]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """A reason, for scripts, and its words, for people."""

    reason: Reason
    words: str


def explain(router: Router, actives: Sequence[Active], picture: Picture) -> tuple[Why, ...]:
    """Say of each pair that is active together why it is; between us and another where we are one of them."""
    us = actives[0] if actives[0].kind == "us" else None
    if us is None:
        first, *others = actives
        return tuple(_between_others(first, other) for other in others)
    return tuple(_between_us_and(other, us, router, picture) for other in actives[1:])


def name_of(active: Active) -> str:
    """Name a machine for people."""
    if active.kind == "us":
        return "this host"
    return active.address or f"the machine with {active.mac}"


def _between_us_and(other: Active, us: Active, router: Router, picture: Picture) -> Why:
    name, instance = name_of(other), router.instance
    if instance is None:
        raise AssertionError("who is active here has an instance")
    if not instance.running:
        return Why(
            reason="left_behind",
            words=f"keepalived no longer runs on this host and left the address behind, and {name} took over",
        )
    if other.vrid != router.vrid:
        return Why(
            reason="other_vrid",
            words=f"{name} serves the address under virtual_router_id {other.vrid}, this host under {router.vrid}:"
            " neither heeds the other",
        )
    if other.speaker is None:
        return Why(
            reason="arrives_nowhere",
            # Each advert that it refuses sets back keepalived's timer for its own (vrrp_scheduler.c, 2.2).
            words=f"{name} answers for the address, and no advert of it arrives at this host: lost on the way"
            " (IGMP snooping, a bridge's or hypervisor's filter, a firewall there), or it sends none: it is stuck,"
            " or it refuses ours, which keeps keepalived from sending (look at its log)",
        )
    fatal = _fatal(
        *compare(instance.terms, other.speaker.terms, "this host", name),
        *defects(other.speaker),
    )
    if fatal:
        return Why(reason="refused", words=f"they refuse each other's adverts: {_list(fatal)}")
    if rank(other.priority or 0, other.address) > rank(us.priority or 0, us.address):
        secret = (
            " (or, with AH, its password is another: that cannot be seen)" if instance.terms.auth == "ah" else ""
        )
        rule = f", by: {picture.firewall}" if picture.firewall else " (nft list ruleset; iptables -S INPUT)"
        return Why(
            reason="dropped_here",
            words=f"the stronger adverts of {name} (priority {other.priority}, ours {us.priority}) arrive on"
            f" the wire and keepalived here does not heed them: this host's own firewall drops them{rule}{secret}",
        )
    if router.sent is None:
        return Why(
            reason="not_sent",
            words=f"this host holds the address and sends no adverts, so {name} took over: is keepalived stuck?",
        )
    return Why(
        reason="not_taken_there",
        words=f"{name} (priority {other.priority}, ours {us.priority}) is heard here and does not heed our"
        " adverts, which leave this host: its firewall drops them, or they are lost on the way there",
    )


def _between_others(first: Active, other: Active) -> Why:
    a, b = name_of(first), name_of(other)
    if first.vrid != other.vrid:
        return Why(
            reason="other_vrid",
            words=f"{a} serves the address under virtual_router_id {first.vrid}, {b} under {other.vrid}",
        )
    if first.speaker is None or other.speaker is None:
        silent = a if first.speaker is None else b
        return Why(
            reason="unclear",
            words=f"{a} and {b} both answer for the address; no advert of {silent} is heard here: they are"
            " unicast, or lost on the way, or it refuses the other's, which keeps keepalived from sending",
        )
    fatal = _fatal(
        *compare(first.speaker.terms, other.speaker.terms, a, b), *defects(first.speaker), *defects(other.speaker)
    )
    if fatal:
        return Why(reason="refused", words=f"they refuse each other's adverts: {_list(fatal)}")
    return Why(
        reason="unclear",
        words=f"{a} and {b} are both heard here and nothing in their adverts is wrong: one of them does not get"
        " the other's (its own firewall, or the way between them)",
    )


def _fatal(*differences: Difference) -> list[Difference]:
    return [difference for difference in differences if difference.fatal]


def _list(differences: Sequence[Difference]) -> str:
    return "; ".join(difference.words for difference in differences)
