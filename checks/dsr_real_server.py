"""A real server behind direct routing lost its virtual address, or answers ARP for it and steals it.

The balancer sends a packet for the virtual address to a real server's own hardware address, so the real server
must have that address, and nobody may hear of it: it is on lo or a dummy, with arp_ignore=1 and arp_announce=2.
Without the address its share of the traffic is dropped; without the silence, clients go to whoever answers
first.

A real server is known by what it has: a host-length address on lo or a dummy, in a network that another interface
is connected to, and that another host owns (who answers ARP for it), or that somebody set arp_ignore for. A
router's or an anycast address lies in no connected network; an address that nobody else has is this host's own.

A host never hears its own ARP answers to itself. So on a real server its sysctls are judged, what it sends while
we listen, and who else owns the address; and a balancer, which can hear them, asks for each of its virtual
addresses and names the real servers that answer.

Sources: Documentation/networking/ip-sysctl.rst, net/ipv4/arp.c; RFC 5227. Rules in _dsr_real_server/judge.py and
director.py, the memory in membership.py.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from checks._dsr_real_server.director import Asked, judge_asked, plan_questions, questions_of
from checks._dsr_real_server.director import with_heard as asked_with_heard
from checks._dsr_real_server.faults import FAULTS
from checks._dsr_real_server.judge import Case, Others, judge_vip, missing, on_the_link
from checks._dsr_real_server.membership import DsrMemory, fold, is_owned_elsewhere
from checks._dsr_real_server.reading import (
    Vip,
    face_absent,
    find_single,
    find_vips,
    has_arp_firewall,
    hear,
    is_quiet,
    with_heard,
)
from watchdog.linux.ipvs import KUBE_PROXY_INTERFACE
from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Facts,
    Hearing,
    Host,
    HostAddress,
    Judgement,
    NotApplicable,
    Question,
    Signal,
    Unobservable,
    Unseen,
    has_ipvs,
    noted_in,
    read_addresses,
    read_keepalived,
    read_pools,
    without_noted,
)


class DsrSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.dsr_real_server]`: the virtual addresses this host must have, and those that are left alone.

    `listen` is how long the link is asked and listened to.
    """

    vips: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    listen: Duration = Duration(1)

    def __post_init__(self) -> None:
        for address in (*self.vips, *self.ignore):
            if str(ip_address(address)) != address:
                raise ValueError(f'an address as the kernel writes it, such as "{ip_address(address)}"')
        if self.listen > self.time_limit / 2:
            raise ValueError("listen no longer than half of time_limit")


class Elsewhere(Facts, frozen=True, kw_only=True):
    """An address of this host, and the interface that it is on."""

    address: str
    interface: str


class DsrFacts(Facts, frozen=True, kw_only=True):
    """The virtual addresses on this host, and what a balancer heard of its own.

    `quiet` are all addresses on lo and dummies. `own` are those that the keepalived of this host moves.
    `on_the_link` are those that should be on lo or a dummy and are where ARP asks for them, `absent` those on no
    interface at all. `single` connect nothing, and ARP may be asked for them anywhere. `unheard` says why the link
    could not be listened to.
    """

    boottime_ns: int = 0
    vips: tuple[Vip, ...] = ()
    quiet: tuple[str, ...] = ()
    on_the_link: tuple[Elsewhere, ...] = ()
    absent: tuple[Vip, ...] = ()
    single: tuple[Elsewhere, ...] = ()
    own: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    arp_firewall: bool = False
    unheard: str = ""
    unread: str = ""


def observe(host: Host, settings: DsrSettings, before: DsrMemory | None) -> DsrFacts:
    """Find the virtual addresses, and ask on the link who else has them."""
    addresses = read_addresses()
    vips = tuple(vip for vip in find_vips(host, addresses) if vip.address not in settings.ignore)
    pools, unread = _plan(host, addresses)
    if not (vips or pools or unread or settings.vips or (before and before.vips)):
        raise NotApplicable("no virtual address on lo or a dummy of this host, and no pool by direct routing")
    expected = {*settings.vips, *(vip.address for vip in (before.vips if before else ()))}
    absent = tuple(face_absent(host, expected - {*settings.ignore}, addresses))
    questions = [
        Question(interface=one.interface, address=vip.address) for vip in (*vips, *absent) for one in vip.facing
    ]
    heard = hear(host, (*questions, *questions_of(pools)), settings.listen)
    loud = any(one.arp_ignore == 0 for vip in vips for one in vip.facing)
    return DsrFacts(
        boottime_ns=host.stamp().boottime_ns,
        vips=tuple(with_heard(vip, heard) for vip in vips),
        quiet=tuple(sorted({str(one.address) for one in addresses if is_quiet(host, one.interface)})),
        on_the_link=tuple(
            Elsewhere(address=str(one.address), interface=one.interface)
            for one in addresses
            if str(one.address) in expected and not is_quiet(host, one.interface)
        ),
        absent=tuple(with_heard(vip, heard) for vip in absent),
        single=tuple(
            Elsewhere(address=str(one.address), interface=one.interface) for one in find_single(host, addresses)
        ),
        own=_own(host) if vips else (),
        asked=tuple(asked_with_heard(one, heard) for one in pools),
        arp_firewall=loud and has_arp_firewall(host),
        unheard=heard.unheard,
        unread=unread,
    )


