"""What makes a policy route last, in the words of each program that configures a network. Pure.

Sources: systemd.network(5), netplan-yaml(5), nm-settings-nmcli(5), nm-settings-keyfile(5), interfaces(5), Red
Hat's initscripts (route-DEVICE, rule-DEVICE).
"""

from collections.abc import Mapping

from watchdog.linux.policy_route import MAIN_TABLE, PolicyRoute


def networkd_lines(way: PolicyRoute) -> tuple[str, ...]:
    """Return the sections for a drop-in of the .network file."""
    connected = (
        ("[Route]", f"Destination={way.network}", "Scope=link", f"Table={way.table}") if way.network else ()
    )
    onlink = ("GatewayOnLink=yes",) if way.onlink else ()
    gateway = (f"Gateway={way.gateway}",) if way.gateway else (f"Destination={way.everywhere}",)
    kept: tuple[str, ...] = ()
    if way.main_priority is not None:
        first = ("SuppressPrefixLength=0", f"Priority={way.main_priority}")
        kept = ("[RoutingPolicyRule]", f"From={way.source}", f"Table={MAIN_TABLE}", *first)
    rule = ("[RoutingPolicyRule]", f"From={way.source}", f"Table={way.table}", f"Priority={way.priority}")
    return (*connected, "[Route]", *gateway, *onlink, f"Table={way.table}", *kept, *rule)


def netplan_lines(way: PolicyRoute) -> tuple[str, ...]:
    """Return the two keys for the device. netplan has no word for a rule that only keeps what main knows."""
    via = f"via: {way.gateway!r}, " if way.gateway else "scope: link, "
    onlink = "on-link: true, " if way.onlink else ""
    to = "'::/0'" if way.six else "0.0.0.0/0"
    routes = [f"{{to: {to}, {via}{onlink}table: {way.table}}}"]
    if way.network:
        routes.append(f"{{to: {way.network!r}, scope: link, table: {way.table}}}")
    policy = f"{{from: {way.source!r}, table: {way.table}, priority: {way.priority}}}"
    return f"routes: [{', '.join(routes)}]", f"routing-policy: [{policy}]"


def nmcli_commands(way: PolicyRoute, connection: str) -> tuple[str, ...]:
    """Return what puts it into a connection profile of NetworkManager."""
    family = "ipv6" if way.six else "ipv4"
    gateway = f" {way.gateway}" if way.gateway else ""
    routes = [f"{way.everywhere}{gateway} table={way.table}{' onlink=true' * way.onlink}"]
    routes += [f"{way.network} table={way.table}"] if way.network else []
    return (
        f"nmcli connection modify {connection} +{family}.routes '{', '.join(routes)}'",
        *(
            f"nmcli connection modify {connection} +{family}.routing-rules '{rule}'"
            for rule in networkmanager_rules(way)
        ),
    )


def networkmanager_rules(way: PolicyRoute) -> tuple[str, ...]:
    """Return the rules in the words of a connection profile, which names tables by their number."""
    rule = f"priority {way.priority} from {way.source} table {way.table}"
    if way.main_priority is None:
        return (rule,)
    return f"priority {way.main_priority} from {way.source} table {MAIN_TABLE} suppress_prefixlength 0", rule


def ifupdown_lines(way: PolicyRoute) -> tuple[str, ...]:
    """Return the options for the `iface` stanza."""
    ip = "ip -6" if way.six else "ip"
    connected = (f"post-up {ip} route replace {way.connected_words}",) * bool(way.network)
    return (
        *connected,
        f"post-up {ip} route replace {way.default_words}",
        *(f"post-up {ip} rule add {rule}" for rule in way.rule_words),
        *(f"pre-down {ip} rule del {rule}" for rule in way.rule_words),
    )


def network_scripts_files(way: PolicyRoute) -> Mapping[str, tuple[str, ...]]:
    """Return the lines by the name of their file in /etc/sysconfig/network-scripts."""
    six = "6" if way.six else ""
    connected = (way.connected_words,) * bool(way.network)
    return {
        f"route{six}-{way.device}": (*connected, way.default_words),
        f"rule{six}-{way.device}": way.rule_words,
    }
