"""A virtual IP that lives on two machines, on none, or on one that does not answer for it.

keepalived sees only what reaches it: with adverts dropped on the way each machine takes itself for the only one,
and each one's own state looks fine. So this check asks others: the wire before the local firewall (adverts), the
link (who answers ARP or neighbour discovery for the VIP) and the kernel (is the VIP on our interface). keepalived
itself is never asked; dumping its state can block it.

Subjects are the instances of the keepalived that runs here, and every virtual router that is heard on their
interfaces and on those that the settings name (for a host that only watches). A takeover is no fault: two are a
split only when both were seen active for longer than any takeover overlaps (_vrrp/actives.py).

Sources: RFC 3768, RFC 5798, RFC 5227, RFC 4861; keepalived's vrrp.c. Rules in _vrrp/judging.py and why.py.
"""

from collections.abc import Iterator
from ipaddress import ip_address

import msgspec
from msgspec.structs import replace

from checks._vrrp.actives import find_actives, is_split
from checks._vrrp.faults import FAULTS
from checks._vrrp.judging import judge_router
from checks._vrrp.kernel import open_kernel
from checks._vrrp.listening import start_listener
from checks._vrrp.memory import (
    VrrpMemory,
    find_split_lately,
    find_watched_on,
    is_lost_in_a_crowd,
    is_watched,
    remember_routers,
)
from checks._vrrp.picture import Picture, Router, subject_of
from checks._vrrp.plan import make_plan
from watchdog.plugin import (
    Check,
    CheckSettings,
    Duration,
    Finding,
    Hearing,
    Host,
    Judgement,
    NotApplicable,
    Note,
    Severity,
    Signal,
    Unobservable,
    Unseen,
    by_subject,
    noted_in,
    open_wire,
    read_keepalived,
    render_seconds,
    without_noted,
)

# A line that drops or refuses VRRP is recognised by any of these, as nft prints them.
_VRRP_WORDS = ("vrrp", "protocol 112", "l4proto 112", "nexthdr 112", "224.0.0.18", "ff02::12")
_REFUSING = ("drop", "reject")
_LONGEST_RULE = 200
_RELOADED = "; keepalived.conf was changed after keepalived started: was it reloaded?"


class VrrpSettings(CheckSettings, frozen=True, kw_only=True):
    """`[checks.vrrp]`.

    `interfaces` are listened to besides those of the keepalived that runs here; `ignore` are virtual routers to
    leave alone and forget, by subject; `real_servers` are addresses of those behind LVS, besides those that the
    keepalived here names: one that answers for a VIP is no second master; `listen_limit` is how long a look may
    listen; `watch_on` is for how long a split virtual router is watched when keepalived here has ended.
    """

    interfaces: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    real_servers: tuple[str, ...] = ()
    listen_limit: Duration = Duration(20)
    watch_on: Duration = Duration(3600)
    time_limit: Duration = Duration(30)

    def __post_init__(self) -> None:
        for address in self.real_servers:
            ip_address(address)
        if self.listen_limit >= self.time_limit:
            raise ValueError("a listen_limit below time_limit")


def observe(host: Host, settings: VrrpSettings, before: VrrpMemory | None) -> Picture:
    """Listen and ask for as long as it takes. Raises NotApplicable without keepalived and without settings."""
    conf = read_keepalived(host) if _runs_keepalived(host) else None
    instances = conf.instances if conf else ()
    left_behind = any(router.instance for router in before.routers) if before else False
    if not instances and not settings.interfaces and not left_behind:
        raise NotApplicable(
            "keepalived runs here without a vrrp_instance"
            if conf
            else "no keepalived runs here, and [checks.vrrp] names no interface to listen on"
        )
    with open_kernel(host) as kernel:
        held = kernel.read_addresses()
        known = before.routers if before else ()
        troubled = {name.rpartition("/")[0] for name in before.troubled} if before else set()
        watched_on = () if conf else find_watched_on(before, host.stamp(), settings.watch_on)
        plan = make_plan(conf, known, settings.interfaces, kernel.interfaces, held, watched_on)
        split_lately = find_split_lately(before, host.stamp())
        plan = replace(
            plan,
            real_servers=(*settings.real_servers, *plan.real_servers),
            routers=tuple(
                replace(router, was_troubled=name in troubled, was_split=name in split_lately)
                for router in plan.routers
                for name in (subject_of(router, plan.routers),)
            ),
        )
        if not plan.interfaces:
            raise NotApplicable("keepalived no longer runs here, and left none of its addresses behind")
        with open_wire(
            host,
            plan.interfaces,
            {"vrrp", "neighbours", "echoes"} if split_lately else {"vrrp", "neighbours"},
        ) as wire:
            picture = start_listener(host, wire, kernel, plan).listen(settings.listen_limit)
    picture = replace(picture, conf_changed=conf is not None and conf.changed_since_start)
    return replace(picture, firewall=_find_rule(host)) if _is_ours_split(picture) else picture


