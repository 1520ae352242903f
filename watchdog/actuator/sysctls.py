"""Kernel parameters, in /proc/sys."""

import re

from watchdog.actuator.failed import StepFailed
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.steps import Prepared, SetSysctl

# With slashes, and never up: an interface may be called `eth0.100`, not `..`.
_KEY = re.compile(r"[a-z0-9_]+(/(?!\.{1,2}(/|$))[\w.@+-]+)+")
_VALUE = re.compile(r"[\w .-]{1,200}")


def prepare_sysctl(step: SetSysctl, host: Host) -> Prepared:
    """Say what the parameter is now."""
    try:
        now = host.read_text(_path(step))
    except Unobservable as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    if now is None:
        raise StepFailed(f"{step.describe()}: this kernel has no such parameter")
    value = " ".join(now.split())
    return Prepared(needed=value != step.value, undo=SetSysctl(key=step.key, value=value))


def set_sysctl(step: SetSysctl, host: Host) -> str:
    """Write the parameter."""
    if not _VALUE.fullmatch(step.value):
        raise StepFailed(f"{step.describe()}: {step.value!r} is no value that is written here")
    try:
        host.path(_path(step)).open("r+").write(step.value + "\n")
    except OSError as error:
        raise StepFailed(f"{step.describe()}: {error.strerror}") from error
    return f"{step.key} is {step.value}"


def _path(step: SetSysctl) -> str:
    if not _KEY.fullmatch(step.key):
        raise StepFailed(f"{step.describe()}: {step.key!r} is no kernel parameter")
    return f"/proc/sys/{step.key}"
