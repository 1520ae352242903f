"""A pool with all that it is judged by."""

from collections.abc import Mapping
from typing import Any

import msgspec

from checks._ipvs.managers import Keeper
from checks._ipvs.probing import Probed
from watchdog.linux.ipvs import Pool, PoolServer
from watchdog.linux.keepalived_lvs import VirtualServer
from watchdog.plugin import Facts, Severity, Stamp

_OWN_ADDRESS = "asked on its own address: whether it answers on the virtual one is not seen from here"


class Fallen(Facts, frozen=True, kw_only=True):
    """A server that was dead with this weight; `in_service` is when it was last seen to have it."""

    pool: str
    server: str
    weight: int
    in_service: Stamp


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A pool, what its servers answered (by name), and who should be in it.

    `configured` is keepalived's word, `expected` the settings' (names). `vip_here` tells whether the virtual
    address is on this host, None where there is none to tell by. `keeper` is who else keeps the pool. `fallen` are
    its servers that were dead when they had traffic last, by name; `drained` those that shall be without.
    """

    pool: Pool
    probes: Mapping[str, Probed] = msgspec.field(default_factory=dict)
    configured: VirtualServer | None = None
    expected: tuple[str, ...] = ()
    vip_here: bool | None = None
    keeper: Keeper = msgspec.field(default_factory=Keeper)
    fallen: Mapping[str, Fallen] = msgspec.field(default_factory=dict)
    drained: tuple[str, ...] = ()

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
        evidence: dict[str, Any] = {
            "vip_here": self.vip_here,
            "scheduler": self.pool.scheduler,
            "persistent_seconds": self.pool.persistent_seconds,
            "kept_by": self.keeper.name,
            "keeper_unknown": self.keeper.unknown,
        }
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

    def is_alive(self, name: str) -> bool:
        """Tell whether a server answers; one of which we know nothing does not."""
        return name in self.probes and self.probes[name].state == "alive"

    def is_dead(self, server: PoolServer) -> bool:
        """Tell whether a server is dead: one that hangs up on us is, if another of its pool does not."""
        probe = self.probes.get(server.name)
        if probe is None or probe.state != "doubtful":
            return probe is not None and probe.state == "dead"
        return any(self.is_alive(name) for name in self.probes if name != server.name)

    def alive_besides(self, server: PoolServer) -> list[str]:
        """Return the other servers that get traffic and answer."""
        return [
            one.name
            for one in self.pool.servers
            if one.name != server.name and one.weight and self.is_alive(one.name)
        ]
