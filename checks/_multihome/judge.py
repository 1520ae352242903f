"""Whether the replies of one door leave by it, and if not, whether that is meant. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from checks._multihome.doors import TUNNELS, Door, share_a_subnet
from checks._multihome.facts import Drop, Filter, MultihomeFacts, Reply, Rule, table_name
from checks._multihome.faults import ASYMMETRIC_REPLY, STRICT_RP_FILTER_DROP
from checks._multihome.remedy import find_remedy
from checks._multihome.rules import find_rule
from watchdog.plugin import Finding, Judgement, Note, Unseen

_NO_ROUTE = "ENETUNREACH"
_FORBIDDEN = ("EHOSTUNREACH", "EACCES")  # a route of type unreachable, or prohibit
_HOW_KNOWN = {
    "route": "not by {gateway}",
    "configuration": "although {file} gives it {gateway}",
    "memory": "although they left by {gateway} before: its route or its rule is gone",
    "settings": "although [checks.multihome] names it an uplink",
}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One door with the kernel's answers about it; `homes` are all devices that hold the address.

    `marked` are the replies with a mark that some rule asks for.
    """

    door: Door
    homes: frozenset[str]
    replies: tuple[Reply, ...]
    marked: tuple[Reply, ...] = ()
    drops: tuple[Drop, ...] = ()
    filter: Filter | None = None

    @property
    def astray(self) -> tuple[Reply, ...]:
        """The replies that leave by another device, or by none."""
        return tuple(
            reply
            for reply in self.replies
            if (reply.error == _NO_ROUTE if reply.error else reply.device not in self.homes)
        )

    @property
    def right_with_mark(self) -> Reply | None:
        """A reply that a mark sends by the door."""
        return next((reply for reply in self.marked if reply.device in self.homes), None)


def judge_door(case: Case, facts: MultihomeFacts) -> Iterator[Judgement]:
    """Judge where replies leave, then what the kernel drops on arrival."""
    subject = case.door.address.address
    yield from _judge_errors(case)
    meant = {reply: reason for reply in case.astray if (reason := _meant(case.door, reply, facts))}
    for reason in dict.fromkeys(meant.values()):
        yield Note(subject=subject, summary=f"replies from {subject} ({case.door.link.name}) {reason}")
    wrong = tuple(reply for reply in case.astray if reply not in meant)
    # Where these replies were led astray, no other rule for the same table would lead them right.
    own = set(case.door.tables) - {reply.table for reply in wrong}
    unclear = _unclear(case, own, facts) if wrong else ""
    if unclear:
        yield Unseen(subject=subject, reason=unclear)
    elif wrong:
        yield _judge_by_arrival(case, own, facts) or _judge_wrong(case, wrong, facts)
    # A rule by port counts for what arrives, too, and the lookup knows none; the filter's view of marks is known.
    if not unclear or case.right_with_mark:
        yield from _judge_drops(case, set(meant), facts)


def _judge_errors(case: Case) -> Iterator[Judgement]:
    """Tell of replies that a route forbids, and of questions that the kernel does not answer."""
    address, device = case.door.address.address, case.door.link.name
    for error in dict.fromkeys(reply.error for reply in case.replies if reply.error not in ("", _NO_ROUTE)):
        if error in _FORBIDDEN:
            summary = (
                f"replies from {address} ({device}) are forbidden by a route or rule ({error}): that is meant"
            )
            yield Note(subject=address, summary=summary)
        else:
            why = f"{error}, as where a blackhole route takes them" if error == "EINVAL" else error
            reason = f"the kernel does not say where replies from {address} ({device}) would leave: {why}"
            yield Unseen(subject=address, reason=reason)


def _meant(door: Door, reply: Reply, facts: MultihomeFacts) -> str:
    """Say why a reply that leaves by another device may be meant to, "" when nothing says so."""
    link = next((link for link in facts.links if link.name == reply.device), None)
    if reply.error or link is None:
        return ""
    if link.kind in TUNNELS:
        return f"leave through the tunnel {link.name}, as all that goes out"
    if link.vrf_index != door.link.vrf_index:
        return f"leave by {link.name}, which is in another VRF: a route leads there on purpose"
    # Two providers' routers may well use the same private subnet: only with the same gateway it is one network.
    if reply.gateway in (door.gateway, "") and share_a_subnet(facts, door.address, link.name):
        return (
            f"leave by {link.name}, which is in the same subnet: no provider drops them, but {door.link.name} "
            f"carries no replies, and both addresses hang on {link.name}; a bond makes two devices one"
        )
    hops = [r for r in facts.routes if r.multipath and r.table == reply.table and r.family == door.address.family]
    if reply.device in {hop.device for hop in hops} and door.link.name in {hop.device for hop in hops}:
        return f"are spread over {', '.join(sorted({hop.device for hop in hops}))} by a route with several hops"
    return ""


