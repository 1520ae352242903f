"""Who else keeps the pools of this host: what they change they change back, or they know more than we see.

keepalived says which pools are its own. The others say nothing that can be read here: one that runs may keep any.
"""

from collections.abc import Iterator
from posixpath import basename

import msgspec

from watchdog.plugin import Host, Process

# ldirectord (a Perl script), Red Hat's Piranha, kube-router and kube-proxy, Google's Seesaw, and smaller ones.
_MANAGERS = frozenset(
    (
        *("ldirectord", "nanny", "lvsd", "kube-proxy", "kube-router", "gorb", "surealived"),
        *("seesaw_ecu", "seesaw_engine", "seesaw_ha", "seesaw_healthcheck", "seesaw_ncc", "seesaw_watchdog"),
    )
)
_INTERPRETERS = ("perl", "python")


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """Who keeps a pool, so that it is not ours to change: `name` "" for nobody; `unknown`: why it is not known."""

    name: str = ""
    unknown: str = ""

    @property
    def known(self) -> bool:
        """Whether somebody keeps it, or may."""
        return bool(self.name or self.unknown)


def find_managers(host: Host) -> tuple[str, ...]:
    """Return which of them run in our network, or may. Raises Unobservable."""
    return tuple(sorted({name for process in host.processes() for name in _names(host, process)}))


def _names(host: Host, process: Process) -> Iterator[str]:
    program = basename(process.argv[0]) if process.argv else ""
    # A script that was started by its interpreter is called as that is (`perl -w /usr/sbin/ldirectord`).
    script = [basename(word) for word in process.argv[1:3]] if program.startswith(_INTERPRETERS) else []
    for name in _MANAGERS.intersection((process.name, program, *script)):
        if host.shares_network(process.pid) is not False:
            yield name
