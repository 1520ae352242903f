"""Make a real server behind direct routing keep quiet about its virtual address, and give a lost one back.

arp_ignore and arp_announce count as the larger of `all` and the interface that ARP is spoken on
(Documentation/networking/ip-sysctl.rst). So they are set on the interfaces that face the address and on no other:
`all` would change what every interface of a router or a second uplink answers, and `lo` is asked by nobody. Even
there arp_ignore=1 silences whatever else this host has on lo, on a dummy or elsewhere: an address of its own that
ARP is asked for on that link would be gone, so it must be allowed by name.

First the silence, then the address: the other way round this host would be asked in between, and the virtual
address would move here until the neighbours forget. Where nobody else answers for it nothing is silenced: it may
be this host's answers that keep the service alive.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated

import msgspec

from watchdog.plugin import (
    AddressChange,
    AnyStep,
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    SetSysctl,
    Unobservable,
)

_LEAK, _MISSING = "dsr_real_server.arp_leak", "dsr_real_server.vip_missing"
_QUIET_IGNORE, _QUIET_ANNOUNCE = (1, 2, 3, 8), 2
_IFF_UP = 1
# The check asks the link for a second; ARP requests in the address's name may be under way.
_SETTLE_SECONDS = 10.0


class FixDsrArpSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.fix_dsr_arp]`: which other addresses of this host need no ARP answer where they are not."""

    may_silence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for address in self.may_silence:
            if str(ip_address(address)) != address:
                raise ValueError(f'an address as the kernel writes it, such as "{ip_address(address)}"')


class _Facing(msgspec.Struct, frozen=True, kw_only=True):
    """An interface in whose network the address lies; the sysctls are those in effect."""

    interface: str
    arp_ignore: Annotated[int, msgspec.Meta(ge=0)]
    arp_announce: Annotated[int, msgspec.Meta(ge=0)]
    owners_elsewhere: tuple[str, ...] = ()
    silences: tuple[str, ...] = ()


class _Leak(msgspec.Struct, frozen=True, kw_only=True):
    """What dsr_real_server.arp_leak must tell us, as the real server itself finds it."""

    on_interface: str
    leaking: tuple[_Facing, ...]


