"""What the mode of a bond asks for beyond links that are up: an active member, equal speeds, LACP. Pure.

The rules follow the kernel's own (drivers/net/bonding/bond_main.c, bond_3ad.c) and IEEE 802.1AX.
"""

from collections.abc import Iterator, Sequence

from checks._bond.faults import AGGREGATOR_MISMATCH, LACP_NOT_NEGOTIATED, PRIMARY_NOT_ACTIVE, SPEED_MISMATCH
from checks._bond.membership import KnownBond
from watchdog.linux.bonding import (
    LACP_DEFAULTED,
    LACP_EXPIRED,
    LACP_WORKING,
    NO_MAC,
    Bond,
    Member,
    render_port_state,
)
from watchdog.plugin import Finding, Judgement, Unseen

_USE_MODE_1 = "whoever does not run the network side should use mode 1 (active-backup)"


def judge_mode(bond: Bond, up: Sequence[Member], known: KnownBond) -> Iterator[Judgement]:
    """Yield what the mode of the bond adds, given the members that are up and what is known of them."""
    if bond.has_active_member:
        yield from _judge_primary(bond, known)
    else:
        yield from _judge_speeds(bond, up)
    if bond.mode == "802.3ad" and up:
        yield from _judge_lacp(bond, up)


def _judge_primary(bond: Bond, known: KnownBond) -> Iterator[Finding]:
    """Judge the choice of the active member: with reselect `failure` the kernel stays where it is by design."""
    by_name = {member.name: member for member in bond.members}
    primary, active = by_name.get(bond.primary or ""), by_name.get(bond.active_member or "")
    if not primary or not active or primary is active or primary.mii_status != "up" or not primary.carrier:
        return
    if bond.primary_reselect == "always" or (bond.primary_reselect == "better" and _is_better(primary, active)):
        yield PRIMARY_NOT_ACTIVE.on(
            bond.name,
            f"{bond.name} sends through {active.name} although its primary {primary.name} is up (primary_reselect "
            f"{bond.primary_reselect}); traffic takes the spare path; make it active: "
            f"ip link set dev {bond.name} type bond active_slave {primary.name}",
            bond=bond.name,
            mode=bond.mode,
            monitored=bond.monitored,
            primary=primary.name,
            active_member=active.name,
            primary_reselect=bond.primary_reselect,
            primary_speed_mbps=primary.speed_mbps,
            active_speed_mbps=active.speed_mbps,
            primary_known=known.member(primary.name) is not None,
            primary_admin_up=primary.admin_up,
            primary_carrier=primary.carrier,
            primary_mii_status=primary.mii_status,
            primary_link_failure_count=primary.link_failure_count,
            primary_lost_since_last_run=known.lost(primary),
        )


def _is_better(primary: Member, active: Member) -> bool:
    """Tell what the kernel would: faster, or as fast and only the primary full duplex; unknown is not better."""
    if primary.speed_mbps is None or active.speed_mbps is None:
        return False
    if primary.speed_mbps != active.speed_mbps:
        return primary.speed_mbps > active.speed_mbps
    return primary.duplex == "full" and active.duplex == "half"


def _judge_speeds(bond: Bond, up: Sequence[Member]) -> Iterator[Finding]:
    """Hold the members up against each other; a speed the driver does not tell (virtio) says nothing."""
    speeds = {m.name: m.speed_mbps for m in up if m.speed_mbps is not None}
    duplexes = {m.name: m.duplex for m in up if m.duplex is not None}
    if len(set(speeds.values())) > 1 or len(set(duplexes.values())) > 1:
        each = ", ".join(f"{m.name} {m.speed_mbps or '?'} Mbps {m.duplex or '?'} duplex" for m in up)
        slowest = min(speeds, key=lambda name: speeds[name] or 0, default=up[0].name)
        yield SPEED_MISMATCH.on(
            bond.name,
            f"members of {bond.name} ({bond.mode}) differ in speed: {each}; the slowest holds the others back or "
            f"stays out; look at what it negotiated: ethtool {slowest}",
            bond=bond.name,
            mode=bond.mode,
            speeds_mbps=speeds,
            duplexes=duplexes,
        )


