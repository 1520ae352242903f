"""What must hold before replies are sent another way; a refusal says what was seen and what a person can do.

Whatever decides besides the address and the table (marks, ports, VRFs, the rules of somebody else) is a person's
to weigh. And a gateway that nobody hears would take the address off the network whole.
"""

from typing import Literal

import msgspec

from watchdog.linux.policy_route import PolicyRoute, problem_of
from watchdog.plugin import Case, Host, Question, Refused, Unobservable, ask_owners

# Three questions, 0.3 s apart: a router answers within milliseconds, or after it has thrown out what is stale.
_ASK_SECONDS = 0.9
# A line between two has no neighbour to ask; where it is up, the far end has agreed to it.
_LINES = ("ppp",)
# What a machine makes for its own purposes, not a way to a provider.
_NEVER = ("tun", "wireguard", "dummy", "bridge", "vrf", "ifb", "ipvlan", "nlmon", "vcan")


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """The way that replies shall take, and what may speak against it."""

    way: PolicyRoute
    table_state: Literal["free", "empty", "ready", "shared"]
    priority_free: bool
    gateways: list[str]
    device_kind: str
    in_vrf: bool
    leased: bool
    rules_for_address: list[str]
    rules_by_more: list[str]
    routes_unread: bool
    configured_by: str
    configured_file: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What multihome.asymmetric_reply must tell us; anything else in it is not ours to read."""

    address: str
    device: str
    gateway: str | None
    clients: list[str]
    clients_asked: int
    table: str | None
    policy_route: Circumstances
    commands: list[str]
    lasting_lines: list[str]
    lasting_where: str | None


def read_way(case: Case, seen: Evidence) -> PolicyRoute:
    """Return the way that the replies shall take; Refused unless it is sound, and about this finding."""
    # By the address alone: a rule for its subnet would catch what is only forwarded, too.
    way = msgspec.structs.replace(seen.policy_route.way, source=seen.address)
    if case.finding.subject != seen.address or way.device != seen.device or way.gateway != (seen.gateway or ""):
        raise Refused(
            f"the evidence is about {seen.address} on {seen.device}, the finding about {case.finding.subject!r}"
        )
    if problem := problem_of(way):
        raise Refused(f"no policy route can be made of what was seen: {problem}")
    return way


def demand_nothing_else_decides(seen: Evidence, way: PolicyRoute) -> None:
    """Refuse where more than the address and its table has a say."""
    by_hand = f"; if it is right, run: {'; '.join(seen.commands)}"
    if seen.policy_route.in_vrf:
        raise Refused(f"{seen.device} is in a VRF, which has its own rules{by_hand}")
    if seen.table not in (None, "main", "default"):
        raise Refused(f"replies are sent by table {seen.table}, so somebody's rule has decided that{by_hand}")
    if len(seen.clients) < seen.clients_asked:
        raise Refused(
            f"only the replies to {len(seen.clients)} of {seen.clients_asked} classes of client go astray: routes "
            f"to some destinations may be meant{by_hand}"
        )
    if seen.policy_route.rules_by_more:
        raise Refused(
            f"a rule goes by more than addresses ({_first(seen.policy_route.rules_by_more)}), so marks may "
            f"decide{by_hand}"
        )
    if seen.policy_route.routes_unread:
        raise Refused(f"there are too many routes to look at each, as a router has{by_hand}")
    if seen.policy_route.table_state == "shared":
        raise Refused(f"table {way.table} holds other routes than the way out by {seen.device}{by_hand}")
    _demand_no_foreign_rule(seen, by_hand)
    if not seen.policy_route.priority_free and seen.policy_route.table_state != "empty":
        raise Refused(f"no priority is free right before the rule that decides now{by_hand}")


def demand_gateway(host: Host, seen: Evidence, way: PolicyRoute) -> None:
    """Refuse unless exactly one gateway is known, and it is heard."""
    if seen.policy_route.device_kind in _NEVER:
        raise Refused(f"{seen.device} is a {seen.policy_route.device_kind} device, no line to a provider")
    if len(seen.policy_route.gateways) > 1:
        known = ", ".join(gateway or "none" for gateway in seen.policy_route.gateways)
        raise Refused(f"{seen.address} has several gateways ({known}): which one is meant is not known")
    if way.onlink:
        by_hand = "; ".join(seen.commands)
        raise Refused(f"the gateway {way.gateway} is on no network of {seen.device}; by hand: {by_hand}")
    if way.gateway:
        _demand_that_it_is_heard(host, seen.device, way.gateway)
    elif seen.policy_route.device_kind not in _LINES:
        raise Refused(f"no gateway of {seen.address} on {seen.device} is known; name it in its configuration")


def _demand_that_it_is_heard(host: Host, device: str, gateway: str) -> None:
    question = Question(interface=device, address=gateway)
    try:
        owners, problems = ask_owners(host, [question], _ASK_SECONDS)
    except Unobservable as error:
        raise Refused(f"whether the gateway {gateway} is there cannot be asked: {error}") from error
    if problem := problems.get(device):
        raise Refused(f"whether the gateway {gateway} is there cannot be asked: {device} {problem}")
    macs = owners[question]
    if not macs:
        raise Refused(
            f"the gateway {gateway} does not answer on {device}: no reply would get further by it than now; look "
            "at the line and at the provider's router"
        )
    if len(macs) > 1:
        raise Refused(f"several machines say that they are the gateway {gateway} ({', '.join(macs)})")


def _demand_no_foreign_rule(seen: Evidence, by_hand: str) -> None:
    """Refuse where a rule for the address is there, but for the one whose table has lost its routes."""
    if seen.policy_route.table_state == "empty" and len(seen.policy_route.rules_for_address) == 1:
        return
    if seen.policy_route.rules_for_address:
        raise Refused(
            f"a rule for the address is there already ({_first(seen.policy_route.rules_for_address)}){by_hand}"
        )


def _first(words: list[str]) -> str:
    return f"{words[0]} and {len(words) - 1} more" if len(words) > 1 else words[0] if words else "none"
