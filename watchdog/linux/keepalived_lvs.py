"""The virtual_server blocks of keepalived.conf, with the defaults that keepalived applies; groups are unfolded."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Literal

import msgspec

from watchdog.linux.keepalived_text import Block, Family, family_of, parse_address, parse_number, value_of

Protocol = Literal["tcp", "udp", "sctp", ""]
Forwarding = Literal["nat", "dr", "tun"]
_FORWARDING: dict[str, Forwarding] = {"NAT": "nat", "DR": "dr", "TUN": "tun"}
_PROTOCOLS: dict[str, Protocol] = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
# A range of addresses is a pool each; more than this is a slip of the pen.
MAX_RANGE = 4096
# Groups of ranges multiply; no balancer keeps as many pools.
MAX_POOLS = 16384
# check_parser.c: a number of seconds up to a month, and six minutes where none is given.
_PERSISTENCE_SECONDS, _PERSISTENCE_LIMIT = 360, 2_678_400
_WEIGHT_LIMIT = 65535
_CHECKERS = frozenset(
    (
        *("HTTP_GET", "SSL_GET", "TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "MISC_CHECK", "UDP_CHECK", "PING_CHECK"),
        *("BFD_CHECK", "FILE_CHECK"),
    )
)


class HttpCheck(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP_GET or SSL_GET: what keepalived asks for, and between which bounds the status must be.

    `port` is None for the server's own. `by_status`: it goes by the status alone, and not also by the content.
    """

    path: str = "/"
    host: str = ""
    tls: bool = False
    port: int | None = None
    statuses: tuple[tuple[int, int], ...] = ((200, 299),)
    by_status: bool = True


class RealServer(msgspec.Struct, frozen=True, kw_only=True):
    """One real server as configured; `checkers` are the names of keepalived's own tests of it.

    Without a checker keepalived never takes it out. `inhibit_on_failure`: a failed one stays, with weight 0.
    `http_check` is the first that asks by HTTP, with the first of its URLs.
    """

    address: str
    port: int
    weight: int = 1
    forwarding: Forwarding = "nat"
    inhibit_on_failure: bool = False
    checkers: tuple[str, ...] = ()
    http_check: HttpCheck | None = None


