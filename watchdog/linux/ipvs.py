"""IPVS as the kernel has it: pools (virtual services) and their real servers, from generic netlink or ipvsadm.

Sources: include/uapi/linux/ip_vs.h, net/netfilter/ipvs/ip_vs_ctl.c, ipvsadm(8).
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Literal

import msgspec

from watchdog.linux.argv import Options, parse_options

Family = Literal["ipv4", "ipv6"]
Protocol = Literal["tcp", "udp", "sctp", ""]
Forwarding = Literal["nat", "local", "tun", "dr", "bypass"]

# Where kube-proxy puts its services' addresses: it keeps those pools, thousands of them, and tests their servers.
KUBE_PROXY_INTERFACE = "kube-ipvs0"

_FAMILIES: Mapping[Any, Family] = {2: "ipv4", 10: "ipv6"}
_PROTOCOLS: Mapping[Any, Protocol] = {6: "tcp", 17: "udp", 132: "sctp"}
_FORWARDING: tuple[Forwarding, ...] = ("nat", "local", "tun", "dr", "bypass")  # IP_VS_CONN_F_*
_FORWARDING_MASK = 0x07
_PERSISTENT = 0x1
# What `ipvsadm -Sn` prints; the options with a value are those of ipvsadm's own table.
_OPTSTRING = "Aat:u:f:r:s:p:M:6gimw:x:y:ob:"
_LONG_OPTIONS = {"sctp-service": "S", "pe": "P", "tun-type": "T", "tun-port": "N", "tun-nocsum": "C"}


class MalformedPoolError(ValueError):
    """What should be a pool or a real server is none; the text says which part."""


class PoolServer(msgspec.Struct, frozen=True, kw_only=True):
    """A real server in its pool; the connections are None where they were not told (ipvsadm -S)."""

    address: str
    port: int
    weight: int
    forwarding: Forwarding
    active_connections: int | None = None
    inactive_connections: int | None = None

    @property
    def name(self) -> str:
        """`192.168.100.21:8080`, `[2001:db8::5]:80`."""
        return render_endpoint(self.address, self.port)


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual service: by address, port and protocol, or by `fwmark` (then it has none of them).

    `persistent_seconds` is 0 where a client is not kept at its server.
    """

    family: Family
    scheduler: str
    address: str = ""
    port: int = 0
    protocol: Protocol = ""
    fwmark: int | None = None
    persistent_seconds: int = 0
    servers: tuple[PoolServer, ...] = ()

    @property
    def name(self) -> str:
        """Return how it is called in subjects; see `name_pool`."""
        return name_pool(self.address, self.port, self.protocol, self.fwmark, self.family)


def name_pool(address: str, port: int, protocol: Protocol, fwmark: int | None, family: Family) -> str:
    """Return `192.168.100.10:8080`, `udp:192.168.100.10:53`, `fwmark7`, or `fwmark7-ipv6`."""
    if fwmark is not None:
        return f"fwmark{fwmark}" + ("-ipv6" if family == "ipv6" else "")
    endpoint = render_endpoint(address, port)
    return endpoint if protocol == "tcp" else f"{protocol}:{endpoint}"