def _unclear(case: Case, own: set[int], facts: MultihomeFacts) -> str:
    """Say what may send the replies right that a lookup cannot know, "" for nothing."""
    door, marked = case.door, case.right_with_mark
    address = door.address.address
    whether = f"whether replies from {address} leave by {door.link.name} depends on"
    settle = f'if you know that it works: [checks.multihome] ignore = ["{address}"]'
    if marked:
        return (
            f"{whether} a mark: {_quote(find_rule(marked, facts.rules))} sends those marked {marked.mark:#x} "
            f"there, and what netfilter marks (CONNMARK) cannot be seen from here; {settle}"
        )
    for rule in facts.rules:
        leads_there = rule.table in own and rule.family == door.address.family
        if leads_there and (rule.narrowed or rule.oif == door.link.name):
            return f"{whether} more than their address: {_quote(rule)} sends some of them there; {settle}"
    return ""


def _judge_by_arrival(case: Case, own: set[int], facts: MultihomeFacts) -> Note | None:
    """Tell of a rule that sends what comes in by some device through this door: a router's, for what passes."""
    door = case.door
    address = door.address.address
    for rule in facts.rules:
        if rule.iif not in ("", "lo") and rule.table in own and rule.family == door.address.family:
            summary = (
                f"what {address} ({door.link.name}) answers itself leaves by another device; {_quote(rule)} sends "
                "only what is forwarded by its own gateway, and that seems to be meant"
            )
            return Note(subject=address, summary=summary)
    return None


def _judge_wrong(case: Case, wrong: Sequence[Reply], facts: MultihomeFacts) -> Finding:
    door, reply = case.door, wrong[0]
    address, device = door.address.address, door.link.name
    rule = None if reply.error else find_rule(reply, facts.rules, in_vrf=bool(door.link.vrf_index))
    remedy = find_remedy(door, reply, facts)
    clients = [one.client for one in wrong]
    some = f" to {len(wrong)} of {len(case.replies)} classes of client" if len(wrong) < len(case.replies) else ""
    how = f"by {reply.device}{f' through {reply.gateway}' if reply.gateway else ''}"
    ways = f"leave {how} (table {table_name(reply.table)}, {_quote(rule)})"
    harm = "most clients get no answer"
    if reply.error:
        ways, harm = f"have no route at all ({reply.error})", "nobody gets an answer"
    return ASYMMETRIC_REPLY.on(
        address,
        f"replies from {address} ({device}){some} {ways}, {_how_known(door, facts)}: {harm}; {remedy.words}",
        address=address,
        device=device,
        reply_device=reply.device or None,
        reply_gateway=reply.gateway or None,
        reply_error=reply.error or None,
        table=table_name(reply.table) if reply.table else None,
        rule=f"{rule.priority}: {rule.words}" if rule else None,
        gateway=door.gateway or None,
        gateway_known_by=door.origin,
        rp_filter=case.filter.rp_filter if case.filter else None,
        dropped_on_arrival=bool(case.drops),
        clients=clients,
        commands=remedy.commands,
        lasting_lines=remedy.lines,
        lasting_where=remedy.where or None,
        clients_asked=len(case.replies),
        policy_route=msgspec.to_builtins(remedy.circumstances),
    )


def _judge_drops(case: Case, meant: set[Reply], facts: MultihomeFacts) -> Iterator[Judgement]:
    """Judge what rp_filter drops; where another way out is meant, only in a shared subnet is that a fault."""
    door, filter_ = case.door, case.filter
    if not case.drops or filter_ is None or (filter_.marks_count and case.right_with_mark):
        return
    neighbours = {reply.device for reply in meant if share_a_subnet(facts, door.address, reply.device)}
    # With arp_filter the other device answers ARP for this address, so nothing arrives on this one.
    if meant and (not neighbours or filter_.arp_filter):
        return
    address, device = door.address.address, door.link.name
    sysctl = f"net.ipv4.conf.{device.replace('.', '/')}"
    reason = "replies to it would leave by another device"
    if neighbours:
        reason = (
            f"{', '.join(sorted(neighbours))} is in the same subnet and comes first: replies would leave there"
        )
    yield STRICT_RP_FILTER_DROP.on(
        address,
        f"what arrives for {address} on {device} is dropped before anyone sees it: rp_filter is 1, strict (all "
        f"{filter_.rp_filter_all}, {device} {filter_.rp_filter_device}; the greater counts), and {reason}; put "
        f"their way right; where marks do that: sysctl {sysctl}.src_valid_mark=1; where it is meant so: sysctl "
        f"{sysctl}.rp_filter=2",
        address=address,
        device=device,
        rp_filter=filter_.rp_filter,
        rp_filter_all=filter_.rp_filter_all,
        rp_filter_device=filter_.rp_filter_device,
        src_valid_mark=filter_.marks_count,
        same_subnet_as=sorted(neighbours),
        clients=[drop.client for drop in case.drops],
    )


def _how_known(door: Door, facts: MultihomeFacts) -> str:
    file = next((one.file for one in facts.configurations if one.device == door.link.name), "its configuration")
    gateway = f"its own gateway {door.gateway}" if door.gateway else "its own line"
    return _HOW_KNOWN[door.origin].format(gateway=gateway, file=file)


def _quote(rule: Rule | None) -> str:
    return f'rule "{rule.priority}: {rule.words}"' if rule else "no rule that is known"
