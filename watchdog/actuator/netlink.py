"""What the steps that speak netlink share: the kernel's refusals in words that a person understands."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from watchdog.actuator.failed import StepFailed
from watchdog.steps import AnyStep

# What a person should know; the rest in the kernel's own words.
_WORDS = {
    errno.EPERM: "needs CAP_NET_ADMIN; run as root",
    errno.EACCES: "needs CAP_NET_ADMIN; run as root",
    errno.ENODEV: "no such device",
}


@contextmanager
def in_words(step: AnyStep) -> Iterator[None]:
    """Turn what the kernel says into a StepFailed."""
    from pyroute2.netlink.exceptions import NetlinkError

    try:
        yield
    except NetlinkError as error:
        reason = _WORDS.get(error.code, f"the kernel says: {error.args[-1]}")
        raise StepFailed(f"{step.describe()}: {reason}") from error
    except OSError as error:
        raise StepFailed(f"{step.describe()}: no netlink socket: {error.strerror}") from error
