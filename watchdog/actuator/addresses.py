"""Addresses on interfaces, by netlink."""

from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Any

from msgspec.structs import replace

from watchdog.actuator.failed import StepFailed
from watchdog.actuator.netlink import in_words
from watchdog.host import Host
from watchdog.linux.interface_name import is_interface_name
from watchdog.steps import AddressChange, Prepared

_AF_INET, _AF_INET6 = 2, 10


def prepare_address(step: AddressChange, host: Host) -> Prepared:
    """Say whether the interface has the address."""
    with in_words(step), host.netlink() as netlink:
        there = _has(netlink, step)
    return Prepared(needed=there != step.present, undo=replace(step, present=not step.present))


def change_address(step: AddressChange, host: Host) -> str:
    """Add the address, or remove exactly it."""
    with in_words(step), host.netlink() as netlink:
        if _has(netlink, step) != step.present:
            netlink.addr("add" if step.present else "del", **_words(netlink, step))
    return f"{step.address} on {step.device}: {'added' if step.present else 'removed'}"


def _has(netlink: Any, step: AddressChange) -> bool:
    wanted = _words(netlink, step)
    return any(
        message["prefixlen"] == wanted["prefixlen"]
        and (message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")) == wanted["address"]
        for message in netlink.get_addr(family=wanted["family"], index=wanted["index"])
    )


def _words(netlink: Any, step: AddressChange) -> dict[str, Any]:
    # The kernel would read a name up to a NUL in it.
    found = netlink.link_lookup(ifname=step.device) if is_interface_name(step.device) else []
    if not found:
        raise StepFailed(f"{step.describe()}: no such device")
    value = _interface(step)
    return {
        "family": _AF_INET6 if value.version == 6 else _AF_INET,
        "index": found[0],
        "address": str(value.ip),
        "prefixlen": value.network.prefixlen,
    }


def _interface(step: AddressChange) -> IPv4Interface | IPv6Interface:
    try:
        return ip_interface(step.address)
    except ValueError as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
