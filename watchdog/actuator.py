"""The only writer: carries out one step, and says beforehand what would undo it.

A step is done whole or not at all: when `do` raises StepFailed, nothing of that step was changed.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from watchdog.errors import WatchdogError
from watchdog.host import Host
from watchdog.steps import AnyStep, LinkChange

# What a person should know; the rest in the kernel's own words.
_WORDS = {
    errno.EPERM: "needs CAP_NET_ADMIN; run as root",
    errno.EACCES: "needs CAP_NET_ADMIN; run as root",
    errno.ENODEV: "no such device",
}
# linux/if.h: administratively up.
_IFF_UP = 1


class StepFailed(WatchdogError):
    """A step could not be done; the text is the command, and why."""


def prepare(step: AnyStep, host: Host) -> AnyStep | None:
    """Read the present state and return the step that restores exactly it; None when it is as wanted already.

    Raises StepFailed when the state cannot be read, so that nothing is done that could not be undone.
    """
    with _in_words(step), host.netlink() as netlink:
        up = bool(_link(netlink, step.link)["flags"] & _IFF_UP)
    return None if up == step.up else LinkChange(link=step.link, up=up)


def do(step: AnyStep) -> str:
    """Carry out one step and return what was done, in words; raises StepFailed.

    Doing a step again that was done already changes nothing.
    """
    # Late, as in Host.netlink: the import costs 0.15 s and 20 MB, and most runs change nothing.
    from pyroute2 import IPRoute

    # By index, so that a request can never create a device that is not there.
    with _in_words(step), IPRoute() as netlink:
        netlink.link("set", index=_link(netlink, step.link)["index"], state="up" if step.up else "down")
    return f"{step.link} is administratively {'up' if step.up else 'down'}"


def _link(netlink: Any, name: str) -> Any:
    return next(iter(netlink.link("get", ifname=name)))


@contextmanager
def _in_words(step: AnyStep) -> Iterator[None]:
    """Turn what the kernel says into a StepFailed that a person understands."""
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        yield
    except NetlinkError as error:
        reason = _WORDS.get(error.code, f"the kernel says: {error.args[-1]}")
        raise StepFailed(f"{step.describe()}: {reason}") from error
    except OSError as error:
        raise StepFailed(f"{step.describe()}: no netlink socket: {error.strerror}") from error
