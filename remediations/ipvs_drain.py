"""Take a dead real server out of an IPVS pool that nobody else keeps: weight 0, and nothing new is sent there.

Its established connections stay with it. Whoever keeps the pool (keepalived, ldirectord, kube-proxy) does that
by its own rules, and would undo ours. What is left is counted by what answers now, and is never nothing. A
scheduler that maps each client to one server by a hash goes on choosing a server of weight 0, and then finds none:
draining turns a share that hangs into one that is refused, and cures nothing.

Sources: net/netfilter/ipvs/ip_vs_sh.c, ip_vs_dh.c, ip_vs_mh.c; Documentation/networking/ipvs-sysctl.rst.
"""

from typing import Annotated, Literal

import msgspec

from watchdog.linux.ipvs import MalformedPoolError, parse_member
from watchdog.plugin import (
    Case,
    Host,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    ServerWeight,
    render_seconds,
)

_BY_HASH = ("sh", "dh", "mh")


class IpvsDrainSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.ipvs_drain]`: how many servers that answer must be left with traffic."""

    least_left: Annotated[int, msgspec.Meta(ge=1)] = 1


class _Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What ipvs.dead_server_in_pool must tell us; anything else in it is not ours to read."""

    weight: Annotated[int, msgspec.Meta(ge=1)]
    forwarding: Literal["dr", "nat", "tun", "local", "bypass"]
    scheduler: str
    persistent_seconds: int
    alive_besides: tuple[str, ...]
    kept_by: str
    keeper_unknown: str


def plan(host: Host, case: Case, settings: IpvsDrainSettings) -> Plan:
    """Return `ipvsadm -e ... -w 0`; Refused where the pool is another's, or too few would be left."""
    evidence = case.evidence(_Evidence)
    try:
        pool, server = parse_member(case.finding.subject)
    except MalformedPoolError as error:
        raise Refused(f"the finding should be about {error}") from error
    _demand_nobody_else(pool, evidence)
    left = len(set(evidence.alive_besides) - {server})
    if left < settings.least_left:
        least = f", {settings.least_left} must be ([remediations.ipvs_drain] least_left)" if left else ""
        raise Refused(
            f"without {server}, {left or 'none'} of the servers with traffic in {pool} is known to answer{least}:"
            f" draining it would leave too few; make another one work first"
        )
    if evidence.forwarding == "local" or evidence.forwarding == "bypass":
        raise Refused(
            f"{server} is this host itself (forwarding {evidence.forwarding!r}): look at its program here"
        )
    if evidence.scheduler in _BY_HASH:
        raise Refused(
            f"the scheduler {evidence.scheduler} of {pool} goes on sending its share of the clients to a server of"
            f" weight 0, and then to nobody; take it out instead: ipvsadm -d, with the same -t and -r"
        )
    return Plan(
        summary=f"drain {server}: {pool} sends it nothing new, {left} that answer remain",
        steps=(ServerWeight(pool=pool, server=server, forwarding=evidence.forwarding, weight=0),),
        lasting=False,
        note=_note(evidence),
        healthy_left=left,
    )


def _demand_nobody_else(pool: str, evidence: _Evidence) -> None:
    if evidence.kept_by:
        raise Refused(
            f"{evidence.kept_by} keeps {pool} and would undo it, or knows why: see why its own test passes"
            " (one that only opens a connection does not see a program that hangs)"
        )
    if evidence.keeper_unknown:
        raise Refused(f"whether something else keeps {pool} is not known: {evidence.keeper_unknown}")


def _note(evidence: _Evidence) -> str:
    kept = (
        f" Clients that it served go on to it for up to {render_seconds(evidence.persistent_seconds)} (-p), unless"
        " net.ipv4.vs.expire_quiescent_template is 1."
        if evidence.persistent_seconds
        else ""
    )
    return (
        f"its weight was {evidence.weight}; once it answers again, ipvs.drained_server_well tells, and"
        f" ipvs_restore puts it back. A restart of this host, or ipvsadm -R, brings back the saved weight.{kept}"
    )


REMEDIATION = Remediation(
    name="ipvs_drain",
    title="drain a dead real server from a pool that nobody else keeps",
    heals=("ipvs.dead_server_in_pool",),
    # The servers that are left take its share, and a check can be wrong about who is dead.
    risk="medium",
    settings=IpvsDrainSettings,
    plan=plan,
)