class VirtualServer(msgspec.Struct, frozen=True, kw_only=True):
    """One pool: by address and port, or by `fwmark` (then neither counts, nor does the protocol).

    `persistent_seconds` is how long a client is kept at its server, 0 for not at all.
    `ha_suspend`: its servers are not tested while its address is not on this host.
    """

    address: str = ""
    port: int = 0
    protocol: Protocol = ""
    fwmark: int | None = None
    family: Family = "ipv4"
    scheduler: str = "wlc"
    forwarding: Forwarding = "nat"
    persistent_seconds: int = 0
    real_servers: tuple[RealServer, ...] = ()
    sorry_server: RealServer | None = None
    sorry_server_inhibit: bool = False
    quorum: int = 1
    alpha: bool = False
    ha_suspend: bool = False
    group: str = ""


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool is reached by."""

    address: str = ""
    port: int = 0
    fwmark: int | None = None
    family: Family | None = None


def read_virtual_servers(blocks: Iterable[Block], problems: list[str]) -> Iterator[VirtualServer]:
    """Yield the pools that keepalived would set up, and add to `problems` what it would not."""
    for count, server in enumerate(_read_pools(tuple(blocks), problems)):
        if count == MAX_POOLS:
            problems.append(f"more than {MAX_POOLS} pools: those beyond are not looked at")
            return
        yield server


def _read_pools(blocks: tuple[Block, ...], problems: list[str]) -> Iterator[VirtualServer]:
    groups = {block.word(1): block for block in blocks if block.word(0) == "virtual_server_group"}
    for block in blocks:
        if block.word(0) != "virtual_server":
            continue
        what = " ".join(block.words)
        in_group = block.word(1) == "group"
        if in_group and block.word(2) not in groups:
            problems.append(f"{what}: there is no such group")
            continue
        lines = groups[block.word(2)].lines if in_group else [Block(words=block.words[1:])]
        for entry in (entry for line in lines for entry in _read_entry(line, what, problems)):
            server = _read_server(block, entry, block.word(2) if in_group else "")
            if server.real_servers:
                yield server
            else:
                problems.append(f"{what}: it has no real server")


def _read_entry(line: Block, what: str, problems: list[str]) -> list[_Entry]:
    """Return what `fwmark N [inet|inet6]`, `ADDRESS[-END|/LENGTH] [PORT]` stands for; none for what is neither."""
    if line.word(0) == "fwmark":
        mark = parse_number(line.word(1), 0, 2**32 - 1)
        families: dict[str, Family] = {"inet": "ipv4", "inet6": "ipv6"}
        if mark is not None:
            return [_Entry(fwmark=int(mark), family=families.get(line.word(2)))]
    elif addresses := _addresses(line.word(0)):
        port = parse_number(line.word(1), 0, 65535)
        if port is not None or not line.word(1):
            return [_Entry(address=one, port=int(port or 0), family=family_of(one)) for one in addresses]
    problems.append(f"{what}: {' '.join(line.words)} is no address, port or fwmark")
    return []


def _addresses(text: str) -> list[str]:
    """Return the addresses of `A`, `A/LENGTH`, `A-END` (END is an address, or its last number)."""
    first, dash, end = text.partition("-")
    try:
        if dash:
            low = ip_address(first)
            last = end if end.count(":") + end.count(".") else _with_last(first, end)
            high = ip_address(last)
            if low.version != high.version or not 0 <= int(high) - int(low) < MAX_RANGE:
                return []
            return [str(type(low)(number)) for number in range(int(low), int(high) + 1)]
        if "/" in text:
            network = ip_network(text)
            if network.num_addresses > MAX_RANGE:
                return []
            return [str(address) for address in network]
        return [str(ip_address(text))]
    except ValueError:
        return []


def _with_last(address: str, last: str) -> str:
    sign = ":" if ":" in address else "."
    return f"{address.rpartition(sign)[0]}{sign}{last}"


def _read_server(block: Block, entry: _Entry, group: str) -> VirtualServer:
    given = {line.word(0): line for line in block.lines}
    forwarding = _forwarding(given) or "nat"
    weight = int(parse_number(value_of(given, "weight"), 1, _WEIGHT_LIMIT) or 1)
    default = RealServer(
        address="",
        port=0,
        weight=weight,
        forwarding=forwarding,
        inhibit_on_failure="inhibit_on_failure" in given,
    )
    family = entry.family or _stated_family(given)
    real: dict[tuple[str, int], RealServer] = {}
    for line in block.lines:
        if line.word(0) == "real_server" and (server := _read_real(line, default, entry)):
            if family is None and server.forwarding != "tun":
                family = family_of(server.address)
            if server.forwarding == "tun" or family_of(server.address) == family:
                real.setdefault((server.address, server.port), server)
    sorry = _read_real(given["sorry_server"], default, entry) if "sorry_server" in given else None
    protocol = _PROTOCOLS.get(value_of(given, "protocol").upper(), "udp")
    return VirtualServer(
        address=entry.address,
        port=entry.port,
        protocol="" if entry.fwmark is not None else protocol,
        fwmark=entry.fwmark,
        family=family or "ipv4",
        scheduler=value_of(given, "lb_algo") or value_of(given, "lvs_sched") or "wlc",
        forwarding=forwarding,
        persistent_seconds=_persistence(given),
        real_servers=tuple(real.values()),
        sorry_server=sorry and msgspec.structs.replace(sorry, weight=1),
        sorry_server_inhibit="sorry_server_inhibit" in given,
        quorum=int(parse_number(value_of(given, "quorum"), 1, 2**31) or 1),
        alpha="alpha" in given,
        ha_suspend="ha_suspend" in given,
        group=group,
    )


def _persistence(given: Mapping[str, Block]) -> int:
    if "persistence_timeout" not in given:
        return 0
    word = value_of(given, "persistence_timeout")
    return int(parse_number(word, 1, _PERSISTENCE_LIMIT) or 0) if word else _PERSISTENCE_SECONDS


def _read_real(line: Block, default: RealServer, entry: _Entry) -> RealServer | None:
    """Return a real (or sorry) server; None for what has no address."""
    address = parse_address(line.word(1))
    if address is None:
        return None
    given = {inner.word(0): inner for inner in line.lines}
    forwarding = _forwarding(given) or default.forwarding
    weight = parse_number(value_of(given, "weight"), 0, _WEIGHT_LIMIT)
    port = int(parse_number(line.word(2), 0, 65535) or 0)
    # Only NAT can change the port; a fwmark has none.
    if forwarding != "nat" or (not port and entry.fwmark is None):
        port = entry.port
    inhibit = default.inhibit_on_failure
    if "inhibit_on_failure" in given:
        inhibit = value_of(given, "inhibit_on_failure").lower() not in ("off", "false", "no")
    return RealServer(
        address=address,
        port=port,
        weight=default.weight if weight is None else int(weight),
        forwarding=forwarding,
        inhibit_on_failure=inhibit,
        checkers=tuple(inner.word(0) for inner in line.lines if inner.word(0) in _CHECKERS),
        http_check=next(_read_http_checks(line), None),
    )


def _read_http_checks(server: Block) -> Iterator[HttpCheck]:
    for checker in server.lines:
        if checker.word(0) not in ("HTTP_GET", "SSL_GET"):
            continue
        urls = [line for line in checker.lines if line.word(0) == "url"]
        given = {line.word(0): line for line in checker.lines}
        url = {line.word(0): line for line in (urls[0].lines if urls else ())}
        port = parse_number(value_of(given, "connect_port"), 1, 65535)
        codes = tuple(_statuses(url["status_code"].words[1:])) if "status_code" in url else ()
        yield HttpCheck(
            path=value_of(url, "path") or "/",
            host=value_of(url, "virtualhost") or value_of(given, "virtualhost"),
            tls=checker.word(0) == "SSL_GET",
            port=None if port is None else int(port),
            statuses=codes or ((200, 299),),
            by_status=not url.keys() & {"digest", "regex"} and len(urls) <= 1,
        )


def _statuses(words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of `200`, `200-299`; several may stand in a line."""
    for word in words:
        low, _, high = word.partition("-")
        first, last = parse_number(low, 100, 999), parse_number(high or low, 100, 999)
        if first is not None and last is not None:
            yield int(first), int(last)


def _forwarding(given: dict[str, Block]) -> Forwarding | None:
    return _FORWARDING.get(value_of(given, "lvs_method")) or _FORWARDING.get(value_of(given, "lb_kind"))


def _stated_family(given: dict[str, Block]) -> Family | None:
    stated: dict[str, Family] = {"inet": "ipv4", "inet6": "ipv6"}
    return stated.get(value_of(given, "ip_family"))
