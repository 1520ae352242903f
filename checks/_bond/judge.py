"""What is wrong with one bond, rule by rule. Pure.

These rules hold in every mode; those of one mode are in modes.py. They follow the kernel's own
(drivers/net/bonding/bond_main.c): what it would not use is down, and what it cannot know for lack of monitoring is
judged by the carrier instead.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from checks._bond.faults import (
    DOWN,
    FLAPPING,
    MEMBER_DOWN,
    MEMBER_MISSING,
    NO_LINK_MONITORING,
    SINGLE_MEMBER,
)
from checks._bond.membership import KnownBond, health
from checks._bond.modes import judge_mode
from watchdog.linux.bonding import Bond, Member
from watchdog.plugin import Finding, Judgement, Metric, Unseen


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One bond with all that is needed to judge it.

    `agreed`: the settings name its members. `homes`: which bond each member is in now, on the whole host.
    """

    bond: Bond
    known: KnownBond
    agreed: bool = False
    tolerated_link_losses: int = 0
    homes: Mapping[str, str] = {}

    def members(self, *healths: str) -> tuple[Member, ...]:
        """Return the members in one of these states of health, in the kernel's order."""
        return tuple(member for member in self.bond.members if self.health(member) in healths)

    def health(self, member: Member) -> str:
        """Return "up", "waiting" or "down"."""
        before = self.known.member(member.name)
        return health(self.bond, member, was_down=before is not None and before.down)


def judge_bond(case: Case) -> Iterator[Judgement]:
    """Yield everything that can be said of one bond."""
    bond = case.bond
    missing = case.known.missing(bond)
    up = case.members("up")
    yield Metric(subject=bond.name, name="members_up", value=len(up))
    yield Metric(subject=bond.name, name="members_known", value=len(bond.members) + len(missing))
    for member in bond.members:
        yield Metric(subject=_subject(bond, member), name="link_failures", value=member.link_failure_count)
    down = tuple(_judge_down(case))
    yield from down
    yield from _judge_membership(case, missing, carries=not down)
    yield from _judge_monitoring(bond)
    if not bond.admin_up:
        # The kernel stops looking at the links of a bond that is down: what it says of them is old.
        for member in bond.members:
            yield Unseen(subject=_subject(bond, member), reason=f"{bond.name} is down, its links are not watched")
        return
    for member in bond.members:
        yield from _judge_member(case, member, carries=not down)
    yield from judge_mode(bond, up, case.known)


def gone(known: KnownBond) -> Finding:
    """Return the finding of a known bond that the host no longer has."""
    return DOWN.on(
        known.name,
        f"{known.name}, known with members {_list(known.names)}, is gone; bring it back, or, if it went "
        f'on purpose, say in [checks.bond]: ignore = ["{known.name}"]',
        bond=known.name,
        gone=True,
        known=known.names,
    )


def _judge_down(case: Case) -> Iterator[Finding]:
    bond = case.bond
    reason, remedy = _why_down(case) or ("", "")
    if reason:
        yield DOWN.on(
            bond.name,
            f"{bond.name} ({bond.mode}) carries nothing: {reason}; {remedy}",
            bond=bond.name,
            mode=bond.mode,
            reason=reason,
            admin_up=bond.admin_up,
            carrier=bond.carrier,
            operstate=bond.operstate,
            active_member=bond.active_member,
            members=tuple(member.name for member in bond.members),
            members_up=tuple(member.name for member in case.members("up")),
        )


def _why_down(case: Case) -> tuple[str, str] | None:
    """Return the reason and the remedy when nothing gets through; the first that holds explains the others."""
    bond, up = case.bond, case.members("up")
    look = "; ".join(_remedy(bond, member) for member in case.members("down", "waiting"))
    active = next((member for member in bond.members if member.name == bond.active_member), None)
    aggregator = bond.aggregator
    if not bond.admin_up:
        return "it is administratively down", f"raise it: ip link set dev {bond.name} up"
    if not bond.members:
        return (
            "it has no member",
            f"add one: ip link set dev MEMBER down; ip link set dev MEMBER master {bond.name}",
        )
    if not up:
        states = _list([f"{m.name} {_state(bond, m)}" for m in bond.members])
        return f"none of its members is up ({states})", look
    if bond.has_active_member and active is None:
        return (
            "it has no active member",
            f"choose one: ip link set dev {bond.name} type bond active_slave {up[0].name}",
        )
    if active and active not in up and not bond.monitored:  # where it is monitored, the kernel moves on
        return (
            f"it still sends through {active.name}, which is down ({_state(bond, active)})",
            f"send through another: ip link set dev {bond.name} type bond active_slave {up[0].name}",
        )
    if aggregator and aggregator.ports < bond.min_links:
        return (
            f"its active aggregator has {aggregator.ports} of the {bond.min_links} ports that min_links asks for",
            f"bring up more members, or ask for fewer: ip link set dev {bond.name} type bond min_links N",
        )
    if not bond.carrier:
        return "it has no carrier", f"see what the kernel says: cat /proc/net/bonding/{bond.name}"
    return None


