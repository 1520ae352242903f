"""Give an address its own way for replies: a table with the way out by its uplink, and a rule that leads there.

    ip route add NETWORK dev DEVICE src ADDRESS table T
    ip route add default via GATEWAY dev DEVICE table T
    ip rule add from ADDRESS table T priority P

The rule stands right before the one that decides now, and is about this address only. Where the main table knows
more than the uplinks (a LAN, containers, a VPN's networks), another rule before it keeps what goes there as it is.

It can cut off who is connected, an administrator too: so another process takes it back unless it is verified in
time. Not healed here: strict_rp_filter_drop, which goes with asymmetric_reply and is otherwise a choice between
filter and bond; stale_rule, as a rule for an absent address may be somebody else's.

Sources: ip-route(8), ip-rule(8); Linux Advanced Routing & Traffic Control HOWTO, 4.2.1.
"""

from collections.abc import Iterator

from remediations._add_policy_route.persistence import plan_files
from remediations._add_policy_route.preconditions import (
    Evidence,
    demand_gateway,
    demand_nothing_else_decides,
    read_way,
)
from watchdog.linux.policy_route import MAIN_TABLE, PolicyRoute
from watchdog.plugin import (
    AnyStep,
    Case,
    Duration,
    Host,
    Plan,
    Remediation,
    RemediationSettings,
    RouteChange,
    RuleChange,
)

# Where replies leave the kernel says at once; whoever else manages rules here takes ours away within seconds.
_SETTLE_SECONDS = 5.0
_LEAST_UNDONE_AFTER_SECONDS = 15.0


class AddPolicyRouteSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.add_policy_route]`.

    `persist` also writes it into the configuration of the host's network, where that can be done without touching
    what is there. `undone_after` is when another process takes it back unless it was verified by then.
    """

    persist: bool = False
    undone_after: Duration = Duration(60)

    def __post_init__(self) -> None:
        if self.undone_after < _LEAST_UNDONE_AFTER_SECONDS:
            raise ValueError(f'an undone_after of at least "{_LEAST_UNDONE_AFTER_SECONDS:g}s", to verify it in')


def plan(host: Host, case: Case, settings: AddPolicyRouteSettings) -> Plan:
    """Return the routes and rules, then the files that make them last; Refused where anything else has a say."""
    seen = case.evidence(Evidence)
    way = read_way(case, seen)
    demand_nothing_else_decides(seen, way)
    demand_gateway(host, seen, way)
    files, note = plan_files(host, seen, way, wanted=settings.persist)
    through = f" through {way.gateway}" if way.gateway else ""
    return Plan(
        summary=f"send replies from {way.source} by {way.device}{through}",
        steps=(*_steps(seen, way), *files),
        settle_seconds=_SETTLE_SECONDS,
        lasting=bool(files),
        note=note,
        undone_after_seconds=float(settings.undone_after),
    )


def _steps(seen: Evidence, way: PolicyRoute) -> Iterator[AnyStep]:
    """Yield the routes first: a rule that leads to an empty table changes nothing."""
    if seen.policy_route.table_state != "ready":
        if way.network:
            yield RouteChange(table=way.table, destination=way.network, device=way.device, source=way.source)
        yield RouteChange(table=way.table, destination=way.everywhere, device=way.device, gateway=way.gateway)
    if seen.policy_route.table_state != "empty":
        if way.main_priority is not None:
            yield RuleChange(
                source=way.source, table=MAIN_TABLE, priority=way.main_priority, suppress_prefix_length=0
            )
        yield RuleChange(source=way.source, table=way.table, priority=way.priority)


REMEDIATION = Remediation(
    name="add_policy_route",
    title="send the replies of an address by its own uplink",
    heals=("multihome.asymmetric_reply",),
    risk="high",
    settings=AddPolicyRouteSettings,
    plan=plan,
)
