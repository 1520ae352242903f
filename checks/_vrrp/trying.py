"""Whether our neighbours know that a VIP is here: each is sent an echo request in its name, and in our own.

After a split the machine that stays was active all along, so its keepalived announces nothing, and a neighbour
goes on sending to the one that left. Nothing on this host shows that. But a neighbour that replies to our own
address and not to the VIP, which is here, sends its replies elsewhere. Only after a split is anybody asked.
"""

import os
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

import msgspec

from checks._vrrp.kernel import Neighbour
from checks._vrrp.picture import Tried, Vip
from watchdog.linux.echo import MalformedEchoError, build_echo_request, parse_echo_reply
from watchdog.linux.inet import ETHERTYPE_IPV4, ETHERTYPE_IPV6
from watchdog.plugin import Frame, Wire

MOST_NEIGHBOURS = 8
# The first may be lost, and the last one's reply is still on its way.
LEAST_TRIES = 5
_MOST_REQUESTS = 64


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One VIP and one neighbour; `own` is the address of ours that it is compared with."""

    vip: str
    own: str
    neighbour: Neighbour


class Trials(msgspec.Struct, kw_only=True):
    """What is tried and what came of it. `replies` counts by (interface, neighbour, our address)."""

    trials: tuple[Trial, ...] = ()
    tries: dict[Trial, int] = msgspec.field(default_factory=dict)
    replies: dict[tuple[str, str, str], int] = msgspec.field(default_factory=dict)
    identifier: int = msgspec.field(default_factory=lambda: int.from_bytes(os.urandom(2)))
    _rounds: int = 0

    def send(self, wire: Wire) -> None:
        """Ask the neighbours whose turn it is."""
        begin = self._rounds * _MOST_REQUESTS % max(len(self.trials), 1)
        self._rounds += 1
        for trial in self.trials[begin : begin + _MOST_REQUESTS]:
            self.tries[trial] = self.tries.get(trial, 0) + 1
            neighbour = trial.neighbour
            protocol = ETHERTYPE_IPV6 if ":" in neighbour.address else ETHERTYPE_IPV4
            for source in (trial.own, trial.vip):
                request = build_echo_request(source, neighbour.address, self.identifier, self.tries[trial])
                wire.send(neighbour.interface, protocol, request, neighbour.mac)

    def take(self, frame: Frame) -> None:
        """Count a reply that came to this host; what is anything else is left alone."""
        if not self.trials or not frame.to_us:
            return
        try:
            reply = parse_echo_reply(frame.packet)
        except MalformedEchoError:
            return
        key = (frame.interface, reply.source, reply.destination)
        if reply.identifier == self.identifier and (key in self.replies or key in set(self._expected())):
            self.replies[key] = self.replies.get(key, 0) + 1

    def of(self, vip: Vip) -> tuple[Tried, ...]:
        """Return what came of it for a VIP."""
        return tuple(
            Tried(
                neighbour=trial.neighbour.address,
                is_gateway=trial.neighbour.is_gateway,
                tries=self.tries.get(trial, 0),
                replies_to_us=self._count(trial, trial.own),
                replies_to_vip=self._count(trial, trial.vip),
            )
            for trial in self.trials
            if (trial.vip, trial.neighbour.interface) == (vip.address, vip.interface)
        )

    def _count(self, trial: Trial, address: str) -> int:
        return self.replies.get((trial.neighbour.interface, trial.neighbour.address, address), 0)

    def _expected(self) -> Iterator[tuple[str, str, str]]:
        for trial in self.trials:
            for address in (trial.own, trial.vip):
                yield trial.neighbour.interface, trial.neighbour.address, address


def misled(vip: Vip) -> tuple[Tried, ...]:
    """Return the neighbours that reply to an address of our own and not to the VIP, though it is here."""
    return tuple(
        one
        for one in vip.tried
        if vip.is_held and one.tries >= LEAST_TRIES and one.replies_to_us >= 2 and not one.replies_to_vip
    )


def is_tried(vip: Vip) -> bool:
    """Tell whether trying on would tell nothing new."""
    return all(one.replies_to_vip or one.tries >= LEAST_TRIES for one in vip.tried)


def is_echo(frame: Frame) -> bool:
    """Tell whether a frame is of these: everything else that is listened to is of VRRP, or an answer."""
    position = {ETHERTYPE_IPV4: 9, ETHERTYPE_IPV6: 6}.get(frame.protocol)
    return position is not None and frame.packet[position : position + 1] in (b"\x01", b"\x3a")


def plan_trials(
    vips: Sequence[Vip], neighbours: Sequence[Neighbour], held: Sequence[tuple[str, str]]
) -> tuple[Trial, ...]:
    """Return what to try for VIPs that are on this host; `held` are its addresses by interface.

    Not for one with a virtual MAC: it is at the same hardware address everywhere.
    """
    addresses = {vip.address for vip in vips}
    return tuple(
        Trial(vip=vip.address, own=own, neighbour=neighbour)
        for vip in vips
        if vip.held_on == vip.interface and (vip.held_on, vip.address) in held
        for neighbour in _chosen(vip, neighbours, {address for _, address in held})
        for own in [_own_address(vip, neighbour, held, addresses)]
        if own
    )


def _chosen(vip: Vip, neighbours: Sequence[Neighbour], ours: set[str]) -> list[Neighbour]:
    """Return the gateways first: behind them are the most who use the VIP."""
    alike = [
        one
        for one in neighbours
        if one.interface == vip.interface
        and one.address not in ours
        and _scope(one.address) == _scope(vip.address)
    ]
    return sorted(alike, key=lambda one: (not one.is_gateway, one.address))[:MOST_NEIGHBOURS]


def _own_address(vip: Vip, neighbour: Neighbour, held: Sequence[tuple[str, str]], vips: set[str]) -> str:
    own = [
        address
        for interface, address in sorted(held)
        if interface == neighbour.interface and address not in vips and _scope(address) == _scope(vip.address)
    ]
    # Of several the one most like the neighbour's own: it shares its network likeliest.
    return min(own, key=lambda address: int(ip_address(address)) ^ int(ip_address(neighbour.address)), default="")


def _scope(address: str) -> tuple[int, bool]:
    parsed = ip_address(address)
    return parsed.version, parsed.is_link_local
