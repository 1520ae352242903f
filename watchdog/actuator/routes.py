"""Routes of a table, and the rules that lead to tables, by netlink."""

from ipaddress import ip_address, ip_network
from typing import Any

from watchdog.actuator.failed import StepFailed
from watchdog.actuator.netlink import in_words
from watchdog.host import Host
from watchdog.linux.interface_name import is_interface_name
from watchdog.steps import Prepared, RouteChange, RuleChange

_AF_INET, _AF_INET6 = 2, 10


def prepare_route(step: RouteChange, host: Host) -> Prepared:
    """Say whether the table has the route."""
    with in_words(step), host.netlink() as netlink:
        there = _has_route(netlink, step)
    return Prepared(needed=there != step.present, undo=_flip(step))


def change_route(step: RouteChange, host: Host) -> str:
    """Add the route, never in place of another; or remove exactly it."""
    with in_words(step), host.netlink() as netlink:
        if _has_route(netlink, step) != step.present:
            netlink.route("add" if step.present else "del", **_route(netlink, step))
    return f"{step.destination} in table {step.table}: {'added' if step.present else 'removed'}"


def prepare_rule(step: RuleChange, host: Host) -> Prepared:
    """Say whether the rule is there."""
    with in_words(step), host.netlink() as netlink:
        there = _has_rule(netlink, step)
    return Prepared(needed=there != step.present, undo=_flip_rule(step))


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
        and message.get_attr("FRA_PRIORITY") == step.priority
        for message in netlink.get_rules(family=wanted["family"])
    )


def _rule(step: RuleChange) -> dict[str, Any]:
    try:
        address = ip_address(step.source)
    except ValueError as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    return {
        "family": _family(step.source),
        "src": step.source,
        "src_len": address.max_prefixlen,
        "table": step.table,
        "priority": step.priority,
    }


def _family(text: str) -> int:
    return _AF_INET6 if ":" in text else _AF_INET


def _flip(step: RouteChange) -> RouteChange:
    return RouteChange(
        table=step.table,
        destination=step.destination,
        device=step.device,
        gateway=step.gateway,
        source=step.source,
        present=not step.present,
    )


def _flip_rule(step: RuleChange) -> RuleChange:
    return RuleChange(source=step.source, table=step.table, priority=step.priority, present=not step.present)