def judge(facts: DsrFacts, before: DsrMemory | None, settings: DsrSettings) -> Iterator[Judgement]:
    """Judge the addresses of this host, those that are gone, and what a balancer heard; a note is made once."""
    yield from without_noted(_judge(facts, before, settings), before.noted if before else ())


def remember(facts: DsrFacts, before: DsrMemory | None, settings: DsrSettings) -> DsrMemory:
    """Keep the addresses that this host is a real server for, also those that are gone."""
    vips = [vip for vip in facts.vips if vip.address not in facts.own]
    notes = noted_in(_judge(facts, before, settings))
    known = fold(vips, before, settings.ignore, facts.boottime_ns)
    return DsrMemory(vips=tuple(known), noted=notes)


def _judge(facts: DsrFacts, before: DsrMemory | None, settings: DsrSettings) -> Iterator[Judgement]:
    named = [address for address in settings.vips if address not in settings.ignore]
    others = _others(facts, before, settings)
    for vip in facts.vips:
        if vip.address in settings.ignore or vip.address in facts.own:
            continue
        yield from judge_vip(
            Case(
                vip=vip,
                known=before.of(vip.address) if before else None,
                named=vip.address in named,
                arp_firewall=facts.arp_firewall,
                unheard=facts.unheard,
                others=others,
            )
        )
    yield from _judge_gone(facts, before, settings, named)
    yield from judge_asked(facts.asked)
    if facts.unheard:
        here = [vip.address for vip in facts.vips if vip.address not in (*settings.ignore, *facts.own)]
        for address in dict.fromkeys((*here, *(one.address for one in facts.asked))):
            yield Unseen(subject=address, reason=f"who answers for it on the link was not heard: {facts.unheard}")
    if facts.unread:
        yield Unseen(subject="ipvs", reason=facts.unread)


def _judge_gone(
    facts: DsrFacts, before: DsrMemory | None, settings: DsrSettings, named: list[str]
) -> Iterator[Judgement]:
    """Judge the addresses that should be on lo or a dummy and are not."""
    elsewhere = {one.address: one.interface for one in facts.on_the_link}
    absent = {vip.address: vip for vip in facts.absent}
    others = _others(facts, before, settings)
    for address in named:
        if address in elsewhere:
            yield on_the_link(address, elsewhere[address])
        elif address not in facts.quiet:
            yield missing(address, "lo", named=True, absent=absent.get(address), others=others)
    for known in before.vips if before else ():
        # One that moved to the link made this host the balancer, as a cluster manager does.
        excused = known.address in elsewhere or known.address in (*facts.own, *settings.ignore, *named)
        if known.settled and known.address not in facts.quiet and not excused:
            gone = absent.get(known.address)
            yield missing(known.address, known.interface, named=False, absent=gone, others=others)


def _others(facts: DsrFacts, before: DsrMemory | None, settings: DsrSettings) -> Others:
    """Return the addresses that are this host's alone and that ARP may be asked for on any of its links."""
    virtual = {
        vip.address
        for vip in facts.vips
        if is_owned_elsewhere(vip, before.of(vip.address) if before else None) or vip.address in settings.vips
    } - {*facts.own}
    return tuple((one.address, one.interface) for one in facts.single if one.address not in virtual)


def _plan(host: Host, addresses: tuple[HostAddress, ...]) -> tuple[tuple[Asked, ...], str]:
    """Return what a balancer asks for, none where this is none, and why its pools could not be read."""
    if not has_ipvs(host) or any(one.interface == KUBE_PROXY_INTERFACE for one in addresses):
        return (), ""
    try:
        return tuple(plan_questions(read_pools(host), addresses)), ""
    except Unobservable as error:
        return (), str(error)


def _own(host: Host) -> tuple[str, ...]:
    """Return the addresses that this host's own keepalived moves: they may be on lo, and are its to answer for."""
    try:
        conf = read_keepalived(host)
    except Unobservable:
        return ()
    instances = conf.instances if conf else ()
    return tuple(
        sorted({one.address for each in instances for one in (*each.virtual_addresses, *each.excluded_addresses)})
    )


CHECK = Check(
    name="dsr_real_server",
    title="virtual addresses of real servers behind direct routing",
    faults=FAULTS,
    settings=DsrSettings,
    facts=DsrFacts,
    memory=DsrMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.LINK, Signal.ADDRESS}),
    hearing=Hearing(files=("/etc/keepalived",)),
)
