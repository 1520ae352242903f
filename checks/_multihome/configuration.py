"""Which program configures a device, in which file, and which gateways it was told. Reads files only.

Two default gateways in the files of ifupdown or network-scripts are how many a host with two providers begins: the
second default route fails, or replaces the first. Then only the files tell that an address has its own gateway.

Sources: systemd's /run/systemd/netif/links (sd-network), NetworkManager's /run/NetworkManager/devices
(nm-config.c), interfaces(5), Red Hat's sysconfig.txt.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from ipaddress import ip_address

from checks._multihome.facts import Configuration, Link
from watchdog.linux.keyfile import parse_keyfile
from watchdog.plugin import Host, Unobservable

_INTERFACES = "/etc/network/interfaces"
_SCRIPTS = "/etc/sysconfig/network-scripts"
_NETPLAN_FOLDERS = ("/etc/netplan", "/run/netplan", "/lib/netplan")
_MOST_FILES = 64
_STANZAS = ("auto", "mapping", "source", "source-directory", "rename", "template", "no-scripts")


def read_configurations(host: Host, links: Sequence[Link]) -> tuple[Configuration, ...]:
    """Return who configures each device; one that cannot be told is left out."""
    interfaces = dict(_read_interfaces(host))
    netplan = next((path for folder in _NETPLAN_FOLDERS for path in _yaml_in(host, folder)), "")
    found = (_configuration(host, link, interfaces, netplan) for link in links)
    return tuple(one for one in found if one)


def parse_interfaces(text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the devices that an interfaces(5) file configures, with their gateways."""
    gateways: dict[str, tuple[str, ...]] = {}
    device = ""
    for line in text.replace("\\\n", " ").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "iface" and len(words) > 1:
            device = words[1].partition(":")[0]
            gateways.setdefault(device, ())
        elif words[0] in _STANZAS or words[0].startswith("allow-"):
            device = ""
        elif device and words[0] == "gateway":
            gateways[device] += _addresses(words[1:2])
    return gateways


def parse_ifcfg(text: str) -> Mapping[str, str]:
    """Return the assignments of a shell file; a line that is none is left out."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and key.isidentifier():
            with suppress(ValueError):  # a quote that is not closed
                said[key] = "".join(shlex.split(value, comments=True)[:1])
    return said


def _configuration(
    host: Host, link: Link, interfaces: Mapping[str, tuple[str, tuple[str, ...]]], netplan: str
) -> Configuration | None:
    managed = parse_keyfile(f"[device]\n{_text(host, f'/run/systemd/netif/links/{link.index}')}").get("device", {})
    if managed.get("ADMIN_STATE", "unmanaged") not in ("unmanaged", "initialized", "pending"):
        file = managed.get("NETWORK_FILE", "")
        by_netplan = bool(netplan) and "netplan" in file
        return Configuration(
            device=link.name, by="netplan" if by_netplan else "networkd", file=netplan if by_netplan else file
        )
    keeper = parse_keyfile(_text(host, f"/run/NetworkManager/devices/{link.index}")).get("device", {})
    if keeper.get("connection-uuid"):
        return Configuration(device=link.name, by="NetworkManager", file=keeper["connection-uuid"])
    if link.name in interfaces:
        file, gateways = interfaces[link.name]
        return Configuration(device=link.name, by="ifupdown", file=file, gateways=gateways)
    # A name with a slash cannot be a device's, but this one comes from outside.
    said = parse_ifcfg(_text(host, f"{_SCRIPTS}/ifcfg-{link.name}")) if "/" not in link.name else {}
    if said:
        gateways = _addresses([said.get("GATEWAY", ""), said.get("IPV6_DEFAULTGW", "").partition("%")[0]])
        return Configuration(device=link.name, by="network-scripts", file=_SCRIPTS, gateways=gateways)
    return None


def _read_interfaces(host: Host) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    """Yield (device, (file, gateways)) of ifupdown's files, its own last: what stands there counts."""
    text = _text(host, _INTERFACES)
    folders = [
        (folder, pattern or "*")
        for line in text.splitlines()
        if line.startswith(("source ", "source-directory "))
        for folder, _, pattern in [_source(line)]
    ]
    for folder, pattern in folders[:_MOST_FILES]:
        for name in _names(host, folder)[:_MOST_FILES]:
            if fnmatchcase(name, pattern):
                path = f"{folder}/{name}"
                yield from (
                    (device, (path, found)) for device, found in parse_interfaces(_text(host, path)).items()
                )
    yield from ((device, (_INTERFACES, found)) for device, found in parse_interfaces(text).items())


def _source(line: str) -> tuple[str, str, str]:
    word, _, path = line.strip().partition(" ")
    path = path.strip() if path.strip().startswith("/") else f"/etc/network/{path.strip()}"
    if word != "source":
        return path.rstrip("/"), "", ""
    folder, slash, pattern = path.rpartition("/")
    return folder, slash, pattern


def _addresses(words: Sequence[str]) -> tuple[str, ...]:
    found = []
    for word in words:
        with suppress(ValueError):
            found.append(str(ip_address(word)))
    return tuple(found)


def _yaml_in(host: Host, folder: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in _names(host, folder) if name.endswith(".yaml"))


def _names(host: Host, folder: str) -> tuple[str, ...]:
    with suppress(Unobservable):  # ours to read or not, the advice only gets less exact
        return host.names_in(folder)
    return ()


def _text(host: Host, path: str) -> str:
    with suppress(Unobservable, ValueError):
        return host.read_text(path) or ""
    return ""
