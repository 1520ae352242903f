"""Tells the neighbours on the link who has an address, as who takes an address over does."""

from ipaddress import ip_address

from watchdog.actuator.failed import StepFailed
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.steps import AnnounceAddress, Prepared
from watchdog.wire import announce_address

TIMES = 3


def prepare_announcement(step: AnnounceAddress, host: Host) -> Prepared:
    """Say that it is always needed; what was said cannot be unsaid, and need not."""
    return Prepared(needed=True)


def announce(step: AnnounceAddress, host: Host) -> str:
    """Send it some times, as a frame can be lost."""
    try:
        address = str(ip_address(step.address))
        problem = announce_address(host, step.interface, address, times=TIMES)
    except (Unobservable, ValueError) as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    if problem:
        raise StepFailed(f"{step.describe()}: {step.interface} {problem}")
    return f"{step.address} announced on {step.interface}, {TIMES} times"
