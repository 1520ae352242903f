"""What two machines of one virtual router do not agree on, and what a keepalived makes of it. Pure.

The rules are those by which keepalived refuses an advert (vrrp.c, vrrp_check_packet, 2.2 to 2.4).
"""

from collections.abc import Iterator

import msgspec

from checks._vrrp.picture import Speaker, Terms
from watchdog.linux.vrrp_packet import TTL

UNICAST = "unicast"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a configuration; `fatal`: adverts are refused for it, not only complained about."""

    what: str
    words: str
    fatal: bool = True


def compare(ours: Terms, theirs: Terms, us: str, them: str) -> Iterator[Difference]:
    """Yield what differs, what keepalived looks at first coming first; `us` and `them` are names for people."""
    if ours.version != theirs.version:
        yield Difference(what="version", words=f"VRRP version {ours.version} on {us}, {theirs.version} on {them}")
    elif ours.auth != theirs.auth:
        yield Difference(what="auth_type", words=f"auth_type {ours.auth} on {us}, {theirs.auth} on {them}")
    elif None not in (ours.password, theirs.password) and ours.password != theirs.password:
        yield Difference(what="auth_pass", words=f"auth_pass differs between {us} and {them}")
    if ours.interval_seconds != theirs.interval_seconds:
        yield Difference(
            what="advert_int",
            words=f"advert_int {ours.interval_seconds:g} s on {us}, {theirs.interval_seconds:g} s on {them}",
            fatal=ours.version == 2 or theirs.version == 2,
        )
    if ours.destination != theirs.destination:
        yield Difference(
            what="unicast_peer" if UNICAST in (ours.destination, theirs.destination) else "mcast_dst_ip",
            words=f"adverts to {_kind(ours)} on {us}, to {_kind(theirs)} on {them}",
        )
    if set(ours.addresses) != set(theirs.addresses):
        yield Difference(
            what="virtual_ipaddress",
            words=f"virtual_ipaddress {_only(ours, theirs)} only on {us}, {_only(theirs, ours)} only on {them}",
        )


def defects(speaker: Speaker) -> Iterator[Difference]:
    """Yield what is wrong with somebody's adverts, whatever is configured here."""
    if speaker.ttl != TTL and speaker.terms.destination != UNICAST:
        yield Difference(
            what="ttl",
            words=f"adverts of {speaker.address} come with TTL {speaker.ttl}, not {TTL}: through a router",
        )
    if speaker.checksum == "wrong":
        yield Difference(what="checksum", words=f"adverts of {speaker.address} come with a wrong checksum")
    elif speaker.checksum != "good":
        yield Difference(
            what="checksum",
            words=f"adverts of {speaker.address} have their checksum {speaker.checksum}",
            fatal=False,
        )


def _kind(terms: Terms) -> str:
    return "unicast peers" if terms.destination == UNICAST else f"the group {terms.destination}"


def _only(one: Terms, other: Terms) -> str:
    return ", ".join(sorted(set(one.addresses) - set(other.addresses))[:8]) or "nothing"
