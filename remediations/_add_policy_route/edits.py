"""How each program's files are edited, so that a policy route lasts: text in, text out. Pure.

Nothing that is there is changed, moved or put in other words: lines are added. Raises CannotWriteError where a
file is not of the shape that is known; then a person writes it.
"""

import re
from collections.abc import Iterator, Sequence

from watchdog.linux.policy_route import PolicyRoute
from watchdog.linux.policy_route_config import (
    ifupdown_lines,
    netplan_lines,
    networkd_lines,
    networkmanager_rules,
)

HEADER = "# Written by watchdog (add_policy_route): replies from {} leave by {}."
# What begins a stanza of interfaces(5).
_STANZA = re.compile(
    r"(iface|auto|mapping|source|source-directory|rename|template|no-scripts|no-auto-down|allow-\S+)\b"
)
_NETPLAN_SECTIONS = ("ethernets", "bonds", "bridges", "vlans")
_NUMBERED = r"{}(\d+)(?:_options)?\s*="


class CannotWriteError(Exception):
    """Says why a file is not written; what to do is for who catches it to say."""


def networkd_drop_in(way: PolicyRoute) -> str:
    """Return a drop-in for a .network file."""
    lines = [HEADER.format(way.source, way.device)]
    for line in networkd_lines(way):
        lines += ["", line] if line.startswith("[") else [line]
    return "\n".join(lines) + "\n"


def netplan_file(way: PolicyRoute, section: str) -> str:
    """Return a file that netplan adds to its others."""
    if way.main_priority is not None:
        raise CannotWriteError(
            "netplan has no word for the rule that keeps what the main table knows (suppress_prefixlength)"
        )
    lines = [
        HEADER.format(way.source, way.device),
        "network:",
        "  version: 2",
        f"  {section}:",
        f"    {way.device}:",
    ]
    return "\n".join([*lines, *(f"      {line}" for line in netplan_lines(way))]) + "\n"


def netplan_section(text: str, device: str) -> str | None:
    """Return under which key netplan's file defines a device, None when it does not in a way that is known."""
    parents: list[tuple[int, str]] = []
    for line in text.splitlines():
        key, colon, _ = line.strip().partition(":")
        if not colon or key.startswith(("#", "-")):
            continue
        indent = len(line) - len(line.lstrip())
        parents = [one for one in parents if one[0] < indent]
        names = [name for _, name in parents]
        if (
            key.strip("\"'") == device
            and len(names) == 2
            and names[0] == "network"
            and names[1] in _NETPLAN_SECTIONS
        ):
            return names[1]
        parents.append((indent, key.strip("\"'")))
    return None


def add_to_interfaces(text: str, way: PolicyRoute) -> str:
    """Return interfaces(5) with the options at the end of the stanza that has the address."""
    lines = text.removesuffix("\n").split("\n")
    family = "inet6" if way.six else "inet"
    stanzas = [
        (first, last)
        for first, last in _stanzas(lines)
        if lines[first].split()[:1] == ["iface"] and lines[first].split()[1:3] == [way.device, family]
    ]
    naming = [(first, last) for first, last in stanzas if _names(lines[first : last + 1], way.source)]
    if len(naming or stanzas) != 1:
        raise CannotWriteError(f"there are {len(naming or stanzas)} stanzas `iface {way.device} {family}`")
    ((first, last),) = naming or stanzas
    if any(line.endswith("\\") for line in lines[first : last + 1]):
        raise CannotWriteError(f"the stanza of {way.device} has lines that go on in the next")
    indent = re.match(r"\s*", lines[last])
    space = (indent.group() if indent else "") or "    "
    added = [f"{space}{line}" for line in (HEADER.format(way.source, way.device), *ifupdown_lines(way))]
    return "\n".join([*lines[: last + 1], *added, *lines[last + 1 :]]) + "\n"


def add_lines(text: str | None, added: Sequence[str]) -> str:
    """Return a file of one statement a line with these behind its own (route-DEVICE, rule-DEVICE)."""
    before = text or ""
    if re.search(r"^\s*(ADDRESS|NETMASK|GATEWAY)\d+=", before, re.MULTILINE):
        raise CannotWriteError("it is written in the old way (ADDRESS0=), which has no tables")
    if before and not before.endswith("\n"):
        before += "\n"
    return before + "\n".join(added) + "\n"


def add_to_keyfile(text: str, way: PolicyRoute) -> str:
    """Return a connection profile of NetworkManager with the routes and rules behind those it has."""
    lines = text.removesuffix("\n").split("\n")
    name = "[ipv6]" if way.six else "[ipv4]"
    starts = [number for number, line in enumerate(lines) if line.strip() == name]
    if len(starts) != 1:
        raise CannotWriteError(f"the profile has {len(starts)} sections {name}")
    first = starts[0]
    ends = next((n for n in range(first + 1, len(lines)) if lines[n].strip().startswith("[")), len(lines))
    section = lines[first + 1 : ends]
    while section and not section[-1].strip():
        section.pop()
    routes = [f"{way.everywhere},{way.gateway}" if way.gateway else way.everywhere]
    routes += [way.network] if way.network else []
    added = []
    for number, route in enumerate(routes, _next_number(section, "route")):
        added += [f"route{number}={route}", f"route{number}_options=table={way.table}"]
    for number, rule in enumerate(networkmanager_rules(way), _next_number(section, "routing-rule")):
        added.append(f"routing-rule{number}={rule}")
    rest = lines[ends:]
    return "\n".join([*lines[: first + 1], *section, *added, *([""] if rest else []), *rest]) + "\n"


def _stanzas(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each stanza, without the comments and empty lines behind it."""
    begins = [number for number, line in enumerate(lines) if _STANZA.match(line.strip())]
    for first, beyond in zip(begins, [*begins[1:], len(lines)], strict=False):
        said = [n for n in range(first, beyond) if lines[n].strip() and not lines[n].strip().startswith("#")]
        yield first, said[-1]


def _names(stanza: Sequence[str], address: str) -> bool:
    words = (line.split() for line in stanza)
    return any(one[0] == "address" and one[1].partition("/")[0] == address for one in words if len(one) > 1)


def _next_number(section: Sequence[str], key: str) -> int:
    found = [re.match(_NUMBERED.format(key), line.strip()) for line in section]
    return max((int(one.group(1)) for one in found if one), default=0) + 1
