"""/proc/PID/cgroup: the service of this host's systemd that a process belongs to. Pure.

Only a service directly below slices counts: one of a user's manager is started by that, a scope (a login, a
container) by whoever made it, and a group below a service is that service's own business (docker.service's).

Sources: cgroups(7), systemd.slice(5), systemd.scope(5).
"""

import re

# The characters of a unit's name (systemd.unit(5)).
_SERVICE = re.compile(r"[\w:.@\\][\w:.@\\-]{0,240}\.service", re.ASCII)


def service_of(text: str) -> str:
    """Return the name of the service (`squid.service`), "" for none; lines that make no sense are left out."""
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        # The unified hierarchy, or systemd's own before it.
        if (number, controllers) == ("0", "") or controllers == "name=systemd":
            *slices, last = path.strip("/").split("/")
            if slices and all(name.endswith(".slice") for name in slices) and _SERVICE.fullmatch(last):
                return last
    return ""
