"""What is on the wire, before netfilter has its say: listen to VRRP, ask by ARP and NDP who has an address.

A packet socket is handed a frame before the local firewall, so what this module hears and a daemon does not was
dropped on this host. Nothing here joins or changes anything that outlives the socket. Whatever arrives is bounded:
in bytes by the filter, in number by `MOST_FRAMES_A_SECOND`; the kernel counts what was lost beyond it.

Sources: packet(7), linux/filter.h and Documentation/networking/filter.rst.
"""

import selectors
import socket
import struct
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from ipaddress import IPv6Address, ip_address
from typing import Literal

import msgspec

from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.linux.arp import (
    ALL_NODES,
    REPLY,
    REQUEST,
    MalformedNeighbourError,
    build_arp_probe,
    build_gratuitous_arp,
    build_neighbour_solicitation,
    build_unsolicited_advertisement,
    parse_arp,
    parse_neighbour_advertisement,
)
from watchdog.linux.inet import (
    BROADCAST_MAC,
    ETHERTYPE_ARP,
    ETHERTYPE_IPV4,
    ETHERTYPE_IPV6,
    multicast_mac,
    parse_mac,
    render_mac,
    solicited_node,
)
from watchdog.linux.vrrp_packet import GROUP_V4, GROUP_V6, PROTOCOL_AH, PROTOCOL_VRRP, VIRTUAL_MACS
from watchdog.model import Heed, Past

Kind = Literal["vrrp", "neighbours", "announcements", "requests", "echoes"]

MOST_FRAMES_A_SECOND = 2000
MOST_INTERFACES = 64
MOST_BYTES = 2048
MOST_ANSWERS = 8
# A question or its answer can be lost like any frame; RFC 5227 asks three times too.
TRIES = 3
_SLICE_SECONDS = 0.05
_ETHERNET = 1  # ARPHRD_ETHER, also of veth, bridge, bond, VLAN and macvlan

# From linux/if_packet.h, linux/if_ether.h, asm/socket.h and linux/filter.h: what Python's socket module lacks.
_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, _PACKET_STATISTICS, _MEMBER_OF_MULTICAST = 263, 1, 6, 0
_ETH_P_ALL, _SO_ATTACH_FILTER = 0x0003, 26
_LOAD_WORD, _LOAD_BYTE, _AND, _IF_EQUAL, _RETURN = 0x20, 0x30, 0x54, 0x15, 0x06
_KEEP, _IF_AS_KEPT = 0x07, 0x1D
_FRAME_PROTOCOL, _FRAME_VLAN = 0xFFFFF000, 0xFFFFF000 + 44

_INSTRUCTION = struct.Struct("HBBI")
# The sender's address of an ARP packet is the one that is asked for; else beyond the instruction that follows.
_SAME_ADDRESSES = ((_LOAD_WORD, 0, 0, 14), (_KEEP, 0, 0, 0), (_LOAD_WORD, 0, 0, 24), (_IF_AS_KEPT, 0, 1, 0))

# What each kind of frame looks like: the protocol of the frame, and bytes at positions in the network packet.
_PATTERNS: Mapping[Kind, tuple[tuple[int, tuple[tuple[int, int], ...]], ...]] = {
    "vrrp": (
        (ETHERTYPE_IPV4, ((9, PROTOCOL_VRRP),)),
        (ETHERTYPE_IPV4, ((9, PROTOCOL_AH),)),
        (ETHERTYPE_IPV6, ((6, PROTOCOL_VRRP),)),
    ),
    "neighbours": (
        (ETHERTYPE_ARP, ((7, REPLY),)),
        (ETHERTYPE_IPV6, ((6, 58), (40, 136))),  # ICMPv6, neighbour advertisement
    ),
    # Only those that ask for the address that they have: see _program.
    "announcements": ((ETHERTYPE_ARP, ((7, REQUEST),)),),
    "requests": ((ETHERTYPE_ARP, ((7, REQUEST),)),),
    "echoes": (
        (ETHERTYPE_IPV4, ((0, 0x45), (9, 1), (20, 0))),  # ICMP, echo reply
        (ETHERTYPE_IPV6, ((6, 58), (40, 129))),
    ),
}

