"""Judges one pool against reality: who is in it, who of them lives, who is missing from it."""

from collections.abc import Iterator

from checks._ipvs.case import Case
from checks._ipvs.commands import put_back, set_weight
from checks._ipvs.fallen import judge_drained
from checks._ipvs.faults import DEAD_SERVER, LIVE_SERVER_MISSING, POOL_EMPTY
from checks._ipvs.probing import is_askable
from watchdog.linux.ipvs import Pool, PoolServer, render_endpoint
from watchdog.linux.keepalived_lvs import RealServer, VirtualServer
from watchdog.plugin import Finding, Judgement, Metric, Note, Unseen

# Tests of keepalived's that we repeat, or that tell less than ours: it cannot know better than we do.
_REPEATABLE = frozenset(("TCP_CHECK", "PING_CHECK", "HTTP_GET", "SSL_GET"))


def judge_pool(case: Case) -> Iterator[Judgement]:
    """Judge a pool and its servers."""
    pool, spare = case.pool, _sorry_name(case)
    in_service = [server for server in pool.servers if server.weight > 0]
    yield Metric(subject=pool.name, name="servers_in_service", value=len(in_service))
    if not [server for server in in_service if server.name != spare]:
        yield _empty(case, spare if in_service else "")
    for server in in_service:
        yield from _judge_server(case, server)
    yield from _missing(case)
    yield from judge_drained(case)
    if in_service and not is_askable(pool):
        yield Note(
            subject=pool.name, summary=f"{_why_not_asked(pool)}: its servers are not judged by what they do"
        )


def _judge_server(case: Case, server: PoolServer) -> Iterator[Judgement]:
    subject, probe = f"{case.pool.name}/{server.name}", case.probes.get(server.name)
    if probe is None:
        return
    if probe.seconds is not None and probe.state == "alive":
        yield Metric(subject=subject, name="answer_seconds", value=probe.seconds)
    if probe.state == "untried":
        yield Unseen(subject=subject, reason=f"it was not asked: {probe.detail}")
    elif case.is_dead(server):
        yield DEAD_SERVER.on(
            subject,
            f"{server.name} {probe.said}, and {case.pool.name} still sends it traffic (weight {server.weight} of"
            f" {sum(one.weight for one in case.pool.servers)}): its share of the connections fails{case.where};"
            f" drain it: {set_weight(case.pool, server, 0)}",
            severity=case.severity,
            alive_besides=case.alive_besides(server),
            **case.evidence(server),
            **case.probed(server.name),
        )
    elif probe.state == "doubtful":
        yield Unseen(
            subject=subject,
            reason=f"{server.name} {probe.said}, as every server of this pool does; if that is how it greets"
            f" strangers, take its port out of [checks.ipvs] {probe.how}_ports",
        )


def _empty(case: Case, spare: str) -> Finding:
    pool = case.pool
    drained = [server.name for server in pool.servers if server.weight == 0]
    if spare:
        what = f"only the sorry server {spare} is left in it"
    elif drained:
        what = f"all its real servers are drained (weight 0): {', '.join(drained)}"
    else:
        what = "it has no real server"
    alive = sorted(name for name, probe in case.probes.items() if probe.state == "alive" and name != spare)
    living = f"; these answer: {', '.join(alive)}" if alive else ""
    return POOL_EMPTY.on(
        pool.name,
        f"{pool.name} serves nobody: {what}{living}{case.where}",
        severity=case.severity,
        drained=drained,
        sorry_server=spare,
        answering=alive,
        **case.evidence(),
    )


def _missing(case: Case) -> Iterator[Judgement]:
    """Yield the servers that should take traffic, answer, and are not in the pool."""
    weights = {server.name: server.weight for server in case.pool.servers}
    configured = {name: one for one in _configured(case) if (name := render_endpoint(one.address, one.port))}
    for name in dict.fromkeys((*case.expected, *configured)):
        probe, wanted = case.probes.get(name), configured.get(name)
        held = weights.get(name) == 0 and wanted is not None and wanted.inhibit_on_failure
        if probe is None or probe.state != "alive" or (name in weights and not held):
            continue
        subject = f"{case.pool.name}/{name}"
        what = "is held at weight 0" if held else "is not in the pool"
        known = f"{name} {probe.said}, but it {what}"
        # What else keepalived tests it by cannot be repeated here, and may fail for a good reason.
        if wanted and (better := _knows_better(wanted)):
            yield Note(subject=subject, summary=f"{known}; keepalived tests it by {', '.join(better)} besides")
            continue
        yield LIVE_SERVER_MISSING.on(
            subject,
            f"{known}: the others carry its share{case.where}; see journalctl -u keepalived, or put it back:"
            f" {put_back(case.pool, name, wanted)}",
            checkers=list(wanted.checkers) if wanted else [],
            expected_by="keepalived.conf" if wanted else "[checks.ipvs] servers",
            **case.evidence(),
            **case.probed(name),
        )


def _configured(case: Case) -> Iterator[RealServer]:
    """Yield the servers that keepalived should have in the pool and give traffic."""
    wanted = case.configured
    # While its address is elsewhere, keepalived does not test the servers of a ha_suspend pool; and while too few
    # of them live, it puts the sorry server in the place of all.
    if wanted and not (wanted.ha_suspend and case.vip_here is False) and not _is_below_quorum(case, wanted):
        yield from (server for server in wanted.real_servers if server.weight > 0)


def _is_below_quorum(case: Case, wanted: VirtualServer) -> bool:
    alive = {name for name, probe in case.probes.items() if probe.state == "alive"}
    weights = [one.weight for one in wanted.real_servers if render_endpoint(one.address, one.port) in alive]
    return wanted.sorry_server is not None and sum(weights) < wanted.quorum


def _knows_better(server: RealServer) -> list[str]:
    by_content = server.http_check is not None and not server.http_check.by_status
    several = len([name for name in server.checkers if name in ("HTTP_GET", "SSL_GET")]) > 1
    return [
        name
        for name in dict.fromkeys(server.checkers)
        if name not in _REPEATABLE or (name in ("HTTP_GET", "SSL_GET") and (by_content or several))
    ]


def _sorry_name(case: Case) -> str:
    spare = case.configured.sorry_server if case.configured else None
    return render_endpoint(spare.address, spare.port) if spare else ""


def _why_not_asked(pool: Pool) -> str:
    if pool.fwmark is not None:
        return "a pool by firewall mark has no port to ask on"
    return f"{pool.protocol.upper()} cannot be asked without knowing what is spoken"
