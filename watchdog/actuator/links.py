"""Links and bonds, by netlink."""

import re
from typing import Any

from watchdog.actuator.failed import StepFailed
from watchdog.actuator.netlink import in_words
from watchdog.host import Host
from watchdog.linux.interface_name import is_interface_name
from watchdog.steps import BondOption, LinkChange, Prepared

# linux/if.h: administratively up.
_IFF_UP = 1


def prepare_link(step: LinkChange, host: Host) -> Prepared:
    """Say whether the link is as wanted."""
    with in_words(step), host.netlink() as netlink:
        up = bool(_link(netlink, step, step.link)["flags"] & _IFF_UP)
    return Prepared(needed=up != step.up, undo=LinkChange(link=step.link, up=up))


def change_link(step: LinkChange, host: Host) -> str:
    """Set a link up or down."""
    # By index, so that a request can never create a device that is not there.
    with in_words(step), host.netlink() as netlink:
        netlink.link("set", index=_link(netlink, step, step.link)["index"], state="up" if step.up else "down")
    return f"{step.link} is administratively {'up' if step.up else 'down'}"


def prepare_bond(step: BondOption, host: Host) -> Prepared:
    """Say what the option is now."""
    with in_words(step), host.netlink() as netlink:
        now = _bond_value(netlink, step)
        _demand_arp_off(netlink, step)
    undo = BondOption(bond=step.bond, option=step.option, value=now) if now else None
    return Prepared(needed=now != step.value, undo=undo)


def change_bond(step: BondOption, host: Host) -> str:
    """Set an option of a bond."""
    with in_words(step), host.netlink() as netlink:
        bond = _link(netlink, step, step.bond)
        _bond_value(netlink, step)  # that it is a bond
        _demand_arp_off(netlink, step)
        if step.option == "active_slave":
            member = _link(netlink, step, step.value)
            if member.get_attr("IFLA_MASTER") != bond["index"]:
                raise StepFailed(f"{step.describe()}: {step.value} is not in {step.bond}")
            wanted = {"bond_active_slave": member["index"]}
        else:
            wanted = {"bond_miimon": _milliseconds(step)}
        netlink.link("set", index=bond["index"], kind="bond", **wanted)
        if (now := _bond_value(netlink, step)) != step.value:
            raise StepFailed(f"{step.describe()}: the kernel left it at {now or 'none'}")
    return f"{step.option} of {step.bond} is {step.value}"


def _bond_value(netlink: Any, step: BondOption) -> str:
    info = _bond(netlink, step)
    value = info.get_attr(f"IFLA_BOND_{step.option.upper()}")
    if step.option == "miimon":
        return str(value or 0)
    return str(netlink.link("get", index=value)[0].get_attr("IFLA_IFNAME")) if value else ""


def _demand_arp_off(netlink: Any, step: BondOption) -> None:
    """Refuse what the kernel would do besides, and no undo knows of: to set miimon turns ARP monitoring off."""
    interval = _bond(netlink, step).get_attr("IFLA_BOND_ARP_INTERVAL")
    if step.option == "miimon" and step.value != "0" and interval:
        raise StepFailed(
            f"{step.describe()}: it would turn off the ARP monitoring of {step.bond} (arp_interval {interval})"
        )


def _bond(netlink: Any, step: BondOption) -> Any:
    """Return the attributes of the bond; other kinds of links have data in the same place."""
    linkinfo = _link(netlink, step, step.bond).get_attr("IFLA_LINKINFO")
    kind = linkinfo.get_attr("IFLA_INFO_KIND") if linkinfo else None
    info = linkinfo.get_attr("IFLA_INFO_DATA") if linkinfo else None
    if kind != "bond" or info is None:
        raise StepFailed(f"{step.describe()}: {step.bond} is no bond")
    return info


def _milliseconds(step: BondOption) -> int:
    if not re.fullmatch("0|[1-9][0-9]{0,8}", step.value):
        raise StepFailed(f"{step.describe()}: expected milliseconds, not {step.value!r}")
    return int(step.value)


def _link(netlink: Any, step: LinkChange | BondOption, name: str) -> Any:
    """Return the link of that name and no other: the kernel would read a name up to a NUL in it."""
    if not is_interface_name(name):
        raise StepFailed(f"{step.describe()}: no such device: {name!r} is no name the kernel would give one")
    return next(iter(netlink.link("get", ifname=name)))
