"""Kernel parameters, in /proc/sys."""

import os
import re

from watchdog.actuator.failed import StepFailed
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.steps import Prepared, SetSysctl

# With slashes, and never up: an interface may be called `eth0.100`, not `..`.
_KEY = re.compile(r"[a-z0-9_]+(/(?!\.{1,2}(/|$))[\w.@+-]+)+")
_VALUE = re.compile(r"[\w .-]{1,200}")


def prepare_sysctl(step: SetSysctl, host: Host) -> Prepared:
    """Say what the parameter is now; StepFailed when it could not be written back."""
    _demand_value(step)
    undo = SetSysctl(key=step.key, value=_read(step, host))
    _demand_value(undo)
    return Prepared(needed=undo.value != " ".join(step.value.split()), undo=undo)


def set_sysctl(step: SetSysctl, host: Host) -> str:
    """Write the parameter; where the kernel makes something else of it, write back what was there."""
    _demand_value(step)
    before = _read(step, host)
    _write(step, host, step.value)
    now = _read(step, host)
    if now != " ".join(step.value.split()):
        _write(step, host, before)
        raise StepFailed(f"{step.describe()}: the kernel made {now!r} of it")
    return f"{step.key} is {step.value}"


def _read(step: SetSysctl, host: Host) -> str:
    try:
        now = host.read_text(_path(step))
    except Unobservable as error:
        raise StepFailed(f"{step.describe()}: {error}") from error
    if now is None:
        raise StepFailed(f"{step.describe()}: this kernel has no such parameter")
    return " ".join(now.split())


def _write(step: SetSysctl, host: Host, value: str) -> None:
    """Write in one call: the kernel takes a parameter whole, and what it refuses it says right there."""
    try:
        descriptor = os.open(host.path(_path(step)), os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.write(descriptor, f"{value}\n".encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StepFailed(f"{step.describe()}: {error.strerror}") from error


def _demand_value(step: SetSysctl) -> None:
    if not _VALUE.fullmatch(step.value):
        raise StepFailed(f"{step.describe()}: {step.value!r} is no value that is written here")


def _path(step: SetSysctl) -> str:
    if not _KEY.fullmatch(step.key):
        raise StepFailed(f"{step.describe()}: {step.key!r} is no kernel parameter")
    return f"/proc/sys/{step.key}"
