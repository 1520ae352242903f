"""Run the owner's own command for a fault, and the command that takes it back when it did not help.

What watchdog has no remediation for, the owner of the host may: a fail-over script, a call to a load balancer. The
command is an argv and never a shell's line; the finding's words are filled in one argument at a time. It is
theirs, so it waits for a person unless `[healing] risk = "high"` says otherwise, and its program must be in
root's hands alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec

from remediations._run_command.placeholders import EVIDENCE, fill_argument, parse_argument, placeholders
from watchdog.plugin import (
    Case,
    Duration,
    Finding,
    Host,
    Json,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    RunCommand,
    untrusted_program,
)

_LONGEST = Duration(600)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """`[[remediations.run_command.commands]]`: what to run for which faults, on which subjects (a pattern with *).

    `settle` is how long it may take to show. `healthy_left`: for a command that takes something out of service,
    the key of the evidence that tells what stays in service, a number or a list; nothing is done where that is
    none.
    """

    faults: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    subject: str = "*"
    argv: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    undo: tuple[str, ...] = ()
    timeout: Duration = Duration(30)
    settle: Duration = Duration(10)
    healthy_left: str = ""

    def __post_init__(self) -> None:
        for argv in filter(None, (self.argv, self.undo)):
            for argument in argv:
                parse_argument(argument)
            if not argv[0].startswith("/") or any(placeholders(argv[0])):
                raise ValueError(f"an absolute path without a placeholder as the program, and not {argv[0]!r}")
        if not 0 < self.timeout <= _LONGEST or self.settle > _LONGEST:
            raise ValueError(f"a timeout above zero, and both timeout and settle of at most {_LONGEST}")

    def meets(self, finding: Finding) -> bool:
        """Tell whether it is for this finding."""
        return finding.fault in self.faults and fnmatchcase(finding.subject, self.subject)


class RunCommandSettings(RemediationSettings, frozen=True, kw_only=True):
    """`[remediations.run_command]`: the owner's commands; for a finding, the first that is for it."""

    commands: tuple[Command, ...] = ()


def plan(host: Host, case: Case, settings: RunCommandSettings) -> Plan:
    """Return the owner's command, filled in; Refused where none is set or it cannot be run as it is."""
    finding = case.finding
    command = next((one for one in settings.commands if one.meets(finding)), None)
    if command is None:
        raise Refused(
            f"no command is set for {finding.fault} on {finding.subject}, in [[remediations.run_command.commands]]"
        )
    values = dict(_values(host, finding))
    argv, undo = _ready(command.argv, values, host), _ready(command.undo, values, host)
    step = RunCommand(argv=argv, undo=undo, timeout_seconds=float(command.timeout))
    taken_back = f"should it not help, this is run: {RunCommand(argv=undo).describe()}"
    return Plan(
        summary=f"run the command that the owner set for {finding.fault}",
        steps=(step,),
        settle_seconds=float(command.settle),
        note=taken_back if undo else "nothing takes it back: its settings name no undo",
        healthy_left=_healthy_left(command.healthy_left, finding),
    )


def _values(host: Host, finding: Finding) -> Iterator[tuple[str, Json]]:
    yield from (("fault", finding.fault), ("subject", finding.subject), ("severity", finding.severity.value))
    yield ("host", host.name())
    yield from ((f"{EVIDENCE}{key}", value) for key, value in finding.evidence.items())


def _ready(argv: Sequence[str], values: Mapping[str, Json], host: Host) -> tuple[str, ...]:
    try:
        filled = tuple(fill_argument(argument, values) for argument in argv)
    except ValueError as error:
        raise Refused(f"the command for this fault cannot be filled in: {error}") from error
    if filled and (problem := untrusted_program(host.path(filled[0]))):
        raise Refused(f"{filled[0]} is not run: {problem}")
    return filled


def _healthy_left(key: str, finding: Finding) -> int | None:
    if not key:
        return None
    match finding.evidence.get(key):
        case bool() | None:
            pass
        case int() as number:
            return number
        case list() | tuple() as names:
            return len(names)
    raise Refused(
        f"what stays in service is not known: healthy_left names {key!r}, and the evidence has "
        f"{finding.evidence.get(key)!r} there, no number and no list"
    )


def _faults(settings: RunCommandSettings) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fault for command in settings.commands for fault in command.faults))


REMEDIATION = Remediation(
    name="run_command",
    title="run the command that the owner set for this fault",
    heals=(),
    heals_as_set=_faults,
    risk="high",  # nobody but its owner knows what it does
    settings=RunCommandSettings,
    plan=plan,
)