# A tentative IPv6 address must not be used, and a deprecated one is about to go (linux/if_addr.h).
_UNUSABLE = 0x40 | 0x20


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What came, or was sent by this host (`outgoing`): the sender's hardware address and the network packet.

    `to_us`: it was sent to this interface alone, not to a group, to all or past us.
    """

    interface: str
    mac: str
    protocol: int
    outgoing: bool
    to_us: bool
    packet: bytes
    boottime_ns: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Who has this address, of IPv4 or IPv6, on the link behind `interface`? Raises ValueError for no address."""

    interface: str
    address: str

    def __post_init__(self) -> None:
        # As answers are written: `fd00::1`, however a configuration wrote it.
        msgspec.structs.force_setattr(self, "address", str(ip_address(self.address)))


class Wire(msgspec.Struct, kw_only=True):
    """The interfaces that are listened to. `problems` says by interface why it is not."""

    host: Host
    sockets: Mapping[str, socket.socket] = msgspec.field(default_factory=dict)
    problems: dict[str, str] = msgspec.field(default_factory=dict)
    _lost: int = 0
    _left_of_slice: int = 0
    _slice_ends_ns: int = 0

    def send(self, interface: str, protocol: int, packet: bytes, mac: str) -> str | None:
        """Send a packet on an interface that is listened to; return why that cannot be, None when it was."""
        try:
            self.sockets[interface].sendto(packet, (interface, protocol, 0, 0, parse_mac(mac)))
        except OSError as error:
            return f"cannot send: {error.strerror}"
        return None

    def frames(self, seconds: float) -> Iterator[Frame]:
        """Yield what comes within `seconds`, none later."""
        ends_ns = self.host.stamp().boottime_ns + round(seconds * 1e9)
        with selectors.DefaultSelector() as selector:
            for name, channel in self.sockets.items():
                selector.register(channel, selectors.EVENT_READ, name)
            while (now_ns := self.host.stamp().boottime_ns) < ends_ns:
                if now_ns >= self._slice_ends_ns:
                    self._slice_ends_ns = now_ns + round(_SLICE_SECONDS * 1e9)
                    self._left_of_slice = round(MOST_FRAMES_A_SECOND * _SLICE_SECONDS)
                if self._left_of_slice <= 0:  # a flood: the kernel's buffer takes what it can, and drops the rest
                    time.sleep(max(min(self._slice_ends_ns, ends_ns) - now_ns, 0) / 1e9)
                    continue
                ready = selector.select((ends_ns - now_ns) / 1e9)
                now_ns = self.host.stamp().boottime_ns
                for key, _ in ready:
                    yield from self._receive(key.data, now_ns, max(self._left_of_slice // len(ready), 1))

    def lost_frames(self) -> int:
        """Return how many frames came, since the wire was opened, that there was no room for."""
        self._lost += sum(map(count_lost, self.sockets.values()))
        return self._lost

    def past(self, heed: Heed) -> Past:
        """Return what was heard on these interfaces before, by an ear of the daemon's that stands; else nothing.

        `heed` is what that ear shall wake the daemon for from now on.
        """
        return self.host.overheard(tuple(self.sockets), heed)

    def _receive(self, interface: str, now_ns: int, most: int) -> Iterator[Frame]:
        for _ in range(most):
            try:
                frame = receive(self.sockets[interface], interface, now_ns)
            except BlockingIOError:
                return
            except OSError as error:  # the interface went down, or away
                self.problems[interface] = f"cannot be listened to: {error.strerror}"
                return
            self._left_of_slice -= 1
            yield frame


@contextmanager
def open_wire(host: Host, interfaces: Iterable[str], kinds: Collection[Kind]) -> Iterator[Wire]:
    """Listen on these interfaces while the block lasts. Raises Unobservable without CAP_NET_RAW."""
    wire = Wire(host=host)
    sockets: dict[str, socket.socket] = {}
    with ExitStack() as stack:
        for name in tuple(dict.fromkeys(interfaces))[:MOST_INTERFACES]:
            try:
                if channel := open_channel(name, kinds):
                    sockets[name] = stack.enter_context(channel)
                else:
                    wire.problems[name] = "is no Ethernet"
            except PermissionError as error:
                raise Unobservable(
                    "needs CAP_NET_RAW to listen and to ask on the network: run it as root, or give its unit"
                    " AmbientCapabilities=CAP_NET_RAW"
                ) from error
            except (OSError, ValueError) as error:  # ValueError: a name with NUL
                wire.problems[name] = f"cannot be opened: {getattr(error, 'strerror', None) or error}"
        wire.sockets = sockets
        yield wire


def open_channel(interface: str, kinds: Collection[Kind]) -> socket.socket | None:
    """Return a packet socket that hears one interface, None where that is no Ethernet.

    Raises OSError, PermissionError without CAP_NET_RAW, and ValueError for what is no name.
    """
    channel = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    try:
        _tune(channel, interface, kinds)
        if channel.getsockname()[3] == _ETHERNET:
            return channel
    except BaseException:
        channel.close()
        raise
    channel.close()
    return None


def receive(channel: socket.socket, interface: str, now_ns: int) -> Frame:
    """Return the next frame. Raises BlockingIOError when there is none, OSError when the interface went."""
    packet, (_, protocol, kind, _, mac) = channel.recvfrom(MOST_BYTES)
    return Frame(
        interface=interface,
        mac=render_mac(mac),
        protocol=protocol,
        outgoing=kind == socket.PACKET_OUTGOING,
        to_us=kind == socket.PACKET_HOST,
        packet=packet,
        boottime_ns=now_ns,
    )


def count_lost(channel: socket.socket) -> int:
    """Return how many frames came, since this was last asked, that there was no room for."""
    with suppress(OSError):  # reading the counters sets them back
        return int(struct.unpack("II", channel.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))[1])
    return 0


def ask_owners(
    host: Host, questions: Sequence[Question], seconds: float = 1.0, tries: int = TRIES
) -> tuple[Mapping[Question, tuple[str, ...]], Mapping[str, str]]:
    """Ask who has these addresses; return the hardware addresses that answered, and problems by interface.

    Our own host's are never among them. Takes `seconds`, whoever answers. Raises
    Unobservable without CAP_NET_RAW.
    """
    owners: dict[Question, dict[str, None]] = {question: {} for question in questions}
    ours = own_macs(host)
    if not questions:
        return {}, {}
    with open_wire(host, (question.interface for question in questions), {"neighbours"}) as wire:
        for _ in range(tries):
            for question in questions:
                if problem := ask_owner(wire, question):
                    wire.problems[question.interface] = problem
            for frame in wire.frames(seconds / tries):
                answer = read_answer(frame)
                if not answer or answer[1] in ours:
                    continue
                if answer[0] in owners and len(owners[answer[0]]) < MOST_ANSWERS:
                    owners[answer[0]][answer[1]] = None
    return {question: tuple(sorted(macs)) for question, macs in owners.items()}, wire.problems


def ask_owner(wire: Wire, question: Question) -> str | None:
    """Send the question once; return why that cannot be, None when it was sent."""
    if question.interface not in wire.sockets:
        return wire.problems.get(question.interface, "is not listened to")
    our_mac = _mac_of(wire.host, question.interface)
    if our_mac is None:
        return "has no hardware address to ask from"
    if ip_address(question.address).version == 4:
        packet = build_arp_probe(question.address, our_mac)
        return wire.send(question.interface, ETHERTYPE_ARP, packet, BROADCAST_MAC)
    ours = _ipv6_of(wire.host, question.interface)
    if ours is None:
        return "has no IPv6 address to ask from"
    packet = build_neighbour_solicitation(question.address, ours, our_mac)
    return wire.send(question.interface, ETHERTYPE_IPV6, packet, multicast_mac(solicited_node(question.address)))


def announce_address(host: Host, interface: str, address: str, times: int) -> str | None:
    """Tell everybody on the link that an address is here; return what prevented it, None for nothing.

    Raises Unobservable without CAP_NET_RAW.
    """
    with open_wire(host, [interface], {"neighbours"}) as wire:
        if interface not in wire.sockets:
            return wire.problems[interface]
        our_mac = render_mac(wire.sockets[interface].getsockname()[4])
        for _ in range(times):
            if ip_address(address).version == 4:
                wire.send(interface, ETHERTYPE_ARP, build_gratuitous_arp(address, our_mac), BROADCAST_MAC)
            else:
                packet = build_unsolicited_advertisement(address, our_mac)
                wire.send(interface, ETHERTYPE_IPV6, packet, multicast_mac(ALL_NODES))
        return wire.problems.get(interface)


def read_claim(frame: Frame) -> tuple[str, str, bool] | None:
    """Return which address is said to be at which hardware address, and whether unasked, as after a takeover.

    It may be said to anybody. None when nothing is said.
    """
    if frame.outgoing or frame.protocol not in (ETHERTYPE_ARP, ETHERTYPE_IPV6):
        return None
    try:
        if frame.protocol == ETHERTYPE_IPV6:
            advertisement = parse_neighbour_advertisement(frame.packet)
            return advertisement.address, advertisement.mac or frame.mac, not advertisement.solicited
        arp = parse_arp(frame.packet)
    except MalformedNeighbourError:
        return None
    is_unasked = arp.sender_address == arp.target_address
    return (arp.sender_address, arp.sender_mac, is_unasked) if is_unasked or arp.operation == REPLY else None


def read_answer(frame: Frame) -> tuple[Question, str] | None:
    """Return what a frame answers to, and with which hardware address; None when it is no answer.

    Only what was sent to this host alone is one: a virtual switch may reflect our own answers to others.
    """
    if not frame.to_us or frame.protocol not in (ETHERTYPE_ARP, ETHERTYPE_IPV6):
        return None
    try:
        if frame.protocol == ETHERTYPE_ARP:
            arp = parse_arp(frame.packet)
            address, mac = (arp.sender_address, arp.sender_mac) if arp.operation == REPLY else ("", "")
        else:
            advertisement = parse_neighbour_advertisement(frame.packet)
            address, mac = advertisement.address, advertisement.mac or frame.mac
    except MalformedNeighbourError:
        return None
    return (Question(interface=frame.interface, address=address), mac) if address else None


def own_macs(host: Host) -> frozenset[str]:
    """Return this host's hardware addresses: its second card on a link answers what the first one asks.

    Not the virtual ones of VRRP: another host answers with those, too.
    """
    macs = (_mac_of(host, name) for name in host.names_in("/sys/class/net"))
    return frozenset(mac for mac in macs if mac and not mac.startswith(VIRTUAL_MACS))


def _tune(channel: socket.socket, name: str, kinds: Collection[Kind]) -> None:
    """Let a packet socket hear one interface. It gets a protocol last, and nothing before that."""
    _attach_filter(channel, _program(kinds))
    channel.setblocking(False)
    channel.bind((name, _ETH_P_ALL))
    for group in (GROUP_V4, GROUP_V6) if "vrrp" in kinds else ():
        # The card passes the group's frames on although nobody here has joined it; gone with the socket.
        mac = parse_mac(multicast_mac(group))
        member = struct.pack("iHH8s", socket.if_nametoindex(name), _MEMBER_OF_MULTICAST, len(mac), mac)
        with suppress(OSError):  # a loopback has no such list
            channel.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, member)


