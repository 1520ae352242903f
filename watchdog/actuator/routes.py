"""Routes of a table, and the rules that lead to tables, by netlink."""

from ipaddress import ip_address, ip_network
from typing import Any

from msgspec.structs import replace

from watchdog.actuator.failed import StepFailed
from watchdog.actuator.netlink import in_words
from watchdog.host import Host
from watchdog.linux.interface_name import is_interface_name
from watchdog.steps import Prepared, RouteChange, RuleChange

_AF_INET, _AF_INET6 = 2, 10
_INVERTED, _NOTHING_SUPPRESSED = 0x2, 0xFFFFFFFF  # FIB_RULE_INVERT; what the kernel says for no suppression
# What would make it another rule than the one that a step is about.
_NARROWING = (
    "FRA_FWMARK",
    "FRA_FWMASK",
    "FRA_IIFNAME",
    "FRA_OIFNAME",
    "FRA_IP_PROTO",
    "FRA_UID_RANGE",
    "FRA_SPORT_RANGE",
    "FRA_DPORT_RANGE",
    "FRA_L3MDEV",
)


def prepare_route(step: RouteChange, host: Host) -> Prepared:
    """Say whether the table has the route."""
    with in_words(step), host.netlink() as netlink:
        there = _has_route(netlink, step)
    return Prepared(needed=there != step.present, undo=replace(step, present=not step.present))


def change_route(step: RouteChange, host: Host) -> str:
    """Add the route, never in place of another; or remove exactly it."""
    with in_words(step), host.netlink() as netlink:
        if _has_route(netlink, step) != step.present:
            netlink.route("add" if step.present else "del", **_route(netlink, step))
    return f"{step.destination} in table {step.table}: {'added' if step.present else 'removed'}"


def prepare_rule(step: RuleChange, host: Host) -> Prepared:
    """Say whether the rule is there; StepFailed where another rule has its priority, and could come first."""
    with in_words(step), host.netlink() as netlink:
        there = _has_rule(netlink, step)
        if step.present and not there and _rules_at(netlink, step):
            raise StepFailed(f"{step.describe()}: another rule has that priority; look again")
    return Prepared(needed=there != step.present, undo=replace(step, present=not step.present))


def change_rule(step: RuleChange, host: Host) -> str:
    """Add the rule, or remove exactly it."""
    with in_words(step), host.netlink() as netlink:
        if _has_rule(netlink, step) != step.present:
            netlink.rule("add" if step.present else "del", **_rule(step))
    return f"the rule for {step.source} is {'there' if step.present else 'gone'}"


def _has_route(netlink: Any, step: RouteChange) -> bool:
    wanted = _route(netlink, step)
    return any(
        message.get_attr("RTA_OIF") == wanted["oif"]
        and (message.get_attr("RTA_GATEWAY") or "") == step.gateway
        and _destination(message) == _network(step)
        for message in netlink.get_routes(family=wanted["family"], table=step.table)
        if message.get_attr("RTA_TABLE") == step.table
    )


def _destination(message: Any) -> str:
    default = "::" if message["family"] == _AF_INET6 else "0.0.0.0"  # noqa: S104 - an unspecified address
    return f"{message.get_attr('RTA_DST') or default}/{message['dst_len']}"


def _route(netlink: Any, step: RouteChange) -> dict[str, Any]:
    # The kernel would read a name up to a NUL in it.
    found = netlink.link_lookup(ifname=step.device) if is_interface_name(step.device) else []
    if not found:
        raise StepFailed(f"{step.describe()}: no such device")
    words: dict[str, Any] = {"family": _family(_network(step)), "table": step.table, "oif": found[0]}
    words["dst"] = _network(step)
    if step.gateway:
        words["gateway"] = step.gateway
    if step.source:
        words["prefsrc"] = step.source
    return words


def _network(step: RouteChange) -> str:
    """Return the destination as the kernel writes it; `default` has no family of its own: the gateway's."""
    if step.destination == "default":
        return "::/0" if ":" in step.gateway else "0.0.0.0/0"
    try:
        return str(ip_network(step.destination))
    except ValueError as error:
        raise StepFailed(f"{step.describe()}: {error}") from error


def _has_rule(netlink: Any, step: RuleChange) -> bool:
    wanted = _rule(step)
    return any(
        message.get_attr("FRA_SRC") == step.source
        and message["src_len"] == wanted["src_len"]
        and message.get_attr("FRA_TABLE") == step.table
        and message.get_attr("FRA_SUPPRESS_PREFIXLEN") == wanted.get("FRA_SUPPRESS_PREFIXLEN", _NOTHING_SUPPRESSED)
        and not message["dst_len"]
        and not message["flags"] & _INVERTED
        and not any(message.get_attr(name) for name in _NARROWING)
        for message in _rules_at(netlink, step)
    )


def _rules_at(netlink: Any, step: RuleChange) -> list[Any]:
    """Return the rules of the step's priority; where it is 0 the kernel names none."""
    rules = netlink.get_rules(family=_rule(step)["family"])
    return [message for message in rules if (message.get_attr("FRA_PRIORITY") or 0) == step.priority]


def _rule(step: RuleChange) -> dict[str, Any]:
    try:
        address = ip_address(step.source)
    except ValueError as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    words: dict[str, Any] = {
        "family": _family(step.source),
        "src": step.source,
        "src_len": address.max_prefixlen,
        "table": step.table,
        "priority": step.priority,
    }
    if step.suppress_prefix_length is not None:
        words["FRA_SUPPRESS_PREFIXLEN"] = step.suppress_prefix_length
    return words


def _family(text: str) -> int:
    return _AF_INET6 if ":" in text else _AF_INET
