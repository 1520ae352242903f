"""Raise a bond member that somebody set administratively down.

Bringing up a link that is in the bond's known membership adds a path and takes none away, so it is safe to offer.
A member that is administratively up and still not used has a cable, a switch port or a peer to blame: no command
on this host cures that, and bouncing the link would only add to the harm. And one that came and went before it
was set down was most likely set down for that.

Sources: Linux Documentation/networking/bonding.rst (link monitoring, updelay).
"""

from typing import Annotated

import msgspec

from remediations._bond import demand_sound
from watchdog.plugin import Case, Host, LinkChange, Plan, Refused, Remediation, RemediationSettings

# Autonegotiation takes up to 5 s on copper; the bond's miimon and updelay come on top.
_SETTLE_SECONDS = 15.0
_DOWN = ("bond.member_down", "bond.member_missing")
_LONGEST_DELAY_MS = 600_000


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What bond.member_down must tell us; anything else in it is not ours to read."""

    bond: str
    member: str
    admin_up: bool
    carrier: bool
    mii_status: str
    known: bool
    members_up: tuple[str, ...] = ()
    # An incident of an earlier version has no such keys.
    miimon_ms: Annotated[int, msgspec.Meta(ge=0)] = 0
    updelay_ms: Annotated[int, msgspec.Meta(ge=0)] = 0


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    """Return `ip link set dev MEMBER up`; Refused unless the member is a known one and administratively down."""
    evidence = _evidence_of(case)
    bond, member = evidence.bond, evidence.member
    if evidence.admin_up and not evidence.carrier:
        raise Refused(
            f"{member} is administratively up; its cable or peer is down, which no command here can cure: "
            f"look at the cable, the switch port and the other end"
        )
    if evidence.admin_up:
        raise Refused(
            f"{member} is administratively up and has a carrier, yet {bond} says {evidence.mii_status!r}; "
            f"raising it would change nothing: look at the link monitoring of {bond} and at the switch"
        )
    if not evidence.known:
        raise Refused(
            f"{member} is not in the known membership of {bond}; someone may have taken it out on purpose: "
            f"if it belongs there, run: ip link set dev {member} up"
        )
    if any(one.key == ("bond.flapping", case.finding.subject) for one in case.incidents):
        raise Refused(
            f"{member} lost its link now and then before it was set down (bond.flapping is open), so somebody "
            f"may have had a reason; find it first: ethtool -S {member}; then run: ip link set dev {member} up"
        )
    delay_ms = evidence.updelay_ms + 2 * evidence.miimon_ms
    if delay_ms > _LONGEST_DELAY_MS:
        raise Refused(
            f"{bond} uses a member only {delay_ms / 1000:g} s after its link is up (updelay, miimon), too long "
            f"to wait for a proof; run it by hand: ip link set dev {member} up"
        )
    return Plan(
        summary=f"set {member} administratively up, so that {bond} can use it again",
        steps=(LinkChange(link=member, up=True),),
        settle_seconds=_SETTLE_SECONDS + delay_ms / 1000,
        lasting=False,
        note=(
            f"to make it last over a restart, let the network configuration bring {member} up: `auto {member}` in "
            f"/etc/network/interfaces (ifupdown), no `ActivationPolicy=down` in its .link or .network file "
            f"(systemd-networkd), `nmcli connection modify PROFILE connection.autoconnect yes` (NetworkManager), "
            f"no `activation-mode: off` for it (netplan)."
        ),
    )


def _evidence_of(case: Case) -> _Evidence:
    evidence = case.evidence(_Evidence)
    demand_sound(case, (evidence.bond, evidence.member), f"{evidence.bond}/{evidence.member}")
    return evidence


def stays(case: Case) -> str:
    """Keep the member up where it works now and none of those does that were up when it was raised."""
    evidence = _evidence_of(case)
    bond = case.results.get("bond")
    if bond is None or not bond.judged or not bond.applicable:
        return ""
    down = {one.subject.rpartition("/")[2] for one in bond.findings if one.fault in _DOWN}
    others = set(evidence.members_up) - {evidence.member} - down
    if others or evidence.member in down:
        return ""
    return f"{evidence.member} is the last member of {evidence.bond} that is up"


REMEDIATION = Remediation(
    name="bond_raise_member",
    title="set a bond member that is administratively down up again",
    heals=("bond.member_down",),
    risk="low",
    settings=RemediationSettings,
    plan=plan,
    stays=stays,
)
