"""/proc/net/bonding/BOND as typed values, for what netlink lacks: speed, duplex, churn, the partner. Pure.

Source: drivers/net/bonding/bond_procfs.c.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar, get_args

from watchdog.linux.bonding import Churn, Duplex, MalformedBondError, MemberText

_SPEED = re.compile(r"(-?[0-9]{1,10}) Mbps")
_SPEED_UNKNOWN = (-1, 0xFFFF, 0xFFFFFFFF)  # as older kernels print it
_UNKNOWN = ("Unknown", "unknown")

Word = TypeVar("Word", bound=str)


def parse_proc_bonding(text: str) -> tuple[MemberText, ...]:
    """Read /proc/net/bonding/BOND for what netlink lacks, one value per member in the kernel's order.

    Raises MalformedBondError when a value is none that the kernel writes.
    """
    return tuple(_member_text(name, block) for name, block in _blocks(text))


def _blocks(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each member's `key: value` lines; those of a details section get its name in front."""
    name, section = "", ""
    block: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        value = value.strip()
        if key == "Slave Interface":
            if name:
                yield name, block
            name, section, block = value, "", {}
        elif key in ("details actor lacp pdu", "details partner lacp pdu"):
            section = key.split()[1] + " "
        else:
            block[section + key.strip()] = value
    if name:
        yield name, block


def _member_text(name: str, block: Mapping[str, str]) -> MemberText:
    return MemberText(
        name=name,
        speed_mbps=_speed(block.get("Speed", "Unknown")),
        duplex=_one_of(get_args(Duplex), block.get("Duplex"), "Duplex"),
        actor_churn=_one_of(get_args(Churn), block.get("Actor Churn State"), "Actor Churn State"),
        partner_churn=_one_of(get_args(Churn), block.get("Partner Churn State"), "Partner Churn State"),
        actor_port_state=_byte(block.get("actor port state")),
        partner_port_state=_byte(block.get("partner port state")),
        partner_mac=block.get("partner system mac address"),
    )


def _speed(value: str) -> int | None:
    if value in _UNKNOWN:
        return None
    match = _SPEED.fullmatch(value)
    if match is None:
        raise MalformedBondError(f"Speed is {value[:40]!r}, expected Unknown or a number of Mbps")
    speed = int(match[1])
    return None if speed in _SPEED_UNKNOWN else speed


def _one_of(words: tuple[Word, ...], value: str | None, key: str) -> Word | None:
    if value is None or value in _UNKNOWN:
        return None
    found = next((word for word in words if word == value), None)
    if found is None:
        raise MalformedBondError(f"{key} is {value[:40]!r}, expected one of {', '.join(words)}")
    return found


def _byte(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > 0xFF:
        raise MalformedBondError(f"port state is {value[:40]!r}, expected 0 to 255")
    return int(value)