class _Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What dsr_real_server.vip_missing must tell us."""

    interface: str
    facing: tuple[_Facing, ...]


def plan(host: Host, case: Case, settings: FixDsrArpSettings) -> Plan:
    """Return the sysctls, and the address where it is missing; Refused where that would not help, or harm."""
    address = _address_of(case)
    if case.finding.fault == _LEAK:
        return _plan_silence(host, address, case, settings)
    return _plan_address(host, address, case.evidence(_Missing), settings)


def _address_of(case: Case) -> str:
    subject = case.finding.subject
    if "/" in subject:
        raise Refused(
            f"{subject.partition('/')[2]} leaks, which is another host: it can only be cured there"
            " (sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2)"
        )
    try:
        if str(ip_address(subject)) == subject:
            return subject
    except ValueError:
        pass
    raise Refused(f"the finding should be about an address, not about {subject[:80]!r}")


def _plan_silence(host: Host, address: str, case: Case, settings: FixDsrArpSettings) -> Plan:
    if "facing" not in case.finding.evidence:
        raise Refused(
            f"{address} is on an interface where ARP for it is always answered; move it yourself, as its removal"
            f" can take other addresses along: {case.finding.summary.rpartition(': ')[2]}"
        )
    evidence = case.evidence(_Leak)
    owners = {owner for one in evidence.leaking for owner in one.owners_elsewhere}
    if not owners:
        raise Refused(
            f"no other host answers for {address} now: were this one silent, nobody might; see that the balancer"
            " has it, and look again"
        )
    steps = tuple(step for one in evidence.leaking for step in _silence(host, one, settings))
    if not steps:
        names = ", ".join(one.interface for one in evidence.leaking)
        raise Refused(
            f"arp_ignore and arp_announce are as they should be on {names}, and yet this host was heard to speak"
            f" for {address}: a program here sends that (arping, send_arp, a cluster manager); find and stop it"
        )
    return Plan(
        summary=f"keep quiet about {address} where it is asked for; {len(owners)} other host answers for it",
        steps=steps,
        settle_seconds=_SETTLE_SECONDS,
        lasting=False,
        note=f"{_lasting(steps)} Neighbours that heard this host forget it within minutes, or at once after"
        f" arping -U -I INTERFACE {address} on the balancer.",
        healthy_left=len(owners),
    )


def _plan_address(host: Host, address: str, evidence: _Missing, settings: FixDsrArpSettings) -> Plan:
    if not evidence.facing:
        raise Refused(
            f"no interface of this host is in the network of {address}: which to keep quiet is not known; is the"
            " network up?"
        )
    device = evidence.interface
    if not (_is_interface_name(device) and _is_up(host, device)):
        raise Refused(f"{device[:20]!r}, on which {address} was, is gone or down; bring it back first")
    # IPv6 asks nobody but the interface that has the address.
    silence = () if ":" in address else tuple(s for one in evidence.facing for s in _silence(host, one, settings))
    added = AddressChange(device=device, address=f"{address}/{128 if ':' in address else 32}")
    steps: tuple[AnyStep, ...] = (*silence, added)
    return Plan(
        summary=f"put {address} back on {device}" + (", quietly" if silence else ""),
        steps=steps,
        settle_seconds=_SETTLE_SECONDS,
        lasting=False,
        note=f"{_lasting(steps)} It gets its share of the connections again as soon as it is there; one that was"
        f' taken off on purpose: [checks.dsr_real_server] ignore = ["{address}"].',
    )


def _silence(host: Host, one: _Facing, settings: FixDsrArpSettings) -> Iterator[SetSysctl]:
    """Yield what makes an interface quiet. Refused where that would take another address off its link."""
    name = one.interface
    if not _is_interface_name(name):
        raise Refused(f"{name[:20]!r} is no name the kernel would give an interface")
    if one.arp_ignore not in _QUIET_IGNORE:
        if one.arp_ignore > 1:
            raise Refused(
                f"arp_ignore {one.arp_ignore} is in effect on {name}, which outweighs 1 and means 0: set it to 1"
                " where it is set (net.ipv4.conf.all, or the interface's own)"
            )
        if kept := [address for address in one.silences if address not in settings.may_silence]:
            names = ", ".join(f'"{address}"' for address in kept)
            raise Refused(
                f"arp_ignore 1 on {name} would also silence {', '.join(kept)}, which this host may be asked for"
                f" there; if nobody needs that: [remediations.fix_dsr_arp] may_silence = [{names}]"
            )
        yield SetSysctl(key=f"net/ipv4/conf/{name}/arp_ignore", value="1")
    if one.arp_announce < _QUIET_ANNOUNCE:
        yield SetSysctl(key=f"net/ipv4/conf/{name}/arp_announce", value=str(_QUIET_ANNOUNCE))


def _lasting(steps: tuple[AnyStep, ...]) -> str:
    """Say what makes it outlast a restart."""
    sysctls = "; ".join(f"{step.key} = {step.value}" for step in steps if isinstance(step, SetSysctl))
    made = f"to make it last, in /etc/sysctl.d/60-dsr.conf: {sysctls}." if sysctls else "to make it last:"
    return made + "".join(_lasting_address(step) for step in steps if isinstance(step, AddressChange))


def _lasting_address(step: AddressChange) -> str:
    address, device = step.address, step.device
    family = 6 if ":" in address else 4
    return (
        f" {address} on {device}: `up {step.describe()}` below `iface {device}` in /etc/network/interfaces"
        f" (ifupdown), `Address={address}` below `[Network]` in the .network file of {device} (systemd-networkd),"
        f" `addresses: [{address}]` for {device} (netplan), or"
        f" `nmcli connection modify PROFILE +ipv{family}.addresses {address}` (NetworkManager)."
    )


def _is_up(host: Host, device: str) -> bool:
    try:
        return bool(int(host.read_text(f"/sys/class/net/{device}/flags") or "0", 16) & _IFF_UP)
    except (ValueError, Unobservable):
        return False


def _is_interface_name(name: str) -> bool:
    """Hold a name to the kernel's rule, and to what a person can read in a command."""
    whole = 0 < len(name.encode(errors="replace")) <= 15 and name not in (".", "..")
    return whole and name.isprintable() and not any(c in "/:" or c.isspace() for c in name)


REMEDIATION = Remediation(
    name="fix_dsr_arp",
    title="keep a real server quiet about its virtual address, and give it back one that it lost",
    heals=(_LEAK, _MISSING),
    # Nobody's way is cut: another host answers for the address, and what else it would silence must be allowed.
    risk="low",
    settings=FixDsrArpSettings,
    plan=plan,
)
