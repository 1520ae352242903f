"""Compares the kernel's pools with those that keepalived was told to keep.

Who is in a pool depends on who lives: a configured server that is not there is judge.py's business. Weight 0 in
the table is a server that was drained, by a person or by `inhibit_on_failure`, and no difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checks._ipvs.faults import DIFFERS
from watchdog.linux.ipvs import Pool, PoolServer, name_pool, render_endpoint
from watchdog.linux.keepalived_lvs import RealServer, VirtualServer
from watchdog.plugin import Finding

# Tests that give a server its weight.
_GIVE_WEIGHTS = frozenset(("MISC_CHECK", "FILE_CHECK", "BFD_CHECK"))


def name_configured(server: VirtualServer) -> str:
    """Return what the pool of a virtual_server is called."""
    return name_pool(server.address, server.port, server.protocol, server.fwmark, server.family)


def compare(
    pools: Iterable[Pool], configured: Mapping[str, VirtualServer], ignore: Iterable[str], *, changed: bool
) -> Iterator[Finding]:
    """Yield what differs; `changed` tells that the file is newer than keepalived's start."""
    ignored = set(ignore)
    present = {pool.name: pool for pool in pools if pool.name not in ignored}
    hint = "; the file was changed after keepalived started: was it reloaded?" if changed else ""
    for name, wanted in configured.items():
        if name in ignored:
            continue
        if name not in present:
            yield _differs(name, f"keepalived.conf has a virtual_server {name}, the kernel has no such pool", hint)
        else:
            yield from _compare_pool(present[name], wanted, hint)
    for name in present:
        if configured and name not in configured:
            yield _differs(name, f"the kernel has a pool {name} that keepalived.conf does not know", hint)


def _compare_pool(pool: Pool, wanted: VirtualServer, hint: str) -> Iterator[Finding]:
    if pool.scheduler != wanted.scheduler:
        what = f"the scheduler of {pool.name} is {pool.scheduler}, in keepalived.conf {wanted.scheduler}"
        yield _differs(pool.name, what, hint, part="scheduler", table=pool.scheduler, file=wanted.scheduler)
    if pool.persistent_seconds != wanted.persistent_seconds:
        kept, asked = pool.persistent_seconds, wanted.persistent_seconds
        what = f"{pool.name} keeps a client at its server for {kept} s, in keepalived.conf for {asked} s"
        yield _differs(pool.name, what, hint, part="persistence", table=kept, file=asked)
    known = {render_endpoint(one.address, one.port): one for one in wanted.real_servers}
    spare = wanted.sorry_server
    if spare:
        known.setdefault(render_endpoint(spare.address, spare.port), spare)
    for server in pool.servers:
        subject = f"{pool.name}/{server.name}"
        if server.name not in known:
            what = f"{pool.name} sends traffic to {server.name}, which keepalived.conf does not name"
            yield _differs(subject, what, hint, weight=server.weight)
            continue
        for part, table, file in _parts(server, known[server.name]):
            what = f"the {part} of {server.name} is {table}, in keepalived.conf {file}"
            yield _differs(subject, what, hint, part=part, table=table, file=file)


def _parts(server: PoolServer, wanted: RealServer) -> Iterator[tuple[str, Any, Any]]:
    """Yield what differs between a server in the table and in the file: (what, there, here)."""
    # A server with the director's own address is delivered locally, whatever the method.
    if server.forwarding not in (wanted.forwarding, "local"):
        yield "forwarding method", server.forwarding, wanted.forwarding
    by_test = _GIVE_WEIGHTS.intersection(wanted.checkers)
    if server.weight not in (0, wanted.weight) and not by_test:
        yield "weight", server.weight, wanted.weight


def _differs(subject: str, what: str, hint: str, **evidence: Any) -> Finding:
    return DIFFERS.on(subject, f"{what}{hint}", **evidence)
