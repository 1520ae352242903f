"""Tells the neighbours on the link who has an address, as who takes an address over does."""

from ipaddress import ip_address

from watchdog.actuator.failed import StepFailed
from watchdog.addresses import read_addresses
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.steps import AnnounceAddress, Prepared
from watchdog.wire import announce_address

TIMES = 3
_LOOPBACK = "lo"


def prepare_announcement(step: AnnounceAddress, host: Host) -> Prepared:
    """Say that it is always needed; what was said cannot be unsaid, and need not."""
    _demand_ours(step)
    return Prepared(needed=True)


def announce(step: AnnounceAddress, host: Host) -> str:
    """Send it some times, as a frame can be lost."""
    address = _demand_ours(step)
    try:
        problem = announce_address(host, step.interface, address, times=TIMES)
    except Unobservable as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    if problem:
        raise StepFailed(f"{step.describe()}: {step.interface} {problem}")
    return f"{step.address} announced on {step.interface}, {TIMES} times"


def _demand_ours(step: AnnounceAddress) -> str:
    """Return the address; who announces another's, or a balancer's that lies on lo, takes its traffic."""
    try:
        address = ip_address(step.address)
    except ValueError as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    where = {one.interface for one in read_addresses() if one.address == address}
    if not where - {_LOOPBACK}:
        found = f"only on {_LOOPBACK}" if where else "not on this host"
        raise StepFailed(f"{step.describe()}: {step.address} is {found}, so its traffic belongs elsewhere")
    return str(address)