def judge(facts: Picture, before: VrrpMemory | None, settings: VrrpSettings) -> Iterator[Judgement]:
    """Judge every virtual router that is not ignored; a note only when it was not there at the last look."""
    yield from without_noted(_judge_all(facts, before, settings), before.noted if before else (), by_subject)


def _judge_all(facts: Picture, before: VrrpMemory | None, settings: VrrpSettings) -> Iterator[Judgement]:
    troubled = before.troubled if before else ()
    for router in facts.routers:
        if is_lost_in_a_crowd(router, facts):
            continue
        if subject_of(router, facts.routers) not in settings.ignore:
            for one in judge_router(router, facts, troubled):
                yield _as_it_concerns_us(one, router, facts, settings) if isinstance(one, Finding) else one
    watched = {router.interface for router in facts.routers}
    for name in facts.interfaces:
        if name in watched:
            continue
        if problem := facts.problems.get(name):
            yield Unseen(subject=name, reason=f"{name} {problem}")
        elif name in settings.interfaces:
            yield Unseen(subject=name, reason=f"no VRRP advert on {name} in {render_seconds(facts.seconds)}")
    yield from (Note(subject="keepalived", summary=note) for note in facts.notes)
    for name in sorted({router.interface for router in facts.routers if is_lost_in_a_crowd(router, facts)}):
        yield Unseen(
            subject=name,
            reason=f"adverts of more machines than are kept came on {name}, forged likely: what is not of this"
            " host's own keepalived is not judged",
        )


def _as_it_concerns_us(one: Finding, router: Router, facts: Picture, settings: VrrpSettings) -> Finding:
    """Say where a reload of ours may be due; what is wrong with other people's is no emergency here."""
    hint = _RELOADED if facts.conf_changed and router.instance else ""
    severity = one.severity if is_watched(router, settings.interfaces) else Severity.WARNING
    return msgspec.structs.replace(one, summary=one.summary + hint, severity=severity)


def remember(facts: Picture, before: VrrpMemory | None, settings: VrrpSettings) -> VrrpMemory:
    """Keep the virtual routers that were found, and which VIPs to mistrust until they were seen well."""
    noted = noted_in(_judge_all(facts, before, settings), by_subject)
    return remember_routers(facts, before, settings.interfaces, settings.ignore, noted)


def _runs_keepalived(host: Host) -> bool:
    """Tell from /proc alone whether any keepalived runs: most hosts have none, and go no further."""
    return any(name.startswith("keepalived") for name in host.process_names().values())


def _is_ours_split(picture: Picture) -> bool:
    return any(router.instance and is_split(find_actives(router, picture)) for router in picture.routers)


def _find_rule(host: Host) -> str:
    """Return the rule of this host's firewall that drops VRRP, "" where none says so by name."""
    try:
        rules = host.run(["nft", "list", "ruleset"]).stdout
    except Unobservable:  # no nft, or too many rules to tell
        return ""
    for line in rules.splitlines():
        if any(word in line for word in _VRRP_WORDS) and any(word in line.split() for word in _REFUSING):
            return " ".join(line.split())[:_LONGEST_RULE]
    return ""


CHECK = Check(
    name="vrrp",
    title="each virtual IP is served by one machine, and answers",
    faults=FAULTS,
    settings=VrrpSettings,
    facts=Picture,
    memory=VrrpMemory,
    observe=observe,
    judge=judge,
    remember=remember,
    wakes=frozenset({Signal.LINK, Signal.ADDRESS, Signal.NEIGHBOUR, Signal.WIRE}),
    hearing=Hearing(files=("/etc/keepalived",)),
)
