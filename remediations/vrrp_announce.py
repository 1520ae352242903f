"""Announce a virtual IP again from the machine that kept it, after the one that had it too has left.

keepalived announces an address when it becomes active. The one that stays after a split was active all along, so
it says nothing, and routers go on sending to the other machine's hardware address, for hours (keepalived's issues
166, 542, 1884). The check finds such a neighbour by asking it; here it is told, with all others on the link.

An announcement by the only machine that has the address takes nothing from anybody. By one of two it would pull
the neighbours to and fro, so it is made only where the check sees this host alone active, with the address on it.

Sources: RFC 5227 section 2.3, RFC 5798 section 6.4.1, RFC 4861 section 7.2.6.
"""

from collections.abc import Collection
from ipaddress import ip_address

import msgspec

from watchdog.plugin import (
    AnnounceAddress,
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    read_addresses,
)

# A neighbour takes it at once; the check asks it for somewhat more than a second.
_SETTLE_SECONDS = 10.0


class _HeldHere(msgspec.Struct, frozen=True, kw_only=True):
    """An address of the virtual router that is on an interface of this host."""

    address: str
    interface: str


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What vrrp.vip_unreachable must tell us; its other kinds, found elsewhere, have no `misled` neighbours."""

    active: str = ""
    misled: tuple[str, ...] = ()
    held_here: tuple[_HeldHere, ...] = ()


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    """Return the announcements; Refused unless this host alone is active and has the addresses."""
    present = {(one.interface, str(one.address)) for one in read_addresses()}
    return decide(case, present)


def decide(case: Case, present: Collection[tuple[str, str]]) -> Plan:
    """Return the plan, or raise Refused: pure. `present` are this host's addresses, by interface."""
    evidence, subject = case.evidence(_Evidence), case.finding.subject
    router, _, address = subject.rpartition("/")
    if evidence.active != "this host" or not evidence.misled:
        raise Refused(
            "no neighbour was seen that sends to the wrong machine while this host alone is active; an address"
            " that does not answer is put right on the machine that is active"
        )
    _demand_no_split(case, router)
    if address not in [one.address for one in evidence.held_here]:
        raise Refused(f"{subject} is not among the addresses that were seen on this host")
    for one in evidence.held_here:
        if (one.interface, _plain(one.address)) not in present:
            raise Refused(f"{one.address} is no longer on {one.interface} of this host")
    addresses = ", ".join(one.address for one in evidence.held_here)
    return Plan(
        summary=f"announce {addresses}, as {', '.join(evidence.misled)} still sends to the machine that left",
        steps=tuple(AnnounceAddress(interface=one.interface, address=one.address) for one in evidence.held_here),
        settle_seconds=_SETTLE_SECONDS,
        note="what was announced cannot be taken back, and need not: the address is here.",
    )


def _demand_no_split(case: Case, router: str) -> None:
    """Refuse while the check that looked just now still finds two of them."""
    seen = case.results.get("vrrp")
    for finding in seen.findings if seen else ():
        if finding.fault == "vrrp.split_brain" and finding.subject == router:
            raise Refused("two machines have the address: announcing it would pull the neighbours to and fro")


def _plain(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError as error:
        raise Refused(f"{address!r} is no address") from error


REMEDIATION = Remediation(
    name="vrrp_announce",
    title="announce a virtual IP from the machine that kept it after a split",
    heals=("vrrp.vip_unreachable",),
    risk="low",
    settings=RemediationSettings,
    plan=plan,
)
