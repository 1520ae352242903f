"""What the settings make of the daemon."""

from collections.abc import Callable
from dataclasses import dataclass

from watchdog.engine import Engine, Looked, Ran
from watchdog.history.store import History


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Which checks run, the engine over them, and what a cycle does once they have looked.

    `heals` tells whether a cycle may heal unasked.
    """

    engine: Engine
    names: tuple[str, ...]
    cycle: Callable[[History, Looked], Ran]
    heals: bool
