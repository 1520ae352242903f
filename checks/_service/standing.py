"""How a unit or a process stands, in our words. Pure."""

from collections.abc import Collection
from typing import Literal

import msgspec

from watchdog.linux.systemd import Unit

# up; resting: not running, and rightly so; changing: starting, stopping or about to be restarted; down; unclear:
# what the settings demand and what the host's owner ordered contradict each other.
State = Literal["up", "resting", "changing", "down", "unclear"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a service stands. `words` says it as systemd would; `crashed`: it did not end by order."""

    subject: str
    state: State
    words: str
    restarts: int = 0
    crashed: bool = False


def stand_of_unit(unit: Unit, subject: str, active_triggers: Collection[str]) -> Standing:
    """Say how a unit stands; `active_triggers` are the sockets, timers and paths that are listening."""
    words = f"{unit.active_state} ({unit.sub_state})"
    state: State
    match unit.active_state:
        case "active" | "reloading" | "refreshing":
            state = "up"
        case "activating" | "deactivating":
            state = "changing"
        case "failed":
            state, words = "down", f"{words}, result {unit.result}"
        case "inactive":
            state, words = _stand_of_inactive(unit, active_triggers)
        case _:
            state, words = "unclear", f"{words}, which is no state this check knows"
    crashed = unit.active_state == "failed" or unit.sub_state == "auto-restart"
    return Standing(subject=subject, state=state, words=words, restarts=unit.restarts, crashed=crashed)


def stand_of_process(subject: str, path: str, pids: Collection[int]) -> Standing:
    """Say how a program stands that must have a process; how one that is gone ended, nobody can say."""
    if pids:
        return Standing(subject=subject, state="up", words=f"{path} runs")
    return Standing(subject=subject, state="down", words=f"no process runs {path}", crashed=True)


def _stand_of_inactive(unit: Unit, active_triggers: Collection[str]) -> tuple[State, str]:
    listening = [trigger for trigger in unit.triggered_by if trigger in active_triggers]
    if unit.load_state == "not-found":
        return "unclear", "systemd knows no unit of that name: is it spelt right, is it installed?"
    if unit.load_state == "masked":
        return "unclear", "it is masked, so someone forbade it to start; the settings say it must run"
    if unit.has_job:
        return "changing", "inactive, its start is queued"
    if listening:
        return "resting", f"inactive, {' and '.join(listening)} will start it"
    if unit.type == "oneshot" and not unit.remain_after_exit and unit.result == "success":
        return "resting", "inactive, it ran to its end"
    reason = ": a Condition in its unit file is not met" if unit.condition_failed else ""
    if unit.load_state != "loaded":
        reason = f": systemd cannot load its unit file (LoadState={unit.load_state})"
    return "down", f"inactive ({unit.sub_state}), last result {unit.result or 'unknown'}{reason}"
