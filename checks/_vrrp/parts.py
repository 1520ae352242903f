"""What part this host has in its virtual routers, in words that somebody who would act on it can decide by. Pure.

Who wins an election is reckoned with the priority that our own adverts carry as they leave, not with the one in
keepalived.conf: a track script's weight changes it, and two hosts that reckon by their files could both believe
that they lose.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from checks._vrrp.actives import Active, find_actives, is_split
from checks._vrrp.picture import Answer, Picture, Router, Vip, rank, subject_of
from checks._vrrp.why import Reason, explain
from watchdog.linux.vrrp_packet import virtual_mac
from watchdog.plugin import Json

# backup: others are active and we are not; alone: only we are; loses, wins: two are, and it is known who wins;
# unheard: the other one only answers for the addresses; unclear: anything else, or not to be seen.
Part = Literal["backup", "alone", "loses", "wins", "unheard", "unclear"]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the other machine answers for a VIP, and for how long it was asked for."""

    address: str
    answered_by: tuple[str, ...]
    by_rival: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Our part; `rival` is the one other active machine, and `served` what it answers for."""

    part: Part
    reason: Reason | None = None
    rival: Active | None = None
    served: tuple[Served, ...] = ()

    @property
    def rival_serves(self) -> bool:
        """Tell whether it answers for every address that moves with the virtual router."""
        return bool(self.served) and all(one.by_rival for one in self.served)


def stand(router: Router, picture: Picture) -> Standing:
    """Say what part this host has in one of its own routers."""
    actives = find_actives(router, picture)
    others = [active for active in actives if active.kind != "us"]
    if router.instance is None or router.interface in picture.problems:
        return Standing(part="unclear")
    if len(others) == len(actives):
        return Standing(part="backup" if others else "unclear")
    if not others:
        return Standing(part="alone")
    if len(others) > 1 or not is_split(actives):
        return Standing(part="unclear")
    us, rival = actives[0], others[0]
    reason = explain(router, actives, picture)[0].reason
    served = tuple(_served(vip, router, rival, picture) for vip in router.vips)
    return Standing(part=_part(router, us, rival), reason=reason, rival=rival, served=served)


def describe_ours(router: Router, picture: Picture) -> dict[str, Json]:
    """Return evidence: who we and the other one are, what it serves, and our part in our other routers."""
    standing, instance, rival = stand(router, picture), router.instance, None
    if instance is None:
        return {}
    if standing.rival:
        rival = {
            "address": standing.rival.address,
            "macs": sorted(_macs(router, standing.rival)),
            "priority": standing.rival.priority,
            "heard": standing.rival.speaker is not None,
        }
    sent = router.sent
    return {
        "ours": {
            "interface": router.interface,
            "instance": instance.name,
            "running": instance.running,
            "address": sent.source if sent else "",
            "priority": sent.priority if sent else None,
            "auth": instance.terms.auth,
            "down_seconds": round(router.down_seconds, 3),
            "part": standing.part,
        },
        "rival": rival,
        "served": [
            {"address": one.address, "answered_by": list(one.answered_by), "by_rival": one.by_rival}
            for one in standing.served
        ],
        "others_here": [
            _describe_other(other, picture) for other in picture.routers if _is_another(other, router)
        ],
    }


def _describe_other(router: Router, picture: Picture) -> Json:
    standing = stand(router, picture)
    return {
        "subject": subject_of(router, picture.routers),
        "instance": router.instance.name if router.instance else "",
        "part": standing.part,
        "reason": standing.reason,
        "rival_macs": sorted(_macs(router, standing.rival)) if standing.rival else [],
        "rival_serves": standing.rival_serves,
        "addresses": [vip.address for vip in router.vips],
    }


def _is_another(other: Router, router: Router) -> bool:
    return other is not router and other.instance is not None


def _part(router: Router, us: Active, rival: Active) -> Part:
    if rival.speaker is None:
        return "unheard"
    known = router.sent is not None and router.sent.priority is not None and us.address
    if router.instance is None or not router.instance.running or rival.vrid != router.vrid or not known:
        return "unclear"
    ours, theirs = rank(us.priority or 0, us.address), rank(rival.priority or 0, rival.address)
    if ours == theirs:
        return "unclear"
    return "loses" if theirs > ours else "wins"


def _served(vip: Vip, router: Router, rival: Active, picture: Picture) -> Served:
    answered = {one.mac for one in vip.answers} - {*picture.leaking, *picture.proxying}
    still = {one.mac for one in vip.answers if _answers_still(one, vip)} & answered
    # With another card, on an interface without adverts, nothing tells whose it is; there it must be the only one.
    by_rival = answered <= _macs(router, rival) if vip.interface == router.interface else len(answered) == 1
    return Served(address=vip.address, answered_by=tuple(sorted(answered)), by_rival=by_rival and bool(still))


def _answers_still(answer: Answer, vip: Vip) -> bool:
    """Tell whether it answered lately: the last question's answer may still be on its way."""
    return bool(vip.asked_ns) and answer.last_ns >= vip.asked_ns[-2:][0]


def _macs(router: Router, rival: Active) -> set[str]:
    return set(_all_macs(router, rival))


def _all_macs(router: Router, rival: Active) -> Iterator[str]:
    yield rival.mac
    if rival.speaker:
        yield from rival.speaker.macs
        yield virtual_mac(router.family, rival.vrid)
