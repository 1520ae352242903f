"""Reads the IPVS pools of this network namespace: by generic netlink, by ipvsadm where that fails.

Never asks where the kernel has no IPVS yet: both ways would load its module.
"""

import errno
from collections.abc import Mapping
from typing import Any

import msgspec

from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.linux.ipvs import MalformedPoolError, Pool, parse_ipvsadm, pool_of, server_of

_TABLE = "/proc/net/ip_vs"  # each network namespace has its own
_HEADER_LINES = 3


def has_ipvs(host: Host) -> bool:
    """Tell whether the kernel has IPVS at work at all; that costs nothing."""
    return host.path(_TABLE).exists()


def read_pools(host: Host) -> tuple[Pool, ...]:
    """Return the pools of this network namespace, none without IPVS. Raises Unobservable."""
    table = host.read_text(_TABLE)
    if table is None or len(table.splitlines()) <= _HEADER_LINES:
        return ()
    try:
        return _ask_kernel()
    except Unobservable as error:
        try:
            return _ask_ipvsadm(host)
        except Unobservable as second:
            raise Unobservable(f"{error}; and {second}") from second


def _ask_kernel() -> tuple[Pool, ...]:
    # Late: the import costs 0.2 s and 20 MB, and a host without IPVS needs none of it.
    from pyroute2 import IPVS, IPVSService
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        with IPVS() as netlink:
            pools = []
            for message in netlink.service("dump"):
                pool = pool_of(_attributes(message, "IPVS_CMD_ATTR_SERVICE"))
                service = IPVSService.from_message(message)
                found = netlink.dest("dump", service=service)
                servers = tuple(server_of(_attributes(one, "IPVS_CMD_ATTR_DEST")) for one in found)
                pools.append(msgspec.structs.replace(pool, servers=servers))
            return tuple(pools)
    except NetlinkError as error:
        needs = " (it needs CAP_NET_ADMIN)" if error.code == errno.EPERM else ""
        raise Unobservable(f"the kernel does not show its IPVS pools: {error}{needs}") from error
    except (OSError, MalformedPoolError) as error:
        raise Unobservable(f"the kernel does not show its IPVS pools: {error}") from error


def _attributes(message: Any, name: str) -> Mapping[str, Any]:
    """Return a message's nested attributes by what follows the last of their common prefix."""
    nested = message.get_attr(name)
    pairs = nested["attrs"] if nested is not None else ()
    return {key.partition("_ATTR_")[2]: value for key, value in pairs}


def _ask_ipvsadm(host: Host) -> tuple[Pool, ...]:
    done = host.run(["ipvsadm", "-Sn"])
    if done.exit_code != 0:
        said = " ".join(done.stderr.split())[:200] or "nothing"
        raise Unobservable(f"ipvsadm -Sn ended with {done.exit_code} and said: {said}")
    try:
        return parse_ipvsadm(done.stdout)
    except MalformedPoolError as error:
        raise Unobservable(str(error)) from error
