"""May this host step down? Pure. Every rule here raises Refused, or lets the next one have its say.

The invariant: of two hosts that see the same split at most one gets through. Where each hears the other's adverts,
both reckon with the same two pairs of priority and address, those on the wire, and only one of them is the lower.
Where adverts do not arrive, only the owner's word (`yields_to`, on one of the two) lets anybody through.
"""

from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_address

from remediations._vrrp_step_down.evidence import OtherHere, Ours, Rival, Served, Split
from watchdog.linux.keepalived_conf import KeepalivedConf
from watchdog.linux.keepalived_vrrp import OWNER_PRIORITY, VrrpInstance
from watchdog.plugin import Refused

# Why both are active: a stop cures what keepalived would end by itself, did it hear; a reload also what a
# configuration that was not loaded yet has put right.
_CURABLE = {"stop": ("dropped_here",), "reload": ("dropped_here", "refused")}


def demand_the_two_of_us(split: Split) -> tuple[Ours, Rival]:
    """Return ourselves and the one other machine; Refused where it is another matter."""
    ours, rival = split.ours, split.rival
    if ours is None:
        raise Refused("this host is none of those that are active; the one that loses the election must step down")
    if len(split.owners) != 2 or rival is None:
        raise Refused(
            f"{len(split.owners)} machines take part, or it is not clear who the other one is;"
            " which of them must stay is for a person to say"
        )
    if not ours.running:
        raise Refused(
            "keepalived does not run here and left its addresses behind, so there is nothing to stop;"
            f" take them off by hand: ip address del ADDRESS dev {ours.interface}"
        )
    return ours, rival


def demand_a_lost_election(ours: Ours, rival: Rival, reasons: Collection[str], how: str) -> None:
    """Refuse unless the other one's adverts, which arrive here, win the election against ours."""
    if ours.part == "wins":
        raise Refused(
            f"this host wins the election (priority {ours.priority}, address {ours.address}) and must stay;"
            f" {rival.address} (priority {rival.priority}) must step down"
        )
    if ours.priority is None or not ours.address:
        raise Refused("our own adverts were not seen to leave, so the priority they carry now is not known")
    if ours.part != "loses" or not rival.heard or rival.priority is None:
        raise Refused("it is not certain that this host loses the election; a person must say who stays")
    if ours.priority == OWNER_PRIORITY:
        raise Refused(f"priority {OWNER_PRIORITY} says that the addresses are this host's own")
    if _rank(rival.priority, rival.address) <= _rank(ours.priority, ours.address):
        raise Refused("the evidence contradicts itself: the priorities do not say that this host loses")
    if not reasons or not all(reason in _CURABLE[how] for reason in reasons):
        raise Refused(
            f"why both are active ({', '.join(reasons) or 'no reason'}) does not say that keepalived here would"
            " obey the other one, if it heard it; put that right first"
        )
    if ours.auth == "ah":
        raise Refused("with auth_type AH it cannot be seen whether the other one has our password")


def demand_the_owners_word(rival: Rival, machines: Mapping[str, Sequence[str]]) -> None:
    """Refuse unless who answers is a machine that the owner named; `machines` are their MACs by address."""
    if not machines:
        raise Refused(
            "no advert of the other machine arrives here, so who wins the election is not known; where this host"
            " is the one to give way, name the other one in yields_to of [remediations.vrrp_step_down], here only"
        )
    named = [address for address, macs in machines.items() if macs and set(macs) == set(rival.macs)]
    if len(named) != 1:
        raise Refused(
            f"who answers for the address ({', '.join(rival.macs)}) is not one of the machines in yields_to: "
            + "; ".join(f"{address} is at {', '.join(macs) or 'nowhere'}" for address, macs in machines.items())
        )


def demand_service(served: Sequence[Served], rival: Rival) -> None:
    """Refuse unless the other machine was seen to answer for every address."""
    lacking = [one.address for one in served if not one.by_rival or not one.answered_by]
    if lacking or not served:
        name = rival.address or ", ".join(rival.macs)
        raise Refused(
            f"{name} does not answer for {', '.join(lacking) or 'any address'}: were this host to step down,"
            " nobody would serve; look at arp_ignore, arptables and the addresses there"
        )


def demand_no_other_service(others: Sequence[OtherHere], rival: Rival, reasons: Collection[str]) -> None:
    """Refuse where the same keepalived serves what nobody else does: stopping it ends all of its instances."""
    for other in others:
        same_split = other.part == "loses" and other.reason in reasons
        same_rival = other.part == "unheard" and not rival.heard and set(other.rival_macs) == set(rival.macs)
        if other.part == "backup" or ((same_split or same_rival) and other.rival_serves):
            continue
        raise Refused(
            f"the same keepalived runs {other.instance} ({other.subject}), whose addresses"
            f" ({', '.join(other.addresses)}) nobody else is seen to serve ({other.part}): stopping it would take"
            " them down"
        )


def demand_known_configuration(conf: KeepalivedConf, split: Split, ours: Ours, rival: Rival, how: str) -> None:
    """Refuse where the keepalived that runs has more to do than the evidence speaks of."""
    if how == "stop" and conf.changed_since_start:
        raise Refused("keepalived.conf was changed after keepalived started: what it runs now is not known")
    if how == "reload" and not conf.changed_since_start:
        raise Refused(
            "keepalived.conf was not changed since keepalived started, so reloading it would change nothing;"
            ' how = "stop" ends the split'
        )
    if conf.problems:
        raise Refused(f"keepalived.conf is not understood whole: {conf.problems[0]}")
    seen = {other.instance: set(other.addresses) for other in split.others_here}
    seen[ours.instance] = {one.address for one in split.served}
    for instance in conf.instances:
        moved = _addresses(instance)
        if not moved <= seen.get(instance.name, set()):
            raise Refused(f"not all of {instance.name}, which the same keepalived runs, could be looked at")
        if instance.name == ours.instance and instance.check_unicast_source and rival.heard:
            _demand_peer(instance, rival)
    if len({one.name for one in conf.instances} & seen.keys()) < len(seen):
        raise Refused("keepalived.conf does not name every instance that was seen; was it changed meanwhile?")
    everything = set().union(*seen.values())
    if how == "stop":
        _demand_no_other_pools(conf, everything)


def _demand_peer(instance: VrrpInstance, rival: Rival) -> None:
    if rival.address not in [peer.address for peer in instance.unicast_peers]:
        raise Refused(
            f"{rival.address} is not among the unicast_peers of {instance.name}, which would not obey it"
        )


def _demand_no_other_pools(conf: KeepalivedConf, addresses: Collection[str]) -> None:
    for pool in conf.virtual_servers:
        if pool.fwmark is not None or pool.address not in addresses:
            name = f"fwmark {pool.fwmark}" if pool.fwmark is not None else f"{pool.address}:{pool.port}"
            raise Refused(
                f"the same keepalived keeps the pool of {name}, which is not known to move with these addresses:"
                " stopping it would end that, too"
            )


def _addresses(instance: VrrpInstance) -> set[str]:
    return {one.address for one in (*instance.virtual_addresses, *instance.excluded_addresses)}


def _rank(priority: int, address: str) -> tuple[int, int]:
    try:
        return priority, int(ip_address(address))
    except ValueError as error:
        raise Refused(f"{address!r} is no address to take part in an election with") from error