def _judge_membership(case: Case, missing: Sequence[str], *, carries: bool) -> Iterator[Finding]:
    bond, known = case.bond, case.known.names
    present = tuple(member.name for member in bond.members)
    for name in missing:
        home = case.homes.get(name)
        where = f"it is in {home} now" if home else "it is in no bond now"
        traffic = _traffic(bond, case.members("up"), carries=carries)
        remaining = ", ".join(f'"{n}"' for n in known if n not in missing)
        yield MEMBER_MISSING.on(
            f"{bond.name}/{name}",
            f"{name} is no longer in {bond.name} (known members: {_list(known)}); {where}; "
            f"{traffic}; put it back: ip link set dev {name} master {bond.name}; or, if it was removed on "
            f"purpose, say in [checks.bond]: members = {{ {bond.name} = [{remaining}] }}",
            bond=bond.name,
            member=name,
            known=known,
            members=present,
            now_in=home,
        )
    if len(present) == 1 and not (case.agreed and len(known) <= 1):
        yield SINGLE_MEMBER.on(
            bond.name,
            f"{bond.name} has {present[0]} as its only member: the first fault is an outage; add a second; or, if "
            f'one is meant, say in [checks.bond]: members = {{ {bond.name} = ["{present[0]}"] }}',
            bond=bond.name,
            members=present,
            known=known,
        )


def _judge_monitoring(bond: Bond) -> Iterator[Finding]:
    if bond.members and not bond.monitored:
        yield NO_LINK_MONITORING.on(
            bond.name,
            f"{bond.name} monitors no link (miimon 0, arp_interval 0): the kernel calls every member up for "
            f"ever, so watchdog goes by the carrier; turn it on: ip link set dev {bond.name} type bond miimon 100",
            bond=bond.name,
            mode=bond.mode,
            miimon_ms=bond.miimon_ms,
            arp_interval_ms=bond.arp_interval_ms,
            admin_up=bond.admin_up,
            min_links=bond.min_links,
            members=tuple(member.name for member in bond.members),
            members_with_carrier=tuple(m.name for m in bond.members if m.admin_up and m.carrier),
        )


def _judge_member(case: Case, member: Member, *, carries: bool) -> Iterator[Finding]:
    bond, before = case.bond, case.known.member(member.name)
    down = case.health(member) == "down"
    up = case.members("up")
    traffic = _traffic(bond, up, carries=carries)
    if carries and not bond.monitored and not bond.has_active_member:
        traffic = f"{bond.name} goes on sending into it, and what it sends there is lost"
    if down:
        yield MEMBER_DOWN.on(
            _subject(bond, member),
            f"{member.name} in {bond.name} is down ({_state(bond, member)}{_losses(bond, member)}); "
            f"{traffic}; {_remedy(bond, member)}",
            bond=bond.name,
            member=member.name,
            mode=bond.mode,
            admin_up=member.admin_up,
            carrier=member.carrier,
            mii_status=member.mii_status,
            monitored=bond.monitored,
            miimon_ms=bond.miimon_ms,
            updelay_ms=bond.updelay_ms,
            known=before is not None,
            members_up=tuple(m.name for m in up),
            link_failure_count=member.link_failure_count,
            permanent_mac=member.permanent_mac,
        )
    # The loss that brought it down is told by member_down.
    lost = case.known.flapped(member, down=down)
    if lost > case.tolerated_link_losses:
        yield FLAPPING.on(
            _subject(bond, member),
            f"{member.name} in {bond.name} lost its link {_times(lost)} since the last run "
            f"({member.link_failure_count} since it joined; tolerated: {case.tolerated_link_losses}); "
            f"check cable, transceiver and switch port: ethtool -S {member.name}",
            bond=bond.name,
            member=member.name,
            lost_since_last_run=lost,
            link_failure_count=member.link_failure_count,
            tolerated_link_losses=case.tolerated_link_losses,
        )


def _state(bond: Bond, member: Member) -> str:
    """Say for what reason a member is down."""
    if not member.admin_up:
        return "administratively down"
    if not bond.monitored:
        return "no carrier, and nothing monitors it"
    if member.mii_status == "down" and member.carrier:
        return "MII down though it has a carrier"
    return f"MII {member.mii_status}"


def _losses(bond: Bond, member: Member) -> str:
    """Say how often the kernel saw the link go; unmonitored, it saw nothing."""
    return f", link lost {_times(member.link_failure_count)} since it joined" if bond.monitored else ""


def _remedy(bond: Bond, member: Member) -> str:
    if not member.admin_up:
        return f"raise it: ip link set dev {member.name} up"
    if bond.arp_interval_ms and member.carrier:
        return f"see that an ARP target answers through {member.name}: ip -d link show {bond.name}"
    return f"check cable, switch port and driver: ethtool {member.name}"


def _traffic(bond: Bond, up: Sequence[Member], *, carries: bool) -> str:
    """Say where the traffic goes now."""
    if not carries:
        return f"{bond.name} carries nothing"
    return f"traffic runs on {_list([member.name for member in up])}" + (" alone" if len(up) == 1 else "")


def _subject(bond: Bond, member: Member) -> str:
    return f"{bond.name}/{member.name}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
