"""The vrrp_instance blocks of keepalived.conf, with the defaults that keepalived applies."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from watchdog.linux.keepalived_text import Block, Family, family_of, parse_address, parse_number, value_of

Auth = Literal["none", "pass", "ah"]
OWNER_PRIORITY = 255
DEFAULT_PRIORITY = 100
AUTH_BYTES = 8  # what a VRRPv2 packet has room for
_FALSE = ("false", "off", "no")


class VirtualAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address that moves with its instance; `interface` is the one it is put on."""

    address: str
    prefix_length: int
    interface: str


class UnicastPeer(msgspec.Struct, frozen=True, kw_only=True):
    """A peer that adverts are sent to; what comes from it with a TTL outside these bounds is dropped."""

    address: str
    min_ttl: int = 0
    max_ttl: int = 255


class VrrpInstance(msgspec.Struct, frozen=True, kw_only=True):
    """One vrrp_instance.

    `auth_digest` is `digest_password` of its password, "" without. `use_vmac` is the name of the interface that
    carries its virtual MAC, None without one; `vmac_xmit_base`: adverts leave by the interface below it.
    `excluded_addresses` move too but are not advertised. `unicast_peers` empty = multicast, to `multicast_group`.
    `check_unicast_source`: adverts from others than the peers are dropped. `state` is MASTER or BACKUP, at start.
    """

    name: str
    interface: str
    vrid: int
    priority: int
    advert_seconds: float
    version: int
    family: Family
    auth: Auth = "none"
    auth_digest: str = ""
    virtual_addresses: tuple[VirtualAddress, ...] = ()
    excluded_addresses: tuple[VirtualAddress, ...] = ()
    unicast_peers: tuple[UnicastPeer, ...] = ()
    unicast_source: str | None = None
    multicast_group: str = ""
    check_unicast_source: bool = False
    use_vmac: str | None = None
    vmac_xmit_base: bool = False
    state: Literal["MASTER", "BACKUP"] = "BACKUP"
    nopreempt: bool = False
    preempt_delay_seconds: float = 0.0
    down_timer_adverts: int = 3
    accept: bool = True
    skip_check_adv_addr: bool = False
    strict: bool = False
    unicast_ttl: int = 255


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What global_defs says about all instances."""

    version: int = 2
    strict: bool = False
    check_unicast_source: bool = False
    skip_check_adv_addr: bool = False
    multicast_ipv4: str = "224.0.0.18"
    multicast_ipv6: str = "ff02::12"
    vmac_prefix: str = "vrrp"
    down_timer_adverts: int = 3

    @staticmethod
    def of(lines: Sequence[Block]) -> "Defaults":
        """Read the lines of global_defs."""
        given = {line.word(0): line for line in lines}
        version = parse_number(value_of(given, "vrrp_version"), 2, 3)
        return Defaults(
            version=int(version) if version else 2,
            strict=_flag(given, "vrrp_strict"),
            check_unicast_source="vrrp_check_unicast_src" in given,
            skip_check_adv_addr=_flag(given, "vrrp_skip_check_adv_addr"),
            multicast_ipv4=parse_address(value_of(given, "vrrp_mcast_group4")) or "224.0.0.18",
            multicast_ipv6=parse_address(value_of(given, "vrrp_mcast_group6")) or "ff02::12",
            vmac_prefix=value_of(given, "vmac_prefix") or "vrrp",
            down_timer_adverts=int(parse_number(value_of(given, "vrrp_down_timer_adverts"), 1, 100) or 3),
        )


def digest_password(password: bytes) -> str:
    """Return 16 bits of a password's SHA-256: enough to tell two apart, too little to guess one from.

    Only its first 8 bytes are sent, filled up with zeros.
    """
    return hashlib.sha256(password[:AUTH_BYTES].ljust(AUTH_BYTES, b"\0")).hexdigest()[:4]


def read_instances(blocks: Iterable[Block], defaults: Defaults, problems: list[str]) -> Iterator[VrrpInstance]:
    """Yield the instances that keepalived would run, and add to `problems` why others it would not."""
    names: set[str] = set()
    for block in blocks:
        if block.word(0) != "vrrp_instance":
            continue
        if len(block.words) != 2 or block.word(1) in names:
            problems.append(f"vrrp_instance {block.word(1)}: it needs a name of its own")
            continue
        names.add(block.word(1))
        if instance := _read_instance(block, defaults, problems):
            yield instance


def _read_instance(block: Block, defaults: Defaults, problems: list[str]) -> VrrpInstance | None:
    name, given = block.word(1), {line.word(0): line for line in block.lines}
    vrid = parse_number(value_of(given, "virtual_router_id"), 1, 255)
    peers = tuple(_read_peers(block))
    interface = value_of(given, "interface")
    source = parse_address(value_of(given, "unicast_src_ip")) or parse_address(value_of(given, "mcast_src_ip"))
    if vrid is None or not (interface or (peers and source)):
        lacks = "a virtual_router_id of 1 to 255" if vrid is None else "an interface"
        problems.append(f"vrrp_instance {name}: it needs {lacks}")
        return None
    family = _family(block, given)
    strict = _flag(given, "strict_mode") if "strict_mode" in given else defaults.strict
    version = _version(given, family, defaults)
    wants_master = any(line.words[:2] == ("state", "MASTER") for line in block.lines)
    priority = _priority(given, wants_master=wants_master)
    auth, digest = _auth(given, version, family, strict=strict)
    vmac = _vmac(given, int(vrid), defaults) if interface else None
    group = defaults.multicast_ipv4 if family == "ipv4" else defaults.multicast_ipv6
    ttl = parse_number(value_of(given, "unicast_ttl"), 0, 255)
    master = wants_master if "state" in given and not strict else priority == OWNER_PRIORITY
    return VrrpInstance(
        name=name,
        interface=interface,
        vrid=int(vrid),
        priority=priority,
        advert_seconds=_advert_seconds(given, version),
        version=version,
        family=family,
        auth=auth,
        auth_digest=digest,
        virtual_addresses=tuple(_read_addresses(block, "virtual_ipaddress", vmac or interface, family)),
        excluded_addresses=tuple(_read_addresses(block, "virtual_ipaddress_excluded", vmac or interface, None)),
        unicast_peers=tuple(peer for peer in peers if family_of(peer.address) == family),
        unicast_source=source,
        multicast_group="" if peers else parse_address(value_of(given, "mcast_dst_ip")) or group,
        check_unicast_source="check_unicast_src" in given
        or defaults.check_unicast_source
        or any(peer.min_ttl > 0 or peer.max_ttl < 255 for peer in peers),
        use_vmac=vmac,
        vmac_xmit_base="vmac_xmit_base" in given or bool(vmac and peers),
        state="MASTER" if master and not (auth == "ah" and priority != OWNER_PRIORITY) else "BACKUP",
        nopreempt="nopreempt" in given and not master and priority != OWNER_PRIORITY,
        preempt_delay_seconds=parse_number(value_of(given, "preempt_delay"), 0, 1000) or 0.0,
        down_timer_adverts=3
        if strict
        else int(parse_number(value_of(given, "down_timer_adverts"), 1, 100) or defaults.down_timer_adverts),
        accept=_accepts(given, version, priority, strict=strict),
        skip_check_adv_addr="skip_check_adv_addr" in given or defaults.skip_check_adv_addr,
        strict=strict,
        unicast_ttl=255 if ttl is None else int(ttl),
    )


def _version(given: dict[str, Block], family: Family, defaults: Defaults) -> int:
    if "native_ipv6" in given:
        return 3
    stated = parse_number(value_of(given, "version"), 2, 3)
    if stated is not None and not (stated == 2 and family == "ipv6"):
        return int(stated)
    return 3 if family == "ipv6" else defaults.version


def _priority(given: dict[str, Block], *, wants_master: bool) -> int:
    """Return the priority; without one, a MASTER takes the owner's. One that makes no sense becomes 100."""
    if "priority" not in given:
        return OWNER_PRIORITY if wants_master else DEFAULT_PRIORITY
    return int(parse_number(value_of(given, "priority"), 1, OWNER_PRIORITY) or DEFAULT_PRIORITY)