def _attach_filter(channel: socket.socket, program: bytes) -> None:
    """Give the kernel the filter; `struct sock_fprog` holds its length and its address."""
    import ctypes  # late: hosts without a virtual IP need none of it

    code = ctypes.create_string_buffer(program, len(program))
    length = len(program) // _INSTRUCTION.size
    channel.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", length, ctypes.addressof(code)))


def _program(kinds: Collection[Kind]) -> bytes:
    """Return the filter in the kernel's classic BPF: only what was asked for, and nothing of a VLAN on top of it.

    Positions are those in the network packet, as the socket is of kind SOCK_DGRAM.
    """
    drop = (_RETURN, 0, 0, 0)
    code = [(_LOAD_WORD, 0, 0, _FRAME_VLAN), (_AND, 0, 0, 0xFFF), (_IF_EQUAL, 1, 0, 0), drop]
    patterns = [(kind, *pattern) for kind in sorted(kinds) for pattern in _PATTERNS[kind]]
    for kind, protocol, conditions in patterns:
        tests = [(_LOAD_WORD, _FRAME_PROTOCOL, protocol)]
        tests += [(_LOAD_BYTE, position, value) for position, value in conditions]
        last = [*(_SAME_ADDRESSES if kind == "announcements" else ()), (_RETURN, 0, 0, MOST_BYTES)]
        for number, (load, position, value) in enumerate(tests):
            beyond = 2 * (len(tests) - number - 1) + len(last)
            code += [(load, 0, 0, position), (_IF_EQUAL, 0, beyond, value)]
        code += last
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in (*code, drop))


def _mac_of(host: Host, interface: str) -> str | None:
    text = (host.read_text(f"/sys/class/net/{interface}/address") or "").strip()
    try:
        return render_mac(parse_mac(text))
    except ValueError:
        return None


def _ipv6_of(host: Host, interface: str) -> str | None:
    """Return an IPv6 address to ask from, the link-local one if there is one; /proc/net/if_inet6 lists them."""
    found = []
    for line in (host.read_text("/proc/net/if_inet6") or "").splitlines():
        words = line.split()
        if len(words) == 6 and words[5] == interface and not int(words[4], 16) & _UNUSABLE:
            found.append(IPv6Address(bytes.fromhex(words[0])))
    return str(min(found, key=lambda address: not address.is_link_local)) if found else None
