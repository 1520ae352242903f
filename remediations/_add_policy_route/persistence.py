"""What makes a policy route last over a restart: the files, where its owner opted in, else the words for a person.

The files are only written, and nothing reads them now: what is in effect was made by the steps before. A file of
our own where the program takes one (networkd, netplan, network-scripts), else lines added to what is there.
"""

import re
from collections.abc import Iterator

from remediations._add_policy_route.edits import (
    HEADER,
    CannotWriteError,
    add_lines,
    add_to_interfaces,
    add_to_keyfile,
    netplan_file,
    netplan_section,
    networkd_drop_in,
)
from remediations._add_policy_route.preconditions import Evidence
from watchdog.linux.keyfile import parse_keyfile
from watchdog.linux.policy_route import PolicyRoute
from watchdog.linux.policy_route_config import network_scripts_files
from watchdog.plugin import Host, Unobservable, WriteFile

_NETWORK_FILE = re.compile(r"/(?:etc|run|lib|usr/lib)/systemd/network/([A-Za-z0-9][A-Za-z0-9_.@+-]*\.network)")
_INTERFACES_FILE = re.compile(r"/etc/network/(?:interfaces|[A-Za-z0-9_-]+(?:\.d)?/[A-Za-z0-9_.-]+)")
_NETPLAN = "/etc/netplan"
_SCRIPTS = "/etc/sysconfig/network-scripts"
_PROFILES = "/etc/NetworkManager/system-connections"
_FIRST_READ = {
    "networkd": "networkd reads it at its next start, or by `networkctl reload`; without it, it removes the rule "
    "then (unless ManageForeignRoutingPolicyRules=no)",
    "netplan": "`netplan apply`, or the next start, puts it in effect",
    "NetworkManager": "NetworkManager reads it at its next start, or by `nmcli connection reload`",
    "ifupdown": "ifup reads it when the interface comes up next",
    "network-scripts": "ifup reads it when the interface comes up next",
}


def plan_files(host: Host, seen: Evidence, way: PolicyRoute, *, wanted: bool) -> tuple[tuple[WriteFile, ...], str]:
    """Return the steps that write it, none where that is not wanted or possible; and what a person should know."""
    if not wanted:
        return (
            (),
            f"{_by_hand(seen)} (persist = true would write it)"
            if seen.policy_route.configured_by
            else _by_hand(seen),
        )
    try:
        files = tuple(_files(host, seen, way))
    except (CannotWriteError, Unobservable) as error:
        return (), f"it is not written down, although persist = true: {error}; {_by_hand(seen)}"
    return files, f"{_FIRST_READ[seen.policy_route.configured_by]}; until then it is as the steps above make it"


def _by_hand(seen: Evidence) -> str:
    if not seen.lasting_lines:
        return "put the same where this host's network is configured"
    return f"to last, {seen.lasting_where}: {' | '.join(seen.lasting_lines)}"


def _files(host: Host, seen: Evidence, way: PolicyRoute) -> Iterator[WriteFile]:
    if seen.policy_route.leased:
        raise CannotWriteError(f"{way.source} is leased, and it and its gateway may be others next time")
    if seen.policy_route.table_state != "free":
        raise CannotWriteError(f"table {way.table} was made by somebody; its rule belongs where its routes are")
    file = seen.policy_route.configured_file
    match seen.policy_route.configured_by:
        case "networkd":
            yield _networkd(host, file, way)
        case "netplan":
            yield _netplan(host, way)
        case "NetworkManager":
            path = _profile(host, file)
            text = _read(host, path)
            yield WriteFile(path=path, before=text, after=add_to_keyfile(text, way))
        case "ifupdown":
            if not _INTERFACES_FILE.fullmatch(file):
                raise CannotWriteError(f"{file!r} is no file of ifupdown's that is known")
            text = _read(host, file)
            yield WriteFile(path=file, before=text, after=add_to_interfaces(text, way))
        case "network-scripts":
            yield from _network_scripts(host, way)
        case _:
            raise CannotWriteError("what configures this device is not known")


def _networkd(host: Host, file: str, way: PolicyRoute) -> WriteFile:
    named = _NETWORK_FILE.fullmatch(file)
    if not named:
        raise CannotWriteError(f"{file!r} is no .network file that is known")
    path = f"/etc/systemd/network/{named.group(1)}.d/50-{_own_name(way)}.conf"
    return _new(host, path, networkd_drop_in(way))


def _netplan(host: Host, way: PolicyRoute) -> WriteFile:
    texts = (_read(host, f"{_NETPLAN}/{name}") for name in host.names_in(_NETPLAN) if name.endswith(".yaml"))
    section = next((found for text in texts if (found := netplan_section(text, way.device))), None)
    if section is None:
        raise CannotWriteError(f"no file in {_NETPLAN} defines {way.device} by that name")
    # netplan's files may hold passwords of wireless networks; it warns of each that others can read.
    return _new(host, f"{_NETPLAN}/90-{_own_name(way)}.yaml", netplan_file(way, section), mode=0o600)


def _network_scripts(host: Host, way: PolicyRoute) -> Iterator[WriteFile]:
    for name, lines in network_scripts_files(way).items():
        path = f"{_SCRIPTS}/{name}"
        before = host.read_text(path)
        added = (HEADER.format(way.source, way.device), *lines)
        yield WriteFile(path=path, before=before, after=add_lines(before, added), own=before is None)


def _own_name(way: PolicyRoute) -> str:
    return f"watchdog-{way.source.replace(':', '-')}"


def _new(host: Host, path: str, text: str, *, mode: int = 0o644) -> WriteFile:
    if host.read_text(path) not in (None, text):
        raise CannotWriteError(f"{path} is there already, and says something else")
    return WriteFile(path=path, before=None, after=text, mode=mode, own=True)


def _read(host: Host, path: str) -> str:
    text = host.read_text(path)
    if text is None:
        raise CannotWriteError(f"{path} is gone")
    return text


def _profile(host: Host, uuid: str) -> str:
    """Return the file of a connection profile; one in /run is made by another program, such as netplan."""
    for name in host.names_in(_PROFILES):
        path = f"{_PROFILES}/{name}"
        if parse_keyfile(host.read_text(path) or "").get("connection", {}).get("uuid") == uuid:
            return path
    raise CannotWriteError(f"no profile in {_PROFILES} has the UUID {uuid}")
