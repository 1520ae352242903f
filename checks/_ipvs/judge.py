"""Judges one pool against reality: who is in it, who of them lives, who is missing from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks._ipvs.faults import DEAD_SERVER, LIVE_SERVER_MISSING, POOL_EMPTY
from checks._ipvs.probing import Probed, is_askable
from watchdog.linux.ipvs import Pool, PoolServer, parse_endpoint, render_endpoint
from watchdog.linux.keepalived_lvs import RealServer, VirtualServer
from watchdog.plugin import Finding, Judgement, Metric, Note, Severity, Unseen

# Tests of keepalived's that we repeat, or that tell less than ours: it cannot know better than we do.
_REPEATABLE = frozenset(("TCP_CHECK", "PING_CHECK", "HTTP_GET", "SSL_GET"))
_OWN_ADDRESS = "asked on its own address: whether it answers on the virtual one is not seen from here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A pool, what its servers answered (by name), and who should be in it.

    `configured` is keepalived's word, `expected` the settings' (names). `vip_here` tells whether the virtual
    address is on this host, None where there is none to tell by.
    """

    pool: Pool
    probes: Mapping[str, Probed] = field(default_factory=dict)
    configured: VirtualServer | None = None
    expected: tuple[str, ...] = ()
    vip_here: bool | None = None

    @property
    def severity(self) -> Severity:
        """What takes no traffic now harms nobody yet."""
        return Severity.WARNING if self.vip_here is False else Severity.CRITICAL

    @property
    def where(self) -> str:
        """What to add to a summary where the virtual address is elsewhere."""
        return (
            "; the virtual address is not on this host, so nothing comes here now"
            if self.vip_here is False
            else ""
        )

    def evidence(self, server: PoolServer | None = None) -> dict[str, Any]:
        """Return what every finding says of the pool, and of a server in it."""
        evidence: dict[str, Any] = {"vip_here": self.vip_here, "scheduler": self.pool.scheduler}
        if server:
            evidence |= {
                "weight": server.weight,
                "forwarding": server.forwarding,
                "active_connections": server.active_connections,
                "inactive_connections": server.inactive_connections,
            }
        return evidence

    def probed(self, name: str) -> dict[str, Any]:
        """Return what came of asking a server, as evidence."""
        probe = self.probes[name]
        return {
            "asked_by": probe.how,
            "outcome": probe.outcome,
            "status": probe.status,
            "detail": probe.detail,
            "not_seen": _OWN_ADDRESS if self.pool.address else "",
        }


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
    elif probe.state == "dead" or (probe.state == "doubtful" and _others_answer(case, server)):
        yield DEAD_SERVER.on(
            subject,
            f"{server.name} {probe.said}, and {case.pool.name} still sends it traffic (weight {server.weight} of"
            f" {sum(one.weight for one in case.pool.servers)}): its share of the connections fails{case.where};"
            f" drain it: {_drain(case.pool, server)}",
            severity=case.severity,
            **case.evidence(server),
            **case.probed(server.name),
        )
    elif probe.state == "doubtful":
        yield Unseen(
            subject=subject,
            reason=f"{server.name} {probe.said}, as every server of this pool does; if that is how it greets"
            f" strangers, take its port out of [checks.ipvs] {probe.how}_ports",
        )


def _others_answer(case: Case, server: PoolServer) -> bool:
    """Tell whether another server of the pool has something to say to the same question."""
    return any(name != server.name and probe.state == "alive" for name, probe in case.probes.items())


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
            f" {_put_back(case.pool, name, wanted)}",
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


def _drain(pool: Pool, server: PoolServer) -> str:
    return f"ipvsadm -e {_service(pool)} -r {server.name} {_method(server.forwarding)} -w 0"


def _put_back(pool: Pool, name: str, wanted: RealServer | None) -> str:
    present = name in {server.name for server in pool.servers}
    method = wanted.forwarding if wanted else next((server.forwarding for server in pool.servers), "dr")
    weight = wanted.weight if wanted else 1
    address, port = parse_endpoint(name)
    server = render_endpoint(address, port)
    return f"ipvsadm {'-e' if present else '-a'} {_service(pool)} -r {server} {_method(method)} -w {weight}"


def _service(pool: Pool) -> str:
    if pool.fwmark is not None:
        return f"-f {pool.fwmark}" + (" -6" if pool.family == "ipv6" else "")
    option = {"tcp": "-t", "udp": "-u"}.get(pool.protocol, "--sctp-service")
    return f"{option} {render_endpoint(pool.address, pool.port)}"


def _method(forwarding: str) -> str:
    return {"dr": "-g", "tun": "-i"}.get(forwarding, "-m")
