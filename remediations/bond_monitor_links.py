"""Have the kernel look at the links of a bond that nothing monitors: miimon=100.

Only where neither monitor is on: to set miimon turns the ARP monitor off, and 802.3ad, balance-tlb and
balance-alb need miimon in any case. Once the kernel looks, a member whose link was dead all along is taken out of
service. That is the truth, and what it is for; but where no member has a carrier it would take down the whole
bond, so there it refuses, and so it does where too few are left for min_links. Turned off again, the kernel would
never take back what is down then, so with a member down it stays on.

Sources: Linux Documentation/networking/bonding.rst (miimon, min_links); drivers/net/bonding/bond_options.c,
bond_option_miimon_set(); bond_3ad.c, bond_3ad_set_carrier().
"""

import msgspec

from remediations._bond import demand_sound
from watchdog.plugin import BondOption, Case, Host, Plan, Refused, Remediation, RemediationSettings

_MIIMON = "100"  # the kernel document's own starting point
# Some rounds of miimon, and an LACP that gathers itself again without a dead port.
_SETTLE_SECONDS = 10.0


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What bond.no_link_monitoring must tell us; anything else in it is not ours to read."""

    bond: str
    mode: str
    miimon_ms: int
    arp_interval_ms: int
    admin_up: bool
    min_links: int
    members: tuple[str, ...]
    members_with_carrier: tuple[str, ...]


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    """Return `miimon 100`; Refused where a monitor is on, or where it would take the last member out."""
    evidence = _evidence_of(case)
    bond, alive = evidence.bond, [m for m in evidence.members if m in evidence.members_with_carrier]
    dead = [member for member in evidence.members if member not in alive]
    _demand_none_on(evidence)
    _demand_alive(evidence, alive)
    _demand_carrier(host, bond)
    reveals = f"; {', '.join(dead)} without a carrier will be taken out of service, as it is dead" if dead else ""
    return Plan(
        summary=f"have the kernel look at the links of {bond} every {_MIIMON} ms{reveals}",
        steps=(BondOption(bond=bond, option="miimon", value=_MIIMON),),
        settle_seconds=_SETTLE_SECONDS,
        lasting=False,
        note=_how_to_make_it_last(bond),
        healthy_left=len(alive),
        # What was hidden shows now: a dead member that is told is no harm.
        accepts=("bond.member_down",),
    )


def _demand_none_on(evidence: _Evidence) -> None:
    bond = evidence.bond
    if evidence.miimon_ms > 0:
        raise Refused(f"{bond} monitors its links already (miimon {evidence.miimon_ms})")
    if evidence.arp_interval_ms > 0:
        raise Refused(
            f"{bond} is monitored by ARP (arp_interval {evidence.arp_interval_ms}), and to set miimon would "
            "turn that off"
        )


def _demand_alive(evidence: _Evidence, alive: list[str]) -> None:
    bond = evidence.bond
    if not evidence.members:
        raise Refused(f"{bond} has no member whose link could be monitored")
    if not evidence.admin_up:
        raise Refused(
            f"{bond} is administratively down, so nobody sees what monitoring would make of it; "
            f"raise it first: ip link set dev {bond} up"
        )
    if not alive:
        raise Refused(
            f"no member of {bond} ({', '.join(evidence.members)}) has a carrier: monitoring would take all of "
            f"them, and with them {bond}, out of service; look at the cables and switch ports first"
        )
    if evidence.mode == "802.3ad" and len(alive) < evidence.min_links:
        raise Refused(
            f"only {', '.join(alive)} of {bond} has a carrier, and its min_links asks for {evidence.min_links}: "
            f"monitoring would take {bond} down; bring up more members first"
        )


def _demand_carrier(host: Host, bond: str) -> None:
    """Refuse where the kernel would not go by the carrier, as the check did. Newer kernels know no other way."""
    if (host.read_text(f"/sys/class/net/{bond}/bonding/use_carrier") or "1").strip() == "0":
        raise Refused(
            f"{bond} has use_carrier=0: its monitoring would ask the drivers' registers, and may find members "
            "dead that have a carrier; see that it finds them up: ethtool MEMBER; then run: "
            f"ip link set dev {bond} type bond use_carrier 1 miimon {_MIIMON}"
        )


def stays(case: Case) -> str:
    """Keep the monitoring where a member is down, or nobody sees: without it, it would be down for ever."""
    bond, now = case.finding.subject, case.results.get("bond")
    if now is None or not now.judged or not now.applicable:
        return f"nobody can see now whether a member of {bond} is down: without monitoring it would be so for ever"
    if any(one.covers(bond) or one.subject.startswith(f"{bond}/") for one in now.unseen):
        return f"not all of {bond} can be seen now: without monitoring, a member that is down would be so for ever"
    down = {one.subject for one in now.findings if one.fault == "bond.member_down"}
    here = sorted(one.rpartition("/")[2] for one in down if one.startswith(f"{bond}/"))
    if here:
        return f"{', '.join(here)} is down, and without monitoring the kernel would never take it back"
    return ""


def _how_to_make_it_last(bond: str) -> str:
    return (
        f"to make it last over a restart, put it where {bond} is configured: `bond-miimon {_MIIMON}` in its "
        f"stanza of /etc/network/interfaces (ifupdown); `MIIMonitorSec={_MIIMON}ms` under [Bond] of its .netdev "
        f"file (systemd-networkd); `mii-monitor-interval: {_MIIMON}` under its `parameters:` (netplan); "
        f"`nmcli connection modify {bond} +bond.options miimon={_MIIMON}` with the name of its profile "
        f'(NetworkManager); `BONDING_OPTS="... miimon={_MIIMON}"` in '
        f"/etc/sysconfig/network-scripts/ifcfg-{bond} (network-scripts)."
    )


def _evidence_of(case: Case) -> _Evidence:
    evidence = case.evidence(_Evidence)
    demand_sound(case, (evidence.bond, *evidence.members, *evidence.members_with_carrier), evidence.bond)
    return evidence


REMEDIATION = Remediation(
    name="bond_monitor_links",
    title="have the kernel monitor the links of a bond (miimon=100)",
    heals=("bond.no_link_monitoring",),
    risk="low",
    settings=RemediationSettings,
    plan=plan,
    stays=stays,
)