def _judge_lacp(bond: Bond, up: Sequence[Member]) -> Iterator[Judgement]:
    aggregator = bond.aggregator
    if aggregator is None:
        yield AGGREGATOR_MISMATCH.on(
            bond.name,
            f"{bond.name} has no active aggregator although {', '.join(m.name for m in up)} have a link: it can "
            f"send nothing; look at both ends as root: cat /proc/net/bonding/{bond.name}",
            bond=bond.name,
            active_aggregator_id=None,
            aggregator_ids={m.name: m.aggregator_id for m in up},
        )
        return
    if aggregator.partner_mac == NO_MAC:
        yield LACP_NOT_NEGOTIATED.on(
            bond.name,
            f"{bond.name} runs 802.3ad and nobody answers (partner MAC {NO_MAC}): only one of "
            f"{', '.join(m.name for m in up)} carries traffic, if any; put the switch ports into one LACP group; "
            f"{_USE_MODE_1}",
            bond=bond.name,
            partner_mac=aggregator.partner_mac,
            active_aggregator_id=aggregator.id,
            aggregator_ids={m.name: m.aggregator_id for m in up},
        )
        return
    for member in up:
        yield from _judge_lacp_port(bond, member, aggregator.id)


def _judge_lacp_port(bond: Bond, member: Member, active_id: int) -> Iterator[Judgement]:
    subject, outside = f"{bond.name}/{member.name}", member.aggregator_id != active_id
    harm = "it carries nothing" if outside else "what is sent through it may be lost"
    if trouble := _lacp_trouble(member, outside=outside):
        yield LACP_NOT_NEGOTIATED.on(
            subject,
            f"{member.name} in {bond.name} has a link, but {trouble}; {harm}; put its switch port into the "
            f"LACP group of the others; {_USE_MODE_1}",
            bond=bond.name,
            member=member.name,
            aggregator_id=member.aggregator_id,
            active_aggregator_id=active_id,
            actor_port_state=member.actor_port_state,
            partner_port_state=member.partner_port_state,
            partner_mac=member.partner_mac,
            actor_churn=member.actor_churn,
            partner_churn=member.partner_churn,
        )
    elif outside:
        mine = "none" if member.aggregator_id is None else member.aggregator_id
        yield AGGREGATOR_MISMATCH.on(
            subject,
            f"{member.name} in {bond.name} has a link, but its aggregator ({mine}) is not the active one "
            f"({active_id}): it carries nothing; all members must end in one LACP group of one switch or stack: "
            f"cat /proc/net/bonding/{bond.name} shows each partner",
            bond=bond.name,
            member=member.name,
            aggregator_id=member.aggregator_id,
            active_aggregator_id=active_id,
            partner_mac=member.partner_mac,
        )
    elif member.actor_port_state is None and member.actor_churn is None:
        yield Unseen(
            subject=subject,
            reason=f"the LACP port state of {member.name} is in neither netlink nor /proc/net/bonding: "
            "needs CAP_NET_ADMIN, or Linux 4.16 or newer",
        )


def _lacp_trouble(member: Member, *, outside: bool) -> str:
    """Say what is wrong between the two ends of a port, "" when nothing is.

    A port outside the active aggregator does not collect or distribute by design: only the bits that tell of a
    lost partner count there. Churn is what the kernel found once, a minute after the link came up, and it never
    takes that back: it counts only where the port state, which is of now, cannot be had.
    """
    actor, partner = member.actor_port_state, member.partner_port_state
    if actor is None or partner is None:
        churned = "churned" in (member.actor_churn, member.partner_churn)
        return "LACP was not in sync a minute after it came up (churned)" if churned else ""
    if actor & LACP_DEFAULTED:
        return f"no LACP comes from the other end (our port state {render_port_state(actor)})"
    if actor & LACP_EXPIRED:
        return f"the other end has stopped sending LACP (our port state {render_port_state(actor)})"
    if partner & (LACP_DEFAULTED | LACP_EXPIRED):
        return f"the other end does not hear our LACP (its port state {render_port_state(partner)})"
    if outside:
        return ""
    if actor & LACP_WORKING != LACP_WORKING:
        return f"it is not in step with the other end (our port state {render_port_state(actor)})"
    if partner & LACP_WORKING != LACP_WORKING:
        return f"the other end does not take part (its port state {render_port_state(partner)})"
    return ""
