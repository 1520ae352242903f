"""The only writer: carries out one step, and says beforehand what would undo it.

A step is done whole or not at all: when `do` raises StepFailed, nothing of that step was changed (a program of the
owner's excepted, which may have done half its work). Doing again what is done already changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from watchdog.actuator.addresses import change_address, prepare_address
from watchdog.actuator.announcing import announce, prepare_announcement
from watchdog.actuator.commands import prepare_command, run_command
from watchdog.actuator.failed import StepFailed
from watchdog.actuator.files import prepare_file, write_file
from watchdog.actuator.links import change_bond, change_link, prepare_bond, prepare_link
from watchdog.actuator.pools import prepare_weight, set_weight
from watchdog.actuator.routes import change_route, change_rule, prepare_route, prepare_rule
from watchdog.actuator.sysctls import prepare_sysctl, set_sysctl
from watchdog.actuator.units import act_on_unit, prepare_unit
from watchdog.host import Host
from watchdog.steps import (
    AddressChange,
    AnnounceAddress,
    AnyStep,
    BondOption,
    LinkChange,
    Prepared,
    RouteChange,
    RuleChange,
    RunCommand,
    ServerWeight,
    SetSysctl,
    Step,
    UnitAction,
    WriteFile,
)

__all__ = ["StepFailed", "do", "prepare"]

# How each kind of step is prepared and done.
_KINDS: Mapping[type[Step], tuple[Callable[[Any, Host], Prepared], Callable[[Any, Host], str]]] = {
    LinkChange: (prepare_link, change_link),
    BondOption: (prepare_bond, change_bond),
    WriteFile: (prepare_file, write_file),
    SetSysctl: (prepare_sysctl, set_sysctl),
    UnitAction: (prepare_unit, act_on_unit),
    AddressChange: (prepare_address, change_address),
    RouteChange: (prepare_route, change_route),
    RuleChange: (prepare_rule, change_rule),
    ServerWeight: (prepare_weight, set_weight),
    AnnounceAddress: (prepare_announcement, announce),
    RunCommand: (prepare_command, run_command),
}


def prepare(step: AnyStep, host: Host) -> Prepared:
    """Read the present state: whether the step is needed, and the step that restores exactly what is now.

    Raises StepFailed when the state cannot be read, so that nothing is done that could not be undone.
    """
    return _KINDS[type(step)][0](step, host)


def do(step: AnyStep, host: Host) -> str:
    """Carry out one step and return what was done, in words; raises StepFailed."""
    return _KINDS[type(step)][1](step, host)
