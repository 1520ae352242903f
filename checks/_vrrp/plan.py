"""Which virtual routers to watch: those of our keepalived, those we knew, those that are heard. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from checks._vrrp.differences import UNICAST
from checks._vrrp.kernel import Interface
from checks._vrrp.picture import OUR_PASSWORD, Instance, Router, Terms, Vip
from watchdog.linux.keepalived_conf import KeepalivedConf
from watchdog.linux.keepalived_vrrp import VrrpInstance
from watchdog.linux.vrrp_packet import virtual_mac

MOST_ROUTERS = 64
MOST_VIPS = 32


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to watch, and where; `digests` are those of our own passwords, by router.

    `named` are the interfaces on which every router is watched, by the settings.
    """

    routers: tuple[Router, ...]
    interfaces: tuple[str, ...]
    digests: Mapping[tuple[str, int, int], str]
    named: frozenset[str] = frozenset()
    real_servers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def key_of(router: Router) -> tuple[str, int, int]:
    """Return (interface, family, VRID)."""
    return router.interface, router.family, router.vrid


def make_plan(
    conf: KeepalivedConf | None,
    known: Sequence[Router],
    interfaces: Collection[str],
    links: Mapping[str, Interface],
    held: Collection[tuple[str, str]],
    watched_on: Sequence[Router] = (),
) -> Plan:
    """Put together what is configured here and what was known; `held` are this host's addresses by interface.

    `watched_on` are those known that are watched although keepalived no longer runs here.
    """
    ours = [(instance, _own_router(instance, links, held)) for instance in (conf.instances if conf else ())]
    routers = {key_of(router): router for _, router in ours}
    for one in known:
        left_behind = _left_behind(one, held, is_watched=one in watched_on)
        if key_of(one) not in routers and (left_behind or one.interface in interfaces):
            routers[key_of(one)] = left_behind or one
    kept = tuple(routers.values())[:MOST_ROUTERS]
    return Plan(
        routers=kept,
        interfaces=tuple(dict.fromkeys([*(name for router in kept for name in _listened(router)), *interfaces])),
        digests={key_of(router): instance.auth_digest for instance, router in ours if instance.auth_digest},
        named=frozenset(interfaces),
        real_servers=tuple(_real_servers(conf, kept)),
        notes=tuple(conf.problems[:8]) if conf else (),
    )


def _own_router(
    instance: VrrpInstance, links: Mapping[str, Interface], held: Collection[tuple[str, str]]
) -> Router:
    interface = instance.interface or next(
        (name for name, address in held if address == instance.unicast_source), "unknown interface"
    )
    family: Literal[4, 6] = 4 if instance.family == "ipv4" else 6
    vmac = _find_vmac(interface, virtual_mac(family, instance.vrid), links) if instance.use_vmac else None
    addresses = tuple(address.address for address in instance.virtual_addresses)
    everything = (*instance.virtual_addresses, *instance.excluded_addresses)
    return Router(
        interface=interface,
        family=family,
        vrid=instance.vrid,
        instance=Instance(
            name=instance.name,
            priority=instance.priority,
            terms=Terms(
                version=instance.version,
                interval_seconds=instance.advert_seconds,
                auth=instance.auth,
                password=OUR_PASSWORD if instance.auth_digest and instance.auth == "pass" else None,
                destination=UNICAST if instance.unicast_peers else instance.multicast_group,
                addresses=addresses,
            ),
        ),
        vips=tuple(
            Vip(address=one.address, interface=_asked_on(held_on, interface, links), held_on=held_on)
            for one in everything[:MOST_VIPS]
            for held_on in (vmac if vmac and one.interface == instance.use_vmac else one.interface,)
        ),
        expected_interval_seconds=instance.advert_seconds,
    )


def _find_vmac(base: str, mac: str, links: Mapping[str, Interface]) -> str | None:
    """Return the interface that keepalived made for a virtual MAC: its name depends on what else there is."""
    return next((link.name for link in links.values() if link.below == base and link.mac == mac), None)


def _asked_on(interface: str, base: str, links: Mapping[str, Interface]) -> str:
    """Return where to ask for a VIP: not on the VMAC that carries it, which nobody else hears on its own."""
    link = links.get(interface)
    if link is None or link.is_quiet or link.kind in ("macvlan", "ipvlan"):
        return base
    return interface


def _left_behind(router: Router, held: Collection[tuple[str, str]], *, is_watched: bool) -> Router | None:
    """Return a router that keepalived no longer runs for although its VIP is still here, or it is watched on."""
    if router.instance is None:
        return None
    if not is_watched and not any((vip.held_on, vip.address) in held for vip in router.vips):
        return None
    # Of our password nothing is kept: what is heard cannot be compared with it any more.
    terms = replace(router.instance.terms, password=None)
    return replace(router, instance=replace(router.instance, running=False, terms=terms))


def _listened(router: Router) -> tuple[str, ...]:
    return (router.interface, *(vip.interface for vip in router.vips))


def _real_servers(conf: KeepalivedConf | None, routers: Sequence[Router]) -> Iterator[str]:
    """Yield the real servers behind our VIPs: one that answers for the VIP leaks ARP, and is no second master."""
    vips = {vip.address for router in routers for vip in router.vips}
    for server in (conf.virtual_servers if conf else ())[:MOST_ROUTERS]:
        if str(server.address) in vips:
            yield from (real.address for real in server.real_servers[:MOST_VIPS])
