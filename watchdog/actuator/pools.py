"""Weights in IPVS pools, by generic netlink."""

from typing import Any

from watchdog.actuator.failed import StepFailed
from watchdog.actuator.netlink import in_words
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.ipvs import read_pools
from watchdog.linux.ipvs import Pool, PoolServer
from watchdog.steps import Prepared, ServerWeight


def prepare_weight(step: ServerWeight, host: Host) -> Prepared:
    """Say what the weight is now."""
    _, server = _find(step, host)
    undo = ServerWeight(pool=step.pool, server=step.server, forwarding=step.forwarding, weight=server.weight)
    return Prepared(needed=server.weight != step.weight, undo=undo)


def set_weight(step: ServerWeight, host: Host) -> str:
    """Change the weight and nothing else of the real server."""
    from pyroute2 import IPVS, IPVSDest, IPVSService

    pool, server = _find(step, host)
    if server.forwarding != step.forwarding:
        raise StepFailed(f"{step.describe()}: it is forwarded to by {server.forwarding} meanwhile; look again")
    with in_words(step), IPVS() as netlink:
        service = _same(netlink.service("dump"), IPVSService, pool.address, pool.port)
        found = _same(netlink.dest("dump", service=service), IPVSDest, server.address, server.port)
        if service is None or found is None:
            raise StepFailed(f"{step.describe()}: it is gone meanwhile")
        found["weight"] = step.weight
        netlink.dest("set", service=service, dest=found)  # `update` would delete it
    return f"{step.server} in {step.pool} has weight {step.weight}"


def _find(step: ServerWeight, host: Host) -> tuple[Pool, PoolServer]:
    try:
        pools = read_pools(host)
    except Unobservable as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    for pool in pools:
        for server in pool.servers:
            if (pool.name, server.name) == (step.pool, step.server):
                return pool, server
    raise StepFailed(f"{step.describe()}: there is no such pool with that real server")


def _same(messages: Any, kind: Any, address: str, port: int) -> Any:
    for message in messages:
        one = kind.from_message(message)
        if (str(one.get("addr")), one.get("port")) == (address, port):
            return one
    return None