def render_endpoint(address: str, port: int) -> str:
    """Write an address and a port as one."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def parse_endpoint(text: str) -> tuple[str, int]:
    """Take `192.168.100.21:8080` or `[2001:db8::5]:80` apart. Raises MalformedPoolError."""
    address, _, port = text.rpartition(":")
    if not port.isdecimal() or len(port) > 5 or int(port) > 65535:
        raise MalformedPoolError(f"an address and a port such as 192.168.100.21:8080, not {text[:80]!r}")
    try:
        return str(ip_address(address.removeprefix("[").removesuffix("]"))), int(port)
    except ValueError as error:
        raise MalformedPoolError(
            f"an address and a port such as 192.168.100.21:8080, not {text[:80]!r}"
        ) from error


def parse_member(text: str) -> tuple[str, str]:
    """Take a subject `POOL/SERVER` apart into both names, each as `name_pool` and `render_endpoint` write it.

    Pools that have an address and a port only: by a firewall mark nobody can be asked. Raises MalformedPoolError.
    """
    pool, _, server = text.partition("/")
    protocol, colon, endpoint = pool.partition(":") if pool.startswith(("udp:", "sctp:")) else ("", "", pool)
    if pool != f"{protocol}{colon}{render_endpoint(*parse_endpoint(endpoint))}" or server != render_endpoint(
        *parse_endpoint(server)
    ):
        raise MalformedPoolError(
            f"a pool and a server such as 192.168.100.10:8080/192.168.100.21:8080, not {text[:80]!r}"
        )
    return pool, server


def pool_of(attributes: Mapping[str, Any]) -> Pool:
    """Build a pool without its servers from IPVS_SVC_ATTR_* (without that prefix). Raises MalformedPoolError."""
    try:
        fwmark = attributes.get("FWMARK")
        flags = attributes.get("FLAGS", {}).get("flags", 0)
        return Pool(
            family=_FAMILIES[attributes["AF"]],
            scheduler=str(attributes["SCHED_NAME"]),
            address="" if fwmark is not None else str(attributes["ADDR"]),
            port=0 if fwmark is not None else int(attributes["PORT"]),
            protocol="" if fwmark is not None else _PROTOCOLS[attributes["PROTOCOL"]],
            fwmark=None if fwmark is None else int(fwmark),
            persistent_seconds=int(attributes.get("TIMEOUT", 0)) if flags & _PERSISTENT else 0,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedPoolError(f"an IPVS service that is none: {error!r}") from error


def server_of(attributes: Mapping[str, Any]) -> PoolServer:
    """Build a real server from IPVS_DEST_ATTR_* (without that prefix). Raises MalformedPoolError."""
    try:
        return PoolServer(
            address=str(attributes["ADDR"]),
            port=int(attributes["PORT"]),
            weight=int(attributes["WEIGHT"]),
            forwarding=_FORWARDING[attributes["FWD_METHOD"] & _FORWARDING_MASK],
            active_connections=int(attributes.get("ACTIVE_CONNS", 0)),
            inactive_connections=int(attributes.get("INACT_CONNS", 0)),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise MalformedPoolError(f"an IPVS real server that is none: {error!r}") from error


def parse_ipvsadm(text: str) -> tuple[Pool, ...]:
    """Read what `ipvsadm -Sn` (`--save --numeric`) prints. Raises MalformedPoolError."""
    pools: dict[str, Pool] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        options = parse_options(line.split(), _OPTSTRING + "S:P:T:N:C", _LONG_OPTIONS)
        pool = _parse_service(options, line)
        if options.has("A"):
            pools[pool.name] = pool
        elif options.has("a") and pool.name in pools:
            known = pools[pool.name]
            pools[pool.name] = msgspec.structs.replace(
                known, servers=(*known.servers, _parse_server(options, line))
            )
        else:
            raise MalformedPoolError(f"ipvsadm -Sn: {line[:120]!r} is neither a service nor a server of one")
    return tuple(pools.values())


def _parse_service(options: Options, line: str) -> Pool:
    """Return the service that a line is about; the server's line repeats it."""
    letters: dict[str, Protocol] = {"t": "tcp", "u": "udp", "S": "sctp"}
    persistent = options.last("p") or "0"
    scheduler = options.last("s") or "wlc"
    if not persistent.isdecimal() or len(persistent) > 9:
        raise MalformedPoolError(f"ipvsadm -Sn: {line[:120]!r} has no timeout for -p")
    mark = options.last("f")
    if mark is not None:
        if not mark.isdecimal() or len(mark) > 10:
            raise MalformedPoolError(f"ipvsadm -Sn: {line[:120]!r} has no firewall mark")
        family: Family = "ipv6" if options.has("6") else "ipv4"
        return Pool(family=family, scheduler=scheduler, fwmark=int(mark), persistent_seconds=int(persistent))
    for letter, protocol in letters.items():
        if (endpoint := options.last(letter)) is not None:
            address, port = parse_endpoint(endpoint)
            return Pool(
                family="ipv6" if ":" in address else "ipv4",
                scheduler=scheduler,
                address=address,
                port=port,
                protocol=protocol,
                persistent_seconds=int(persistent),
            )
    raise MalformedPoolError(f"ipvsadm -Sn: {line[:120]!r} names no service")


def _parse_server(options: Options, line: str) -> PoolServer:
    address, port = parse_endpoint(options.last("r") or "")
    weight = options.last("w") or "1"
    if not weight.isdecimal() or len(weight) > 10:
        raise MalformedPoolError(f"ipvsadm -Sn: {line[:120]!r} has no weight")
    return PoolServer(address=address, port=port, weight=int(weight), forwarding=next(_parse_forwarding(options)))


def _parse_forwarding(options: Options) -> Iterator[Forwarding]:
    letters: dict[str, Forwarding] = {"g": "dr", "i": "tun", "m": "nat"}
    yield from (forwarding for letter, forwarding in letters.items() if options.has(letter))
    yield "dr"
