"""One cycle as it is recorded: what the checks said, what became of it, what is to be told."""

from collections.abc import Mapping

import msgspec

from watchdog.incidents import Advanced
from watchdog.model import CheckResult, Finding, Message, Stamp


class Cycle(msgspec.Struct, frozen=True, kw_only=True):
    """All that one transaction of the history holds.

    `happened` are the events that were found, each time anew; an incident only keeps the last.
    `memories` maps a check to the JSON of what it remembers; a check that is not in it keeps what it had.
    """

    host: str
    started: Stamp
    ended: Stamp
    results: tuple[CheckResult, ...]
    memories: Mapping[str, bytes]
    advanced: Advanced
    happened: tuple[Finding, ...] = ()
    messages: tuple[Message, ...] = ()
