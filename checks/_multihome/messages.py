"""rtnetlink messages: the questions, and the kernel's answers as typed values. Pure.

Sources: include/uapi/linux/{rtnetlink,if_link,if_addr,fib_rules}.h; net/ipv4/route.c for what a lookup takes.
`name_of` names a device by its index.
"""

import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address

from msgspec.structs import replace

from checks._multihome.facts import Address, DefaultRoute, Family, Link, OtherRoute, Reply, Rule, table_name
from watchdog.linux.netlink import MalformedMessageError, walk_attributes

RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE = 18, 22, 26, 34
RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWRULE = 16, 20, 24, 32

_LINK = struct.Struct("=BxHiII")  # ifinfomsg
_ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg
_ROUTE = struct.Struct("=BBBBBBBBI")  # rtmsg
_RULE = struct.Struct("=BBBBBxxBI")  # fib_rule_hdr
_HOP = struct.Struct("=HBBi")  # rtnexthop
_NUMBER = struct.Struct("=I")
_ATTRIBUTE = struct.Struct("=HH")

_AF = {4: socket.AF_INET, 6: socket.AF_INET6}
_FAMILY: dict[int, Family] = {socket.AF_INET: 4, socket.AF_INET6: 6}
_LOCAL_TABLE = 255
_UNICAST, _RTM_F_CLONED, _RTM_F_LOOKUP_TABLE = 1, 0x200, 0x1000
# Beside default itself the pairs that VPNs split it into, and IPv6's whole unicast space, count as everywhere.
_WIDEST = {4: 1, 6: 3}
_IFF_UP, _IFF_LOOPBACK, _IFF_RUNNING = 0x1, 0x8, 0x40
_SKIP_STATISTICS = 1 << 3  # RTEXT_FILTER_SKIP_STATS: the counters are most of a link message
_PORT_KINDS = ("bridge", "bond", "team")
# IFA_F_DADFAILED, _DEPRECATED, _TENTATIVE, _OPTIMISTIC; and IPv6's _TEMPORARY, which is _SECONDARY for IPv4.
_UNSETTLED, _TEMPORARY, _PERMANENT = 0x08 | 0x20 | 0x40 | 0x04, 0x01, 0x80
_SCOPE_UNIVERSE, _SCOPE_SITE = 0, 200
_TO_TABLE, _INVERT, _UNSET = 1, 0x2, 0xFFFFFFFF
_ACTIONS = {2: "goto", 3: "nop", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
# FRA_TUN_ID, _UID_RANGE, _IP_PROTO, _SPORT_RANGE, _DPORT_RANGE, _DSCP and what came later.
_NARROWING = frozenset({12, 20, 22, 23, 24, 25, *range(26, 40)})


def build_link_request(index: int) -> bytes:
    """Ask for one link by its index."""
    return _LINK.pack(0, 0, index, 0, 0) + _attribute(29, _NUMBER.pack(_SKIP_STATISTICS))  # IFLA_EXT_MASK


def build_addresses_request() -> bytes:
    """Ask for every address, in a dump."""
    return _ADDRESS.pack(0, 0, 0, 0, 0)


def build_routes_request(family: Family) -> bytes:
    """Ask for the routes of every table and type, in a dump: one that forbids makes a table used, too."""
    return _ROUTE.pack(_AF[family], 0, 0, 0, 0, 0, 0, 0, 0)


def build_rules_request(family: Family) -> bytes:
    """Ask for the rules, in a dump."""
    return _RULE.pack(_AF[family], 0, 0, 0, 0, 0, 0)


def build_lookup(*, source: str, target: str, iif: int = 0, oif: int = 0, mark: int = 0) -> bytes:
    """Ask where a packet would go, without sending it; with `iif`, one that arrives there."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    bits = 128 if family == socket.AF_INET6 else 32
    # IPv6 always names the table, and refuses to be asked for it.
    flags = _RTM_F_LOOKUP_TABLE if family == socket.AF_INET else 0
    words = _ROUTE.pack(family, bits, bits, 0, 0, 0, 0, 0, flags)
    words += _attribute(1, socket.inet_pton(family, target)) + _attribute(2, socket.inet_pton(family, source))
    for kind, value in ((3, iif), (4, oif), (16, mark)):
        if value:
            words += _attribute(kind, _NUMBER.pack(value))
    return words


def parse_link(message: bytes) -> Link:
    """Read an RTM_NEWLINK. Raises MalformedMessageError."""
    _, _, index, flags, _ = _unpack(_LINK, message)
    attributes = dict(walk_attributes(message, _LINK.size))
    info = dict(walk_attributes(attributes.get(18, b"")))  # IFLA_LINKINFO
    master_kind = _text(info.get(4, b""))  # IFLA_INFO_SLAVE_KIND
    master = _number(attributes.get(10))  # IFLA_MASTER
    return Link(
        index=index,
        name=_text(attributes.get(3, b"")) or f"if{index}",
        kind=_text(info.get(1, b"")),
        up=flags & (_IFF_UP | _IFF_RUNNING) == (_IFF_UP | _IFF_RUNNING),
        loopback=bool(flags & _IFF_LOOPBACK),
        port=bool(master) and master_kind in _PORT_KINDS,
        vrf_index=master if master_kind == "vrf" else 0,
    )


def parse_address(message: bytes, name_of: Callable[[int], str]) -> Address | None:
    """Read an RTM_NEWADDR; None for what no client beyond the link can reach. Raises MalformedMessageError."""
    family, bits, flags, scope, index = _unpack(_ADDRESS, message)
    if family not in _FAMILY or scope not in (_SCOPE_UNIVERSE, _SCOPE_SITE):
        return None
    attributes = dict(walk_attributes(message, _ADDRESS.size))
    flags = _number(attributes.get(8), flags)  # IFA_FLAGS
    peer = _ip(attributes.get(1), family)  # IFA_ADDRESS: the far end's on a line between two
    own = _ip(attributes.get(2), family) or peer  # IFA_LOCAL
    if not own or own.startswith(("169.254.", "fe80:")):
        return None
    unsettled = _UNSETTLED | (_TEMPORARY if family == socket.AF_INET6 else 0)
    network = _network(attributes.get(1) or attributes.get(2, b""), bits, family)
    return Address(
        address=own,
        network=network,
        device=name_of(index),
        settled=not flags & unsettled,
        leased=not flags & _PERMANENT,
    )


def parse_default_routes(message: bytes, name_of: Callable[[int], str]) -> Iterator[DefaultRoute]:
    """Yield the hops of an RTM_NEWROUTE that leads (nearly) everywhere, none of any other.

    Raises MalformedMessageError.
    """
    family, bits, _, _, table, protocol, _, kind, flags = _unpack(_ROUTE, message)
    if family not in _FAMILY or bits > _WIDEST[_FAMILY[family]] or kind != _UNICAST or flags & _RTM_F_CLONED:
        return
    attributes = dict(walk_attributes(message, _ROUTE.size))
    table = _number(attributes.get(15), table)  # RTA_TABLE
    hops = list(_walk_hops(attributes.get(9, b"")))  # RTA_MULTIPATH
    for index, hop in hops or [(_number(attributes.get(4)), attributes)]:  # RTA_OIF
        if index:
            yield DefaultRoute(
                family=_FAMILY[family],
                table=table,
                device=name_of(index),
                gateway=_gateway(hop, family),
                multipath=len(hops) > 1,
                protocol=protocol,
            )


def parse_other_route(message: bytes, name_of: Callable[[int], str]) -> OtherRoute | None:
    """Read an RTM_NEWROUTE that leads to less than everywhere; None for the rest, and for the kernel's own.

    Its own are what is in the table local, and to a link's own addresses. Raises MalformedMessageError.
    """
    family, bits, _, _, table, _, _, kind, flags = _unpack(_ROUTE, message)
    if family not in _FAMILY or table == _LOCAL_TABLE or flags & _RTM_F_CLONED:
        return None
    if kind == _UNICAST and bits <= _WIDEST[_FAMILY[family]]:
        return None
    attributes = dict(walk_attributes(message, _ROUTE.size))
    target = _ip(attributes.get(1), family)
    if target and (ip_address(target).is_link_local or ip_address(target).is_multicast):
        return None
    hops = [dict(hop) for _, hop in _walk_hops(attributes.get(9, b""))]
    indexes = [index for index, _ in _walk_hops(attributes.get(9, b""))] or [_number(attributes.get(4))]
    return OtherRoute(
        family=_FAMILY[family],
        table=_number(attributes.get(15), table),
        device=name_of(indexes[0]) if indexes[0] else "",
        destination=f"{target or _ip(bytes(16 if family == socket.AF_INET6 else 4), family)}/{bits}",
        on_link=not any(_gateway(hop, family) for hop in hops or [attributes]),
    )


def parse_reply(message: bytes, *, address: str, client: str, mark: int, name_of: Callable[[int], str]) -> Reply:
    """Read the answer to a lookup. Raises MalformedMessageError."""
    family, _, _, _, table, _, _, _, _ = _unpack(_ROUTE, message)
    attributes = dict(walk_attributes(message, _ROUTE.size))
    index = _number(attributes.get(4))
    return Reply(
        address=address,
        client=client,
        device=name_of(index),
        gateway=_gateway(attributes, family),
        table=_number(attributes.get(15), table),
        mark=mark,
    )


def parse_rule(message: bytes) -> Rule | None:
    """Read an RTM_NEWRULE; None for another family's. Raises MalformedMessageError."""
    family, target_bits, source_bits, tos, table, action, flags = _unpack(_RULE, message)
    if family not in _FAMILY:
        return None
    attributes = dict(walk_attributes(message, _RULE.size))
    source, target = (
        _prefix(attributes.get(2), source_bits, family),
        _prefix(attributes.get(1), target_bits, family),
    )
    value, mask = _number(attributes.get(10)), _number(attributes.get(16))  # FRA_FWMARK, FRA_FWMASK
    rule = Rule(
        family=_FAMILY[family],
        priority=_number(attributes.get(6)),
        words="",
        table=_number(attributes.get(15), table) if action == _TO_TABLE else 0,
        source=source,
        target=target,
        mark=(value, mask) if mask or value else None,
        inverted=bool(flags & _INVERT),
        iif=_text(attributes.get(3, b"")),
        oif=_text(attributes.get(17, b"")),
        narrowed=bool(tos) or not _NARROWING.isdisjoint(attributes),
        vrf=bool(_number(attributes.get(19))),  # FRA_L3MDEV
        protocol=(attributes.get(21) or b"\0")[0],  # FRA_PROTOCOL
    )
    return _with_words(rule, action, attributes)


def _with_words(rule: Rule, action: int, attributes: Mapping[int, bytes]) -> Rule:
    alone = f"/{128 if rule.family == 6 else 32}"
    words = ["not"] if rule.inverted else []
    words += ["from", rule.source.removesuffix(alone) or "all"]
    words += ["to", rule.target.removesuffix(alone)] if rule.target else []
    if rule.mark:
        value, mask = rule.mark
        words += ["fwmark", f"{value:#x}" + ("" if mask == _UNSET else f"/{mask:#x}")]
    words += ["iif", rule.iif] if rule.iif else []
    words += ["oif", rule.oif] if rule.oif else []
    words += ["[and more]"] if rule.narrowed else []
    words += ["lookup", table_name(rule.table)] if action == _TO_TABLE and rule.table else []
    words += ["lookup [l3mdev-table]"] if rule.vrf else []
    words += [_ACTIONS[action]] if action in _ACTIONS else []
    suppressed = _number(attributes.get(14), _UNSET)  # FRA_SUPPRESS_PREFIXLEN
    words += ["suppress_prefixlength", str(suppressed)] if suppressed != _UNSET else []
    return replace(rule, words=" ".join(words))


def _walk_hops(data: bytes) -> Iterator[tuple[int, dict[int, bytes]]]:
    offset = 0
    while offset + _HOP.size <= len(data):
        length, _, _, index = _HOP.unpack_from(data, offset)
        if length < _HOP.size or offset + length > len(data):
            raise MalformedMessageError(f"a hop claims {length} bytes, more than there are")
        yield index, dict(walk_attributes(data[offset + _HOP.size : offset + length]))
        offset += (length + 3) & ~3


def _gateway(attributes: Mapping[int, bytes], family: int) -> str:
    """Return the gateway; RTA_VIA is one of the other family."""
    via = attributes.get(18, b"")
    return _ip(attributes.get(5), family) or (_ip(via[2:], _NUMBER_FAMILY.get(via[:2], family)) if via else "")


_NUMBER_FAMILY = {struct.pack("=H", family): family for family in _FAMILY}


def _unpack(form: struct.Struct, message: bytes) -> tuple[int, ...]:
    if len(message) < form.size:
        raise MalformedMessageError(f"a message of {len(message)} bytes is shorter than its header ({form.size})")
    return form.unpack_from(message)


def _number(value: bytes | None, otherwise: int = 0) -> int:
    if value is None:
        return otherwise
    if len(value) not in (1, 4):
        raise MalformedMessageError(f"{len(value)} bytes where a number must be")
    return value[0] if len(value) == 1 else int(_NUMBER.unpack(value)[0])


def _ip(value: bytes | None, family: int) -> str:
    if not value:
        return ""
    if family not in _FAMILY:
        raise MalformedMessageError(f"an address of family {family}, where IPv4 or IPv6 must be")
    if len(value) != (16 if family == socket.AF_INET6 else 4):
        raise MalformedMessageError(f"{len(value)} bytes where an address must be")
    return socket.inet_ntop(family, value)


def _prefix(value: bytes | None, bits: int, family: int) -> str:
    address = _ip(value, family) if bits else ""
    return f"{address}/{bits}" if address else ""


def _network(value: bytes, bits: int, family: int) -> str:
    """Return the prefix with the bits beyond it cleared: `10.2.2.0/24`."""
    whole = len(value) * 8
    if bits > whole or not _ip(value, family):
        raise MalformedMessageError(f"a prefix of {bits} bits for an address of {whole}")
    kept = int.from_bytes(value, "big") >> (whole - bits) << (whole - bits)
    return f"{_ip(kept.to_bytes(len(value), 'big'), family)}/{bits}"


def _text(value: bytes) -> str:
    """Return a name; it goes into JSON, so bytes that are not UTF-8 are written out."""
    return value.rstrip(b"\0").decode(errors="backslashreplace")


def _attribute(kind: int, value: bytes) -> bytes:
    padding = b"\0" * (-len(value) % 4)
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + padding
