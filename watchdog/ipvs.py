"""Reads the IPVS pools of this network namespace: by generic netlink, by ipvsadm where that fails.

Never asks where the kernel has no IPVS yet: both ways would load its module.
"""

import errno

import msgspec

from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.linux.ipvs import MalformedPoolError, Pool, parse_ipvsadm
from watchdog.linux.ipvs_netlink import (
    FAMILY_REQUEST,
    GENL_ID_CTRL,
    SERVICES_REQUEST,
    build_servers_request,
    parse_family,
    parse_server,
    parse_service,
)
from watchdog.netlink import NETLINK_GENERIC, Netlink

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
    try:
        with Netlink(NETLINK_GENERIC) as netlink:
            family, pools = _family(netlink), []
            for service in netlink.dump(family, SERVICES_REQUEST) or ():
                found = netlink.dump(family, build_servers_request(service)) or ()
                servers = tuple(parse_server(one, service) for one in found)
                pools.append(msgspec.structs.replace(parse_service(service), servers=servers))
            return tuple(pools)
    except (Unobservable, MalformedPoolError) as error:
        cause = error.__cause__
        forbidden = isinstance(cause, OSError) and cause.errno == errno.EPERM
        needs = " (it needs CAP_NET_ADMIN)" if forbidden else ""
        raise Unobservable(f"the kernel does not show its IPVS pools: {error}{needs}") from error


def _family(netlink: Netlink) -> int:
    (told,) = netlink.ask(GENL_ID_CTRL, [FAMILY_REQUEST])
    if isinstance(told, str):
        raise Unobservable(f"generic netlink has no IPVS ({told})")
    return parse_family(told)


def _ask_ipvsadm(host: Host) -> tuple[Pool, ...]:
    done = host.run(["ipvsadm", "-Sn"])
    if done.exit_code != 0:
        said = " ".join(done.stderr.split())[:200] or "nothing"
        raise Unobservable(f"ipvsadm -Sn ended with {done.exit_code} and said: {said}")
    try:
        return parse_ipvsadm(done.stdout)
    except MalformedPoolError as error:
        raise Unobservable(str(error)) from error
