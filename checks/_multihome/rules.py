"""Routing policy rules: which one sent a reply where it goes, and which are left over. Pure.

Most rules for a single address are for somebody else's: a host behind this router, a container, a VIP that another
node has now. So a rule is left over only where its address was once here, the device it was on is up and has an
address that it never had beside the old one (it was renumbered), and nobody moves addresses between hosts.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

from checks._multihome.facts import MultihomeFacts, Reply, Rule, table_name
from checks._multihome.faults import STALE_RULE
from checks._multihome.memory import KnownSource, MultihomeMemory, with_companions
from watchdog.plugin import Finding, Note

_KEEPALIVED = 18  # RTPROT_KEEPALIVED: its virtual_rules


def find_rule(reply: Reply, rules: Sequence[Rule], *, in_vrf: bool = False) -> Rule | None:
    """Return the first rule that can have led to the reply's table, None when none can."""
    family = 6 if ":" in reply.address else 4
    ordered = sorted((rule for rule in rules if rule.family == family), key=lambda rule: rule.priority)
    leading = (rule for rule in ordered if rule.table == reply.table or (rule.vrf and in_vrf))
    return next((rule for rule in leading if _matches(rule, reply)), None)


def marks_of(rules: Sequence[Rule], family: int) -> tuple[int, ...]:
    """Return the marks that rules ask for, each once."""
    return tuple(
        dict.fromkeys(rule.mark[0] for rule in rules if rule.family == family and rule.mark and rule.mark[0])
    )


def left_over_sources(facts: MultihomeFacts, before: MultihomeMemory | None) -> Iterator[tuple[Rule, KnownSource]]:
    """Yield the rules whose address was once here and is not any more, with what is known of it."""
    here = {address.address for address in facts.addresses}
    for rule in {rule.words: rule for rule in facts.rules if rule.host and rule.table}.values():
        known = before.source(rule.host) if before and rule.host not in here else None
        if known:
            yield rule, known


def judge_left_over(
    facts: MultihomeFacts, before: MultihomeMemory | None, ignore: Sequence[str]
) -> Iterator[Finding | Note]:
    """Judge each rule whose address has gone."""
    for rule, known in left_over_sources(facts, before):
        if rule.host in ignore or known.device in ignore:
            continue
        now = _now_on(facts, known.device, rule.family)
        newcomers = [address for address in now if address not in known.companions]
        may_return = _may_return(facts, rule, newcomers, known)
        gone = f"{rule.host}, once on {known.device}, is on no interface any more"
        if may_return:
            yield Note(subject=rule.words, summary=f"{gone}; its rule is kept: {may_return}")
            continue
        yield STALE_RULE.on(
            rule.words,
            f'rule "{rule.priority}: {rule.words}" is left over: {gone}, and {known.device} has '
            f"{', '.join(newcomers)} instead; take it away: {_delete(rule)}",
            rule=rule.words,
            priority=rule.priority,
            table=table_name(rule.table),
            address=rule.host,
            once_on=known.device,
            addresses_now=now,
        )


def known_sources(facts: MultihomeFacts, before: MultihomeMemory | None) -> Iterator[KnownSource]:
    """Yield what is to be remembered: the addresses that rules are about, once they were seen here."""
    hosts = dict.fromkeys(rule.host for rule in facts.rules if rule.host)
    places = {address.address: address for address in facts.addresses}
    for host in hosts:
        known = before.source(host) if before else None
        if place := places.get(host):
            if known is None or known.device != place.device:
                known = KnownSource(address=host, device=place.device)
            yield with_companions(known, _now_on(facts, place.device, place.family))
        elif known:
            yield known


def _may_return(facts: MultihomeFacts, rule: Rule, newcomers: Sequence[str], known: KnownSource) -> str:
    """Say why the address may come back, "" when nothing says so."""
    if rule.protocol == _KEEPALIVED:
        return "keepalived made it"
    if rule.host in facts.elsewhere:
        return "it is a virtual address of keepalived"
    if facts.cluster:
        return f"{facts.cluster} runs here and may have moved it"
    link = next((link for link in facts.links if link.name == known.device), None)
    if link is None or not link.up:
        return f"{known.device} is down or gone, and may come back with it"
    if not newcomers:
        return f"{known.device} has no new address in its place, so it may have moved to another host"
    return ""


def _now_on(facts: MultihomeFacts, device: str, family: int) -> tuple[str, ...]:
    return tuple(
        address.address
        for address in facts.addresses
        if address.device == device and address.family == family and address.settled
    )


def _matches(rule: Rule, reply: Reply) -> bool:
    """Tell whether a rule can match what this host itself sends; `iif lo` is the kernel's word for that."""
    if rule.narrowed or rule.iif not in ("", "lo") or rule.oif:
        return False
    fits = all(
        not prefix or ip_address(address) in ip_network(prefix, strict=False)
        for prefix, address in ((rule.source, reply.address), (rule.target, reply.client))
    )
    if rule.mark:
        value, mask = rule.mark
        fits &= reply.mark & mask == value
    return fits is not rule.inverted


def _delete(rule: Rule) -> str:
    words = rule.words.replace(" lookup ", " table ")
    return f"{'ip -6' if rule.family == 6 else 'ip'} rule del {words} priority {rule.priority}"
