"""One cycle as it is recorded: what the checks said, what became of it, what is to be told."""

from collections.abc import Mapping
from dataclasses import dataclass

from watchdog.incidents import Advanced
from watchdog.model import CheckResult, Message, Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """All that one transaction of the history holds.

    `memories` maps a check to the JSON of what it remembers; a check that is not in it keeps what it had.
    """

    host: str
    started: Stamp
    ended: Stamp
    results: tuple[CheckResult, ...]
    memories: Mapping[str, bytes]
    advanced: Advanced
    messages: tuple[Message, ...] = ()
