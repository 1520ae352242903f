"""Judges a virtual address on a real server: is it there, and does this host keep quiet about it.

With arp_ignore 0 the kernel answers ARP for any address it has, on any interface; 1 and 2 confine it to addresses
of the interface that is asked, 8 keeps all quiet, 3 those of host scope. With arp_announce below 2 it may ask *in
the name of* the virtual address, and whoever is asked learns from that where it lives.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from checks._dsr_real_server.faults import ARP_LEAK, VIP_MISSING
from checks._dsr_real_server.membership import KnownVip, is_owned_elsewhere
from checks._dsr_real_server.reading import Facing, Vip
from watchdog.plugin import Finding, Judgement, Note, Severity, Unseen

_QUIET_IGNORE = (1, 2, 3, 8)
_QUIET_ANNOUNCE = 2
# This host's own addresses that connect nothing and belong to nobody else, with their interfaces.
Others = tuple[tuple[str, str], ...]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual address that is here; `named` by the settings. `unheard` is why nobody listened to the link.

    `others` are this host's own addresses that ARP may be asked for here as well.
    """

    vip: Vip
    known: KnownVip | None = None
    named: bool = False
    arp_firewall: bool = False
    unheard: str = ""
    others: Others = ()


def judge_vip(case: Case) -> Iterator[Judgement]:
    """Judge an address that is where it should be. IPv6 asks nobody but the interface that has it."""
    if ":" in case.vip.address:
        return
    owned = is_owned_elsewhere(case.vip, case.known) or case.named
    for one in case.vip.facing:
        answers, heard = one.arp_ignore not in _QUIET_IGNORE, bool(one.answered or one.announced)
        if not _is_loud(one):
            continue
        if not owned and (not case.unheard or not answers):
            if answers:
                yield _nobody_elses(case, one)
            continue
        if case.arp_firewall and not heard:
            yield Unseen(
                subject=case.vip.address,
                reason=f"{_sysctls(one)} would let this host answer for it, but ARP is filtered here (arptables or"
                " nft): only the balancer can tell whether it answers",
            )
            continue
        yield _leak(case, one, answers=answers or heard)
        return


def _is_loud(one: Facing) -> bool:
    quiet = one.arp_ignore in _QUIET_IGNORE and one.arp_announce >= _QUIET_ANNOUNCE
    return not quiet or bool(one.answered or one.announced)


def _leak(case: Case, one: Facing, *, answers: bool) -> Finding:
    address, remedy = case.vip.address, "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2"
    if one.answered or one.announced:
        what = f"this host was heard to answer ARP for {address} on {one.interface}"
    elif answers:
        what = f"this host answers ARP for {address} on {one.interface} ({_sysctls(one)})"
    else:
        what = f"this host may ask ARP in the name of {address} on {one.interface} ({_sysctls(one)})"
    whose = f", which {one.owners[0]} owns" if one.owners else ""
    doubt = f"; whether another host owns it was not heard: {case.unheard}" if case.unheard else ""
    certain = answers and not case.unheard
    return ARP_LEAK.on(
        address,
        f"{what}{whose}: clients may come here past the balancer{doubt}; {remedy}",
        severity=Severity.CRITICAL if certain else Severity.WARNING,
        leaking=[_facing_evidence(each, case.others) for each in case.vip.facing if _is_loud(each)],
        **_evidence(case, one),
    )


def _facing_evidence(one: Facing, others: Others) -> dict[str, Any]:
    """Return how an interface faces a virtual address, and which others arp_ignore 1 there would silence too."""
    return {
        "interface": one.interface,
        "arp_ignore": one.arp_ignore,
        "arp_announce": one.arp_announce,
        "owners_elsewhere": list(one.owners),
        "silences": sorted(address for address, interface in others if interface != one.interface),
    }


def _nobody_elses(case: Case, one: Facing) -> Note:
    return Note(
        subject=case.vip.address,
        summary=f"{case.vip.address} on {case.vip.interface} is answered for on {one.interface}, and no other"
        f" host has it: an address of this host's own",
        evidence=_evidence(case, one),
    )


def _evidence(case: Case, one: Facing) -> dict[str, Any]:
    return {
        "on_interface": case.vip.interface,
        "facing": one.interface,
        "arp_ignore": one.arp_ignore,
        "arp_announce": one.arp_announce,
        "owners_elsewhere": list(one.owners),
        "answers_heard": one.answered,
        "announcements_heard": one.announced,
        "not_heard": case.unheard,
    }


def _sysctls(one: Facing) -> str:
    return f"arp_ignore {one.arp_ignore}, arp_announce {one.arp_announce}, the larger of all and {one.interface}"


def missing(address: str, interface: str, *, named: bool, absent: Vip | None, others: Others = ()) -> Finding:
    """Return the finding of a virtual address that is gone; `absent` is which interfaces face it."""
    why = "[checks.dsr_real_server] vips names it" if named else f"it was on {interface}"
    return VIP_MISSING.on(
        address,
        f"{address} is not on this host ({why}): what the balancer sends here for it is dropped;"
        f" ip address add {address}/{128 if ':' in address else 32} dev {interface}",
        interface=interface,
        expected_by="settings" if named else "memory",
        facing=[_facing_evidence(one, others) for one in absent.facing] if absent else [],
    )


def on_the_link(address: str, interface: str) -> Finding:
    """Return the finding of an address that the settings name and that sits where ARP asks for it."""
    length = 128 if ":" in address else 32
    return ARP_LEAK.on(
        address,
        f"{address} is on {interface} itself, where every question for it is answered: a real server has it on lo;"
        f" ip address del {address} dev {interface}; ip address add {address}/{length} dev lo",
        on_interface=interface,
    )
