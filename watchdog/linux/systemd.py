"""systemd units, from `systemctl show --property=...`: key=value lines, a blank line between units. Pure.

Sources: systemctl(1), org.freedesktop.systemd1(5); systemd.service(5) for the types.
"""

import msgspec

PROPERTIES = (
    "Id,Names,LoadState,ActiveState,SubState,UnitFileState,Type,Result,RemainAfterExit,NRestarts,"
    "TriggeredBy,Job,ConditionResult,ConditionTimestampMonotonic"
)


class MalformedUnitError(ValueError):
    """`systemctl show` said something that is no unit; the text says what."""


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit as systemd sees it; the words are systemd's.

    `restarts` counts those by Restart= since it was started. `has_job`: something is queued for it.
    `condition_failed`: its last start was skipped for a Condition...=.
    """

    name: str
    names: tuple[str, ...]
    load_state: str
    active_state: str
    sub_state: str
    unit_file_state: str = ""
    type: str = ""
    result: str = ""
    remain_after_exit: bool = False
    restarts: int = 0
    triggered_by: tuple[str, ...] = ()
    has_job: bool = False
    condition_failed: bool = False


def parse_units(text: str) -> tuple[Unit, ...]:
    """Return the units in their order; a property that this systemd does not have gets its default.

    Raises MalformedUnitError.
    """
    return tuple(_parse_unit(block) for block in text.split("\n\n") if block.strip())


def _parse_unit(block: str) -> Unit:
    values = dict(line.partition("=")[::2] for line in block.strip("\n").split("\n"))
    try:
        return Unit(
            name=values["Id"],
            names=tuple(values.get("Names", "").split()),
            load_state=values["LoadState"],
            active_state=values["ActiveState"],
            sub_state=values["SubState"],
            unit_file_state=values.get("UnitFileState", ""),
            type=values.get("Type", ""),
            result=values.get("Result", ""),
            remain_after_exit=values.get("RemainAfterExit") == "yes",
            restarts=int(values.get("NRestarts", "0")),
            triggered_by=tuple(values.get("TriggeredBy", "").split()),
            has_job=values.get("Job", "") not in ("", "0"),
            condition_failed=values.get("ConditionResult") == "no"
            and values.get("ConditionTimestampMonotonic", "0") != "0",
        )
    except KeyError as missing:
        raise MalformedUnitError(f"systemctl show: expected {missing.args[0]}=, found {block[:80]!r}") from missing
    except ValueError as error:
        found = values["NRestarts"][:80]
        raise MalformedUnitError(f"systemctl show: expected NRestarts=NUMBER, found {found!r}") from error


def find_service(cgroup: str) -> str | None:
    """Return the system service that a process belongs to, by its /proc/PID/cgroup (cgroups(7)); None for none.

    What runs below a user's own manager (user.slice) is no service of the system.
    """
    for line in cgroup.splitlines():
        _, _, rest = line.partition(":")
        controller, _, path = rest.partition(":")
        if controller not in ("", "name=systemd"):
            continue
        parts = path.split("/")
        if "user.slice" in parts:
            return None
        for part in reversed(parts):
            if part.endswith(".service"):
                return part
    return None