def _advert_seconds(given: dict[str, Block], version: int) -> float:
    """Return the interval as it is sent: version 2 knows whole seconds up to 255, version 3 up to 40.95 s."""
    seconds = parse_number(value_of(given, "advert_int"), 0.01, 255) or 1.0
    if version == 2:
        return float(max(1, int(seconds + 0.5)))
    return min(round(seconds, 2), 40.95)


def _auth(given: dict[str, Block], version: int, family: Family, *, strict: bool) -> tuple[Auth, str]:
    lines = {line.word(0): line for line in given["authentication"].lines} if "authentication" in given else {}
    kind, password = value_of(lines, "auth_type"), value_of(lines, "auth_pass")
    if strict or version == 3 or not password or (kind == "AH" and family == "ipv6"):
        return "none", ""
    # What is no UTF-8 was replaced when the file was read: such a password cannot be compared.
    is_known = "\N{REPLACEMENT CHARACTER}" not in password
    digest = digest_password(password.encode(errors="surrogateescape")) if is_known else ""
    match kind:
        case "PASS":
            return "pass", digest
        case "AH":
            return "ah", digest
    return "none", ""


def _accepts(given: dict[str, Block], version: int, priority: int, *, strict: bool) -> bool:
    if priority == OWNER_PRIORITY and "no_accept" not in given:
        return True
    if "no_accept" in given:
        return False
    return not strict or ("accept" in given and version == 3)


