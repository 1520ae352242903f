"""What the settings make of the daemon."""

from collections.abc import Callable, Mapping

import msgspec

from watchdog.engine import Engine, Looked, Ran
from watchdog.history.store import History
from watchdog.model import CheckResult
from watchdog.notify import Pace, ReadUrl


class House(msgspec.Struct, frozen=True, kw_only=True):
    """Which checks run, the engine over them, and what a cycle does once they have looked.

    `heals` tells whether a cycle may heal unasked. `targets` and `pace` are whom to notify, and what bounds that.
    """

    engine: Engine
    names: tuple[str, ...]
    cycle: Callable[[History, Looked, Mapping[str, CheckResult], Callable[[History], None]], Ran]
    heals: bool
    targets: Mapping[str, ReadUrl]
    pace: Pace
