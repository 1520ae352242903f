"""Findings become incidents: pure, with time as an argument."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from watchdog.model import CheckResult, Fault, Incident, Stamp, Transition

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The last results on one (fault, subject), oldest first: "1" seen, "0" not; and whether it flaps."""

    recent: str = ""
    flapping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that `advance` carries from run to run: the incidents that are not resolved, and the tracks."""

    incidents: Mapping[Key, Incident] = field(default_factory=dict)
    tracks: Mapping[Key, Track] = field(default_factory=dict)
    next_id: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """What one cycle changed: the state to carry on, every incident that is new or different, the transitions."""

    state: State
    changed: tuple[Incident, ...]
    transitions: tuple[Transition, ...]


def advance(state: State, results: Iterable[CheckResult], faults: Mapping[str, Fault], now: Stamp) -> Advanced:
    """Turn what the checks said into incidents and transitions."""
    raise NotImplementedError