def _vmac(given: dict[str, Block], vrid: int, defaults: Defaults) -> str | None:
    line = given.get("use_vmac")
    if line is None:
        return None
    # An address may stand there too; no interface's name has a colon.
    return next((word for word in line.words[1:3] if ":" not in word), f"{defaults.vmac_prefix}.{vrid}"[:15])


def _family(block: Block, given: dict[str, Block]) -> Family:
    """Return the family of what comes first: the first peer or address decides."""
    if "native_ipv6" in given:
        return "ipv6"
    for line in block.lines:
        if line.word(0) in ("virtual_ipaddress", "unicast_peer", "mcast_src_ip", "unicast_src_ip"):
            words = [inner.word(0) for inner in line.lines] or [line.word(1)]
            for word in words:
                if address := parse_address(word.partition("/")[0]):
                    return family_of(address)
    return "ipv4"


def _read_peers(block: Block) -> Iterator[UnicastPeer]:
    for line in _lines(block, "unicast_peer"):
        if address := parse_address(line.word(0)):
            limits = dict(zip(line.words[1::2], line.words[2::2], strict=False))
            low, high = (parse_number(limits.get(key, ""), 0, 255) for key in ("min_ttl", "max_ttl"))
            yield UnicastPeer(address=address, min_ttl=int(low or 0), max_ttl=255 if high is None else int(high))


def _read_addresses(block: Block, keyword: str, interface: str, family: Family | None) -> Iterator[VirtualAddress]:
    """Yield what a block of addresses lists: `ADDRESS[/LENGTH] [dev INTERFACE] [brd ...] ...`."""
    for line in _lines(block, keyword):
        text, _, length = line.word(0).partition("/")
        address = parse_address(text)
        if address is None or (family and family_of(address) != family):
            continue
        bits = 32 if family_of(address) == "ipv4" else 128
        prefix_length = parse_number(length, 0, bits)
        named = dict(zip(line.words[1:], line.words[2:], strict=False))
        yield VirtualAddress(
            address=address,
            prefix_length=bits if prefix_length is None else int(prefix_length),
            interface=named.get("dev", interface),
        )


def _lines(block: Block, keyword: str) -> Iterator[Block]:
    return (line for inner in block.lines if inner.word(0) == keyword for line in inner.lines)


def _flag(given: dict[str, Block], keyword: str) -> bool:
    """Tell whether a keyword is there and not switched off."""
    return keyword in given and given[keyword].word(1).lower() not in _FALSE
