"""Send through the primary member of a bond again, where its owner's reselect policy says that it should be so.

With primary_reselect=always the kernel itself goes back once the primary's updelay is over; so a primary that is
up and not active was left by hand or by a program. The kernel changes to a member that is up without a gap, and
goes on looking at its link: should it fail, the bond returns to the other by itself. With `failure` the spare is
where the owner wants to stay; a primary that comes and goes, or that nothing monitors, is no place to move
traffic to.

Sources: Linux Documentation/networking/bonding.rst (active_slave, primary_reselect);
drivers/net/bonding/bond_options.c, bond_option_active_slave_set() (refuses a member whose link is not up);
bond_main.c, bond_choose_primary_or_current().
"""

import msgspec

from remediations._bond import demand_sound
from watchdog.plugin import BondOption, Case, Host, Plan, Refused, Remediation, RemediationSettings

# Long enough for miimon and downdelay to find a primary that cannot bear the traffic.
_SETTLE_SECONDS = 10.0
_MODES = ("active-backup", "balance-tlb", "balance-alb")


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What bond.primary_not_active must tell us; anything else in it is not ours to read."""

    bond: str
    mode: str
    monitored: bool
    primary: str
    active_member: str
    primary_reselect: str
    primary_speed_mbps: int | None
    active_speed_mbps: int | None
    primary_known: bool
    primary_admin_up: bool
    primary_carrier: bool
    primary_mii_status: str
    primary_lost_since_last_run: int | None


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    """Return `active_slave PRIMARY`; Refused unless the policy wants it there and it is a place to be."""
    evidence = _evidence_of(case)
    _demand_policy(evidence)
    _demand_steady(evidence, case)
    bond, primary = evidence.bond, evidence.primary
    return Plan(
        summary=f"send through {primary}, the primary of {bond}, again; {evidence.active_member} is its spare",
        steps=(BondOption(bond=bond, option="active_slave", value=primary),),
        settle_seconds=_SETTLE_SECONDS,
        # The configuration names the primary already: at the next start the kernel chooses it by itself.
        lasting=True,
        note=(
            f"with primary_reselect={evidence.primary_reselect} the kernel goes back to {primary} by itself, so a "
            f"person or a program has put {evidence.active_member} in its place: if that is meant to last, apply "
            f"nothing and run: ip link set dev {bond} type bond primary_reselect failure"
        ),
    )


def _demand_policy(evidence: _Evidence) -> None:
    bond, primary, active = evidence.bond, evidence.primary, evidence.active_member
    if evidence.mode not in _MODES:
        raise Refused(f"{bond} is {evidence.mode}, which has no active member; only {', '.join(_MODES)} have")
    if primary == active:
        raise Refused(f"{primary} is the active member of {bond} already")
    if evidence.primary_reselect == "always":
        return
    if evidence.primary_reselect != "better":
        raise Refused(
            f"primary_reselect of {bond} is {evidence.primary_reselect}: there it stays on {active} until that "
            f"fails, by its owner's wish; to go back by hand: ip link set dev {bond} type bond active_slave "
            f"{primary}"
        )
    mine, other = evidence.primary_speed_mbps, evidence.active_speed_mbps
    if mine is None or other is None or mine <= other:
        raise Refused(
            f"primary_reselect of {bond} is better, and {primary} ({_speed(mine)}) is not faster than {active} "
            f"({_speed(other)})"
        )


def _demand_steady(evidence: _Evidence, case: Case) -> None:
    bond, primary = evidence.bond, evidence.primary
    if not evidence.primary_known:
        raise Refused(f"{primary} is not in the known membership of {bond}; it may be there by mistake")
    if not (evidence.primary_admin_up and evidence.primary_carrier and evidence.primary_mii_status == "up"):
        raise Refused(
            f"{primary} is not up (administratively {'up' if evidence.primary_admin_up else 'down'}, carrier "
            f"{'yes' if evidence.primary_carrier else 'no'}, MII {evidence.primary_mii_status}); {bond} keeps "
            "away from it rightly: look at its cable and switch port"
        )
    if not evidence.monitored:
        raise Refused(
            f"nothing monitors the links of {bond}: should {primary} fail, it would go on sending into it; "
            f"first turn the monitoring on: ip link set dev {bond} type bond miimon 100"
        )
    lost = evidence.primary_lost_since_last_run
    if lost is None:
        raise Refused(f"how often {primary} lost its link lately is not known yet; the next run tells")
    if lost > 0 or _flaps(case, f"{bond}/{primary}"):
        since = f"{lost} times since the last run" if lost > 0 else "lately (bond.flapping is open)"
        raise Refused(
            f"{primary} lost its link {since}: traffic that goes back to it would go back and forth; find out why "
            f"first: ethtool -S {primary}"
        )


def _flaps(case: Case, member: str) -> bool:
    return any(one.key == ("bond.flapping", member) for one in case.incidents)


def _speed(mbps: int | None) -> str:
    return "speed unknown" if mbps is None else f"{mbps} Mbps"


def _evidence_of(case: Case) -> _Evidence:
    evidence = case.evidence(_Evidence)
    demand_sound(case, (evidence.bond, evidence.primary, evidence.active_member), evidence.bond)
    return evidence


REMEDIATION = Remediation(
    name="bond_use_primary",
    title="send through the primary member of a bond again",
    heals=("bond.primary_not_active",),
    risk="low",
    settings=RemediationSettings,
    plan=plan,
)
