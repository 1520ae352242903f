"""What a person can type: `ipvsadm` for a pool and a server of it."""

from watchdog.linux.ipvs import Pool, PoolServer, parse_endpoint, render_endpoint
from watchdog.linux.keepalived_lvs import RealServer


def set_weight(pool: Pool, server: PoolServer, weight: int) -> str:
    """Return the command that gives a server of the pool a weight; 0 drains it."""
    return f"ipvsadm -e {_service(pool)} -r {server.name} {_method(server.forwarding)} -w {weight}"


def put_back(pool: Pool, name: str, wanted: RealServer | None) -> str:
    """Return the command that puts a server into the pool, or gives it its weight there."""
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
